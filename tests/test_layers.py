"""The walls of the house, read from the imports of every file; each rule is also shown to fail on a made-up one.

Floors, arrows only point down, and rooms on one floor do not know each other:

    errors ← model ← wire cookies auth decode ← session net render ← client store vault interop
           ← api ← batch ← demo ← cli

An import counts wherever it stands: at the top, in a function, under TYPE_CHECKING. The package itself stands
outside: it is the front door, which names what is behind it and which nobody inside goes through.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

FLOORS = (
    ("errors",),
    ("model",),
    ("wire", "cookies", "auth", "decode"),
    ("session", "net", "render"),
    ("client", "store", "vault", "interop"),
    ("api",),
    ("batch",),
    ("demo",),
    ("cli",),
    ("__main__",),
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
NEVER = {("client", "net"): "it is given a Transport"}
"""Arrows that would point down and still are not drawn."""

PURE = ("errors", "model", "wire", "cookies", "auth", "decode", "session", "interop", "render.formats", "net.ledger")
WORLD = {
    "clock": {"time"},
    "randomness": {"random", "secrets", "uuid"},
    "threads": {"_thread", "asyncio", "multiprocessing", "threading"},
    "IO": {
        "os",
        "pathlib",
        "select",
        "selectors",
        "shutil",
        "signal",
        "socket",
        "_socket",
        "ssl",
        "subprocess",
        "tempfile",
    },
}
"""What a pure room gets as arguments, and the modules that would give it away."""

ONLY_CLI_IMPORTS = frozenset({"click", "getpass", "locale", "platformdirs", "tempfile", "zoneinfo"})
ONLY_CLI_USES = (
    *("print", "input", "sys.argv", "sys.stdin", "sys.stdout", "sys.stderr"),
    *("os.environ", "os.environb", "os.getenv", "os.getenvb", "os.path.expanduser", "os.path.expandvars"),
    *("os.getcwd", "os.getcwdb", "os.chdir", "os.path.abspath", "os.path.realpath", "pathlib.Path.cwd"),
    *("pathlib.Path.home", "shutil.which", "os.path.relpath", "os.execvp", "os.get_terminal_size"),
    *("time.localtime", "time.mktime", "time.ctime", "time.asctime", "time.tzname", "time.tzset"),
    *("time.timezone", "time.altzone", "time.daylight", "datetime.datetime.now", "datetime.datetime.today"),
    *("datetime.date.today", "datetime.date.fromtimestamp"),
)
"""The environment, the streams, the working directory and the clock's zone: below `cli` they come as values."""

ASKS_THE_ZONE = {"fromtimestamp": 2, "astimezone": 1}
"""Methods that take the machine's zone where they are given fewer arguments than this."""
ASKS_THE_CLOCK = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today")

Sources = Mapping[str, str]
"""The text of each file, under the name it is imported by."""


@cache
def parsed(text: str) -> ast.Module:
    """The text of a file, read once for all rules."""
    return ast.parse(text)


@pytest.fixture(scope="module")
def sources() -> Sources:
    package = Path(__file__).parent.parent / "reqcli"
    found = {}
    for path in package.rglob("*.py"):
        parts = path.relative_to(package.parent).with_suffix("").parts
        found[".".join(part for part in parts if part != "__init__")] = path.read_text()
    return found


def imports(source: str, known: Sources) -> Iterator[tuple[int, str]]:
    """Line and module of every import; of a name from a package the submodule that it is, if any. Relative: dots."""
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            for alias in node.names:
                whole = f"{module}.{alias.name}"
                yield node.lineno, whole if whole in known or module == "reqcli" else module


