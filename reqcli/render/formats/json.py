"""The envelope: one JSON object that says everything about a run, the same shape for success and for failure.

Its shape is `envelope.schema.json` beside this file. It is always valid and always one line, whatever the server sent:
a JSON body is put in as the text it is, so its numbers are exact, but only if every usual reader can take it; else it
is given as text, and as base64 if it is no text either.
"""

from __future__ import annotations

from reqcli.errors import StatusError
from reqcli.model.lately import remembered
from reqcli.model.redact import BY_NAME, Redactor, is_shown_whole
from reqcli.model.response import charset_of, media_type_of
from reqcli.model.result import Notice
from reqcli.render.body import decoded
from reqcli.render.escape import escape_json, field_text
from reqcli.render.excerpt import bytes_beginning, text_beginning
from reqcli.render.formats import Format, SavedBody
from reqcli.render.json_text import BLANKS, dump, dump_object, in_one_line, is_portable, quote, with_strings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from reqcli.errors import ReqcliError
    from reqcli.model.headers import Headers
    from reqcli.model.request import Request
    from reqcli.model.response import Response
    from reqcli.model.result import Result, SessionReport
    from reqcli.model.timing import Stopwatch

VERSION: Final = 1

_Kind = tuple[str, str, str]
"""Media type and charset of a body, and the media type as JSON text."""


def _kind(content_type: str | None, mask: Redactor = BY_NAME) -> _Kind:
    shown = "" if content_type is None else media_type_of(mask.text(field_text(content_type)))
    return media_type_of(content_type), charset_of(content_type), quote(shown) if shown else "null"


_NO_KIND: Final = _kind(None)


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
    text = escape_json(_written(result, mask if mask.is_by_name else BY_NAME, mask, saved, limit))
    if mask.may_be_in(text):  # one look at the whole is quicker than one at each part, and mostly nothing is found
        text = escape_json(_written(result, mask, mask, saved, limit))
    return text.encode()


FORMAT: Final[Format] = envelope


def _written(result: Result, shown: Redactor, mask: Redactor, saved: SavedBody | None, limit: int | None) -> str:
    """The envelope, not yet safe for a terminal.

    Args:
        result: see `envelope`.
        shown: masks what stands in it as it is.
        mask: masks what is cut or encoded before it stands there.
        saved: see `envelope`.
        limit: see `envelope`.
    """
    request, error, session, watch = result.request, result.error, result.session, result.watch
    warnings: Sequence[Notice] = result.warnings
    asked = "null" if request is None else quote(shown.url(str(request.url)))
    response = "null"
    if result.response is not None:
        final = result.response.url
        url = asked if request is not None and final is request.url else quote(shown.url(str(final)))
        # A response beside an error that is no verdict on its status is one whose body broke.
        is_complete = error is None or isinstance(error, StatusError)
        response, notices = _response(result.response, url, shown, mask, saved, limit, is_complete=is_complete)
        if notices:
            warnings = [*warnings, *notices]
    ok, status = ("true", 0) if error is None else ("false", error.exit_status)
    return (
        f'{{"v":{VERSION},"ok":{ok},"exit_code":{status}'
        f',"request":{"null" if request is None else _request(request, asked, result, shown, mask)}'
        f',"response":{response}'
        f',"error":{"null" if error is None else _error(error, shown)}'
        f',"session":{"null" if session is None else _session(session)}'
        f',"timing":{"null" if watch is None else _timing(watch)}'
        f',"warnings":{_warnings(warnings, shown) if warnings else "[]"}}}\n'
    )


def _warnings(warnings: Sequence[Notice], mask: Redactor) -> str:
    return dump([{"code": said.code, "message": mask.url(said.message)} for said in warnings])


def _request(request: Request, url: str, result: Result, shown: Redactor, mask: Redactor) -> str:
    body, kept = request.body, mask.kept
    if kept is not None and kept[0] is request.headers and shown.is_by_name:
        headers = kept[1]
    else:
        headers, _ = _headers(request.headers, shown)
        if shown.is_by_name:  # the next request of a session mostly has the very same ones
            mask.kept = request.headers, headers
    size = 0 if body is None else body.length
    return (
        f'{{"method":"{request.method}","url":{url}'
        f',"headers":{headers},"body_bytes":{"null" if size is None else size}'
        f',"attempts":{result.attempts},"sent":"{result.sent}"}}'
    )


