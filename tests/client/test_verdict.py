"""Which answers count as failures."""

from __future__ import annotations

import pytest

from reqcli.client.verdict import status_error
from reqcli.model.expect import Expect
from tests.render.answers import answer


@pytest.mark.parametrize(
    ("status", "expect", "code"),
    [
        (200, None, ""), (204, None, ""), (304, None, ""), (404, None, "http_client_error"),
        (500, None, "http_server_error"), (302, None, "http_redirect"),
        (200, "2xx", ""), (404, "2xx,404", ""), (500, "5xx", ""), (302, "302", ""), (304, "304", ""),
        (200, "404", "http_client_error"), (201, "200", "http_client_error"), (304, "2xx", "http_redirect"),
        (302, "2xx", "http_redirect"), (404, "200", "http_client_error"), (503, "2xx,404", "http_server_error"),
    ],
)  # fmt: skip
def test_a_status_is_a_failure_unless_it_is_expected(status: int, expect: str | None, code: str) -> None:
    headers = [("Location", "/there")] if status == 302 else []
    response = answer(status=status, headers=headers)
    error = status_error(response, follow=False, expect=None if expect is None else Expect.parse(expect))
    assert (error.code if error is not None else "") == code
    if error is not None and expect is not None:
        assert error.details["status"] == status
        assert error.details["expected"] == expect
    if error is not None and status < 300:
        assert "was expected" in error.message
        assert not error.retryable
