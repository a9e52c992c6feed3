"""Bearer tokens (RFC 6750): a token with every request."""

from __future__ import annotations

from reqcli.auth import Param, Scheme
from reqcli.errors import Usage
from reqcli.model.credential import Credential
from reqcli.model.fields import UNRESERVED
from reqcli.model.secret import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from reqcli.auth import AuthFlow, Space
    from reqcli.model.request import Request

_TOKEN68: Final = UNRESERVED | frozenset("+/")


class Bearer:
    """`Authorization: Bearer token`; the token has the syntax of §2.1, so that a mangled one is noticed here."""

    params = (Param("token", "token", secret=True),)
    is_fixed = True

    def from_text(self, text: str) -> Credential:
        return Credential("bearer", {"token": Secret(text)})

    def flow(self, request: Request, credential: Credential, space: Space) -> AuthFlow:
        token = credential.reveal("token")
        if not _is_token68(token):
            raise Usage(
                "the bearer token holds a character that tokens cannot have",
                hint="look for blanks, quotes or a line break that came with it",
            )
        yield request.with_header("Authorization", f"Bearer {token}")


def _is_token68(text: str) -> bool:
    """Whether the text is a `token68` (RFC 9110 §11.2)."""
    core = text.rstrip("=")
    return core != "" and _TOKEN68.issuperset(core)


SCHEME: Final[Scheme] = Bearer()
