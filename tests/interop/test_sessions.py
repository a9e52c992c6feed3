"""Session files of other programs: read as those programs wrote them, written so that nothing is lost in silence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reqcli.cookies.receive import MAX_AGE
from reqcli.errors import InputFailed, ReqcliError, Usage
from reqcli.interop.sessions import Exported, Imported, Scope, load, names, sniffed
from reqcli.model.cookie import Cookie
from reqcli.model.url import Url
from reqcli.session.document import dump
from reqcli.session.operations import apply
from reqcli.session.schema import SessionState, StoredAuth, StoredHeader, new_state

FILES = Path(__file__).parent / "files"
NOW = 1795255200.0  # 2026-11-21T10:00:00Z
ORIGIN = "https://api.example.test"
HERE = Scope(NOW, chosen=(Url.parse(ORIGIN),))


def state_of(imported: Imported) -> SessionState:
    return apply(new_state("0" * 32, NOW), imported.operations, NOW)


def read(name: str, scope: Scope = HERE) -> tuple[SessionState, tuple[str, ...]]:
    text = (FILES / name).read_text()
    imported = sniffed(text).read(text, scope)
    return state_of(imported), imported.remarks


@pytest.mark.parametrize(
    ("name", "format_"),
    [
        ("httpie-1.0.json", "httpie"), ("httpie-2.6.json", "httpie"), ("httpie-3.2.json", "httpie"),
        ("xh-old.json", "xh"), ("xh-new.json", "xh"), ("browser.har", "har"),
    ],
)  # fmt: skip
def test_a_format_is_told_by_its_looks(name: str, format_: str) -> None:
    assert sniffed((FILES / name).read_text()) is load(format_)


def test_the_other_formats_are_told_too() -> None:
    assert sniffed("# Netscape HTTP Cookie File\n") is load("netscape")
    assert sniffed("h.example\tFALSE\t/\tFALSE\t0\ta\tb\n") is load("netscape")
    assert sniffed("curl 'http://h/'") is load("curl")
    assert sniffed(dump(new_state("0" * 32, NOW)).decode()) is load("reqcli")
    for text in ("{}", "[]", "hello", '{"log', "<html>"):
        with pytest.raises(Usage, match="cannot be told"):
            sniffed(text)
    with pytest.raises(Usage, match="the file is empty"):
        sniffed("\n")


@pytest.mark.parametrize("name", ["httpie-1.0.json", "httpie-2.6.json", "httpie-3.2.json"])
def test_every_layout_of_httpie_is_read(name: str) -> None:
    state, remarks = read(name)
    assert remarks == ()
    assert state.auth == {ORIGIN: StoredAuth("basic", {"user": "alice", "password": "won:der"})}
    assert state.headers[ORIGIN, "x-tenant"] == StoredHeader("X-Tenant", "acme", ORIGIN)
    cookies = {cookie.name: cookie for cookie in state.cookies}
    assert cookies["sid"] == Cookie("sid", "abc123", "api.example.test", created=NOW)
    if name != "httpie-1.0.json":
        assert cookies["quoted"].value == '"a b"'
        assert cookies["theme"].path == "/app"
        assert cookies["theme"].expires is not None
        assert cookies["wide"].host_only is (name == "httpie-2.6.json"), "the old layout binds to no domain"


def test_httpie_binds_to_one_server_and_does_not_say_which() -> None:
    text = (FILES / "httpie-3.2.json").read_text()
    with pytest.raises(Usage, match="belongs to one server"):
        load("httpie").read(text, Scope(NOW))
    imported = load("httpie").read(text, Scope(NOW, default=Url.parse(ORIGIN)))
    assert list(state_of(imported).auth) == [ORIGIN]


def test_httpie_writes_localhost_in_python_s_way() -> None:
    text = json.dumps(
        {"cookies": [{"name": "a", "value": "1", "domain": "localhost.local"}], "headers": [], "auth": {}}
    )
    scope = Scope(NOW, chosen=(Url.parse("http://localhost:8000"),))
    state = state_of(load("httpie").read(text, scope))
    assert [cookie.domain for cookie in state.cookies] == ["localhost"]
    assert '"localhost.local"' in load("httpie").write(state, scope).text


def test_a_cookie_that_no_server_could_have_set_is_left_out() -> None:
    cookies = [
        {"name": "a=b", "value": "1"},
        {"name": "a;b", "value": "1"},
        {"name": "a", "value": "1; Domain=other.test"},
        {"name": "far", "value": "1", "expires": 1e300},
        {"name": "long-ago", "value": "1", "expires": -1e300},
        {"name": "good", "value": "1=2", "expires": 1e9},
        {"name": "better", "value": "1=2", "expires": 1.9e9},
    ]
    imported = load("httpie").read(json.dumps({"cookies": cookies, "headers": [], "auth": {}}), HERE)
    assert [cookie.name for cookie in state_of(imported).cookies] == ["better"]
    reasons = ["no server could have sent"] * 3 + ["its expiry is no time"] * 2 + ["it has expired"]
    assert len(imported.remarks) == len(reasons)
    assert all(reason in remark for reason, remark in zip(reasons, imported.remarks, strict=True))


@pytest.mark.parametrize(
    ("raw", "user", "password"),
    [("a:b:c", "a", "b:c"), (r"a\:b:c", "a:b", "c"), ("a:", "a", ""), (r"d\\om:p", r"d\om", "p")],
)
def test_httpie_s_credential_is_taken_apart_as_it_does(raw: str, user: str, password: str) -> None:
    text = json.dumps({"cookies": [], "headers": [], "auth": {"type": "digest", "raw_auth": raw}})
    state = state_of(load("httpie").read(text, HERE))
    assert state.auth[ORIGIN] == StoredAuth("digest", {"user": user, "password": password})


def test_both_layouts_of_xh_are_read() -> None:
    state, remarks = read("xh-old.json")
    assert state.auth[ORIGIN] == StoredAuth("basic", {"user": "alice", "password": "won:der"})
    assert sorted((cookie.name, cookie.secure, cookie.host_only) for cookie in state.cookies) == [
        ("sid", False, True), ("theme", True, True),
    ]  # fmt: skip
    state, remarks = read("xh-new.json")
    assert state.auth[ORIGIN] == StoredAuth("bearer", {"token": "to.ken"})
    assert state.headers[ORIGIN, "x-tenant"].value == "other"
    assert any("more than once" in remark for remark in remarks)
    assert any("subdomains" in remark for remark in remarks)


def test_an_archive_of_several_servers_wants_a_choice() -> None:
    with pytest.raises(Usage, match="several origins") as raised:
        read("browser.har", Scope(NOW))
    for origin in ("https://shop.example", "https://api.shop.example", "https://tracker.example"):
        assert origin in (raised.value.hint or "")


def test_an_archive_is_replayed() -> None:
    chosen = (Url.parse("https://shop.example"), Url.parse("https://api.shop.example"))
    state, remarks = read("browser.har", Scope(NOW, chosen=chosen))
    cookies = {cookie.name: cookie for cookie in state.cookies}
    assert sorted(cookies) == ["consent", "fx", "sid", "wide"]
    sid, wide, fx = cookies["sid"], cookies["wide"], cookies["fx"]
    assert (sid.value, sid.secure, sid.http_only, sid.same_site, sid.host_only) == (
        "new-session-id",
        True,
        True,
        "Lax",
        True,
    )
    assert (wide.host_only, wide.domain) == (False, "shop.example")
    assert (fx.path, fx.same_site, fx.expires) == ("/v1", "Strict", 1795168801 + MAX_AGE)
    assert cookies["consent"].host_only
    assert state.auth == {"https://api.shop.example": StoredAuth("bearer", {"token": "to.ken"})}
    assert list(state.headers) == [("https://shop.example", "x-csrf-token")]
    assert any("'evil'" in remark for remark in remarks)
    assert any("other than http" in remark for remark in remarks)


def test_a_cookie_that_was_taken_away_stays_away() -> None:
    def entry(sent: str, *set_cookies: str) -> dict[str, object]:
        return {
            "request": {"url": "https://h.example/", "headers": [{"name": "Cookie", "value": sent}]},
            "response": {"headers": [{"name": "Set-Cookie", "value": value} for value in set_cookies]},
        }

    log = {"log": {"entries": [entry("sid=1"), entry("sid=1", "sid=; Max-Age=0")]}}
    assert load("har").read(json.dumps(log), Scope(NOW)).operations == ()


COOKIES = """# Netscape HTTP Cookie File
# comment

