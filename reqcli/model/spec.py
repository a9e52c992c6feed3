"""What was asked for, before a session bends it into a request: None means «not said»."""

from __future__ import annotations

from reqcli.errors import Usage
from reqcli.model.body import Body, BytesBody, form_body, json_body
from reqcli.model.credential import Credential
from reqcli.model.lately import remembered
from reqcli.model.response import DEFAULT_LIMITS, Limits
from reqcli.model.route import DEFAULT_DIALLING, DEFAULT_TLS, Dialling, TlsOptions
from reqcli.model.secret import Secret
from reqcli.model.timing import Timeouts
from reqcli.model.url import Url
from reqcli.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Final, TypeVar

    from reqcli.model.expect import Expect
    from reqcli.model.pin import Pin
    from reqcli.model.proxy import Proxies
    from reqcli.model.retry import Retry

    V = TypeVar("V")

MAX_REDIRECTS: Final = 20
"""How many redirects are followed where nobody has said."""


class RequestSpec(Value):
    """One call, as the user or the program put it.

    Args:
        method: a token.
        url: absolute; userinfo in it is moved out into `auth`, where there is none yet (RFC 3986 §3.2.1).
        headers: one-off fields in order; a value of None takes the field out, whoever would have set it.
        body: or None.
        auth: a one-off credential, for the URL's origin alone.
        follow: whether to follow redirects.
        max_redirects: how many at most; None for `MAX_REDIRECTS`.
        allow_downgrade: whether a redirect from https to http is followed too.
        timeouts: limits of the run, in seconds.
        tls: how https connections are made.
        pins: the keys that the certificates of their origins must have; checked at every hop to one of those.
        dialling: how addresses are found.
        decode: whether content codings are taken off the response's body.
        check_status: whether a status of 400 and more, or a redirect that is not followed, is a failure, as it is if
            nothing is said.
        expect: the statuses that are none, and any other is; None for that rule.
        retry: whether and how failed attempts are made again.
        max_body: bytes of decoded response body to accept, or None for no limit.
        inspect: whether to note what the connection was like; the result then has a `peer`.
        limits: how much of everything but the body a response may have.
        proxies: whom to ask to reach which URLs; chosen from for every hop. None to reach them all directly.
    """

    __slots__ = (
        "allow_downgrade", "auth", "body", "check_status", "decode", "dialling", "expect", "follow", "headers",
        "inspect", "limits", "max_body", "max_redirects", "method", "pins", "proxies", "retry", "timeouts", "tls",
        "url",
    )  # fmt: skip

    def __init__(
        self,
        method: str,
        url: Url,
        headers: tuple[tuple[str, str | None], ...] = (),
        body: Body | None = None,
        auth: Credential | None = None,
        *,
        follow: bool | None = None,
        max_redirects: int | None = None,
        allow_downgrade: bool = False,
        timeouts: Timeouts | None = None,
        tls: TlsOptions | None = None,
        dialling: Dialling = DEFAULT_DIALLING,
        check_status: bool | None = None,
        expect: Expect | None = None,
        max_body: int | None = None,
        retry: Retry | None = None,
        inspect: bool = False,
        proxies: Proxies | None = None,
        pins: tuple[Pin, ...] = (),
        limits: Limits = DEFAULT_LIMITS,
        decode: bool = True,
    ) -> None:
        if url.username is not None:
            if auth is None:
                auth = Credential("basic", {"user": url.username, "password": url.password or Secret("")})
            url = url.without_userinfo()
        self.method: Final = method
        self.url: Final = url
        self.headers: Final = headers
        self.body: Final = body
        self.auth: Final = auth
        self.follow: Final = follow
        self.max_redirects: Final = max_redirects
        self.allow_downgrade: Final = allow_downgrade
        self.timeouts: Final = timeouts
        self.tls: Final = tls
        self.dialling: Final = dialling
        self.check_status: Final = check_status
        self.expect: Final = expect
        self.max_body: Final = max_body
        self.retry: Final = retry
        self.inspect: Final = inspect
        self.proxies: Final = proxies
        self.pins: Final = pins
        self.limits: Final = limits
        self.decode: Final = decode

    def at(self, url: Url, said: Mapping[str, Any]) -> RequestSpec:
        """The same call for another URL, one without userinfo; `replace`, where it has to be quick.

        Args:
            url: where to.
            said: what else is different, by the names of the fields.
        """
        spec: Any = object.__new__(RequestSpec)
        spec.method = self.method
        spec.url = url
        spec.headers = self.headers
        spec.body = self.body
        spec.auth = self.auth
        spec.follow = self.follow
        spec.max_redirects = self.max_redirects
        spec.allow_downgrade = self.allow_downgrade
        spec.timeouts = self.timeouts
        spec.tls = self.tls
        spec.dialling = self.dialling
        spec.check_status = self.check_status
        spec.expect = self.expect
        spec.max_body = self.max_body
        spec.retry = self.retry
        spec.inspect = self.inspect
        spec.proxies = self.proxies
        spec.pins = self.pins
        spec.limits = self.limits
        spec.decode = self.decode
        for name, value in said.items():
            setattr(spec, name, value)
        return spec  # type: ignore[no-any-return]


