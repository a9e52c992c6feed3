"""Who asks, as a proxy wants to be told: the schemes of `auth` under the names that a proxy has for their fields.

    origin                      proxy (RFC 9110 §11.7)
    401                         407
    WWW-Authenticate            Proxy-Authenticate
    Authorization               Proxy-Authorization
    Authentication-Info         Proxy-Authentication-Info

A scheme is shown the right column as the left one, and what the origin says in the left one it is not shown: a 401
is never answered with a proxy's credential. The field is added here, on the last stretch, so that no layer above
has it in its request and could carry it on to anyone else (CVE-2023-32681, CVE-2026-3784).
"""

from __future__ import annotations

import _thread
from os import urandom

from reqcli.auth import Space, load
from reqcli.errors import Usage
from reqcli.model.credential import Credential
from reqcli.model.headers import Headers
from reqcli.model.response import ResponseHead

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from reqcli.auth import AuthFlow
    from reqcli.model.request import Request

PROXY_AUTH_REQUIRED: Final = 407

_SCHEMES: Final = frozenset({"basic", "bearer", "digest"})
"""Those whose credential is in the one field that a proxy takes out before it sends a request on."""


class ProxyAuth:
    """The credential for one proxy, and what the proxy said of it so far; threads may share it.

    Args:
        credential: a `basic` one is sent at once as Basic; a proxy that turns that down and asks for Digest
            gets its answer, and is spoken to in Digest from then on.

    Raises:
        Usage: a credential of another scheme than basic, digest or bearer.
    """

    __slots__ = ("_credential", "_lock", "_space")

    def __init__(self, credential: Credential) -> None:
        if credential.scheme not in _SCHEMES:
            raise Usage(f"a proxy cannot be given a credential of the scheme {credential.scheme}")
        self._credential = credential
        self._space: Final = Space(lambda: urandom(16).hex())
        self._lock: Final = _thread.allocate_lock()

    def flow(self, request: Request) -> AuthFlow:
        """The request with what the proxy is to be told, and further ones if its answers ask for them.

        Args:
            request: as it goes to the proxy, but for `Proxy-Authorization`.

        Raises:
            Usage: the credential cannot be sent by its scheme.
            InputFailed: the proxy wants a hash of a body that cannot be read twice.
        """
        credential = self._credential
        bare = request.replace(headers=request.headers.without("authorization"))
        inner = load(credential.scheme).flow(bare, credential, self._space)
        message = self._step(inner)
        while message is not None:
            head = yield _as_sent(message, request)
            message = self._step(inner, head)
            if message is None and head.status == PROXY_AUTH_REQUIRED and credential.scheme == "basic":
                credential = Credential("digest", credential.params)
                inner = load("digest").flow(bare, credential, self._space)
                self._step(inner)
                message = self._step(inner, head) if request.can_replay else None
                if message is not None:
                    self._credential = credential

    def _step(self, inner: AuthFlow, head: ResponseHead | None = None) -> Request | None:
        """The scheme's next request, None when it has no more; a nonce is counted by one thread at a time."""
        with self._lock:
            try:
                return next(inner) if head is None else inner.send(_as_origins(head))
            except StopIteration:
                return None


def _as_sent(message: Request, request: Request) -> Request:
    """The scheme's request with its word under the proxy's name, and the origin's own back in its place."""
    told = [("Proxy-Authorization", value) for value in message.headers.get_all("authorization")]
    own = [("Authorization", value) for value in request.headers.get_all("authorization")]
    return message.replace(headers=Headers([*message.headers.without("authorization"), *own, *told]))


def _as_origins(head: ResponseHead) -> ResponseHead:
    """The proxy's answer as a scheme expects an origin's."""
    fields = [("WWW-Authenticate", value) for value in head.headers.get_all("proxy-authenticate")]
    fields += [("Authentication-Info", value) for value in head.headers.get_all("proxy-authentication-info")]
    status = 401 if head.status == PROXY_AUTH_REQUIRED else 200
    return ResponseHead(head.minor_version, status, "", Headers(fields))
