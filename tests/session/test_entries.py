"""The cookies of a long document are read lazily: whatever the bytes, that must never show but in the time it takes."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reqcli.cookies.jar import MAX_COOKIES, ByDomain, Jar
from reqcli.errors import SessionCorrupt
from reqcli.model.cookie import Cookie
from reqcli.model.url import Url
from reqcli.session import document
from reqcli.session.document import dump, load
from reqcli.session.entries import Written, taken_apart
from reqcli.session.operations import SetCookie, apply
from reqcli.session.schema import SessionState, new_state
from reqcli.store.files import FileStore
from tests.calls import calls_of
from tests.session.states import cookies, operations, plain_states

ID = "0123456789abcdef" * 2
HOME = Url.parse("https://host7.example/")

few = st.lists(cookies, min_size=1, max_size=6).map(lambda found: tuple(Jar(found)))
documents = st.builds(lambda state, found: dump(state.replace(cookies=found)), plain_states, few)


def read(data: bytes, *, long_from: int) -> SessionState | str:
    """The state that a document describes, or what is wrong with it; longer ones than that are read lazily."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(document, "LONG", long_from)
        try:
            return load(data, "work")
        except SessionCorrupt as error:
            return error.message


def lazily(data: bytes) -> SessionState | str:
    return read(data, long_from=-1)


def eagerly(data: bytes) -> SessionState | str:
    return read(data, long_from=document.MAX_DOCUMENT)


def agree(data: bytes) -> bool:
    """Check that both ways of reading come to the same, and give whether it was lazy in the end."""
    lazy, eager = lazily(data), eagerly(data)
    assert lazy == eager
    if isinstance(lazy, str) or isinstance(eager, str):
        return False
    is_lazy = isinstance(lazy.cookies, ByDomain)
    before = dump(lazy)
    assert list(map(repr, lazy.cookies)) == list(map(repr, eager.cookies))  # understands all of them
    assert [list(map(type, entry.values())) for entry in document.members(lazy)["cookies"]] == [
        list(map(type, entry.values())) for entry in document.members(eager)["cookies"]
    ]
    assert before == dump(lazy) == dump(eager)
    return is_lazy


def large(number: int = MAX_COOKIES, domains: int = 25) -> SessionState:
    each = number // domains
    return new_state(ID, 5.0).replace(
        cookies=tuple(
            Cookie(f"c{n}", "v" * 40, f"host{n // each}.example", created=float(n), secure=n % 2 == 0)
            for n in range(number)
        )
    )


CONTROL = re.compile(r"[\x00-\x07\x0b\x0e-\x1f\x7f]")
"""Characters that JSON has no short form for; no server can send one."""


@given(documents)
@settings(max_examples=150, deadline=None)
def test_what_we_write_is_read_lazily_and_means_the_same(data: bytes) -> None:
    state = eagerly(data)
    assert isinstance(state, SessionState)
    is_plain = all(
        not CONTROL.search(c.name + c.path) and f'"{c.domain}"' == json.dumps(c.domain) for c in state.cookies
    )
    is_old = any(0 < time < 0.1 for c in state.cookies for time in (c.created, c.expires or 0))
    assert agree(data) or not is_plain or is_old


