"""The library raises only for bugs: whatever can be foreseen is a result, also what fails before a call is made."""

from __future__ import annotations

import errno
import socket
import ssl
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reqcli import FileStore, MemoryStore, Request, Result, Session, Url
from reqcli.errors import ReqcliError, Timeout, Usage, all_errors
from reqcli.model.exchange import Exchange
from reqcli.model.headers import Headers
from reqcli.model.response import ResponseHead, WholeBody
from reqcli.model.spec import spec_for
from reqcli.model.timing import Timeouts
from reqcli.session.operations import ClearCookies, SetSetting
from tests.sockets import NastyServer

URL = "http://127.0.0.1:9/"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CODES = {kind.code for kind in all_errors()} - {"internal"}


class Carrier:
    """A transport of the program's own, which gives this answer or fails with this exception."""

    def __init__(self, error: Exception | None = None, body: Any = None, *fields: tuple[str, str]) -> None:
        self.error, self.body, self.fields = error, body, fields
        self.calls = 0

    def exchange(self, *_: Any) -> Exchange:
        self.calls += 1
        if self.error is not None:
            raise self.error
        return Exchange(ResponseHead(1, 200, "OK", Headers(self.fields)), self.body or WholeBody(b""))

    def close(self) -> None:
        return


class Breaking:
    """A body that breaks with this exception."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def chunks(self) -> Iterator[bytes]:
        yield b"some"
        raise self.error

    def close(self) -> None:
        return


FAULTS = [
    *(OSError(number, "x") for number in errno.errorcode),
    *(kind("x") for kind in all_errors() if kind.code != "internal"),
    *(kind(1, "x") for kind in (ssl.SSLError, *ssl.SSLError.__subclasses__())),
    socket.gaierror(socket.EAI_NONAME, "x"), TimeoutError(), MemoryError(), zlib.error("x"),
]  # fmt: skip


def test_no_fault_of_a_transport_is_raised() -> None:
    for fault in FAULTS:
        result = Session(transport=Carrier(fault)).get(URL)
        assert result.error is not None
        assert result.error.code in CODES
        assert result.exit_status == result.error.exit_status != 0
        with pytest.raises(ReqcliError) as raised:
            result.raise_for_error()
        assert raised.value is result.error


def test_no_fault_within_a_body_is_raised_and_what_came_of_it_is_kept() -> None:
    for fault in FAULTS:
        result = Session(transport=Carrier(body=Breaking(fault))).get(URL)
        assert result.error is not None
        assert result.error.code in CODES
        assert result.response is not None
        assert result.response.content == b"some"


def test_a_body_that_is_streamed_breaks_with_an_error_of_the_house() -> None:
    with Session(transport=Carrier(body=Breaking(OSError(errno.ECONNRESET, "x")))) as session:
        result = session.stream(spec_for("GET", URL))
        assert result.ok
        assert result.response is not None
        with pytest.raises(ReqcliError) as raised:
            list(result.response.iter_bytes())
    assert raised.value.code == "receive_failed"


def test_a_bug_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        Session(transport=Carrier(ZeroDivisionError())).get(URL)
    with pytest.raises(ZeroDivisionError):
        Session(transport=Carrier(body=Breaking(ZeroDivisionError()))).get(URL)
    with pytest.raises(TypeError):
        Session(transport=Carrier()).get(URL, no_such_option=1)


class Failing(MemoryStore):
    """A store of the program's own whose disk fails in every commit."""

    def commit(self, *_: Any) -> Any:
        raise OSError(errno.EIO, "the disk is gone")


def test_a_store_that_fails_fails_the_call_and_keeps_the_answer() -> None:
    session = Session(name="a", store=Failing(), transport=Carrier(None, None, ("Set-Cookie", "a=b")))
    result = session.get(URL)
    assert result.error is not None
    assert (result.error.code, result.error.details["errno"]) == ("store_unavailable", "EIO")
    assert result.response is not None
    assert result.session is not None
    assert not result.session.saved


