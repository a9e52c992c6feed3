"""What a response teaches a session: events (Set-Cookie lines) become operations, one by one.

Operations come from what the server said, never from comparing two states: only so can forty runs be merged.
"""

from __future__ import annotations

from reqcli.cookies.receive import Refusal, received_cookie
from reqcli.cookies.scope import is_secure
from reqcli.session.operations import SetCookie

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from reqcli.cookies.jar import Jar
    from reqcli.model.response import ResponseHead
    from reqcli.model.url import Url


def learn(
    head: ResponseHead, url: Url, jar: Jar, now: float, is_public_suffix: Callable[[str], bool]
) -> tuple[list[SetCookie], list[str]]:
    """Put the response's cookies into the run's jar, and say what is to be stored.

    Args:
        head: any response, a redirect's or an interim one's too.
        url: the URL that was asked, which decides whose cookies these are (never a `Host` override).
        jar: the run's own jar; it is changed.
        now: seconds since the epoch.
        is_public_suffix: tells whether a domain is one under which strangers register names.

    Returns:
        What to store, and a sentence on each cookie that was refused.
    """
    operations: list[SetCookie] = []
    refusals: list[str] = []
    secure = is_secure(url)
    for line in head.headers.get_all("set-cookie") if head.cookies is None else head.cookies:
        cookie = received_cookie(line, url, now, is_public_suffix)
        if isinstance(cookie, Refusal):
            refusals.append(cookie.reason)
            continue
        outcome = jar.put(cookie, secure_origin=secure, now=now)
        if isinstance(outcome, str):
            refusals.append(outcome)
        elif outcome:
            operations.append(SetCookie(cookie, secure_origin=secure))
    return operations, refusals