PIECES = st.sampled_from(
    [
        b"", b'"', b"\\", b",", b"\n", b" ", b"0", b"-", b"e5", b".5", b"1e999", b"NaN", b"null", b"true", b"{}", b"[]",
        b"\\u0061", b"\\u00E9", b"\\/", b"\\ud800", b"\x7f", b"\x00", b"\x80", b"\xc3\xa9", b"\r", b"{", b"}", b"]",
        b"\n  ]\n}\n", b'\n  "cookies": [\n', b'"name": "", ', b'"version": 2', b"99999999999999999999",
    ]
)  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A document with some bytes taken out, put in, or copied from elsewhere in it: lines twice, lines that changed
    places, members in another member."""
    data = draw(documents)
    for _ in range(draw(st.integers(1, 3))):
        lines = data.split(b"\n")
        if draw(st.booleans()):
            lines.insert(draw(st.integers(0, len(lines))), draw(st.sampled_from(lines)))
            if draw(st.booleans()):
                del lines[draw(st.integers(0, len(lines) - 1))]
            data = b"\n".join(lines)
        else:
            at = draw(st.integers(0, len(data)))
            data = data[:at] + draw(PIECES) + data[at + draw(st.integers(0, 12)) :]
    return data


@given(damaged())
@settings(max_examples=300, deadline=None)
def test_a_damaged_document_is_the_same_error_or_means_the_same(data: bytes) -> None:
    agree(data)


ONE = Cookie("a", "1", "a.example", created=1.5)
TWO = Cookie("b", '2"\\\n\xe9', "a.example", "/p", expires=9e9)
PLAIN = dump(new_state(ID, 1.0).replace(cookies=(ONE, TWO)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(b'"a"', b'"\\u0061"', id="a name in another spelling"),
        pytest.param(b'"b"', b'"a"', id="another name"),
        pytest.param(b'a.example", "path": "/p"', b'b.example", "path": "/p"', id="another domain"),
        pytest.param(b"1.5", b"1e0", id="an exponent"),
        pytest.param(b"1.5", b"1e999", id="a number without end"),
        pytest.param(b"1.5", b"-1.5", id="before the epoch"),
        pytest.param(b"1.5", b"01.5", id="a zero in front"),
        pytest.param(b"1.5", b"1.", id="a dot at the end"),
        pytest.param(b"1.5", b"100000000000", id="twelve digits"),
        pytest.param(b"1.5", b"1000000000000", id="too far"),
        pytest.param(b"9000000000.0", b"9" * 5000, id="5000 digits"),
        pytest.param(b"9000000000.0", b"true", id="a boolean for a time"),
        pytest.param(b'"secure": false', b'"secure": 0', id="a number for a boolean"),
        pytest.param(b'"secure": false', b'"secure": false, "secure": false', id="a field twice"),
        pytest.param(b'"path": "/p"', b'"path": "p"', id="relative path"),
        pytest.param(b'"domain": "a.example"', b'"domain": ""', id="no domain"),
        pytest.param(b'"created"', b'"creates"', id="another field"),
        pytest.param(b"1.5},", b"1.5}", id="no comma"),
        pytest.param(b"1.5},", b"1.5},,", id="two commas"),
        pytest.param(b"0.0}\n  ]", b"0.0},\n  ]", id="a comma at the end"),
        pytest.param(b"1.5},\n", b"1.5},\n\n", id="an empty line"),
        pytest.param(b"1.5},\n    ", b"1.5}, ", id="two in a line"),
        pytest.param(b"    {", b"{", id="no indentation"),
        pytest.param(b"    {", b"     {", id="one blank more"),
        pytest.param(b"    {", b"x    {", id="a sign before an entry"),
        pytest.param(b"\n", b"\r\n", id="lines of Windows"),
        pytest.param(b"}\n", b"}\n\n", id="blank lines after it"),
        pytest.param(b"}\n", b"}\n{}", id="a second document"),
        pytest.param(b"\n}\n", b"\n}", id="no line's end"),
        pytest.param(b"\n}\n", b',\n  "x": 1\n}\n', id="a member after them"),
        pytest.param(b'"captures"', b'"cookies"', id="two members of that name"),
        pytest.param(b'  "cookies"', b'  "cookies": [], "cookies"', id="the member twice"),
        pytest.param(b'"settings": {}', b'"settings": {\n  "cookies": [\n}', id="one in another"),
        pytest.param(b'{\n  "version"', b'[{\n  "version"', id="in a list"),
        pytest.param(b'"version": 1', b'"version": 2', id="newer"),
        pytest.param(b'"version": 1', b'"version": true', id="a version that is none"),
        pytest.param(b'"rev": 0', b'"rev": -1', id="another field is wrong"),
        pytest.param(b"\xc3", b"\xff", id="nothing"),
        pytest.param(b'"1"', b'"\xc3\xa9"', id="a value that is not escaped"),
        pytest.param(b'"1"', b'"\xe9"', id="a value that is not UTF-8"),
        pytest.param(b'"1"', b'"\t"', id="a raw control character"),
        pytest.param(b'"1"', b'"\\x"', id="an escape that there is not"),
        pytest.param(b'"1"', b'"\\ud83d\\ude00"', id="a pair"),
        pytest.param(b'"1"', b'"\\ud83d"', id="half a pair"),
        pytest.param(b'"1"', b'"1\\"', id="an end that is escaped"),
    ],
)
def test_one_change_is_read_the_same_both_ways(old: bytes, new: bytes) -> None:
    agree(PLAIN.replace(old, new))
    agree(PLAIN.replace(old, new, 1))


@pytest.mark.parametrize(
    "found",
    [
        pytest.param((ONE, TWO), id="of one domain"),
        pytest.param((ONE, ONE.replace(domain="b.example"), TWO.replace(domain="c.example")), id="of three"),
        pytest.param(
            (ONE, ONE.replace(host_only=False), ONE.replace(path="/p")), id="that differ in one part of a key"
        ),
        pytest.param((ONE.replace(name="\xe9"), ONE.replace(path="/\xe9")), id="a name that is not ASCII"),
        pytest.param(
            tuple(ONE.replace(name=name) for name in ("é", "e\u0301", "E", "\\xe9", "\\u00e9", '"', "\t", "中", "😀")),
            id="names that could be taken for each other",
        ),
    ],
)
def test_the_form_that_we_write_is_the_one_that_is_read_lazily(found: tuple[Cookie, ...]) -> None:
    assert agree(dump(new_state(ID, 1.0).replace(cookies=found)))


@pytest.mark.parametrize(
    "found",
    [
        pytest.param((), id="none"),
        pytest.param((ONE, ONE), id="twice the same"),
        pytest.param((ONE, ONE.replace(value="2")), id="twice the same key"),
        pytest.param((ONE, ONE.replace(domain="b.example"), TWO), id="a domain in two places"),
        pytest.param((ONE.replace(name="\x7f"),), id="a name with a control character"),
        pytest.param((ONE.replace(domain="\xe9.example"),), id="a domain that is no domain"),
    ],
)
def test_what_is_rare_or_wrong_is_read_by_the_rules_in_full(found: tuple[Cookie, ...]) -> None:
    assert not agree(dump(new_state(ID, 1.0).replace(cookies=found)))


SPELLINGS = [
    b"a", b"\\u0061", b"\\u00E9", b"\\u00e9", b"\xc3\xa9", b'\\"', b"\\u0022", b"\\/", b"/", b"\\u002f", b"\\t",
    b"\\u007f", b"\x7f", b"\\ud83d", b"\\ude00", b"\\ud83d\\ude00", b"\\uD83D", b"\\\\", b"\\u005c", b"\\u0009", b"\\b",
    b"u00e9",
]  # fmt: skip


@given(st.lists(st.lists(st.sampled_from(SPELLINGS), max_size=4).map(b"".join), min_size=2, max_size=4), st.booleans())
@settings(max_examples=600, deadline=None)
def test_no_two_spellings_of_one_cookie_are_taken_for_two(texts: list[bytes], is_path: bool) -> None:
    """Whatever the spellings of a name or path: both ways of reading see the same cookies, and the same one twice."""
    entry = dump(new_state(ID, 1.0).replace(cookies=(ONE,)))
    start, end = entry.index(b"    {"), entry.index(b"\n  ]\n}\n")
    old, new = (b'"path": "/"', b'"path": "/%b"') if is_path else (b'"name": "a"', b'"name": "%b"')
    lines = [entry[start:end].replace(old, new % text) for text in texts]
    agree(entry[:start] + b",\n".join(lines) + entry[end:])


def test_cookies_by_domain_are_a_value_like_a_tuple() -> None:
    apart = taken_apart(PLAIN, document._understood)
    assert apart is not None
    again = taken_apart(PLAIN, document._understood)
    assert again is not None
    assert apart[1] == again[1] == (ONE, TWO)
    assert hash(apart[1]) == hash((ONE, TWO))
    assert apart[1] != ByDomain({}) != (ONE,)
    assert apart[1] != [ONE, TWO]
    assert len(apart[1]) == 2
    assert repr(apart[1]) == "<ByDomain: 2 cookies of 1 domains>"
    (written,) = apart[1].domains.values()
    assert (len(written), list(written)) == (2, [ONE, TWO])


@given(few, st.lists(operations, max_size=6), st.integers(0, 2**31))
@example((ONE, TWO.replace(domain="b.example")), [SetCookie(ONE, secure_origin=False)], 7)
@settings(max_examples=150, deadline=None)
def test_operations_do_the_same_to_both(found: tuple[Cookie, ...], todo: list[Any], now: int) -> None:
    data = dump(new_state(ID, 1.0).replace(cookies=found))
    lazy, eager = lazily(data), eagerly(data)
    assert isinstance(lazy, SessionState)
    assert isinstance(eager, SessionState)
    lazy_after, eager_after = apply(lazy, todo, now), apply(eager, todo, now)
    assert dump(lazy_after) == dump(eager_after)  # before anything else understands them
    assert lazy_after == eager_after
    assert (lazy_after is lazy) == (eager_after is eager)


# What it is for: the work that a session of the greatest size causes, counted


@pytest.fixture
def understood(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many cookies of each domain have been understood."""
    seen: Counter[str] = Counter()
    cookie = document._cookie

    def counted(entry: tuple[tuple[str, Any], ...]) -> Cookie:
        seen[dict(entry)["domain"]] += 1
        return cookie(entry)

    monkeypatch.setattr(document, "_cookie", counted)
    return seen


