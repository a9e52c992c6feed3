"""The onion from outside: send → redirected → authenticated → once, and the body decoded on the way back.

Each layer is one file, knows only the next, and gets the world of the run in one object.
"""

from __future__ import annotations

from reqcli.client.decoded import BoundedBody, decoded
from reqcli.client.redirected import redirected
from reqcli.model.fields import is_written_in_utf8
from reqcli.model.response import Response, WholeBody

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from reqcli.client.run import Run
    from reqcli.model.spec import RequestSpec

_new: Final = object.__new__


def send(spec: RequestSpec, run: Run) -> Response:
    """The final response of a call, its body still to be read.

    Raises:
        ReqcliError: there is none.
    """
    if spec.proxies is not None:
        for warning in spec.proxies.no_proxy.warnings:
            run.tell("no_proxy_ignored", warning)
    if spec.headers:
        for name, value in spec.headers:
            if value is not None and is_written_in_utf8(value):
                run.tell(
                    "header_in_utf8", f"the value of header {name} goes out in UTF-8; not every server reads it so"
                )
    response: Any = _new(Response)  # as long as the answer is awaited, this takes no time
    exchange, url, hops = redirected(spec, run)
    try:
        is_coded = spec.decode and exchange.head.plain_length is None
        body = decoded(exchange, run) if is_coded else exchange.body
        limit = run.max_body
        if limit is not None and not (type(body) is WholeBody and len(body.data) <= limit):
            body = BoundedBody(body, limit)
        if run.captures is not None:
            tapped = run.captures.tapped(body, exchange.head)
            is_asked_for = tapped is not body
            body = run.held.until_the_end_of(tapped) if is_asked_for and run.held is not None else tapped
    except BaseException:
        exchange.body.close()
        raise
    response.head = exchange.head
    response.url = url
    response.redirects = hops
    response.interim = exchange.interim
    response._source = body
    response.data = body.data if type(body) is WholeBody else None
    return response  # type: ignore[no-any-return]
