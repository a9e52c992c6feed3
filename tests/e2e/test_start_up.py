"""Start-up is a feature: what a plain `get` may import, counted and named, so that it cannot grow unseen."""

from __future__ import annotations

import re
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import trustme

from reqcli.demo.pages import TOKEN
from tests.net.calls import OK
from tests.program import Program
from tests.server import DemoServer
from tests.sockets import NastyServer
from tests.store.traces import can_trace

FORBIDDEN = (
    "rich", "ssl", "asyncio", "email", "http.client", "urllib.request", "importlib.metadata", "tempfile", "logging",
    "dataclasses", "http.cookiejar", "xml", "idna", "publicsuffixlist", "difflib", "h11", "brotli", "zlib",
    "reqcli.render", "reqcli.demo", "click", "inspect", "reqcli.cli.advice", "reqcli.cli.commands",
    "reqcli.cli.completion", "reqcli.cli.curl", "reqcli.cli.help", "reqcli.cli.sessions", "reqcli.cli.transfers",
)  # fmt: skip

OURS_AT_MOST = 79
"""Modules of reqcli that a plain get may load; each costs about 0.15 ms."""


ROOT = Path(__file__).parent.parent.parent
BARE = ("-I", "-S", "-c", f"import sys; sys.path.append({str(ROOT)!r}); from reqcli.__main__ import main; main()")
"""An interpreter into which nothing that is installed beside has loaded anything before."""


def imported_by(reqcli: Program, *args: str, start: tuple[str, ...] = ("-m", "reqcli")) -> set[str]:
    """The modules loaded by one command, by the interpreter's own account."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *start, *args],
        capture_output=True,
        env=reqcli.environment,
        stdin=subprocess.DEVNULL,
        timeout=60,
    )
    assert done.returncode == 0, done
    return {
        line.rpartition("|")[2].strip() for line in done.stderr.decode().splitlines() if line.startswith("import time:")
    }


def test_a_plain_get_imports_nothing_that_it_does_not_need(reqcli: Program, demo_server: DemoServer) -> None:
    loaded = imported_by(reqcli, "get", f"{demo_server.url}/echo", "--session", "work", "-L", "X:1", "q==1")
    guilty = {
        name for name in loaded for forbidden in FORBIDDEN if name == forbidden or name.startswith(f"{forbidden}.")
    }
    assert guilty == set()
    ours = {name for name in loaded if name == "reqcli" or name.startswith("reqcli.")}
    assert len(ours) <= OURS_AT_MOST, sorted(ours)


def test_a_session_that_is_read_and_written_costs_few_modules(reqcli: Program, demo_server: DemoServer) -> None:
    """They are most of what it costs beside the disk: each takes 0.1 ms before anything in it is run."""
    first, again, *flags = ("get", f"{demo_server.url}/cookie/turn/{{}}", "--session", "work")
    for turn in ("one", "two"):
        loaded = imported_by(reqcli, first, again.format(turn), *flags, start=BARE)
    plain = imported_by(reqcli, first, again.format("three"), "--stateless", start=BARE)
    assert loaded - plain == {
        "reqcli.store.files", "fcntl", "reqcli.session.document", "reqcli.model.quick_json", "_json",
    }  # fmt: skip
    shown = reqcli("session", "cookies", "work", "--format", "json", "--reveal").json
    assert [(cookie["name"], cookie["value"]) for cookie in shown] == [("turn", "two")]


@pytest.mark.skipif(not can_trace(), reason="strace cannot trace here")
def test_a_session_that_is_read_and_written_costs_few_calls(
    reqcli: Program, demo_server: DemoServer, tmp_path: Path
) -> None:
    """Five to read it, nineteen to commit: under the lock it is read again, written, and made to outlive a crash."""
    words = ("get", f"{demo_server.url}/cookie/turn/{{}}", "--session", "work")
    reqcli(words[0], words[1].format("one"), *words[2:])
    log, place = tmp_path / "log", f"{reqcli.environment['REQCLI_HOME']}/sessions"
    command = reqcli.command(words[0], words[1].format("two"), *words[2:])
    traced = ["strace", "-f", "-qq", "-y", "-e", "trace=%file,%desc", "-o", str(log), *command]
    subprocess.run(
        traced, check=True, timeout=60, env=reqcli.environment, stdin=subprocess.DEVNULL, capture_output=True
    )
    calls = [line.split()[1].partition("(")[0] for line in log.read_text().splitlines() if place in line]
    assert (calls.count("write"), calls.count("fsync"), calls.count("flock")) == (1, 2, 2)
    assert len(calls) == 24, calls


class Servers:
    """One that speaks TLS and one that does not; what a `get` of each has for words."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        authority, trust = trustme.CA(), folder / "ca.pem"
        authority.cert_pem.write_to_path(str(trust))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.num_tickets = 0  # they come with the answer or before it, as it happens
        authority.issue_cert("localhost").configure_cert(context)
        secure, plain = (stack.enter_context(NastyServer(OK, tls=tls)) for tls in (context, None))
        self.secure = ("get", f"https://localhost:{secure.port}/", "--verify", str(trust), "-4")
        self.plain = ("get", f"http://localhost:{plain.port}/", "-4")


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Servers]:
    with ExitStack() as stack:
        yield Servers(tmp_path, stack)