def test_only_the_cookies_of_the_servers_own_domain_are_understood(tmp_path: Path, understood: Counter[str]) -> None:
    FileStore(str(tmp_path / "s")).create("work", large())
    store = FileStore(str(tmp_path / "s"))
    state = store.read("work")
    assert state is not None
    assert len(state.cookies) == MAX_COOKIES
    assert understood == {}
    jar = Jar(state.cookies)
    assert len(jar.matching(HOME, 6.0)) == 120
    assert jar.header(Url.parse("https://elsewhere.example/"), 6.0) == ""
    changed = SetCookie(Cookie("c840", "new", "host7.example", created=6.0), secure_origin=True)
    after = store.commit("work", state.id, [changed], 6.0)
    assert len(after.cookies) == MAX_COOKIES
    assert understood == {"host7.example": 120}
    assert sum(isinstance(group, Written) for group in after.cookies.domains.values()) == 24  # type: ignore[union-attr]


def test_one_name_that_is_not_ascii_sends_no_document_the_slow_way(tmp_path: Path, understood: Counter[str]) -> None:
    state = large()
    strange = Cookie("sprache-\xe9", "v", "host0.example", "/\xe9", created=1.0)
    FileStore(str(tmp_path / "s")).create("work", state.replace(cookies=(strange, *state.cookies)))
    found = FileStore(str(tmp_path / "s")).read("work")
    assert found is not None
    assert understood == {}
    assert found.cookies == (strange, *state.cookies)


