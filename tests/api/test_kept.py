"""The fast lane of a session: what it sends is what would be sent without it, whatever happens in between."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reqcli import RequestSpec, Result, Session, Url
from reqcli.client.run import Run
from reqcli.cookies.jar import Jar
from reqcli.model.cookie import Cookie
from reqcli.model.exchange import Exchange
from reqcli.model.headers import Headers
from reqcli.model.request import Request
from reqcli.model.response import Limits, ResponseHead, WholeBody
from reqcli.model.route import Dialling, Route
from reqcli.session.bend import bend, credential_for
from reqcli.session.kept import Kept
from reqcli.session.operations import DeleteAuth, DeleteHeader, DeleteSetting, Operation, SetAuth, SetHeader, SetSetting
from reqcli.session.policy import Policy
from reqcli.session.rule_operations import SetRule
from reqcli.session.rules import parse
from reqcli.session.schema import StoredAuth, StoredHeader
from reqcli.session.upkeep import ClearPolicy, ExtendPolicy
from reqcli.vault import Vault
from reqcli.vault.netrc import Netrc
from reqcli.wire.http1.writer import write_message

HOSTS = ("http://a.example", "http://b.a.example", "http://127.0.0.1:8080", "https://a.example")
START = 1_700_000_000.0


class Memo:
    """A transport that notes what it is given and answers with the next fields."""

    def __init__(self) -> None:
        self.sent: list[Request] = []
        self.routes: list[Route] = []
        self.status = 200
        self.fields: tuple[tuple[str, str], ...] = ()

    def exchange(self, request: Request, route: Route, *_: object) -> Exchange:
        self.sent.append(request)
        self.routes.append(route.replace(partition=""))  # each session has one of its own
        return Exchange(ResponseHead(1, self.status, "", Headers(self.fields)), WholeBody(b""))

    def close(self) -> None:
        return


class Side:
    """A session, with the fast lane or without it."""

    def __init__(self, *, is_fast: bool, netrc: Netrc) -> None:
        self.is_fast = is_fast
        self.carrier = Memo()
        self.turns = 0
        self.environment = {"SECRET": "old"}
        self.session = Session(transport=self.carrier, vault=Vault(self.environment), netrc=netrc)

    def call(self, method: str, url: str, options: dict[str, Any]) -> tuple[object, ...]:
        if not self.is_fast:
            self.session._around.kept, self.session._around._is_used = None, False
        elif self.turns % 2:
            self.session = self.session.afresh()  # a run after a run knows what the one before did
        self.turns += 1
        before = len(self.carrier.sent)
        result: Result = self.session.request(method, url, **options)
        messages = zip(self.carrier.sent[before:], self.carrier.routes[before:], strict=True)
        sent = [(write_message(message), message.url, route) for message, route in messages]
        return sent, result.error and result.error.code, result.warnings, result.secrets, self.session.state.cookies


@pytest.fixture(scope="session")
def netrc(tmp_path_factory: pytest.TempPathFactory) -> Netrc:
    path = tmp_path_factory.mktemp("netrc") / "netrc"
    path.write_text("machine b.a.example login bea password bees\n")
    path.chmod(0o600)
    return Netrc(str(path))


secrets = st.sampled_from(["one", "two", {"env": "SECRET"}])
origins = st.sampled_from([*HOSTS, "*"])
changes: st.SearchStrategy[Operation] = st.one_of(
    st.builds(
        lambda name, value, origin: SetHeader(StoredHeader(name, value, origin)),
        st.sampled_from("XY"),
        secrets,
        origins,
    ),
    st.builds(DeleteHeader, origins, st.sampled_from("XY")),
    st.builds(lambda origin, token: SetAuth(origin, StoredAuth("bearer", {"token": token})), origins, secrets),
    st.builds(
        lambda origin, word: SetAuth(origin, StoredAuth("basic", {"user": "u", "password": word})), origins, secrets
    ),
    st.builds(
        lambda origin, name: SetAuth(origin, StoredAuth("apikey", {"name": name, "key": "k"})),
        origins,
        st.sampled_from(["X-Key", "?key"]),
    ),
    st.builds(lambda origin: SetAuth(origin, StoredAuth("digest", {"user": "u", "password": "p"})), origins),
    st.builds(DeleteAuth, origins),
    st.builds(lambda name: SetSetting("follow", name), st.booleans()),
    st.builds(lambda trusted: SetSetting("verify", trusted), st.booleans()),
    st.builds(lambda proxy: SetSetting("proxy", proxy), st.sampled_from(["http://u:p@proxy.example:3128", "no"])),
    st.builds(lambda name: DeleteSetting(name), st.sampled_from(["verify", "proxy", "follow"])),
    st.builds(
        lambda origins, paths: ExtendPolicy(Policy(origins=origins, paths=paths)),
        st.sampled_from([HOSTS[:1], HOSTS]),
        st.sampled_from([(), ("/p",)]),
    ),
    st.just(ClearPolicy()),
    st.just(SetRule(parse("header:X-Token -> header:X-Token"))),
)
cookies = st.builds(
    lambda name, value, rest: f"{name}={value}{rest}",
    st.sampled_from("cd"),
    st.sampled_from("12"),
    st.sampled_from(
        ["", "; Path=/p", "; Max-Age=5", "; Max-Age=0", "; Path=/; Max-Age=20", "; Domain=a.example", "; Secure"]
    ),
)
answers = st.tuples(
    st.sampled_from([200, 200, 200, 302, 401]),
    st.lists(st.tuples(st.just("Set-Cookie"), cookies) | st.just(("X-Token", "t")), max_size=2).map(tuple),
)
GET: tuple[Any, ...] = ("GET", HOSTS[0], "/p", {})
PIN = "sha256//" + "A" * 43 + "="
WAYS: list[dict[str, Any]] = [
    {"verify": False},
    {"verify": "/ca.pem"},
    {"proxy": "http://other.example:3128"},
    {"pin": PIN},
    {"limits": Limits(fields=3)},
    {"dialling": Dialling(unix_socket="/socket")},
]
HEADERS: dict[str, Any] = {"headers": {"X": "mine"}}
facets: list[st.SearchStrategy[Any]] = [
    st.sampled_from(["GET", "HEAD", "POST"]),
    st.sampled_from(HOSTS),
    st.sampled_from(["/p", "/p/q", "/", "/?a=b", "/p#f", "/a%20b"]),
    st.sampled_from(
        [
            {},
            HEADERS,
            {"headers": {"Cookie": None}},
            {"headers": {"cookie": "c=typed"}},
            {"headers": {"Authorization": "mine"}},
            {"auth": ("u", "p")},
            {"data": "body"},
            *WAYS,
        ]
    ),
]


@st.composite
def plays(draw: st.DrawFn) -> list[Any]:
    """The same call again and again, now and then with something in between, now and then a little different."""
    usual = tuple(map(draw, facets))
    steps: list[Any] = []
    for _ in range(draw(st.integers(2, 12))):
        call = list(usual)
        if draw(st.integers(0, 3)) == 0:
            place = draw(st.integers(0, 3))
            call[place] = draw(facets[place])
        steps.append(tuple(call))
        if draw(st.booleans()):
            steps.append(draw(changes | answers | st.sampled_from([0.5, 6.0, 30.0, -40.0]) | st.just("secret")))
    return steps


def play(steps: list[Any], netrc: Netrc) -> list[Any]:
    """Let a session with the fast lane and one without do the same, and compare them after each call.

    Returns:
        What was sent, call by call.
    """
    clock = SimpleNamespace(at=START)
    sides = [Side(is_fast=True, netrc=netrc), Side(is_fast=False, netrc=netrc)]
    sent = []
    with pytest.MonkeyPatch.context() as patch:
        for module in ("call", "record"):
            patch.setattr(f"reqcli.api.{module}.time", lambda: clock.at)
        for step in steps:
            match step:
                case float():
                    clock.at += step
                case "secret":
                    for side in sides:
                        side.environment["SECRET"] = "new"
                case (int() as status, fields):
                    for side in sides:
                        side.carrier.status, side.carrier.fields = status, fields
                case (method, host, path, options):
                    ours, theirs = (side.call(method, host + path, options) for side in sides)
                    assert ours == theirs
                    sent.append(ours[0])
                case _:
                    for side in sides:
                        side.session.commit([step])
    return sent


@settings(max_examples=200)
@given(steps=plays())
def test_what_goes_out_is_the_same_with_the_fast_lane_and_without(steps: list[Any], netrc: Netrc) -> None:
    play(steps, netrc)


def sets(cookie: str) -> tuple[int, tuple[tuple[str, str], ...]]:
    return 200, (("Set-Cookie", cookie),)


SILENT = (200, ())
TOKEN = SetAuth(HOSTS[0], StoredAuth("bearer", {"token": "new"}))


@pytest.mark.parametrize(
    "between",
    [
        pytest.param([sets("c=2; Path=/"), GET, SILENT], id="another value of a cookie"),
        pytest.param([sets("e=2; Path=/p"), GET, SILENT], id="another cookie"),
        pytest.param([sets("c=; Path=/; Max-Age=0"), GET, SILENT], id="a cookie deleted"),
        pytest.param([40.0], id="a cookie that expired"),
        pytest.param([40.0, GET, GET, -40.0], id="a clock set back to before it expired"),
        pytest.param([SetHeader(StoredHeader("Y", "new", HOSTS[0]))], id="a header of the session"),
        pytest.param([DeleteHeader(HOSTS[0], "X")], id="a header less"),
        pytest.param([TOKEN], id="another credential"),
        pytest.param([DeleteAuth(HOSTS[0])], id="no credential any more"),
        pytest.param(
            [SetRule(parse("header:X-Token -> header:X-Token")), (200, (("X-Token", "t"),)), GET], id="a rule"
        ),
    ],
)
def test_a_change_between_two_calls_that_are_alike_is_not_missed(between: list[Any], netrc: Netrc) -> None:
    first = [
        SetHeader(StoredHeader("X", "1", HOSTS[0])),
        SetAuth(HOSTS[0], StoredAuth("basic", {"user": "u", "password": "p"})),
        sets("c=1; Path=/; Max-Age=30"),
        GET,
        SILENT,
    ]
    sent = play([*first, GET, GET, *between, GET, GET, GET], netrc)
    assert sent[1] == sent[2]
    assert sent[-1] == sent[-2] == sent[-3]
    changes_back = between[-1] == -40.0
    assert (sent[-1] == sent[2]) == changes_back


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(("HEAD", *GET[1:]), id="method"),
        pytest.param(("GET", HOSTS[1], *GET[2:]), id="host"),
        pytest.param(("GET", "http://a.example:81", *GET[2:]), id="port"),
        pytest.param(("GET", "https://a.example", *GET[2:]), id="scheme"),
        pytest.param((*GET[:2], "/", {}), id="a path that a cookie is not for"),
        pytest.param((*GET[:2], "/p/below", {}), id="another path"),
        pytest.param((*GET[:2], "/p?q", {}), id="query"),
        pytest.param((*GET[:2], "/p#f", {}), id="fragment"),
        pytest.param((*GET[:3], HEADERS), id="headers"),
        pytest.param((*GET[:3], {"auth": ("u", "p")}), id="credential"),
        pytest.param((*GET[:3], {"data": "body"}), id="body"),
    ],
)
def test_another_call_in_between_is_made_by_itself(other: Any, netrc: Netrc) -> None:
    sent = play([sets("c=1; Path=/p"), GET, SILENT, GET, GET, other, other, GET, GET], netrc)
    assert sent[1] == sent[2] == sent[5] == sent[6]
    assert sent[3] == sent[4] != sent[2]


@pytest.mark.parametrize("way", WAYS, ids=[next(iter(way)) for way in WAYS])
def test_a_call_takes_the_way_that_it_asks_for(way: dict[str, Any], netrc: Netrc) -> None:
    usual: tuple[Any, ...] = ("GET", HOSTS[3], "/p", {})
    other = (*usual[:3], way)
    sent = play([usual, usual, usual, other, other, usual, other], netrc)
    assert sent[1] == sent[2] == sent[5]
    assert sent[3] == sent[4] == sent[6] != sent[2]


def test_a_key_in_the_query_is_added_to_every_target(netrc: Netrc) -> None:
    key = SetAuth(HOSTS[0], StoredAuth("apikey", {"name": "?key", "key": "k"}))
    sent = play([key, GET, GET, (*GET[:2], "/other", {}), GET], netrc)
    assert [calls[0][1].target for calls in sent] == ["/p?key=k", "/p?key=k", "/other?key=k", "/p?key=k"]


def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The method of every message that is made from now on, and not only sent once more."""
    seen: list[str] = []

    def noted(*given: Any) -> Request:
        seen.append(given[0].method)
        return bend(*given)

    monkeypatch.setattr("reqcli.api.call.bend", noted)
    return seen


