"""API keys: one value under a name that the service chose, in a header or in the query."""

from __future__ import annotations

from reqcli.auth import Param, Scheme
from reqcli.errors import Usage
from reqcli.model.credential import Credential
from reqcli.model.secret import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from reqcli.auth import AuthFlow, Space
    from reqcli.model.request import Request

QUERY: Final = "?"
"""What a name begins with when the key goes into the query and not into a header."""


class ApiKey:
    """`Name:key` sends the header `Name: key`; `?name:key` adds `name=key` to the query."""

    params = (Param("name", "header name, or ?name for the query"), Param("key", "key", secret=True))
    is_fixed = True

    def from_text(self, text: str) -> Credential:
        name, colon, key = text.partition(":")
        return Credential("apikey", {"name": name, "key": Secret(key)} if colon else {"name": name})

    def flow(self, request: Request, credential: Credential, space: Space) -> AuthFlow:
        name, key = credential.reveal("name"), credential.reveal("key")
        if name in ("", QUERY):
            raise Usage("the API key has no name", hint="give it as Header-Name:KEY or ?parameter:KEY")
        if not name.startswith(QUERY):
            yield request.with_header(name, key)
            return
        # The constructor would frame the body anew; only the target differs.
        yield request.replace(url=request.url.with_query([(name[1:], key)]))


SCHEME: Final[Scheme] = ApiKey()
