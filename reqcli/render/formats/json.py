"""The envelope: one JSON object that says everything about a run, the same shape for success and for failure.

Its shape is `envelope.schema.json` beside this file. It is always valid and always one line, whatever the server sent:
a JSON body is put in as the text it is, so its numbers are exact, but only if every usual reader can take it; else it
is given as text, and as base64 if it is no text either.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from reqcli.errors import StatusError
from reqcli.model.redact import Redactor, is_shown_whole
from reqcli.model.result import Notice
from reqcli.render.body import decoded
from reqcli.render.escape import escape_json, field_text
from reqcli.render.excerpt import bytes_beginning, text_beginning
from reqcli.render.formats import Format, SavedBody
from reqcli.render.json_text import compact, dump, dump_object, is_portable, quote, with_strings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reqcli.errors import ReqcliError
    from reqcli.model.headers import Headers
    from reqcli.model.request import Request
    from reqcli.model.response import Response
    from reqcli.model.result import Result, SessionReport
    from reqcli.model.timing import Stopwatch
    from reqcli.model.url import Url

VERSION: Final = 1


def envelope(
    result: Result, redactor: Redactor | None = None, *, saved: SavedBody | None = None, limit: int | None = None
) -> bytes:
    """The result as one line of JSON, its line break included.

    Args:
        result: with its body read already, or saved.
        redactor: what to mask; without one, what the request itself carries is.
        saved: what became of a body that is not in the response.
        limit: bytes of the body to show at most; None for all of them.
    """
    mask = redactor if redactor is not None else Redactor.for_request(result.request)
    warnings = list(result.warnings)
    request, error, session, watch = result.request, result.error, result.session, result.watch
    asked = "null" if request is None else _url(request.url, mask)
    response = "null"
    if result.response is not None:
        final = result.response.url
        url = asked if request is not None and final is request.url else _url(final, mask)
        response, notices = _response(result.response, url, mask, saved, limit, is_complete=_has_whole_body(result))
        warnings.extend(notices)
    text = (
        f'{{"v":{VERSION},"ok":{"true" if error is None else "false"},"exit_code":{result.exit_status}'
        f',"request":{"null" if request is None else _request(request, asked, result, mask)}'
        f',"response":{response}'
        f',"error":{"null" if error is None else _error(error, mask)}'
        f',"session":{"null" if session is None else _session(session)}'
        f',"timing":{"null" if watch is None else _timing(watch)}'
        f',"warnings":{_warnings(warnings, mask) if warnings else "[]"}}}\n'
    )
    return escape_json(text).encode()


FORMAT: Final[Format] = envelope


def _warnings(warnings: Sequence[Notice], mask: Redactor) -> str:
    return dump([{"code": said.code, "message": mask.text(said.message)} for said in warnings])


def _url(url: Url, mask: Redactor) -> str:
    return quote(mask.url(str(url)))


def _request(request: Request, url: str, result: Result, mask: Redactor) -> str:
    size = 0 if request.body is None else request.body.length
    return (
        f'{{"method":{quote(request.method)},"url":{url}'
        f',"headers":{_headers(request.headers, mask)},"body_bytes":{"null" if size is None else size}'
        f',"attempts":{result.attempts},"sent":{quote(result.sent)}}}'
    )


def _response(
    response: Response, url: str, mask: Redactor, saved: SavedBody | None, limit: int | None, *, is_complete: bool
) -> tuple[str, list[Notice]]:
    """The response as JSON text, and what is to be said about its body."""
    head, media_type = response.head, response.media_type
    body, problem, notices = _body(response, media_type, mask, saved, limit, is_complete=is_complete)
    reason = mask.text(field_text(head.reason))
    hops = [{"status": hop.status, "url": mask.url(str(hop.url))} for hop in response.redirects]
    text = (
        f'{{"status":{head.status},"reason":{quote(reason) if reason else "null"}'
        f',"http_version":"{response.http_version}","url":{url}'
        f',"headers":{_headers(head.headers, mask)},"body":{body}'
        f',"redirects":{dump(hops) if hops else "[]"},"problem":{problem}}}'
    )
    return text, notices


def _headers(headers: Headers, mask: Redactor) -> str:
    fields = headers.items()
    if mask.has_values:  # one look at all is quicker than one at each, and mostly there is nothing to be found
        plain = "\0".join([f"{name}\0{value}" for name, value in fields if _label(name)])
        if mask.text(plain) != plain:
            return f"[{','.join([_pair(name, value, mask) for name, value in fields])}]"
    pairs = [
        f"{start}{quote(value)}]" if (start := _label(name)) and value.isascii() else _pair(name, value, mask)
        for name, value in fields
    ]
    return f"[{','.join(pairs)}]"


@lru_cache(256)
def _label(name: str) -> str | None:
    """How a field begins in the list, if nothing in its value is masked for its name; None if something may be."""
    return f"[{quote(name)}," if is_shown_whole(name) else None


def _pair(name: str, value: str, mask: Redactor) -> str:
    return f"[{quote(mask.text(name))},{quote(mask.header(name, field_text(value)))}]"


def _has_whole_body(result: Result) -> bool:
    """A response beside an error that is no verdict on its status is one whose body broke."""
    return result.error is None or isinstance(result.error, StatusError)


def _body(
    response: Response,
    media_type: str,
    mask: Redactor,
    saved: SavedBody | None,
    limit: int | None,
    *,
    is_complete: bool,
) -> tuple[str, str, list[Notice]]:
    """The body as JSON text, the problem that it may be (RFC 9457) as well, and what is to be said about it."""
    notices: list[Notice] = []
    start = response.content if saved is None else saved.start
    size = len(response.content) if saved is None else saved.size
    is_cut = start is not None and limit is not None and len(start) > limit
    value: str | None = None
    shown_bytes: int | None = None
    if start is None:
        kind = "file" if saved is not None and saved.path is not None else "omitted"
    elif limit is not None and len(start) > limit:
        kind, value, shown_bytes = _beginning(start, response, limit, mask)
    else:
        kind, shown = _content(start, response.charset, media_type, mask)
        # Most bodies hold no secret, and one look at the whole is quicker than one at each string.
        may_hold_secret = kind in ("json", "text") and mask.text(shown) != shown
        masked = with_strings(shown, mask.text) if may_hold_secret else shown
        value = None if kind == "none" else masked
        if masked != shown:
            notices.append(Notice("body_masked", "the body repeats a secret of the request, which is masked here"))
    told = "" if value is None else f',"value":{value}'
    if shown_bytes is not None:
        told += f',"shown_bytes":{shown_bytes}'
    if saved is not None and saved.path is not None:
        told += f',"path":{dump(saved.path)}'
    if saved is not None and saved.sha256 is not None:
        told += f',"sha256":{dump(saved.sha256)}'
    text = (
        f'{{"kind":"{kind}"{told},"bytes":{"null" if size is None else size}'
        f',"truncated":{"true" if is_cut else "false"},"complete":{"true" if is_complete else "false"}'
        f',"media_type":{quote(field_text(media_type)) if media_type else "null"}}}'
    )
    if media_type == "application/problem+json" and kind == "json" and value is not None and value[0] == "{":
        return text, value, notices
    return text, "null", notices


def _beginning(start: bytes, response: Response, limit: int, mask: Redactor) -> tuple[str, str | None, int]:
    """Kind, value and size of the beginning of a longer body: it is text, for a part of a JSON text is none."""
    if limit == 0:
        return "omitted", None, 0
    text = text_beginning(start, response.charset, limit, mask)
    if text is not None:
        return "text", dump(text[0]), text[1]
    data, size = bytes_beginning(start, limit, mask)
    return "base64", _base64(data), size


def _content(content: bytes, charset: str, media_type: str, mask: Redactor) -> tuple[str, str]:
    """The kind of a body, and the body as JSON text."""
    if not content:
        return "none", "null"
    text = decoded(content, charset)
    if text is None or "\0" in text:
        return "base64", _base64(mask.data(content))
    if media_type.endswith("json"):
        bare = text.removeprefix("\ufeff")
        if is_portable(bare):
            return "json", escape_json(compact(bare))
    return "text", dump(text)


def _base64(data: bytes) -> str:
    from binascii import b2a_base64

    return dump(b2a_base64(data, newline=False).decode("ascii"))


def _error(error: ReqcliError, mask: Redactor) -> str:
    return dump_object(
        (
            ("code", dump(error.code)),
            ("message", dump(mask.text(error.message))),
            ("phase", dump(error.phase)),
            ("retryable", dump(error.retryable)),
            ("retry_after_ms", dump(None if error.retry_after is None else round(error.retry_after * 1000))),
            ("hint", dump(None if error.hint is None else mask.text(error.hint))),
            ("details", with_strings(dump(error.details), mask.text)),
        )
    )


def _session(report: SessionReport) -> str:
    changed = [
        {"op": change.op, "kind": change.kind, "name": change.name}
        | ({"origin": change.origin} if change.origin else {})
        | {"expires": None if change.expires is None else int(change.expires)}
        for change in report.changed
    ]
    return dump_object(
        (
            ("name", dump(report.name)),
            ("store", quote(report.store)),
            ("rev", dump(report.rev)),
            ("changed", dump(changed) if changed else "[]"),
            ("saved", dump(report.saved)),
            ("context", dump(report.context)),
        )
    )


def _timing(watch: Stopwatch) -> str:
    steps = (watch.dns, watch.connect, watch.tls, watch.send, watch.wait, watch.receive)
    dns, connect, tls, send, wait, receive = ["null" if step is None else f"{step * 1000:.3f}" for step in steps]
    return (
        f'{{"total_ms":{watch.total * 1000:.3f},"dns_ms":{dns},"connect_ms":{connect},"tls_ms":{tls}'
        f',"send_ms":{send},"wait_ms":{wait},"receive_ms":{receive},"reused":{"true" if watch.reused else "false"}}}'
    )
