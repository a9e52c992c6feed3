"""Bearer tokens (RFC 6750): a token with every request."""

from __future__ import annotations

import re

from reqcli.auth import Param, Scheme
from reqcli.errors import Usage
from reqcli.model.credential import Credential
from reqcli.model.secret import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from reqcli.auth import AuthFlow, Space
    from reqcli.model.request import Request

_is_token68: Final = re.compile(r"[A-Za-z0-9\-._~+/]+=*").fullmatch


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


SCHEME: Final[Scheme] = Bearer()