def _response(
    response: Response,
    url: str,
    shown: Redactor,
    mask: Redactor,
    saved: SavedBody | None,
    limit: int | None,
    *,
    is_complete: bool,
) -> tuple[str, Sequence[Notice]]:
    """The response as JSON text, and what is to be said about its body."""
    head = response.head
    headers, kind = _headers(head.headers, shown)
    body, problem, notices = _body(response, kind, shown, mask, saved, limit, is_complete=is_complete)
    reason = '"OK"'
    if head.reason != "OK":
        reason = quote(shown.text(field_text(head.reason))) if head.reason else "null"
    redirects = "[]"
    if response.redirects:
        redirects = dump([{"status": hop.status, "url": shown.url(str(hop.url))} for hop in response.redirects])
    text = (
        f'{{"status":{head.status},"reason":{reason}'
        f',"http_version":"1.{head.minor_version}","url":{url}'
        f',"headers":{headers},"body":{body}'
        f',"redirects":{redirects},"problem":{problem}}}'
    )
    return text, notices


_Field = tuple[str, _Kind | None]
"""A field as JSON text, and what it says if it is a Content-Type."""

_met: Final[dict[str, _Field]] = {}
"""Lines of heads that were met, if nothing in their values is masked for their names: from answer to answer most are
the same."""

_MOST_MET: Final = 512

_LONGEST_MET: Final = 256


def _headers(headers: Headers, mask: Redactor) -> tuple[str, _Kind]:
    """The fields as a list, and what the first Content-Type of them says.

    Args:
        headers: of a request or an answer.
        mask: by name alone, if the list is to be looked through as a whole.
    """
    lines = headers.lines() if mask.is_by_name else None
    if lines is None:
        pairs = [
            f"{start}{quote(value)}]"
            if mask.is_by_name and value.isascii() and (start := _beginning_of(name))
            else _pair(name, value, mask)
            for name, value in headers.items()
        ]
        return f"[{','.join(pairs)}]", _kind(headers.get("content-type"), mask)
    first, met, written = _NO_KIND, _met, []
    for line in lines:
        text, kind = met.get(line) or _field(line, mask)
        written.append(text)
        if kind is not None and first is _NO_KIND:
            first = kind
    return f"[{','.join(written)}]", first


def _field(line: str, mask: Redactor) -> _Field:
    """A line of a head, not met before."""
    name, _, value = line.partition(":")
    value = value.strip(" \t")
    start = _beginning_of(name)
    if start is None:
        return _pair(name, value, mask), None
    text = f"{start}{quote(value if value.isascii() else field_text(value))}]"
    field = text, _kind(value) if len(name) == 12 and name.lower() == "content-type" else None
    if len(line) <= _LONGEST_MET:
        if len(_met) >= _MOST_MET:
            _met.clear()
        _met[line] = field
    return field


def _opened(name: str) -> str | None:
    return f"[{quote(name)}," if is_shown_whole(name) else None


_beginning_of: Final = remembered(256, _opened)
"""How a field begins in the list, if nothing in its value is masked for its name; None if something may be."""


def _pair(name: str, value: str, mask: Redactor) -> str:
    return f"[{quote(mask.text(name))},{quote(mask.header(name, field_text(value)))}]"


def _body(
    response: Response,
    said: _Kind,
    shown: Redactor,
    mask: Redactor,
    saved: SavedBody | None,
    limit: int | None,
    *,
    is_complete: bool,
) -> tuple[str, str, Sequence[Notice]]:
    """The body as JSON text, the problem that it may be (RFC 9457) as well, and what is to be said about it."""
    media_type, charset, written_type = said
    notices: Sequence[Notice] = ()
    if saved is None:
        start: bytes | None = response.read() if response.data is None else response.data
        size: int | None = len(start)  # type: ignore[arg-type]
        told = ""
    else:
        start, size = saved.start, saved.size
        told = "" if saved.path is None else f',"path":{dump(saved.path)}'
        told += "" if saved.sha256 is None else f',"sha256":{dump(saved.sha256)}'
    is_cut = False
    value: str | None = None
    if start is None:
        kind = "file" if saved is not None and saved.path is not None else "omitted"
    elif limit is not None and len(start) > limit:
        is_cut = True
        kind, value, shown_bytes = _beginning(start, charset, limit, mask)
        told = f',"shown_bytes":{shown_bytes}{told}'
    else:
        kind, plain = _content(start, charset, media_type, mask)
        value = plain
        if shown is mask and plain is not None and kind != "base64" and mask.may_be_in(plain := escape_json(plain)):
            value = with_strings(plain, mask.text)
            if value != plain:
                sentence = "the body repeats a secret of the request, which is masked here"
                notices = (Notice("body_masked", sentence),)
    if value is not None:
        told = f',"value":{value}{told}'
    text = (
        f'{{"kind":"{kind}"{told},"bytes":{"null" if size is None else size}'
        f',"truncated":{"true" if is_cut else "false"},"complete":{"true" if is_complete else "false"}'
        f',"media_type":{written_type}}}'
    )
    if kind == "json" and media_type == "application/problem+json" and value is not None and value[0] == "{":
        return text, value, notices
    return text, "null", notices