def test_three_thousand_cookies_are_read_matched_and_written_in_few_calls(tmp_path: Path) -> None:
    """A call for each of them, or two, would be 3,000 or 6,000; it was 42,000 when each was understood."""
    folder = str(tmp_path / "s")
    FileStore(folder).create("work", large())

    def use() -> None:
        store = FileStore(folder)
        state = store.read("work")
        assert state is not None
        jar = Jar(state.cookies)
        jar.header(HOME, 6.0)
        changed = Cookie("c840", "new", "host7.example", created=6.0)
        jar.put(changed, secure_origin=True, now=6.0)
        store.commit("work", state.id, [SetCookie(changed, secure_origin=True)], 6.0)

    use()  # imports what is to be imported
    FileStore(folder).delete("work")
    FileStore(folder).create("work", large())
    assert calls_of(use) <= 1850


def test_what_was_not_asked_for_is_written_as_it_stood(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    FileStore(str(folder)).create("work", large())
    before = (folder / "work.json").read_bytes().splitlines()
    cookie = Cookie("c840", "new", "host7.example", created=6.0)
    FileStore(str(folder)).commit("work", ID, [SetCookie(cookie, secure_origin=True)], 6.0)
    after = (folder / "work.json").read_bytes().splitlines()
    changed = [line for line in after if line not in before]
    assert [line.partition(b":")[0].strip() for line in changed] == [b'"rev"', b'"updated"', b'{"name"']
    assert eagerly(b"\n".join(after) + b"\n") == lazily(b"\n".join(after) + b"\n")


def numbered(count: int) -> bytes:
    """A document of so many cookies, the next to last of them with an escape."""
    found = [Cookie(f"c{number}", "v", "a.example", created=float(number), expires=9e9) for number in range(count)]
    found[-2] = found[-2].replace(value='"quoted"')
    return dump(new_state(ID, 1.5).replace(cookies=tuple(found)))


@pytest.mark.parametrize("count", [2, 255, 256, 257, 600])
def test_however_many_are_looked_at_together_each_is_looked_at(count: int) -> None:
    data = numbered(count)
    assert agree(data)
    for old, new in (
        (b'"c0"', b'"c1"'), (b'"created": 0.0', b'"created": 00.0'), (b'"expires": 9000000000.0', b'"expires": 9e9'),
        (b'"expires": 9000000000.0, ', b'"expires": 1.0, \0: 2.0, '), (b'"path": "/"', b'"path": ""'),
        (b'"host_only": true', b'"host_only": True'),
        (b"a.example", b""), (b'"v"', b'"\x7f"'), (b'"v"', b'"\n"'), (b'"v"', b'"\xc3\xa9"'), (b'"v"', b'"\0"'),
        (b'"v"', b"7"), (b'", "value"', b'" , "value"'), (b'{"name"', b'{ "name"'), (b"},\n    {", b"} ,\n    {"),
    ):  # fmt: skip
        first, last = data.replace(old, new, 1), new.join(data.rsplit(old, 1))
        assert first != data
        assert not agree(first), old
        assert not agree(last), old