h.example	FALSE	/	FALSE	0	a	1
.h.example	TRUE	/p	TRUE	1800000000	b	2
#HttpOnly_h.example	FALSE	/	TRUE	1800000000.5	c	with blank=
h.example	FALSE	/	FALSE	0	empty	{}
h.example	FALSE	/	FALSE	0	emptier
.h.example	TRUE	/	FALSE	1	old	x
.com	TRUE	/	FALSE	0	wide	x
h.example	FALSE	/	FALSE	0	__Host-x	x
""".format("")


def test_netscape_s_file_is_read_line_by_line() -> None:
    imported = load("netscape").read(COOKIES, Scope(NOW))
    cookies = {cookie.name: cookie for cookie in state_of(imported).cookies}
    assert sorted(cookies) == ["a", "b", "c", "emptier", "empty", "wide"]
    assert cookies["wide"].host_only, "nobody sets a cookie for all of .com"
    assert cookies["a"] == Cookie("a", "1", "h.example", created=NOW)
    assert cookies["b"] == Cookie(
        "b", "2", "h.example", "/p", host_only=False, secure=True, expires=1800000000, created=NOW
    )
    assert (cookies["c"].http_only, cookies["c"].value, cookies["c"].expires) == (True, "with blank=", 1800000001)
    assert [remark.partition(":")[0] for remark in imported.remarks] == ["line 9", "line 11"]


@pytest.mark.parametrize(
    ("format_", "text", "place"),
    [
        ("netscape", "a\tb\n", "line 1 is no cookie: it has 2 of 7"),
        ("netscape", "\nh\tMAYBE\t/\tFALSE\t0\ta\tb", "line 2, field 2"),
        ("netscape", "h\tTRUE\t/\tFALSE\tsoon\ta\tb", "line 1, field 5"),
        ("har", '{"log": {\n"entries": x}}', "line 2, column 12"),
        ("har", '{"log": {"entries": [1]}}', "entry 0 is not an object"),
        ("har", '{"log": {"entries": [{"request": {"url": 1}}]}}', "entry 0.request.url is not text"),
        ("httpie", '{"cookies": [{"name": "a"}]}', r"cookies\[0\].value is not text"),
        ("httpie", '{"cookies": {"a": 1}}', "cookies.'a' is not an object"),
        ("httpie", '{"headers": {"a b": "c"}}', "headers.'a b' can be no header"),
        ("reqcli", "{}", "version"),
        ("reqcli", "[", "line 1, column 2"),
        ("curl", "curl http://h:99999/", "URL"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(format_: str, text: str, place: str) -> None:
    with pytest.raises(InputFailed, match=place):
        load(format_).read(text, HERE)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["log", "entries", "request", "response", "url", "headers", "cookies", "name", "value", "domain", "path",
             "expires", "secure", "auth", "type", "raw_auth", "__meta__", "xh", "startedDateTime"]
        ),
        inner | st.sampled_from(["https://h.example/", "basic", "set-cookie", "Cookie", "a=b", ".h", "2020-01-01"]),
        max_size=5,
    ),
    max_leaves=12,
)  # fmt: skip


@settings(deadline=None)
@given(st.sampled_from(names()), st.text(max_size=60) | JSON.map(json.dumps) | st.just(COOKIES).map(lambda t: t[:200]))
def test_any_text_gives_a_value_or_an_error_of_ours(format_: str, text: str) -> None:
    try:
        imported = load(format_).read(text, HERE)
    except (InputFailed, Usage):
        return
    state_of(imported)


@settings(deadline=None)
@given(st.text(max_size=80))
def test_any_text_can_be_sniffed_at(text: str) -> None:
    try:
        sniffed(text)
    except Usage:
        return


WORD = st.text("abcXYZ019-_é\xff", min_size=1, max_size=8)
BYTES = st.text(st.characters(min_codepoint=0x21, max_codepoint=0xFF, blacklist_characters=';\x7f,="\xa0'), max_size=8)
SENDABLE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=8)


@st.composite
def states(draw: st.DrawFn) -> SessionState:
    """Sessions of one server, with nothing in them that has run out."""
    cookies: dict[object, Cookie] = {}
    for _ in range(draw(st.integers(0, 4))):
        cookie = Cookie(
            draw(SENDABLE.filter(lambda text: not set(text) & set("=;") and not text.startswith("__"))),
            draw(BYTES),
            draw(st.sampled_from(["api.example.test", "example.test"])),
            draw(st.sampled_from(["/", "/a/b"])),
            host_only=draw(st.booleans()),
            secure=draw(st.booleans()),
            http_only=draw(st.booleans()),
            expires=draw(st.none() | st.integers(int(NOW) + 10, int(NOW) + MAX_AGE - 10)),
            created=NOW,
        )
        cookies[cookie.key] = cookie
    value = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=8).map(str.strip)
    headers = {
        (ORIGIN, f"x-{name}".lower()): StoredHeader(f"X-{name}", draw(value), ORIGIN)
        for name in draw(st.lists(st.text("abc", min_size=1, max_size=3), max_size=2))
    }
    auth = draw(
        st.none()
        | st.builds(lambda token: StoredAuth("bearer", {"token": token}), SENDABLE)
        | st.builds(
            lambda user, password: StoredAuth("basic", {"user": user, "password": password}),
            SENDABLE.filter(lambda text: ":" not in text), value,
        )
    )  # fmt: skip
    state = new_state("0" * 32, NOW)
    return state.replace(cookies=tuple(cookies.values()), headers=headers, auth={} if auth is None else {ORIGIN: auth})


def round_trip(format_: str, state: SessionState) -> tuple[SessionState, Exported]:
    exported = load(format_).write(state, HERE)
    text = exported.text.encode(errors="surrogateescape").decode(errors="surrogateescape")
    return state_of(load(format_).read(text, HERE)), exported


def comparable(state: SessionState, *, http_only: bool = True) -> object:
    cookies = {cookie.key: cookie.replace(http_only=http_only and cookie.http_only) for cookie in state.cookies}
    return cookies, state.headers, state.auth


@settings(deadline=None)
@given(states())
def test_a_document_of_ours_comes_back_whole(state: SessionState) -> None:
    assert comparable(round_trip("reqcli", state)[0]) == comparable(state)


@settings(deadline=None)
@given(states())
def test_httpie_s_format_carries_all_but_http_only(state: SessionState) -> None:
    back, exported = round_trip("httpie", state)
    assert comparable(back) == comparable(state, http_only=False)
    assert len(exported.remarks) == sum(cookie.http_only for cookie in state.cookies)


@settings(deadline=None)
@given(states())
def test_netscape_s_format_carries_cookies(state: SessionState) -> None:
    back, exported = round_trip("netscape", state)
    known = {cookie.key for cookie in state.cookies if cookie.domain in ("api.example.test", "example.test")}
    assert {cookie.key: cookie for cookie in back.cookies} == {c.key: c for c in state.cookies if c.key in known}
    assert len(exported.remarks) == len(state.headers) + len(state.auth)


@settings(deadline=None)
@given(states())
def test_an_archive_carries_cookies_and_credentials(state: SessionState) -> None:
    cookies = [c for c in state.cookies if c.domain == "api.example.test" or not c.host_only]
    state = state.replace(cookies=tuple(c for c in cookies if not (c.secure is False and c.same_site)), headers={})
    back, _ = round_trip("har", state)
    assert {c.key: c for c in back.cookies} == {c.key: c for c in state.cookies}
    assert back.auth == state.auth


def test_references_travel_only_if_they_are_trusted_and_memos_never() -> None:
    memo = {"answer": "hunter2", "until": NOW + 100, "run": "", "turn": 0}
    auth = StoredAuth("bearer", {"token": {"command": ["op", "read"], "memo": memo}})
    header = StoredHeader("X-Key", {"env": "AWS_SECRET"}, ORIGIN)
    state = new_state("0" * 32, NOW).replace(auth={ORIGIN: auth}, headers={header.key: header})
    for text, name in ((dump(state).decode(), "read"), (None, "write")):
        for trusted in (False, True):
            scope = Scope(NOW, trusted=trusted)
            if text is not None:
                imported = load("reqcli").read(text, scope)
                result, remarks = state_of(imported), imported.remarks
            else:
                exported = load("reqcli").write(state, scope)
                result, remarks = (
                    state_of(load("reqcli").read(exported.text, Scope(NOW, trusted=True))),
                    exported.remarks,
                )
            assert (bool(result.auth), bool(result.headers)) == (trusted, trusted), name
            assert len(remarks) == (0 if trusted else 2)
            assert "hunter2" not in dump(result).decode()


def test_what_a_file_says_of_trust_is_said() -> None:
    state = new_state("0" * 32, NOW)
    secret = StoredHeader("X-Api-Key", "hunter2", "*")
    state = state.replace(
        settings={"verify": False, "timeout": 3, "cert_key_pass": {"file": "/x"}, "store": "redis://h"},
        headers={secret.key: secret},
    )
    imported = load("reqcli").read(dump(state).decode(), Scope(NOW))
    assert any("setting verify" in remark for remark in imported.remarks)
    assert any("every origin" in remark for remark in imported.remarks)
    assert any("setting store is left out" in remark for remark in imported.remarks)
    assert any("setting cert_key_pass is left out" in remark for remark in imported.remarks)
    assert state_of(imported).headers == {}
    assert state_of(imported).settings == {"verify": False, "timeout": 3}


@pytest.mark.parametrize("format_", ["httpie", "xh", "netscape", "har"])
def test_what_a_format_cannot_carry_is_said(format_: str) -> None:
    state = new_state("0" * 32, NOW)
    key = StoredAuth("apikey", {"name": "X-K", "key": "v"})
    digest = StoredAuth("digest", {"user": "a", "password": {"env": "X"}})
    header = StoredHeader("X-Ref", {"env": "X"}, ORIGIN)
    state = state.replace(
        settings={"timeout": 3},
        auth={ORIGIN: digest, "https://other.example": key},
        headers={header.key: header},
        cookies=(Cookie("a", "1", "api.example.test", same_site="Lax", created=NOW),),
    )
    remarks = "\n".join(load(format_).write(state, Scope(NOW, default=Url.parse(ORIGIN))).remarks)
    for text in ("setting timeout", "credential", "header X-Ref"):
        assert text in remarks
    if format_ != "har":
        assert "SameSite" in remarks


def test_a_curl_command_brings_what_save_would_keep() -> None:
    text = "curl 'https://h.example/x' -H 'X-Key: k' -H 'Content-Type: a/b' -b 'sid=1' -u alice:wonder -d x --http2"
    imported = load("curl").read(text, Scope(NOW))
    state = state_of(imported)
    assert list(state.headers) == [("https://h.example", "x-key")]
    assert state.auth == {"https://h.example": StoredAuth("basic", {"user": "alice", "password": "wonder"})}
    assert [(cookie.name, cookie.secure) for cookie in state.cookies] == [("sid", True)]
    assert any("body" in remark for remark in imported.remarks)
    assert any("--http2" in remark for remark in imported.remarks)


def test_every_format_of_the_shelf_has_its_face() -> None:
    assert names() == ["curl", "har", "httpie", "netscape", "reqcli", "xh"]
    for name in names():
        assert load(name).recognises("") is False
    with pytest.raises(ReqcliError, match="no format"):
        load("nope")
