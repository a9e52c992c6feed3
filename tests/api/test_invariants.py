"""What holds for every run: it shares nothing that changes, sees nothing around it, and repeats what it said."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import reqcli.api.call
from reqcli import FileStore, MemoryStore, RequestSpec, Session
from reqcli.errors import ConnectFailed, ReceiveFailed, SendFailed, Usage
from reqcli.model.body import BytesBody
from reqcli.model.credential import Credential
from reqcli.model.exchange import Exchange
from reqcli.model.headers import Headers
from reqcli.model.request import Request
from reqcli.model.response import ResponseHead, WholeBody
from reqcli.model.retry import Retry
from reqcli.model.secret import Secret
from reqcli.model.spec import spec_for
from reqcli.model.url import Url
from reqcli.model.value import Value
from reqcli.net.pool import Pool
from reqcli.session.document import dump
from reqcli.session.operations import SetAuth, SetCookie, SetHeader
from reqcli.session.rule_operations import SetRule
from reqcli.session.rules import parse
from reqcli.session.schema import StoredAuth, StoredHeader
from reqcli.vault import Vault
from reqcli.wire.http1.writer import write_message
from tests.answering import reply, serving
from tests.server import DemoServer
from tests.session.states import cookies as any_cookie
from tests.sockets import NastyServer

URL = "http://127.0.0.1:9/"

FROZEN = (str, bytes, int, float, bool, type(None), tuple, frozenset, type, ModuleType, Secret)
CODE = (FunctionType, BuiltinFunctionType, MethodType, property, staticmethod, classmethod)


def reached(root: object, stops: tuple[object, ...]) -> dict[int, object]:
    """Every object that can be reached from one, through whatever refers to whatever; code and modules left out, and
    what values hold, for their fields are never set again and nobody changes a mapping in one."""
    found: dict[int, object] = {}
    waiting = [root]
    while waiting:
        one = waiting.pop()
        if id(one) in found or isinstance(one, (type, ModuleType, FunctionType, BuiltinFunctionType)):
            continue
        if any(one is stop for stop in stops):
            continue
        found[id(one)] = one
        if not isinstance(one, Value):
            waiting += gc.get_referents(one)
    return found


def changeable(one: object) -> bool:
    """Whether an object can be changed in place; our values have fields that are never set again."""
    return not isinstance(one, (*FROZEN, *CODE, Value))


def shared(one: Session, other: Session, *stops: object) -> list[object]:
    """What both can reach and either could change."""
    ours, theirs = reached(one, stops), reached(other, stops)
    return [found for key, found in ours.items() if key in theirs and changeable(found)]


def filled(store: Any) -> None:
    """A session with one of everything."""
    header = StoredHeader("X-A", "1", "http://127.0.0.1:9")
    rule = parse("header:X-Id -> header:X-Id")
    with Session.open("work", store) as session:
        auth = SetAuth("http://127.0.0.1:9", StoredAuth("bearer", {"token": "t"}))
        session.commit([SetHeader(header), auth, SetRule(rule)])


class Answering:
    """A transport that always answers."""

    def exchange(self, *_: Any) -> Exchange:
        fields = Headers([("Set-Cookie", "a=b"), ("X-Id", "7")])
        return Exchange(ResponseHead(1, 200, "OK", fields), WholeBody(b""))

    def close(self) -> None:
        return


def test_two_runs_of_one_session_share_nothing_that_changes(tmp_path: Path) -> None:
    store = FileStore(str(tmp_path / "sessions"))
    filled(store)
    stores = [FileStore(str(tmp_path / "sessions")) for _ in range(2)]
    first, second = (Session.open("work", store, transport=Answering()) for store in stores)
    assert first.get(URL).ok
    assert second.get(URL).ok
    assert shared(first, second) == []
    assert len(reached(first, ())) > 30


def test_a_run_apart_shares_its_connections_and_nothing_else() -> None:
    transport, store, vault = Answering(), MemoryStore(), Vault({"A": "b"})
    filled(store)
    with Session.open("work", store, transport=transport, vault=vault) as session:
        began = session.state
        before = dump(began)
        assert session.get(URL).ok
        apart = session.afresh(apart=True)
        assert apart.get(URL).ok
        assert session.get(URL).ok
        assert shared(session, apart, transport, store, vault.environment) == []
        assert dump(began) == before
        assert session.state.rev > began.rev


def test_what_is_shared_would_be_seen() -> None:
    class Listener:
        def hear(self, _: object) -> None:
            return

    both = Listener()
    assert both in shared(Session(heard=both.hear), Session(heard=both.hear))
    pool = Pool()
    assert pool in shared(Session(transport=pool), Session(transport=pool))


def test_a_closed_session_refuses_every_further_run() -> None:
    with NastyServer(serving(lambda _: reply(200))) as server, Session() as session:
        assert session.get(server.url("/")).ok
        spec = spec_for("GET", server.url("/"))
    for run in (lambda: session.send(spec), lambda: session.stream(spec), lambda: session.get("nonsense")):
        with pytest.raises(Usage, match="closed"):
            run()
    assert len(server.requests) == 1


BLIND = """
import os, sys, time, datetime

