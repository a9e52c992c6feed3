"""The curl command that sends the same request: head, body and the way to the server, and what it cannot say.

Read against curl(1) of 7.88 and later. What curl would add of its own (`User-Agent`, `Accept`, the type of a form,
`Expect`) is taken out where the request does not have it; what it would interpret (`@`, `<` and `;type=` in a form,
`[]{}` in a URL, dot segments, a cookie without `=`) is said in the way that is taken literally.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reqcli.interop.shell import command_line, printf, quoted
from reqcli.model.body import BytesBody, FileBody, StreamBody, UnannouncedBody
from reqcli.model.fields import shown
from reqcli.model.redact import is_secret_header
from reqcli.model.request import EXPECTS_BODY
from reqcli.model.route import DEFAULT_TLS
from reqcli.model.spec import MAX_REDIRECTS, RequestSpec
from reqcli.model.timing import DEFAULT_TIMEOUTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from reqcli.model.body import Body
    from reqcli.model.credential import Credential
    from reqcli.model.multipart import Part
    from reqcli.model.redact import Redactor
    from reqcli.model.request import Request
    from reqcli.model.route import Proxy, Route, TlsOptions

ANNOUNCED: Final = 1024 * 1024
"""Bytes from which curl asks with `Expect: 100-continue` before it sends a body."""

STDIN: Final = "standard input"
_FORM: Final = "application/x-www-form-urlencoded"
_OWN: Final = frozenset({"content-length", "transfer-encoding", "authorization", "cookie"})


class CurlCommand:
    """A curl command while it is put together.

    Args:
        request: as it would be sent.
        redactor: masks what is not to be shown.
        is_folder: whether a path leads to a folder.

    Attributes:
        remarks: a sentence on each thing that the command does otherwise.
    """

    def __init__(self, request: Request, redactor: Redactor, is_folder: Callable[[str], bool]) -> None:
        self._request: Final = request
        self._redactor: Final = redactor
        self._is_folder: Final = is_folder
        self._groups: Final[list[list[str]]] = []
        self._input: bytes | None = None
        self.remarks: Final[list[str]] = []

    @property
    def _body(self) -> Body | None:
        """The body, whether its length is announced or not."""
        body = self._request.body
        return body.plain if isinstance(body, UnannouncedBody) else body

    def text(self) -> str:
        """The command, quoted for a POSIX shell."""
        groups = self._groups
        if self._input is not None:
            groups = [[printf(self._input), "|", *groups[0]], *groups[1:]]
        return command_line(groups)

    def say(self, option: str, *values: str) -> None:
        """Add an option with its values."""
        self._groups.append([option, *map(quoted, values)])

    def head(self, *, follow: bool, challenge: Credential | None) -> None:
        """Method, URL, credential, cookies and headers.

        Args:
            follow: whether redirects will be followed.
            challenge: a credential that waits for the server's challenge, or None.
        """
        request, mask = self._request, self._redactor
        url = request.url
        self._groups.append(["curl", quoted(mask.url(f"{url.scheme}://{url.authority}{url.target}"))])
        self._method(follow=follow)
        if any(character in url.authority + url.target for character in "[]{}"):
            self.say("--globoff")
        if "/." in url.path or "%2e" in url.path.lower():
            self.say("--path-as-is")
        self._authorization(challenge)
        cookie = request.headers.get("cookie")
        if cookie is not None:
            if "=" in cookie:
                self.say("-b", mask.header("Cookie", cookie))
            else:
                self._header("Cookie", cookie)
        own_type = None if request.body is None else request.body.content_type
        for name, value in request.headers:
            key = name.lower()
            is_implied = (key == "host" and value == url.authority) or (
                key == "content-type" and value == own_type and self._says_type_itself()
            )
            if key not in _OWN and not is_implied:
                self._header(name, value)
        for name in ("User-Agent", "Accept"):
            if name.lower() not in request.headers:
                self.say("-H", f"{name}:")

    def body(self) -> None:
        """What follows the head."""
        request = self._request
        body = self._body
        if body is None:
            if request.method in EXPECTS_BODY:
                self.say("-d", "")
                self._no_type()
            return
        from reqcli.model.multipart import MultipartBody

        if isinstance(body, MultipartBody):
            for part in body.parts:
                self._part(part)
        else:
            self._data(body)
            if "content-type" not in request.headers:
                self._no_type()
        if request.is_chunked:
            self.say("-H", "Transfer-Encoding: chunked")
        if (body.length is None or request.is_chunked or body.length >= ANNOUNCED) and "expect" not in request.headers:
            self.say("-H", "Expect:")

    def way(self, spec: RequestSpec, route: Route | None, *, follow: bool) -> None:
        """How the server is reached, trusted and waited for.

        Args:
            spec: the call with its settings.
            route: what became of them.
            follow: whether redirects will be followed.
        """
        if follow:
            self._redirects(spec)
        if route is not None and route.tls is not None:
            self._trust(route.tls)
        if route is not None:
            self._dialling(route)
        if route is not None and route.proxy is not None:
            self._proxy(route.proxy)
        if spec.decode and "accept-encoding" in self._request.headers:
            self.say("--compressed")
        timeouts = spec.timeouts or DEFAULT_TIMEOUTS
        if timeouts.connect != DEFAULT_TIMEOUTS.connect:
            self.say("--connect-timeout", f"{timeouts.connect:g}")
        if timeouts.total is not None:
            self.say("--max-time", f"{timeouts.total:g}")
        if timeouts.read != DEFAULT_TIMEOUTS.read:
            self.say("--speed-limit", "1")
            self.say("--speed-time", str(max(round(timeouts.read), 1)))
        if spec.retry is not None and spec.retry.limit:
            self.say("--retry", str(spec.retry.limit))
            if spec.retry.max_time is not None:
                self.say("--retry-max-time", str(round(spec.retry.max_time)))
            self.remarks.append("curl decides by rules of its own what it tries again, and how long it waits")

    def _method(self, *, follow: bool) -> None:
        method, has_body = self._request.method, self._request.body is not None
        if method == "HEAD" and not has_body:
            self.say("-I")
        elif method == "GET" and not has_body:
            return
        elif method != "POST":
            self.say("-X", method)
            if follow:
                self.remarks.append(f"with -X {method}, curl keeps the method where a 303 asks for GET")

    def _authorization(self, challenge: Credential | None) -> None:
        """`-u` for what it can say, the header itself for the rest."""
        values = self._request.headers.get_all("authorization")
        for value in values:
            pair = _basic(value)
            if pair is None:
                self._header("Authorization", value)
            else:
                self._user(*pair)
        if challenge is not None and not values:
            self.say("--digest")
            self._user(challenge.reveal("user"), challenge.reveal("password"))

    def _user(self, user: str, password: str, option: str = "-u") -> None:
        from reqcli.model.secret import MASK

        self.say(option, f"{user}:{password if self._redactor.reveal or not password else MASK}")

    def _header(self, name: str, value: str) -> None:
        value = self._redactor.header(name, value)
        self.say("-H", f"{name}: {value}" if value else f"{name};")

    def _no_type(self) -> None:
        self.say("-H", "Content-Type:")

    def _says_type_itself(self) -> bool:
        """Whether curl gives the body this very type unasked."""
        from reqcli.model.multipart import MultipartBody

        body = self._body
        return isinstance(body, MultipartBody) or (body is not None and body.content_type == _FORM)

    def _data(self, body: Body) -> None:
        if isinstance(body, BytesBody):
            try:
                text = body.data.decode()
            except UnicodeDecodeError:
                text = "\0"
            if "\0" in text or "\r" in text:
                self._input = self._redactor.body_data(body.data, body.content_type or "")
                self.say("--data-binary", "@-")
            else:
                self.say("--data-raw", self._redactor.body(text, body.content_type or ""))
        elif isinstance(body, FileBody | StreamBody):
            self.say("--data-binary", f"@{self._source(body)}")
        else:
            self.remarks.append("curl does not compress a body: give it one that is compressed, on standard input")
            self.say("--data-binary", "@-")

    def _source(self, body: FileBody | StreamBody) -> str:
        if body.name == STDIN:
            self.remarks.append("the command reads the body from its standard input")
            return "-"
        return body.name

    def _part(self, part: Part) -> None:
        body, name = part.body, part.name
        kind = f";type={body.content_type}" if body.content_type is not None else ""
        if "=" in name:
            self.remarks.append(f"curl cannot send a form field whose name holds an equals sign: {shown(name)}")
        if isinstance(body, BytesBody):
            # A NUL has no place in a word; a text part that has one came from a file, under another option.
            text = self._redactor.body(f"{name}={body.data.decode(errors='replace')}", _FORM).partition("=")[2]
            if kind:
                self.say("-F", f'{name}="{_escaped(text)}"{kind}')
            else:
                self.say("--form-string", f"{name}={text}")
        elif isinstance(body, FileBody | StreamBody):
            source = _escaped(self._source(body))
            if part.filename is None:
                self.say("-F", f'{name}=<"{source}"{kind}')
            else:
                self.say("-F", f'{name}=@"{source}"{kind};filename="{_escaped(part.filename)}"')

    def _redirects(self, spec: RequestSpec) -> None:
        self.say("-L")
        self.say("--max-redirs", str(MAX_REDIRECTS if spec.max_redirects is None else spec.max_redirects))
        if self._request.url.scheme == "https" and not spec.allow_downgrade:
            self.say("--proto-redir", "=https")
        secret = [name for name, _ in self._request.headers if is_secret_header(name)]
        if any(name.lower() not in ("authorization", "cookie") for name in secret):
            self.remarks.append(
                f"curl takes header {', '.join(secret)} along to wherever a redirect leads; reqcli does not"
            )

    def _trust(self, tls: TlsOptions) -> None:
        if tls.verify is False:
            self.say("-k")
        elif isinstance(tls.verify, str):
            self.say("--capath" if self._is_folder(tls.verify) else "--cacert", tls.verify)
        if tls.certificate is not None:
            self.say("--cert", tls.certificate.replace("\\", "\\\\").replace(":", "\\:"))
        if tls.key is not None:
            self.say("--key", tls.key)
        if tls.key_password is not None:
            self.say("--pass", tls.key_password.reveal() if self._redactor.reveal else str(tls.key_password))
        if tls.minimum != DEFAULT_TLS.minimum:
            self.say(f"--tlsv{tls.minimum}")
        if tls.pins:
            from reqcli.model.pin import written

            self.say("--pinnedpubkey", ";".join(map(written, tls.pins)))

    def _dialling(self, route: Route) -> None:
        dialling = route.dialling
        addresses: dict[tuple[str, int], list[str]] = {}  # of several --resolve for one place curl takes the last
        for host, port, address in dialling.overrides:
            addresses.setdefault((host, port), []).append(f"[{address}]" if ":" in address else address)
        for (host, port), known in addresses.items():
            self.say("--resolve", f"{f'[{host}]' if ':' in host else host}:{port}:{','.join(known)}")
        if dialling.family:
            self.say(f"-{dialling.family}")
        if dialling.local_address is not None:
            self.say("--interface", dialling.local_address)
        if dialling.unix_socket is not None:
            self.say("--unix-socket", dialling.unix_socket)
        if dialling.only_public:
            self.remarks.append("curl does not refuse private addresses, as the session's policy does")

    def _proxy(self, proxy: Proxy) -> None:
        self.say("--proxy", str(proxy))
        if proxy.credential is not None:
            self._user(proxy.credential.reveal("user"), proxy.credential.reveal("password"), "--proxy-user")
        if proxy.scheme == "https" and proxy.tls.verify is False:
            self.say("--proxy-insecure")
        elif proxy.scheme == "https" and isinstance(proxy.tls.verify, str):
            self.say("--proxy-capath" if self._is_folder(proxy.tls.verify) else "--proxy-cacert", proxy.tls.verify)


def _basic(value: str) -> tuple[str, str] | None:
    """User and password of a Basic credential, if `-u` would make the same of them."""
    from binascii import Error, a2b_base64, b2a_base64

    scheme, _, token = value.partition(" ")
    if scheme != "Basic":
        return None
    try:
        data = a2b_base64(token.encode())
    except (Error, UnicodeEncodeError):
        return None
    user, colon, password = data.decode(errors="surrogateescape").partition(":")
    if not colon or b2a_base64(data, newline=False).decode("ascii") != token or "\0" in user + password:
        return None
    return user, password


def _escaped(text: str) -> str:
    """Text between the quotes of a form option."""
    return text.replace("\\", "\\\\").replace('"', '\\"')
