"""What a command's output means."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reqcli.errors import SecretUnavailable
from reqcli.vault.answer import understood

NOW = 1_700_000_000.0


def told(text: str | bytes) -> tuple[str, float | None]:
    answer = understood(text if isinstance(text, bytes) else text.encode(), NOW)
    return answer.value.reveal(), None if answer.until is None else answer.until - NOW


def rfc3339(seconds: float) -> str:
    return datetime.fromtimestamp(NOW + seconds, UTC).isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("output", "token", "life"),
    [
        pytest.param("t0ken\n", "t0ken", None, id="a bare token"),
        pytest.param("t0ken\r\n", "t0ken", None, id="with CRLF"),
        pytest.param(" pass word ", " pass word ", None, id="blanks belong to a password"),
        pytest.param("{not json", "{not json", None, id="a password that begins like JSON"),
        pytest.param("[1]", "[1]", None, id="JSON that is no object"),
        pytest.param('{"token": "t"}', "t", None, id="JSON"),
        pytest.param('{\n  "token": "t"\n}\n', "t", None, id="JSON on several lines"),
        pytest.param('{"access_token": "a", "id_token": "i"}', "a", None, id="the access token before the id token"),
        pytest.param('{"id_token": "i"}', "i", None, id="an id token alone"),
        pytest.param('{"access_token": "t", "expires_in": 3600}', "t", 3570, id="OAuth, the margin taken off"),
        pytest.param('{"access_token": "t", "expires_in": "100"}', "t", 90, id="a tenth at most is taken off"),
        pytest.param('{"token": "t", "expires_at": 1700003600}', "t", 3570, id="seconds since the epoch"),
        pytest.param('{"token": "t", "expiry": 1700003600000}', "t", 3570, id="milliseconds"),
        pytest.param(f'{{"token": "t", "expiry": "{rfc3339(3600)}"}}', "t", 3570, id="RFC 3339"),
        pytest.param(
            f'{{"accessToken": "t", "expiresOn": "2023-11-14 23:13:20", "expires_on": {NOW + 600}}}', "t", 570, id="az"
        ),
        pytest.param('{"token": "t", "expiresOn": "2023-11-14 23:13:20"}', "t", None, id="a time without a zone"),
        pytest.param('{"token": "t", "expiry": "soon"}', "t", None, id="an expiry that says nothing"),
        pytest.param('{"token": "t", "expires_in": true}', "t", None, id="an expiry that is no time"),
        pytest.param('{"token": "t", "expires_in": 0}', "t", 0, id="expired already"),
        pytest.param('{"token": "t", "expiry": 5}', "t", 5 - NOW, id="expired long ago"),
        pytest.param('{"token": "t", "expires_in": 3600, "expires_at": 1700000100}', "t", 90, id="the earliest of two"),
        pytest.param(
            f'{{"kind": "ExecCredential", "status": {{"token": "t", "expirationTimestamp": "{rfc3339(100)}"}}}}',
            "t",
            90,
            id="a credential plugin of Kubernetes",
        ),
    ],
)
def test_what_a_command_says(output: str, token: str, life: float | None) -> None:
    found, until = told(output)
    assert found == token
    assert until == (None if life is None else pytest.approx(life))


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        pytest.param(b"", "nothing", id="nothing"),
        pytest.param(b"\n \n", "nothing", id="blanks"),
        pytest.param(b"hunter2\nhunter3\n", "several lines", id="two lines"),
        pytest.param(b"hunter2\rhunter3", "several lines", id="a line break of old"),
        pytest.param(b"\xff\xfehunter2", "not UTF-8", id="no text"),
        pytest.param(b'{"secret": "hunter2"}', "without a token", id="JSON without a token"),
        pytest.param(b'{"token": ""}', "without a token", id="an empty token"),
        pytest.param(b'{"token": 5}', "without a token", id="a token that is no text"),
        pytest.param(b'{"status": {"hunter2": 1}}', "without a token", id="a plugin without one"),
    ],
)
def test_what_is_no_answer_is_refused_and_not_repeated(output: bytes, reason: str) -> None:
    with pytest.raises(SecretUnavailable, match=reason) as caught:
        understood(output, NOW)
    assert "hunter" not in f"{caught.value.message}{caught.value.hint}"


@given(st.binary(max_size=60) | st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.dictionaries(
        st.sampled_from(["token", "status", "expires_in", "expiry", "Expires_At", "exp", "access_token"]), inner
    ),
    max_leaves=8,
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_any_output_is_an_answer_or_refused(output: bytes) -> None:
    try:
        answer = understood(output, NOW)
    except SecretUnavailable:
        return
    assert answer.value
    assert answer.until is None or -2e9 < answer.until < 2e15
