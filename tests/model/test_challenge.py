from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqcli.model.challenge import Challenge, parse_challenges


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(['Basic realm="a"'], [("basic", {"realm": "a"})], id="one"),
        pytest.param(["Basic realm=a"], [("basic", {"realm": "a"})], id="unquoted"),
        pytest.param(["Negotiate"], [("negotiate", {})], id="a scheme alone"),
        pytest.param(["Negotiate, Basic realm=x"], [("negotiate", {}), ("basic", {"realm": "x"})], id="two on a line"),
        pytest.param(
            ['Basic realm="r", Digest realm="d", nonce="n", qop="auth,auth-int"'],
            [("basic", {"realm": "r"}), ("digest", {"realm": "d", "nonce": "n", "qop": "auth,auth-int"})],
            id="a comma in quotes",
        ),
        pytest.param(
            ["BASIC Realm=a", "DIGEST NONCE=b"], [("basic", {"realm": "a"}), ("digest", {"nonce": "b"})], id="any case"
        ),
        pytest.param([r'Basic realm="a \"b\" \\ c"'], [("basic", {"realm": r'a "b" \ c'})], id="escapes"),
        pytest.param(["NTLM abc+/==, Basic realm=x"], [("ntlm", {}), ("basic", {"realm": "x"})], id="a token68"),
        pytest.param(
            ['Newauth realm="apps", type=1, title="Login to \\"apps\\"", Basic realm="simple"'],
            [("newauth", {"realm": "apps", "type": "1", "title": 'Login to "apps"'}), ("basic", {"realm": "simple"})],
            id="the example of RFC 9110 §11.6.1",
        ),
        pytest.param(
            ['Digest realm="x",,, nonce="y",'], [("digest", {"realm": "x", "nonce": "y"})], id="empty members"
        ),
        pytest.param(['Digest realm = "x" , nonce = y'], [("digest", {"realm": "x", "nonce": "y"})], id="bad blanks"),
        pytest.param(['Digest realm="a", realm="b"'], [("digest", {"realm": "a"})], id="the first of two counts"),
        pytest.param(['Digest realm="unfinished, nonce=n'], [("digest", {"nonce": "n"})], id="an open quote"),
        pytest.param(["", "  ", ","], [], id="nothing"),
    ],
)
def test_challenges_are_told_apart(lines: list[str], expected: list[tuple[str, dict[str, str]]]) -> None:
    assert parse_challenges(lines) == [Challenge(scheme, params) for scheme, params in expected]


@given(st.lists(st.text(max_size=60), max_size=3))
def test_anything_can_be_read_without_an_error(lines: list[str]) -> None:
    parse_challenges(lines)


@pytest.mark.parametrize("text", [",", "a ", 'a="', "\\", " ", "a=b,", "a b=c "])
def test_a_long_line_is_read_in_linear_time(text: str) -> None:
    """CVE-2020-8492, CVE-2021-3733: what takes quadratic time here would take minutes."""
    started = time.process_time()
    parse_challenges([f"Digest {text * (100_000 // len(text))}"])
    assert time.process_time() - started < 5