def uses(source: str) -> Iterator[tuple[int, str]]:
    """Line and full name of everything that is read from a module or from the built-ins."""
    tree = parsed(source)
    names = {"print": "print", "input": "input"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update({alias.asname or alias.name: alias.name for alias in node.names})
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
                yield node.lineno, f"{node.module}.{alias.name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
            first, _, rest = ast.unparse(node).partition(".")
            if first in names:
                yield node.lineno, f"{names[first]}.{rest}".rstrip(".")


def room(module: str) -> str:
    """`reqcli.model.url` → `model`."""
    return module.split(".")[1]


def is_in(module: str, rooms: tuple[str, ...]) -> bool:
    return any(f"{module}.".startswith(f"reqcli.{name}.") for name in rooms)


def wrong_arrows(sources: Sources) -> Iterator[str]:
    for module, line, target in _arrows(sources):
        here, there = room(module), room(target)
        if here == there:
            continue
        if here not in FLOOR_OF or there not in FLOOR_OF:
            yield f"{module}:{line} imports {target}: one of them is on no floor"
        elif FLOOR_OF[there] >= FLOOR_OF[here]:
            yield f"{module}:{line} imports {target}: arrows point down"
        elif (here, there) in NEVER:
            yield f"{module}:{line} imports {target}: {NEVER[here, there]}"


def wrong_doors(sources: Sources) -> Iterator[str]:
    for module, source in sources.items():
        for line, target in imports(source, sources):
            if target.startswith("."):
                yield f"{module}:{line} imports {target}: imports are absolute"
            elif target == "reqcli" or target in _front_door(sources):
                yield f"{module}:{line} imports {target}: name the file it lives in"


def circles(sources: Sources) -> Iterator[str]:
    """A path that comes back to where it began, for each file that has one."""
    graph: dict[str, set[str]] = {module: set() for module in sources}
    for module, _, target in _arrows(sources):
        if target in graph and target != module:
            graph[module].add(target)
    for start in sorted(graph):
        came_from = {start: ""}
        waiting = [start]
        while waiting:
            module = waiting.pop()
            if start in graph[module]:
                path = [start]
                while module:
                    path.append(module)
                    module = came_from[module]
                yield " ← ".join(path)
                break
            for target in graph[module] - came_from.keys():
                came_from[target] = module
                waiting.append(target)


def impurities(sources: Sources) -> Iterator[str]:
    for module, source in sources.items():
        if not is_in(module, PURE):
            continue
        for line, target in imports(source, sources):
            for kind, modules in WORLD.items():
                if target.partition(".")[0] in modules:
                    yield f"{module}:{line} imports {target}: {kind} comes as an argument here"
        for line, used in uses(source):
            if used.endswith(ASKS_THE_CLOCK):
                yield f"{module}:{line} uses {used}: now is an argument here"


def loud_rooms(sources: Sources) -> Iterator[str]:
    for module, source in sources.items():
        if is_in(module, ("cli", "__main__")):
            continue
        for line, target in imports(source, sources):
            if target.partition(".")[0] in ONLY_CLI_IMPORTS:
                yield f"{module}:{line} imports {target}: only cli does"
        for line, used in uses(source):
            if any(f"{used}.".startswith(f"{name}.") for name in ONLY_CLI_USES):
                yield f"{module}:{line} uses {used}: only cli does"
        for node in ast.walk(parsed(source)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                given = len(node.args) + len(node.keywords)
                if given < ASKS_THE_ZONE.get(node.func.attr, 0):
                    yield f"{module}:{node.lineno} uses {node.func.attr} without a zone: the machine's is for cli"


def _arrows(sources: Sources) -> Iterator[tuple[str, int, str]]:
    """Every import of one file of the house by another, save those by and through the front door."""
    through_the_door = {"reqcli.__version__", *_front_door(sources)}
    for module, source in sources.items():
        if module != "reqcli":
            for line, target in imports(source, sources):
                if target.startswith("reqcli.") and target not in through_the_door:
                    yield module, line, target


def _front_door(sources: Sources) -> set[str]:
    """The names that `reqcli` itself gives out, as `reqcli.NAME`; its version is not one of them."""
    return {
        f"reqcli.{alias.name}"
        for node in ast.walk(parsed(sources.get("reqcli", "")))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


RULES = {rule.__name__: rule for rule in (wrong_arrows, wrong_doors, circles, impurities, loud_rooms)}


@pytest.mark.parametrize("rule", RULES)
def test_the_house_keeps_the_rule(rule: str, sources: Sources) -> None:
    assert "reqcli.errors" in sources
    assert list(RULES[rule](sources)) == []


@pytest.mark.parametrize(
    ("rule", "made_up", "finding"),
    [
        pytest.param("wrong_arrows", {"model.url": "import reqcli.cookies.jar"}, "arrows point down", id="up"),
        pytest.param("wrong_arrows", {"net.pool": "from reqcli.session import gate"}, "arrows point down", id="across"),
        pytest.param(
            "wrong_arrows", {"store.files": "def f():\n    import reqcli.api"}, "store.files:2", id="in a function"
        ),
        pytest.param(
            "wrong_arrows",
            {"auth.x": "if TYPE_CHECKING:\n    from reqcli.cli import y"},
            "auth.x:2",
            id="type checking",
        ),
        pytest.param("wrong_arrows", {"model.url": "import reqcli.attic"}, "no floor", id="to no floor"),
        pytest.param("wrong_arrows", {"attic": "import reqcli.errors"}, "no floor", id="from no floor"),
        pytest.param(
            "wrong_arrows", {"client.once": "import reqcli.net.pool"}, "given a Transport", id="client to net"
        ),
        pytest.param(
            "wrong_arrows",
            {"render.formats.x": "import reqcli.client.send"},
            "arrows point down",
            id="format to client",
        ),
        pytest.param(
            "wrong_arrows", {"render.formats.x": "import reqcli.net.pool"}, "arrows point down", id="format to net"
        ),
        pytest.param("wrong_doors", {"model.url": "from . import origin"}, "absolute", id="relative"),
        pytest.param("wrong_doors", {"model.url": "from ..model.origin import Origin"}, "absolute", id="relative from"),
        pytest.param(
            "wrong_doors", {"": "from reqcli.api import Door", "cli.x": "from reqcli import Door"}, "lives in"
        ),
        pytest.param("circles", {"model.a": "import reqcli.model.b", "model.b": "from reqcli.model.a import A"}, "←"),
        pytest.param(
            "circles",
            {"net.a": "import reqcli.net.b", "net.b": "import reqcli.net.c", "net.c": "from reqcli.net import a"},
            "reqcli.net.a ← reqcli.net.c ← reqcli.net.b ← reqcli.net.a",
            id="a circle of three",
        ),
        pytest.param("impurities", {"session.gate": "from time import time"}, "imports time", id="clock"),
        pytest.param("impurities", {"wire.x": "def f():\n    import ssl"}, "imports ssl", id="ssl in a function"),
        pytest.param("impurities", {"net.ledger": "import threading"}, "imports threading", id="ledger"),
        pytest.param("impurities", {"render.formats.x": "import os.path"}, "imports os.path", id="format"),
        pytest.param("impurities", {"model.x": "import datetime as d\nd.datetime.now()"}, "now is", id="now"),
        pytest.param("loud_rooms", {"net.x": "import click"}, "imports click", id="click"),
        pytest.param("loud_rooms", {"api": "import os as o\no.environ.get('A')"}, "uses os.environ", id="environment"),
        pytest.param("loud_rooms", {"store.x": "from os import environ as e"}, "uses os.environ", id="from os"),
        pytest.param("loud_rooms", {"api": "import sys\nsys.stdout.write('')"}, "uses sys.stdout", id="stdout"),
        pytest.param("loud_rooms", {"batch.x": "import sys\nf(sys.argv)"}, "uses sys.argv", id="argv"),
        pytest.param("loud_rooms", {"vault.x": "import os\nos.getcwd()"}, "uses os.getcwd", id="cwd"),
        pytest.param("loud_rooms", {"net.x": "import time\ntime.localtime()"}, "uses time.localtime", id="zone"),
        pytest.param(
            "loud_rooms", {"api": "from datetime import datetime as d\nd.now()"}, "datetime.now", id="local time"
        ),
        pytest.param("loud_rooms", {"model.x": "d.fromtimestamp(1)"}, "without a zone", id="no zone"),
        pytest.param("loud_rooms", {"store.x": "import os\nos.path.abspath('a')"}, "os.path.abspath", id="directory"),
        pytest.param("loud_rooms", {"net.x": "import tempfile"}, "imports tempfile", id="tempfile"),
        pytest.param("loud_rooms", {"demo.x": "print('hello')"}, "uses print", id="print"),
        pytest.param("loud_rooms", {"vault.x": "input()"}, "uses input", id="input"),
    ],
)
def test_the_rule_sees_what_breaks_it(rule: str, made_up: dict[str, str], finding: str) -> None:
    found = list(RULES[rule]({f"reqcli.{module}".rstrip("."): source for module, source in made_up.items()}))
    assert found
    assert finding in found[0]


@pytest.mark.parametrize("rule", RULES)
def test_what_is_allowed_passes(rule: str) -> None:
    allowed = {
        "reqcli": "from reqcli.api import Session",
        "reqcli.api": "import os\nfrom time import time\nfrom reqcli.net.pool import Pool\nos.urandom(16)",
        "reqcli.model.url": "from reqcli.errors import BadUrl\nfrom reqcli.model.origin import Origin",
        "reqcli.model.origin": "def origin(self): return self.print, self.input",
        "reqcli.net.pool": "import threading\nfrom reqcli.net.ledger import Ledger",
        "reqcli.net.ledger": "from reqcli import __version__",
        "reqcli.cli.main": "import click, os, sys\nprint(os.environ, sys.argv)\nimport reqcli.net.pool",
        "reqcli.__main__": "from reqcli.cli.main import run",
    }
    assert list(RULES[rule](allowed)) == []
