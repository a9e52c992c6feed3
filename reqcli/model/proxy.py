"""Which proxy a request goes through: proxies read from their URLs, one for each scheme, and who is reached without.

The choice is made for every hop of a chain anew, by its URL alone (curl CVE-2026-6253: credentials of one proxy
went to another). A proxy that cannot be understood is an error; a request never goes out directly because of it.
"""

from __future__ import annotations

import re

from reqcli.errors import BadUrl, Usage
from reqcli.model.credential import Credential
from reqcli.model.fields import shown
from reqcli.model.no_proxy import NoProxy
from reqcli.model.route import Proxy
from reqcli.model.secret import Secret
from reqcli.model.url import Url
from reqcli.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

DEFAULT_PORTS: Final = {"http": 80, "https": 443, "socks4": 1080, "socks4a": 1080, "socks5": 1080, "socks5h": 1080}
"""The kinds of proxy, and the port of each where its URL names none."""

_scheme: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://").match
_has_port: Final = re.compile(r":[0-9]+/?\Z").search


def parse_proxy(text: str) -> Proxy:
    """Read a proxy's URL: `http://user:password@proxy.example:3128`, `socks5h://[::1]`, `proxy:3128`.

    Args:
        text: without a scheme it is an http proxy; user and password are percent-decoded.

    Raises:
        Usage: it is malformed, or of an unknown scheme. Nothing of the text but its scheme is in the message.
    """
    match = _scheme(text)
    scheme, rest = (match[1].lower(), text[match.end() :]) if match else ("http", text)
    if scheme not in DEFAULT_PORTS:
        raise Usage(f"{shown(scheme)} is not a kind of proxy", hint=f"one of {', '.join(DEFAULT_PORTS)}")
    try:
        url = Url.parse(f"http://{rest}")
    except BadUrl as error:
        # That message shows what stands after the @, which may be a part of the password if the @ is in it.
        hint = "it looks like http://user:password@host:port, with what is special in the password as %40 and so on"
        if re.match(r"(?:https?|all):[a-z0-9]+://", text):  # as HTTPie has it
            hint = "one proxy is for http and https URLs alike: leave out what stands before its own scheme"
        raise Usage("the URL of the proxy is malformed", hint=hint) from error
    if url.target != "/" or url.fragment is not None:
        raise Usage("the URL of the proxy has a path", hint="what is special in a password stands as %2F and so on")
    if scheme in ("socks4", "socks4a") and url.password is not None:
        raise Usage("a SOCKS4 proxy is told a user and no password", hint="socks5 knows both")
    credential = None
    if url.username is not None:
        credential = Credential("basic", {"user": url.username, "password": url.password or Secret("")})
    port = url.port if _has_port(rest) else DEFAULT_PORTS[scheme]
    return Proxy(scheme, url.host, port, credential=credential)


class Proxies(Value):
    """The proxies of a call.

    Args:
        http: for http URLs, or None to reach them directly.
        https: for https URLs, or None.
        no_proxy: whom to reach directly all the same; see `reqcli.model.no_proxy`.
    """

    __slots__ = ("http", "https", "no_proxy")

    def __init__(
        self, http: Proxy | None = None, https: Proxy | None = None, *, no_proxy: NoProxy | None = None
    ) -> None:
        self.http: Final = http
        self.https: Final = https
        self.no_proxy: Final = no_proxy if no_proxy is not None else NoProxy()

    @classmethod
    def parse(cls, http: str | None = None, https: str | None = None, *, no_proxy: str = "") -> Proxies:
        """The proxies of these URLs.

        Args:
            http: for http URLs, or None.
            https: for https URLs, or None.
            no_proxy: the list of whom to reach directly all the same.

        Raises:
            Usage: one of them is malformed, or of an unknown scheme.
        """
        return cls(
            None if http is None else parse_proxy(http),
            None if https is None else parse_proxy(https),
            no_proxy=NoProxy(no_proxy),
        )

    def choose(self, url: Url) -> Proxy | None:
        """The proxy for this URL, or None to reach it directly."""
        proxy = self.https if url.scheme == "https" else self.http
        return None if proxy is None or self.no_proxy.covers(url.host, url.port) else proxy

    def for_user_of(self, other: Proxies) -> Proxies:
        """The same proxies, told the credential of others."""
        credential = next((proxy.credential for proxy in (other.http, other.https) if proxy is not None), None)
        http, https = (proxy and proxy.replace(credential=credential) for proxy in (self.http, self.https))
        return self.replace(http=http, https=https)

    def secrets(self) -> list[Secret]:
        """What must never be shown of them."""
        credentials = {proxy.credential for proxy in (self.http, self.https) if proxy is not None}
        return [secret for credential in credentials if credential is not None for secret in credential.secrets()]
