"""Heads as text."""

from __future__ import annotations

import pytest

from reqcli.model.redact import Redactor
from reqcli.render.message import request_head, response_head
from tests.render.answers import answer, asked

REQUEST = asked(
    ("Authorization", "Bearer abcdefgh"),
    ("Cookie", "sid=1; theme=dark"),
    ("Accept", "*/*"),
    ("X-Name", "caf\xc3\xa9"),
    url="https://u:pw@api.example/find?q=1&access_token=abcdefgh#top",
)


def test_a_request_head_is_masked() -> None:
    assert request_head(REQUEST, Redactor.for_request(REQUEST)) == (
        "GET /find?q=1&access_token=•••• HTTP/1.1\nHost: api.example\nAuthorization: Bearer ••••\n"
        "Cookie: sid=••••; theme=••••\nAccept: */*\nX-Name: café\n\n"
    )


def test_a_request_head_can_be_revealed() -> None:
    assert request_head(REQUEST, Redactor.for_request(REQUEST, reveal=True)) == (
        "GET /find?q=1&access_token=abcdefgh HTTP/1.1\nHost: api.example\nAuthorization: Bearer abcdefgh\n"
        "Cookie: sid=1; theme=dark\nAccept: */*\nX-Name: café\n\n"
    )


def test_a_response_head_keeps_order_and_repetition_and_lets_nothing_act() -> None:
    head = answer(
        reason="caf\xc3\xa9 \x1b[2J",
        headers=[("X-A", "1"), ("Set-Cookie", "sid=1; Path=/; HttpOnly"), ("X-A", "\x9b2J"), ("Set-Cookie", "a=b")],
    ).head
    assert response_head(head, Redactor()) == (
        "HTTP/1.1 200 café \\x1b[2J\nContent-Type: application/json\nX-A: 1\n"
        "Set-Cookie: sid=••••; Path=/; HttpOnly\nX-A: \\x9b2J\nSet-Cookie: a=••••\n\n"
    )


def test_a_response_that_repeats_a_secret_of_the_request_is_masked() -> None:
    head = answer(headers=[("X-Echo", "got abcdefgh"), ("Location", "/next?state=abcdefgh")]).head
    text = response_head(head, Redactor.for_request(REQUEST))
    assert "abcdefgh" not in text
    assert "X-Echo: got ••••\n" in text


def test_a_missing_reason_leaves_no_blank() -> None:
    assert response_head(answer(reason="").head, Redactor()).startswith("HTTP/1.1 200\n")


@pytest.mark.parametrize(
    ("status", "style"), [(101, "36"), (204, "1;32"), (302, "1;36"), (404, "1;33"), (503, "1;31"), (999, None)]
)
def test_the_status_is_coloured_by_its_class(status: int, style: str | None) -> None:
    line = response_head(answer(status=status, reason="R").head, Redactor(), colour=True).partition("\n")[0]
    assert line.endswith(f"\x1b[{style}m{status} R\x1b[0m" if style else f" {status} R")


def test_names_are_coloured() -> None:
    assert "\x1b[36mAccept\x1b[0m: */*\n" in request_head(REQUEST, Redactor(), colour=True)
