"""The envelope: one JSON object that says everything about a run, the same shape for success and for failure.

Its shape is `envelope.schema.json` beside this file. It is always valid and always one line, whatever the server sent:
a JSON body is put in as the text it is, so its numbers are exact, but only if every usual reader can take it; else it
is given as text, and as base64 if it is no text either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reqcli.errors import StatusError
from reqcli.model.redact import Redactor
from reqcli.model.result import Notice
from reqcli.render.body import decoded
from reqcli.render.escape import escape_json, field_text
from reqcli.render.excerpt import bytes_beginning, text_beginning
from reqcli.render.formats import Format, SavedBody
from reqcli.render.json_text import compact, dump, dump_object, is_portable, quote, with_strings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reqcli.errors import ReqcliError
    from reqcli.model.headers import Headers
    from reqcli.model.request import Request
    from reqcli.model.response import Response
    from reqcli.model.result import Result, SessionReport
    from reqcli.model.timing import Timing

VERSION: Final = 1

STEPS: Final = ("dns", "connect", "tls", "send", "wait", "receive")


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
    response = "null"
    if result.response is not None:
        body, notices = _body(result.response, mask, saved, limit, is_complete=_has_whole_body(result))
        warnings.extend(notices)
        response = _response(result.response, body, mask)
    timing = result.timing
    members = (
        ("v", str(VERSION)),
        ("ok", dump(result.ok)),
        ("exit_code", str(result.exit_status)),
        ("request", "null" if result.request is None else _request(result.request, result, mask)),
        ("response", response),
        ("error", "null" if result.error is None else _error(result.error, mask)),
        ("session", "null" if result.session is None else _session(result.session)),
        ("timing", "null" if timing is None else _timing(timing)),
        ("warnings", _warnings(warnings, mask) if warnings else "[]"),
    )
    return f"{escape_json(dump_object(members))}\n".encode()


FORMAT: Final[Format] = envelope


def _warnings(warnings: Sequence[Notice], mask: Redactor) -> str:
    return dump([{"code": said.code, "message": mask.text(said.message)} for said in warnings])


def _request(request: Request, result: Result, mask: Redactor) -> str:
    return dump_object(
        (
            ("method", quote(request.method)),
            ("url", quote(mask.url(str(request.url)))),
            ("headers", _headers(request.headers, mask)),
            ("body_bytes", dump(0 if request.body is None else request.body.length)),
            ("attempts", str(result.attempts)),
            ("sent", quote(result.sent)),
        )
    )


def _response(response: Response, body: Mapping[str, str], mask: Redactor) -> str:
    problem = "null"
    if body["kind"] == '"json"' and body["value"][0] == "{" and response.media_type == "application/problem+json":
        problem = body["value"]
    hops = [{"status": hop.status, "url": mask.url(str(hop.url))} for hop in response.redirects]
    return dump_object(
        (
            ("status", str(response.status)),
            ("reason", dump(mask.text(field_text(response.reason)) or None)),
            ("http_version", quote(response.http_version)),
            ("url", quote(mask.url(str(response.url)))),
            ("headers", _headers(response.headers, mask)),
            ("body", dump_object(body.items())),
            ("redirects", dump(hops) if hops else "[]"),
            ("problem", problem),
        )
    )


def _headers(headers: Headers, mask: Redactor) -> str:
    fields = [f"[{quote(mask.text(name))},{quote(mask.header(name, field_text(value)))}]" for name, value in headers]
    return f"[{','.join(fields)}]"


def _has_whole_body(result: Result) -> bool:
    """A response beside an error that is no verdict on its status is one whose body broke."""
    return result.error is None or isinstance(result.error, StatusError)


def _body(
    response: Response, mask: Redactor, saved: SavedBody | None, limit: int | None, *, is_complete: bool
) -> tuple[dict[str, str], list[Notice]]:
    """The members of `body` as JSON texts, and what is to be said about it."""
    notices: list[Notice] = []
    start = response.content if saved is None else saved.start
    size = len(response.content) if saved is None else saved.size
    is_cut = start is not None and limit is not None and len(start) > limit
    if start is None:
        members = {"kind": '"file"' if saved is not None and saved.path is not None else '"omitted"'}
    elif limit is not None and len(start) > limit:
        members = _beginning(start, response, limit, mask)
    else:
        kind, shown = _content(start, response, mask)
        # Most bodies hold no secret, and one look at the whole is quicker than one at each string.
        may_hold_secret = kind in ("json", "text") and mask.text(shown) != shown
        value = with_strings(shown, mask.text) if may_hold_secret else shown
        members = {"kind": dump(kind)} if kind == "none" else {"kind": dump(kind), "value": value}
        if value != shown:
            notices.append(Notice("body_masked", "the body repeats a secret of the request, which is masked here"))
    if saved is not None and saved.path is not None:
        members["path"] = dump(saved.path)
    if saved is not None and saved.sha256 is not None:
        members["sha256"] = dump(saved.sha256)
    members |= {
        "bytes": dump(size),
        "truncated": dump(is_cut),
        "complete": dump(is_complete),
        "media_type": dump(field_text(response.media_type) or None),
    }
    return members, notices


def _beginning(start: bytes, response: Response, limit: int, mask: Redactor) -> dict[str, str]:
    """The members that show the beginning of a longer body: as text, for a part of a JSON text is none."""
    if limit == 0:
        return {"kind": '"omitted"', "shown_bytes": "0"}
    text = text_beginning(start, response.charset, limit, mask)
    if text is not None:
        return {"kind": '"text"', "value": dump(text[0]), "shown_bytes": dump(text[1])}
    data, size = bytes_beginning(start, limit, mask)
    return {"kind": '"base64"', "value": _base64(data), "shown_bytes": dump(size)}


def _content(content: bytes, response: Response, mask: Redactor) -> tuple[str, str]:
    """The kind of a body, and the body as JSON text."""
    if not content:
        return "none", "null"
    text = decoded(content, response.charset)
    if text is None or "\0" in text:
        return "base64", _base64(mask.data(content))
    if response.media_type.endswith("json"):
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


def _timing(timing: Timing) -> str:
    steps = [f',"{step}_ms":{_milliseconds(getattr(timing, step))}' for step in STEPS]
    return f'{{"total_ms":{_milliseconds(timing.total)}{"".join(steps)},"reused":{dump(timing.reused)}}}'


def _milliseconds(seconds: float | None) -> str:
    return "null" if seconds is None else f"{seconds * 1000:.3f}"