@pytest.mark.parametrize("words", [(), ("--format", "json")], ids=["plain", "as a result"])
def test_https_costs_three_modules_and_the_library(reqcli: Program, servers: Servers, words: tuple[str, ...]) -> None:
    """Of the standard library's TLS the half that is written in C alone: the other would be 26 million instructions."""
    more = imported_by(reqcli, *servers.secure, *words) - imported_by(reqcli, *servers.plain, *words)
    assert more == {"_ssl", "reqcli.net.openssl", "reqcli.net.tls", "reqcli.net.trust"}


FILES_OF_TLS = re.compile(
    r"_ssl\.|libssl\.|libcrypto\.|openssl\.|tls\.|trust\.|ca\.pem$|ld\.so\.cache$|/(crypto-policies|openssl)/"
)


@pytest.mark.skipif(not can_trace(), reason="strace cannot trace here")
def test_https_opens_few_files_and_goes_the_shortest_way(reqcli: Program, servers: Servers, tmp_path: Path) -> None:
    """Nothing of the system's trust is looked at where other trust is named; hello, finished, request, close_notify."""
    opened, calls = [], []
    for words in (servers.plain, servers.secure):
        log = tmp_path / "log"
        traced = ["strace", "-f", "-qq", "-e", "trace=openat,sendto,recvfrom", "-o", str(log), *reqcli.command(*words)]
        subprocess.run(
            traced, check=True, timeout=60, env=reqcli.environment, stdin=subprocess.DEVNULL, capture_output=True
        )
        lines = [line for line in log.read_text().splitlines() if " = -1 " not in line]
        opened.append({line.split('"')[1] for line in lines if " openat(" in line})
        calls.append([line.split()[1].partition("(")[0] for line in lines if " openat(" not in line])
    more = opened[1] - opened[0]
    assert {name for name in more if not FILES_OF_TLS.search(name)} == set()
    assert 4 <= len(more) <= 12, more
    assert calls[0] == ["sendto", "recvfrom"]
    assert calls[1] == ["sendto", "recvfrom", "sendto", "sendto", "recvfrom", "sendto"]


USED = (
    ("get", "/bearer", "--session", "work"),
    ("get", "/echo", "--session", "work", "--retry", "1", "--expect", "2xx", "--max-time", "9", "--format", "json"),
    ("post", "/echo", "--session", "work", "-f", "a=b", "-a", "me:secret"),
)