class Nothing(dict):
    def _refuse(self, *_, **__):
        raise AssertionError("the environment was read")
    __getitem__ = get = __contains__ = __iter__ = keys = items = values = copy = _refuse

def refuse(*_, **__):
    raise AssertionError("the surroundings were looked at")

from reqcli import FileStore, Request, Session
import reqcli.store.files, fcntl, reqcli.net.trust  # what the standard library reads while it is loaded does not count
os.environ = os.environb = Nothing()
for module, names in ((os, "getenv getenvb getcwd getcwdb"), (time, "localtime strftime mktime ctime asctime tzset")):
    for name in names.split():
        setattr(module, name, refuse)
url, home = sys.argv[1:]
with Session.open("work", FileStore(home)) as session:
    statuses = [
        session.post(url + "/login", data={"user": "alice", "password": "wonderland"}, follow=True).status,
        session.get(url + "/account").status,
        session.get(url + "/gzip").status,
        session.get(url + "/basic", auth=("alice", "wonderland")).response.status,
        session.get("http://127.0.0.1:1/").exit_status,
    ]
statuses.append(Request.send("GET", url + "/echo").status)
print(*statuses)
"""


def test_the_library_looks_at_nothing_around_it(demo_server: DemoServer, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BLIND, demo_server.url, str(tmp_path / "sessions")], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split()[:3] == ["200", "200", "200"]
    assert done.stdout.split()[4:] == ["7", "200"]


class Failing:
    """A transport that fails as it is told to, then answers; it keeps every request as it came and as it stood then."""

    def __init__(self, failures: list[str]) -> None:
        self.failures = list(failures)
        self.seen: list[tuple[Request, bytes]] = []

    def exchange(self, request: Request, *_: Any) -> Exchange:
        self.seen.append((request, write_message(request)))
        failure = self.failures.pop(0) if self.failures else "200"
        if failure.isdigit():
            return Exchange(ResponseHead(1, int(failure), "X", Headers([("Set-Cookie", "a=b")])), WholeBody(b""))
        error = {"connect": ConnectFailed, "send": SendFailed, "receive": ReceiveFailed}[failure]("x")
        error.sent = "no" if failure == "connect" else "maybe"
        raise error

    def close(self) -> None:
        return


FIELDS = st.lists(
    st.tuples(
        st.sampled_from(["X-A", "Accept", "Cookie", "Idempotency-Key"]), st.text("ab=;1", min_size=1, max_size=9)
    ),
    max_size=4,
)


@pytest.fixture(autouse=True)
def no_waits() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reqcli.api.call, "sleep", lambda _: None)
        yield


@settings(max_examples=150, deadline=None)
@given(
    failures=st.lists(st.sampled_from(["connect", "send", "receive", "503", "429"]), max_size=4),
    method=st.sampled_from(["GET", "PUT", "POST", "DELETE"]),
    fields=FIELDS,
    body=st.none() | st.binary(max_size=40),
    auth=st.sampled_from([None, "basic", "bearer"]),
    jar=st.lists(any_cookie, max_size=2),
)
def test_a_retry_sends_what_was_sent_before(
    failures: list[str], method: str, fields: list[tuple[str, str]], body: bytes | None, auth: str | None, jar: Any
) -> None:
    credential = None
    if auth == "basic":
        credential = Credential("basic", {"user": "u", "password": Secret("p")})
    elif auth == "bearer":
        credential = Credential("bearer", {"token": Secret("t")})
    spec = RequestSpec(
        method,
        Url.parse(URL),
        headers=tuple(fields),
        body=None if body is None else BytesBody(body),
        auth=credential,
        retry=Retry(5, any_method=True),
    )
    before = repr(spec)
    transport = Failing(failures)
    session = Session(transport=transport)
    session.commit([SetCookie(cookie, secure_origin=True) for cookie in jar])
    result = session.send(spec)
    assert result.ok, result.error
    assert len(transport.seen) == len(failures) + 1
    first, wire = transport.seen[0]
    for request, then in transport.seen:
        assert then == write_message(request) == wire
        assert request == first
    assert repr(spec) == before