def _beginning(start: bytes, charset: str, limit: int, mask: Redactor) -> tuple[str, str | None, int]:
    """Kind, value and size of the beginning of a longer body: it is text, for a part of a JSON text is none."""
    if limit == 0:
        return "omitted", None, 0
    text = text_beginning(start, charset, limit, mask)
    if text is not None:
        return "text", dump(text[0]), text[1]
    data, size = bytes_beginning(start, limit, mask)
    return "base64", _base64(data), size


def _content(content: bytes, charset: str, media_type: str, mask: Redactor) -> tuple[str, str | None]:
    """The kind of a body, and the body as JSON text: not yet safe for a terminal, nor masked unless it is in base64."""
    if not content:
        return "none", None
    text = decoded(content, charset)
    if text is None or "\0" in text:
        return "base64", _base64(mask.data(content))
    if media_type.endswith("json"):
        bare = text.removeprefix("\ufeff").strip(BLANKS)
        if is_portable(bare):
            return "json", in_one_line(bare)
    return "text", dump(text)


def _base64(data: bytes) -> str:
    from binascii import b2a_base64

    return dump(b2a_base64(data, newline=False).decode("ascii"))


def _error(error: ReqcliError, mask: Redactor) -> str:
    return dump_object(
        (
            ("code", dump(error.code)),
            ("message", dump(mask.url(error.message))),
            ("phase", dump(error.phase)),
            ("retryable", dump(error.retryable)),
            ("retry_after_ms", dump(None if error.retry_after is None else round(error.retry_after * 1000))),
            ("hint", dump(None if error.hint is None else mask.url(error.hint))),
            ("details", with_strings(dump(_by_name(error.details, mask)), mask.text)),
        )
    )


def _by_name(value: object, mask: Redactor) -> object:
    """What an error tells beside its message, with the secrets masked that are known by their names in a URL."""
    if isinstance(value, str):
        return mask.url(value)
    if isinstance(value, dict):
        return {name: _by_name(one, mask) for name, one in value.items()}
    return [_by_name(one, mask) for one in value] if isinstance(value, list | tuple) else value


def _session(report: SessionReport) -> str:
    changed = "[]"
    if report.changed:
        changed = dump(
            [
                {"op": change.op, "kind": change.kind, "name": change.name}
                | ({"origin": change.origin} if change.origin else {})
                | {"expires": None if change.expires is None else int(change.expires)}
                for change in report.changed
            ]
        )
    return (
        f'{{"name":{dump(report.name)},"store":{quote(report.store)},"rev":{dump(report.rev)}'
        f',"changed":{changed},"saved":{dump(report.saved)},"context":{dump(report.context)}}}'
    )


def _timing(watch: Stopwatch) -> str:
    send, wait, receive = watch.send, watch.wait, watch.receive
    reused = "true" if watch.reused else "false"
    if watch.connect is None and watch.dns is None and watch.tls is None and send is not None and wait is not None:
        received = "0.000" if receive == 0.0 else _milliseconds(receive)  # small answers mostly come with their heads
        return _ON_A_KEPT_CONNECTION % (watch.total * 1000, send * 1000, wait * 1000, received, reused)
    return (
        f'{{"total_ms":{watch.total * 1000:.3f},"dns_ms":{_milliseconds(watch.dns)}'
        f',"connect_ms":{_milliseconds(watch.connect)},"tls_ms":{_milliseconds(watch.tls)}'
        f',"send_ms":{_milliseconds(send)},"wait_ms":{_milliseconds(wait)},"receive_ms":{_milliseconds(receive)}'
        f',"reused":{reused}}}'
    )


_ON_A_KEPT_CONNECTION: Final = (
    '{"total_ms":%.3f,"dns_ms":null,"connect_ms":null,"tls_ms":null,"send_ms":%.3f,"wait_ms":%.3f,"receive_ms":%s'
    ',"reused":%s}'
)


def _milliseconds(seconds: float | None) -> str:
    return "null" if seconds is None else f"{seconds * 1000:.3f}"
