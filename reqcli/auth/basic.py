"""Basic authentication (RFC 7617): user and password, UTF-8, with every request."""

from __future__ import annotations

from binascii import b2a_base64

from reqcli.auth import Param, Scheme
from reqcli.errors import Usage
from reqcli.model.credential import Credential
from reqcli.model.secret import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from reqcli.auth import AuthFlow, Space
    from reqcli.model.request import Request


class Basic:
    """`Authorization: Basic base64(user:password)`. The password may hold colons, the user may not (§2)."""

    params = (Param("user", "user name"), Param("password", "password", secret=True))
    is_fixed = True

    def from_text(self, text: str) -> Credential:
        user, colon, password = text.partition(":")
        return Credential("basic", {"user": user, "password": Secret(password)} if colon else {"user": user})

    def flow(self, request: Request, credential: Credential, space: Space) -> AuthFlow:
        user, password = credential.reveal("user"), credential.reveal("password")
        if ":" in user:
            raise Usage("a user name with a colon cannot be sent by Basic authentication")
        if any(character < " " or character == "\x7f" for character in user + password):
            raise Usage("user name or password hold a control character, which Basic authentication forbids")
        token = b2a_base64(f"{user}:{password}".encode(errors="surrogateescape"), newline=False)
        yield request.with_header("Authorization", f"Basic {token.decode('ascii')}")


SCHEME: Final[Scheme] = Basic()