@pytest.mark.parametrize("words", USED, ids=["as stored", "with options", "a form"])
def test_a_session_in_use_loads_nothing_that_only_types_need(
    reqcli: Program, demo_server: DemoServer, words: tuple[str, ...]
) -> None:
    """`typing` alone is sixteen million instructions, a sixth of a call."""
    reqcli("session", "create", "work", "--base-url", demo_server.url, "--ttl", "1d")
    reqcli("session", "set-header", "work", "X-Tenant:acme")
    reqcli("session", "set-auth", "work", "--token-env", "TOKEN")
    reqcli("session", "policy", "work", "--allow-method", "GET", "--allow-method", "POST")
    reqcli("session", "capture", "work", "header:X-Session-Id -> header:X-Session-Id drop=404")
    reqcli.environment["TOKEN"] = TOKEN
    assert "typing" not in imported_by(reqcli, *words, start=BARE)


def test_the_usual_place_of_sessions_costs_nothing_to_find(reqcli: Program, demo_server: DemoServer) -> None:
    del reqcli.environment["REQCLI_HOME"]
    loaded = imported_by(reqcli, "get", f"{demo_server.url}/echo", "--session", "work")
    assert "platformdirs" not in loaded


@pytest.mark.parametrize("words", [["@{}"], ["-d", "@{}"], ["@-"]], ids=["item", "data", "standard input"])
def test_a_body_from_a_file_costs_hardly_more(
    reqcli: Program, demo_server: DemoServer, tmp_path: Path, words: list[str]
) -> None:
    (tmp_path / "data.json").write_text("{}")
    words = [word.format(tmp_path / "data.json") for word in words]
    plain = imported_by(reqcli, "get", f"{demo_server.url}/echo")
    more = imported_by(reqcli, "put", f"{demo_server.url}/echo", *words) - plain
    assert more <= {"reqcli.cli.media_types", "reqcli.cli.stdin"}, more


HEAVY = {"re", "enum", "functools", "collections", "operator", "typing", "json", "importlib", "contextlib"}
"""What the standard library loads to compile one pattern, and its like: it would be a third of a plain call."""

PLAIN = (
    ("get", "{url}/echo"),
    ("get", "{host}/echo"),
    ("get", "{url}/echo", "--session", "work", "--max-time", "9", "--retry", "1"),
    ("get", "{url}/echo", "X:1", "-H", "Accept: */*", "q==a b"),
    ("post", "{url}/echo", "-f", "a=b"),
    ("post", "{url}/echo", "a=b", "c:=[1.10, null]"),
    ("post", "{url}/echo", "-d", "text"),
    ("get", "{url}/echo", "-a", "me:secret"),
    ("get", "{url}/redirect", "-L", "--no-check-status"),
    ("get", "{url}/gzip"),
    ("get", "{url}/echo", "--session", "work", "--format", "json"),
    ("get", "{url}/cookie/turn/1", "--session", "work"),
)


@pytest.mark.parametrize("words", PLAIN, ids=" ".join)
def test_a_plain_call_loads_nothing_that_compiles_patterns(
    reqcli: Program, demo_server: DemoServer, words: tuple[str, ...]
) -> None:
    host = demo_server.url.removeprefix("http://").replace("127.0.0.1", "localhost")
    words = tuple(word.format(url=demo_server.url, host=host) for word in words)
    assert imported_by(reqcli, *words, start=BARE).isdisjoint(HEAVY)


def test_to_look_at_sessions_loads_neither_click_nor_what_sends(reqcli: Program, demo_server: DemoServer) -> None:
    reqcli("get", f"{demo_server.url}/cookie/turn/1", "--session", "work")
    loaded = imported_by(reqcli, "session", "list", start=BARE)
    # What a regular expression needs takes as long to load as all that a list needs.
    assert loaded.isdisjoint({"click", "_socket", "re", "enum", "functools", "collections", "typing", "json"})
    ours = {name for name in loaded if name.startswith("reqcli")}
    assert len(ours) <= 23, sorted(ours)
    assert imported_by(reqcli, "session", "show", "work").isdisjoint({"click", "socket", "reqcli.net", "reqcli.client"})


def test_help_does_not_load_the_client(reqcli: Program) -> None:
    loaded = imported_by(reqcli, "--version")
    assert not {name for name in loaded if name.startswith(("reqcli.net", "reqcli.client", "reqcli.api", "socket"))}
