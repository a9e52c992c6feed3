"""A plain request handed to a proxy, which reads it and asks the origin in its own name (RFC 9112 §3.2.2).

The target is the whole URL, without userinfo and fragment; `Host` stays the origin's.
"""

from __future__ import annotations

from reqcli.model.exchange import Exchange
from reqcli.model.url import Url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from reqcli.model.request import Request
    from reqcli.net.proxy_auth import ProxyAuth


def forwarded(request: Request, auth: ProxyAuth | None, send: Callable[[Request], Exchange]) -> Exchange:
    """The exchange with the origin, by way of the proxy; the proxy's own answer when it will have none of it.

    Args:
        request: as the origin is to see it. A `Proxy-Authorization` that the user typed is left alone.
        auth: the credential for the proxy, or None.
        send: one exchange with the proxy.

    Raises:
        ReqcliError: what `send` raises.
        Usage: the credential cannot be sent to a proxy.
    """
    message = _absolute(request)
    if auth is None or "proxy-authorization" in request.headers:
        return send(message)
    flow = auth.flow(message)
    message = next(flow)
    attempts = 0
    while True:
        exchange = send(message)
        attempts += exchange.attempts
        try:
            message = flow.send(exchange.head)
        except StopIteration:
            return Exchange(exchange.head, exchange.body, interim=exchange.interim, attempts=attempts)
        except BaseException:
            exchange.body.close()
            raise
        exchange.body.close()


def _absolute(request: Request) -> Request:
    """The whole URL as the target: the request line and a Digest's `uri` both take it from there (RFC 7616 §3.4)."""
    url = request.url
    target = f"{url.scheme}://{url.authority}{url.target}"
    return request.replace(url=Url(url.scheme, url.host, url.port, target))
