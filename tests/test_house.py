"""What makes the house readable, file by file; each rule is also shown to fail on a made-up file."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

LONGEST_FILE = 450
LONGEST_FUNCTION = 80
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}

Files = Mapping[str, str]
"""The text of each file, under its path in the package."""
Function = (ast.FunctionDef, ast.AsyncFunctionDef)


@cache
def parsed(text: str) -> ast.Module:
    """The text of a file, read once for all rules."""
    return ast.parse(text)


@pytest.fixture(scope="module")
def files() -> Files:
    package = Path(__file__).parent.parent / "reqcli"
    return {path.relative_to(package).as_posix(): path.read_text() for path in package.rglob("*.py")}


def untold(files: Files) -> Iterator[str]:
    """Files whose first line does not say what the room is for."""
    for path, text in files.items():
        first = parsed(text).body[:1]
        if not first or first[0].lineno != 1 or not ast.get_docstring(parsed(text)):
            yield f"{path}: its first line is not a docstring"


def too_long(files: Files) -> Iterator[str]:
    """Files and functions that cannot be read in one sitting."""
    for path, text in files.items():
        lines = text.count("\n")
        if lines > LONGEST_FILE:
            yield f"{path}: {lines} lines, at most {LONGEST_FILE}"
        for node in ast.walk(parsed(text)):
            if isinstance(node, Function):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > LONGEST_FUNCTION:
                    yield f"{path}: {node.name} has {lines} lines, at most {LONGEST_FUNCTION}"


def named_for_nothing(files: Files) -> Iterator[str]:
    """Files and folders whose name says nothing of what is in them."""
    for path in files:
        for part in path.removesuffix(".py").split("/"):
            if part.strip("_") in EMPTY_NAMES:
                yield f"{path}: {part} says nothing of what is in it"


def undocumented(files: Files) -> Iterator[str]:
    """What others may use without being told what it is.

    That is every public function and class of a file, and every public method that takes arguments, unless it is
    told elsewhere: a class that only fills in what its base declares is told there; so is a method that a base or
    a Protocol of the same room promises.
    """
    promised = set(_promises(files))
    for path, text in files.items():
        for node in parsed(text).body:
            if not isinstance(node, (*Function, ast.ClassDef)) or node.name.startswith("_"):
                continue
            fills_in = isinstance(node, ast.ClassDef) and node.bases and not any(_methods(node))
            if not fills_in and not ast.get_docstring(node):
                yield f"{path}: {node.name} has no docstring"
            if isinstance(node, ast.ClassDef) and _bases(node) <= {"Protocol", "Value"}:
                for method in _methods(node):
                    takes = len(method.args.args) + len(method.args.kwonlyargs) - 1
                    told = ast.get_docstring(method) or (_room(path), method.name) in promised
                    if takes and not told and not method.name.startswith("_"):
                        yield f"{path}: {node.name}.{method.name} has no docstring"


def _promises(files: Files) -> Iterator[tuple[str, str]]:
    """Room and name of every method that a Protocol there tells of."""
    for path, text in files.items():
        for node in ast.walk(parsed(text)):
            if isinstance(node, ast.ClassDef) and "Protocol" in _bases(node):
                yield from ((_room(path), method.name) for method in _methods(node) if ast.get_docstring(method))


def _room(path: str) -> str:
    return path.partition("/")[0]


def _bases(node: ast.ClassDef) -> set[str]:
    return {ast.unparse(base) for base in node.bases}


def _methods(node: ast.ClassDef) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (item for item in node.body if isinstance(item, Function))


RULES = {rule.__name__: rule for rule in (untold, too_long, named_for_nothing, undocumented)}


@pytest.mark.parametrize("rule", RULES)
def test_the_house_keeps_the_rule(rule: str, files: Files) -> None:
    assert "errors.py" in files
    assert list(RULES[rule](files)) == []


@pytest.mark.parametrize(
    ("rule", "path", "text", "finding"),
    [
        pytest.param("untold", "a.py", "", "first line", id="empty"),
        pytest.param("untold", "a.py", "import os\n", "first line", id="no docstring"),
        pytest.param("untold", "a.py", "# late\n'''Late.'''\n", "first line", id="a docstring on the second line"),
        pytest.param("too_long", "a.py", "\n" * 451, "451 lines", id="file"),
        pytest.param(
            "too_long", "a.py", "class A:\n def f(self):\n" + "  pass\n" * 80, "f has 81 lines", id="function"
        ),
        pytest.param("named_for_nothing", "net/utils.py", "", "utils", id="file name"),
        pytest.param("named_for_nothing", "common/pool.py", "", "common", id="folder name"),
        pytest.param("named_for_nothing", "_base.py", "", "_base", id="private"),
        pytest.param("undocumented", "a.py", "def f(): ...", "f has no", id="function"),
        pytest.param("undocumented", "a.py", "class A: ...", "A has no", id="class"),
        pytest.param("undocumented", "a.py", "class A(B):\n def f(self): ...", "A has no", id="class with a base"),
        pytest.param("undocumented", "a.py", "class A:\n '''A.'''\n def f(self, x): ...", "A.f has", id="method"),
        pytest.param(
            "undocumented", "a.py", "class A(Protocol):\n '''A.'''\n def f(self, *, x): ...", "A.f has", id="protocol"
        ),
    ],
)
def test_the_rule_sees_what_breaks_it(rule: str, path: str, text: str, finding: str) -> None:
    (found,) = RULES[rule]({path: text})
    assert finding in found


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("class A(B):\n code = 'x'", id="a class that fills in its base"),
        pytest.param("class A(B):\n '''A.'''\n def f(self, x): ...", id="a method promised by a base"),
        pytest.param("class A:\n '''A.'''\n @property\n def f(self): ...\n def __eq__(self, x): ...", id="obvious"),
        pytest.param("def _f(): ...\nclass _A: ...", id="private"),
        pytest.param(
            "class P(Protocol):\n '''P.'''\n def f(self, x):\n  '''F.'''\nclass A:\n '''A.'''\n def f(self, x): ...",
            id="a method promised by a Protocol",
        ),
    ],
)
def test_what_is_plain_needs_no_docstring(text: str) -> None:
    assert list(undocumented({"a.py": text})) == []