def test_a_session_in_use_makes_its_message_twice_and_then_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once for the first call, which keeps nothing, and once for the second; to other paths the same goes."""
    messages = made(monkeypatch)
    with Session(transport=Memo()) as session:
        session.commit(
            [
                SetHeader(StoredHeader("X", "1", "http://a.example")),
                SetAuth("http://a.example", StoredAuth("bearer", {"token": "t"})),
            ]
        )
        results = [session.get(f"http://a.example/{number}") for number in range(5)]
        results += [session.afresh().get(f"http://a.example/{number}") for number in range(5, 10)]
    assert len(messages) == 2
    assert [str(result.request.url) for result in results if result.request] == [
        f"http://a.example/{number}" for number in range(10)
    ]
    assert {result.secrets for result in results} == {results[0].secrets} != {()}
    assert [len(result.warnings) for result in results] == [1] * 10, "each is told that the token goes unencrypted"


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"data": "x"}, id="a body"),
        pytest.param({"auth": ("u", "p")}, id="a credential of its own"),
    ],
)
def test_what_is_made_for_one_call_is_not_kept(options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    messages = made(monkeypatch)
    with Session(transport=Memo()) as session:
        for _ in range(4):
            session.get("http://a.example/", **options)
    assert len(messages) == 4


def test_headers_that_are_changed_in_place_are_seen() -> None:
    carrier = Memo()
    field = ["X", "1"]
    with Session(transport=carrier) as session:
        for number in range(4):
            field[1] = str(number)
            session.get("http://a.example/", headers=[field])
    assert [message.headers["x"] for message in carrier.sent] == ["0", "1", "2", "3"]


def test_a_target_that_cannot_stand_on_the_wire_is_refused_in_the_fast_lane_too() -> None:
    with Session(transport=Memo()) as session:
        for _ in range(3):
            session.get("http://a.example/")
        result = session.send(RequestSpec("GET", Url("http", "a.example", 80, "/a\r\nX: y")))
    assert result.error is not None
    assert result.error.code == "bad_url"


def test_another_scheme_on_the_same_port_is_another_origin(netrc: Netrc) -> None:
    plain, secure = [(*GET[:1], f"{scheme}://a.example:81", *GET[2:]) for scheme in ("http", "https")]
    key = SetAuth("http://a.example:81", StoredAuth("bearer", {"token": "t"}))
    sent = play([key, plain, plain, secure, plain], netrc)
    assert sent[0] == sent[1] == sent[3] != sent[2]


def test_a_jar_that_was_changed_beside_the_state_is_seen() -> None:
    spec, jar, state = RequestSpec("GET", Url.parse("http://a.example/")), Jar(), Session().state
    kept = Kept()
    assert kept.message(spec, state, jar, START) is None
    kept.keep(bend(spec, state, jar, START, Vault().fetch), spec, state, jar, START, None)
    assert kept.message(spec, state, jar, START) is not None
    assert kept.message(spec, state, Jar(jar.source), START) is not None
    assert kept.message(spec, state, Jar([]), START) is None
    jar.put(Cookie("c", "1", "a.example"), secure_origin=False, now=START)
    assert kept.message(spec, state, jar, START) is None
    kept.keep(bend(spec, state, jar, START, Vault().fetch), spec, state, jar, START, None)
    assert kept.message(spec, state, Jar(jar.source), START) is None
    other = Jar(jar.source)
    other.put(Cookie("c", "2", "a.example"), secure_origin=False, now=START)
    assert other.version == jar.version
    assert kept.message(spec, state, other, START) is None


class Watched:
    """A spec that notes what is read of it."""

    def __init__(self, spec: RequestSpec) -> None:
        self.spec = spec
        self.read: set[str] = set()

    def __getattr__(self, name: str) -> object:
        self.read.add(name)
        return getattr(self.spec, name)


def test_a_message_is_made_of_nothing_that_is_not_compared() -> None:
    """Whoever lets a message depend on more of a spec has to let `Kept` compare that, too."""
    spec: Any = Watched(RequestSpec("POST", Url.parse("http://a.example/"), headers=(("X", "1"),)))
    state = Session().state
    bend(spec, state, Jar(), START, Vault().fetch)
    credential_for(spec, state, Vault().fetch, lambda url: None)
    assert spec.read <= {"method", "url", "headers", "body", "auth"}


def test_a_route_is_made_of_nothing_that_is_not_compared() -> None:
    """The same for `Kept.route`."""
    url = Url.parse("https://a.example/")
    spec: Any = Watched(RequestSpec("GET", url))
    Run.route(cast("Run", SimpleNamespace(partition="")), Request("GET", url, Headers()), spec)
    assert spec.read <= {"tls", "dialling", "limits", "proxies", "pins"}