def spec_for(
    method: str,
    url: str | Url,
    *,
    headers: Mapping[str, str | None] | Sequence[tuple[str, str | None]] = (),
    params: Mapping[str, str] | Sequence[tuple[str, str]] = (),
    json: Any = None,
    data: Body | bytes | str | Mapping[str, str] | None = None,
    auth: Credential | tuple[str, str] | None = None,
    verify: bool | str | None = None,
    proxy: str | None = None,
    pin: str | Sequence[str] = (),
    expect: str | Expect | None = None,
    **rest: Any,
) -> RequestSpec:
    """A spec from what a program has at hand.

    Args:
        method: a token.
        url: absolute, as text or parsed.
        headers: one-off fields; None takes a field out.
        params: appended to the query, percent-encoded.
        json: a value to send as JSON; None means no such body (`data=b"null"` sends a null).
        data: a body: bytes or text as they are, a mapping as a form, or a `Body`.
        auth: a one-off credential, or (user, password) for Basic.
        verify: what https trusts: True the system's store, False anything, or the path of a PEM file or directory.
        proxy: the URL of the proxy for this call and its redirects; `proxies` has more to choose from.
        pin: `sha256//BASE64`, one or several (in one text, with semicolons between): the keys that the URL's origin may
            have; `pins` has them for other origins too.
        expect: the statuses that count as success, like `2xx,404`.
        rest: further fields of `RequestSpec` by their names.

    Raises:
        BadUrl: the URL is malformed.
        Usage: two bodies are given, or the proxy's URL, a pin or the list of statuses is malformed.
        TypeError: an option is not known, or a JSON value is no JSON.
    """
    target = Url.parse(url) if isinstance(url, str) else url
    if params:
        target = target.with_query(_pairs(params))
    if json is not None and data is not None:
        raise Usage("a request has one body: give json or data")
    if isinstance(auth, tuple):
        auth = Credential("basic", {"user": auth[0], "password": Secret(auth[1])})
    if verify is not None:
        rest["tls"] = _trusting(verify) if "tls" not in rest else rest["tls"].replace(verify=verify)
    if proxy is not None:
        from reqcli.model.proxy import Proxies

        rest["proxies"] = Proxies.parse(proxy, proxy)
    if pin:
        from reqcli.model.pin import parse_pins

        rest["pins"] = (*rest.get("pins", ()), *parse_pins(pin, target.origin))
    if isinstance(expect, str):
        from reqcli.model.expect import Expect

        expect = Expect.parse(expect)
    if expect is not None:
        rest["expect"] = expect
    body = json_body(json) if json is not None else None if data is None else _body(data)
    fields = tuple(_pairs(headers)) if headers else ()
    if not rest:  # as it mostly is
        return RequestSpec(method, target, fields, body, auth)
    return RequestSpec(method, target, fields, body, auth, **rest)


def _tls_with(verify: bool | str) -> TlsOptions:
    return DEFAULT_TLS.replace(verify=verify)


_trusting: Final = remembered(16, _tls_with)
"""The usual options with this trust: the very same ones each time, so that they are quickly seen to be equal."""


def _body(data: Body | bytes | str | Mapping[str, str]) -> Body:
    if isinstance(data, Body):
        return data
    if isinstance(data, str):
        return BytesBody(data.encode())
    if isinstance(data, bytes):
        return BytesBody(data)
    from collections.abc import Mapping  # a start with none but these need not load it

    return form_body(_pairs(data)) if isinstance(data, Mapping) else BytesBody(data)


def _pairs(fields: Mapping[str, V] | Sequence[tuple[str, V]]) -> Sequence[tuple[str, V]]:
    if isinstance(fields, tuple | list):
        return fields
    if not isinstance(fields, dict):
        from collections.abc import Mapping

        if not isinstance(fields, Mapping):
            return fields
    return tuple(fields.items())
