"""Whether an answer counts as success: the server spoke, but its status may still be a failure."""

from __future__ import annotations

from reqcli.client.redirected import location
from reqcli.client.retry_after import retry_after
from reqcli.errors import HttpClientError, HttpRedirect, HttpServerError, ReqcliError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqcli.model.expect import Expect
    from reqcli.model.response import Response


def status_error(response: Response, *, follow: bool, expect: Expect | None = None) -> ReqcliError | None:
    """The failure that the status means, or None: a redirect that was not followed, 4xx, 5xx.

    Args:
        response: the final one.
        follow: whether redirects were to be followed, so that one left over was refused.
        expect: the statuses that alone are none.
    """
    if expect is None:
        return _error(response, follow=follow) if response.status >= 300 else None
    if response.status in expect:
        return None
    error = _error(response, follow=follow) if response.status >= 300 else None
    if error is None:
        # As for a 404 that was not expected: nothing of the line is wrong, and asking again will not help.
        kind = HttpClientError if response.status < 300 else HttpRedirect
        error = kind(f"{_answered(response)}, and {expect} was expected", hint=f"--expect {response.status} accepts it")
    error.details = {"status": response.status, **error.details, "expected": str(expect)}
    return error


def _answered(response: Response) -> str:
    reason = f" {response.reason}" if response.reason else ""
    return f"{response.url.origin} answered {response.status}{reason}"


def _error(response: Response, *, follow: bool) -> ReqcliError | None:
    """The failure that a status of 300 or more means by itself."""
    status = response.status
    answered = _answered(response)
    details: dict[str, object] = {"status": status}
    if status >= 500:
        return HttpServerError(answered, details=details, retry_after=retry_after(response.head))
    if status == 407:
        return HttpClientError(
            f"a proxy before {answered}",
            hint="give the proxy's user and password with --proxy-auth, or in its URL",
            details=details,
        )
    if status >= 400:
        return HttpClientError(
            answered, details=details, retryable=status in (408, 425, 429), retry_after=retry_after(response.head)
        )
    try:
        target = location(response.head, response.url)
    except ReqcliError as error:
        return error
    if target is None:
        return None
    return HttpRedirect(
        f"{answered} and points to {target}{', without encryption' if follow else ''}",
        hint="--allow-downgrade follows it" if follow else None,
        details={**details, "location": str(target)},
    )