@pytest.mark.parametrize("spoil", ["corrupt", "insecure", "missing", "unreadable"])
def test_a_session_that_cannot_be_opened_answers_every_call_with_the_reason(tmp_path: Path, spoil: str) -> None:
    store = FileStore(str(tmp_path / "sessions"))
    with Session.open("work", store) as first:
        first.commit([SetSetting("timeout", 5)])
    path = tmp_path / "sessions" / "work.json"
    if spoil == "corrupt":
        path.write_bytes(b"{")
    elif spoil == "insecure":
        path.chmod(0o644)
    elif spoil == "missing":
        path.unlink()
    else:
        path.unlink()
        path.mkdir()
    carrier = Carrier()
    with Session.open("work", store, read_only=spoil == "missing", transport=carrier) as session:
        results = [session.get(URL), session.post(URL, json=[1]), session.request("x y", "nonsense")]
        assert session.error is not None
        assert {result.error for result in results[:2]} == {session.error}
        with pytest.raises(ReqcliError):
            _ = session.state
        with pytest.raises(ReqcliError):
            session.commit([ClearCookies()])
    code = {"corrupt": "session_corrupt", "missing": "session_not_found"}.get(spoil, "session_insecure")
    assert session.error.code == code
    assert carrier.calls == 0
    assert results[0].session is not None
    assert results[0].session.name == "work"


def test_a_session_in_use_by_others_for_too_long_is_a_result() -> None:
    store = MemoryStore()
    with Session.open("work", store, serialize=True, transport=Carrier()) as session, store.turn("work", 1):
        result = session.get(URL, timeouts=Timeouts(total=0.05))
    assert result.error is not None
    assert result.error.code == "session_locked"


def test_a_closed_session_refuses_another_run() -> None:
    with NastyServer(OK) as server, Session() as session:
        assert session.get(server.url("/")).ok
    for again in (
        lambda: session.get(URL),
        lambda: session.get("nonsense"),
        lambda: session.stream(spec_for("GET", URL)),
    ):
        with pytest.raises(Usage, match="closed"):
            again()
    session.close()


TEXT = st.text(max_size=30)
PAIRS = st.one_of(st.dictionaries(TEXT, TEXT, max_size=3), st.lists(st.tuples(TEXT, TEXT), max_size=3))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=5,
)
URLS = st.one_of(TEXT, TEXT.map(lambda text: f"http://127.0.0.1{text}"), st.just(URL))


@settings(max_examples=400, deadline=None)
@given(
    method=st.one_of(TEXT, st.sampled_from(["GET", "POST", "HEAD"])),
    url=URLS,
    headers=PAIRS,
    params=PAIRS,
    data=st.one_of(st.none(), TEXT, st.binary(max_size=30), st.dictionaries(TEXT, TEXT, max_size=3)),
    json=st.one_of(st.none(), JSON),
    auth=st.one_of(st.none(), st.tuples(TEXT, TEXT)),
    proxy=st.one_of(st.none(), TEXT, URLS),
)
def test_no_text_makes_a_call_raise(method: str, url: str, **options: Any) -> None:
    carrier = Carrier()
    result = Session(transport=carrier).request(method, url, **options)
    if result.error is None:
        assert carrier.calls == 1
    else:
        assert (result.error.code in CODES, carrier.calls) == (True, 0)


def test_a_stateless_call_raises_nothing() -> None:
    for url in ("nonsense", "http://", "http://a b/", "http://127.0.0.1:1/"):
        result = Request.send("GET", url)
        assert not result.ok
        assert result.session is None
    assert isinstance(Session(transport=Carrier(Timeout("slow", phase="wait"))).get(URL).error, Timeout)


class Guarded(Session):
    """A session of somebody who looks at each call first."""

    def request(self, method: str, url: str | Url, **options: Any) -> Result:
        return super().request(method, url, **{**options, "headers": {"X-Seen": method}})


@pytest.mark.parametrize("method", ["get", "head", "post", "put", "patch", "delete", "options"])
def test_every_method_goes_by_way_of_request(method: str) -> None:
    result = getattr(Guarded(transport=Carrier()), method)(URL)
    assert result.request.headers["x-seen"] == method.upper()
