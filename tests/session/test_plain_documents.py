"""Documents of cookies alone, read and written without a parser: as the parser and the encoder would have it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reqcli.errors import SessionCorrupt
from reqcli.model.cookie import Cookie
from reqcli.session import document
from reqcli.session.document import dump, load
from reqcli.session.schema import SessionState, new_state

letters = st.text(st.characters(codec="ascii", exclude_categories=["Cc"], exclude_characters='"\\'), max_size=12)
any_text = st.one_of(
    letters,
    st.text(max_size=6),
    st.sampled_from(['"', "\\", "\x7f", "\n", '", "value": "', '", "expires": null', "},\n    {", "é", "\ud800"]),
)
moments = st.floats(-2e11, 2e11) | st.integers(-10, 2 * 10**9) | st.sampled_from([0.0, -0.0, 1e-7, 123456789012.5])


def cookies(text: st.SearchStrategy[str]) -> st.SearchStrategy[Cookie]:
    return st.builds(
        Cookie,
        text, text, text.map(lambda domain: f"a{domain}"), text.map(lambda path: f"/{path}"),
        host_only=st.booleans(), secure=st.booleans(), http_only=st.booleans(), same_site=text,
        expires=st.none() | moments, created=moments,
    )  # fmt: skip


def states(text: st.SearchStrategy[str]) -> st.SearchStrategy[SessionState]:
    return st.builds(
        lambda rev, created, updated, used, found: new_state("0123456789abcdef" * 2, created).replace(
            rev=rev, updated=updated, used=used, cookies=tuple({cookie.key: cookie for cookie in found}.values())
        ),
        st.integers(0, 10**6), moments, moments, moments, st.lists(cookies(text), max_size=4),
    )  # fmt: skip


@contextmanager
def in_full() -> Iterator[None]:
    """Without the ways of plain documents."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(document, "_plain", lambda data: None)
        patch.setattr(document, "_plain_head", lambda *_: None)
        patch.setattr(document, "_plain_cookie", lambda *_: None)
        yield


def outcome(data: bytes) -> str:
    """What was read, with the kinds of all values; or why not."""
    try:
        state = load(data, "work")
    except SessionCorrupt as error:
        return f"{error} {error.hint}"
    times = (state.rev, state.created, state.updated, state.used)
    return repr((state, times, [[getattr(cookie, name) for name in document._COOKIE] for cookie in state.cookies]))


@given(states(any_text))
def test_a_document_is_written_as_the_encoder_writes_it(state: SessionState) -> None:
    quick = dump(state)
    with in_full():
        assert dump(state) == quick
        expected = outcome(quick)
    assert outcome(quick) == expected
    assert load(quick, "work") == state


PATCHES = [
    b"", b'"', b"\\", b"\\u0041", b"0", b"00", b"-", b".", b"1", b"e5", b"_", b" ", b"\n", b"{", b"}", b",", b"]",
    b"true", b"null", b"NaN", b"\x00", b"\x7f", b"\xc3\xa9", b"\xff", b'", "value": "', b",\n    ", b'"settings": {}, ',
    b'"x": 1, ',
]  # fmt: skip


@given(states(letters), st.data())
def test_a_document_that_was_changed_is_read_as_the_parser_reads_it(state: SessionState, data: st.DataObject) -> None:
    text = dump(state)
    for _ in range(data.draw(st.integers(1, 2))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 8)))
        text = text[:start] + data.draw(st.sampled_from(PATCHES)) + text[end:]
    with in_full():
        expected = outcome(text)
    assert outcome(text) == expected


NUMBERS = [
    "1", "-1", "01", "1.5", "-1.5", "00.5", "0.5", "1.", ".5", "1.50", "1e5", "1.5e5", "1_0.5", " 1.5", "1.5 ", "null",
    "true", '"1.5"', "inf", "nan", "NaN", "Infinity", "1e400", "9" * 400 + ".0", "9" * 5000, "+1.5", "1.5.5", "",
]  # fmt: skip


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("place", ["rev", "created", "updated", "used", "cookie expires", "cookie created"])
def test_a_number_is_one_where_the_parser_takes_it_for_one(place: str, number: str) -> None:
    cookie = Cookie("sid", "v", "a.example", "/", expires=2.5, created=3.5)
    text = dump(new_state("0123456789abcdef" * 2, 1.5).replace(rev=7, used=4.5, cookies=(cookie,))).decode()
    before, name, after = text.partition("\n    {") if place.startswith("cookie") else ("", "", text)
    start, word, rest = after.partition(f'"{place.rpartition(" ")[2]}": ')
    old = rest[: min(rest.index(end) for end in (",", "}") if end in rest)]
    data = f"{before}{name}{start}{word}{number}{rest[len(old) :]}".encode()
    with in_full():
        expected = outcome(data)
    assert outcome(data) == expected


@given(states(letters))
@example(new_state("0123456789abcdef" * 2, 1795296593.9075358))
def test_what_is_usual_needs_no_parser(state: SessionState) -> None:
    def usual(moment: float) -> float:
        return float(abs(moment)) + 1

    state = state.replace(
        created=usual(state.created), updated=usual(state.updated), used=usual(state.used),
        cookies=tuple(
            cookie.replace(
                created=usual(cookie.created), expires=None if cookie.expires is None else usual(cookie.expires)
            )
            for cookie in state.cookies
        ),
    )  # fmt: skip
    assert document._plain(dump(state)) is not None


@pytest.mark.parametrize("moment", [float("inf"), float("-inf"), float("nan")])
def test_what_no_document_may_hold_is_not_written(moment: float) -> None:
    sound, cookie = new_state("0" * 32, 1.0), Cookie("sid", "v", "a.example", "/", expires=1.0, created=1.0)
    unsound = [
        *[sound.replace(**{field: moment}) for field in ("created", "updated", "used")],
        *[sound.replace(cookies=(cookie.replace(**{field: moment}),)) for field in ("created", "expires")],
    ]
    for state in unsound:
        with pytest.raises(ValueError, match="float values"):
            dump(state)
