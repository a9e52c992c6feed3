"""A request body for a person: what is in memory is shown with its secrets masked, what is elsewhere is named.

A file or a stream is never read for this: it is sent once, perhaps slowly, and it may be of any size. Secrets are
masked by value as everywhere, and by name: the field `password` of a form, the member `client_secret` of an object.
"""

from __future__ import annotations

from reqcli.model.body import BytesBody, FileBody, StreamBody
from reqcli.model.redact import is_secret_parameter
from reqcli.model.redact_body import masked_body
from reqcli.model.secret import MASK
from reqcli.render.body import text_of
from reqcli.render.colour import painter
from reqcli.render.escape import escape_line, escape_text
from reqcli.render.look import LARGEST_LAID_OUT, document_layout, kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqcli.model.body import Body
    from reqcli.model.multipart import Part
    from reqcli.model.redact import Redactor
    from reqcli.model.request import Request
    from reqcli.render.look import Look


def request_body(request: Request, look: Look, redactor: Redactor) -> str:
    """The body as text that is safe for a terminal, with a line break at its end; empty if there is none.

    Args:
        request: as it was sent; its body is not read unless it is in memory.
        look: how to show it.
        redactor: masks the secrets of the run; one made with `reveal` masks nothing.
    """
    body = request.body
    if body is None or body.length == 0:
        return ""
    media_type = _media_type(request)
    if isinstance(body, BytesBody):
        coded = "content-encoding" in request.headers
        text = None if coded else text_of(body.data, media_type, "utf-8")
        if text is not None:
            return _ended(_text(text, media_type, look, redactor))
    paint = painter(colour=look.colour)
    lines = _parts(body, redactor) if not isinstance(body, BytesBody) else []
    if not lines:
        lines = [f"[{_described(body, media_type)}]"]
    return "".join(f"{paint('notice', redactor.text(escape_line(line)))}\n" for line in lines)


def request_bytes(request: Request, redactor: Redactor) -> bytes | None:
    """A body that is in memory as it was sent, but for its secrets; None if it is not, or there is none.

    Args:
        request: as it was sent.
        redactor: masks the secrets of the run; with one made with `reveal` the bytes are exact.
    """
    body = request.body
    if not isinstance(body, BytesBody):
        return None
    media_type = _media_type(request)
    text = text_of(body.data, media_type, "utf-8") if "content-encoding" not in request.headers else None
    if text is None or redactor.reveal:
        return redactor.data(body.data)
    masked = redactor.body(text, media_type)
    return body.data if masked == text else masked.encode(errors="backslashreplace")


def _media_type(request: Request) -> str:
    return (request.headers.get("content-type") or "").partition(";")[0].strip(" \t").lower()


def _text(text: str, media_type: str, look: Look, redactor: Redactor) -> str:
    if not redactor.reveal:
        text = masked_body(text, media_type, is_secret_parameter)
    if len(text) > LARGEST_LAID_OUT:
        return redactor.text(escape_text(text))
    lay = document_layout(kind_of(media_type), look)
    laid_out = lay(text) if lay is not None else None
    return redactor.text(escape_text(text) if laid_out is None else laid_out)


def _parts(body: Body, redactor: Redactor) -> list[str]:
    """One line for each part of a form, or none if it is no form."""
    from reqcli.model.multipart import MultipartBody

    if not isinstance(body, MultipartBody):
        return []
    size = "" if body.length is None else f", {body.length} bytes"
    count = f"{len(body.parts)} part{'' if len(body.parts) == 1 else 's'}"
    return [f"[multipart form, {count}{size}]", *(f"  {_part(part, redactor)}" for part in body.parts)]


def _part(part: Part, redactor: Redactor) -> str:
    if part.filename is None and isinstance(part.body, BytesBody):
        text = text_of(part.body.data, "text/plain", "utf-8")
        if text is not None and len(text) <= 1000:
            is_masked = text and is_secret_parameter(part.name) and not redactor.reveal
            return f"{part.name}: {MASK if is_masked else text}"
    name = f"{part.name}: {part.filename}" if part.filename is not None else part.name
    return f"{name} [{_described(part.body, part.body.content_type or '')}]"


def _described(body: Body, media_type: str) -> str:
    """Where a body comes from, what it is and how large, as far as that is known without reading it."""
    from reqcli.model.compressed import GzipBody

    if isinstance(body, GzipBody):
        return f"gzip of {_described(body.plain, media_type)}"
    size = "of unknown length" if body.length is None else f"{body.length} bytes"
    kind = f", {media_type}" if media_type else ""
    if isinstance(body, BytesBody):
        return f"{size} of binary data{kind}"
    source = body.name if isinstance(body, (FileBody, StreamBody)) else "a body"
    return f"{source}, {size}{kind}"


def _ended(text: str) -> str:
    return text if text.endswith("\n") or not text else text + "\n"
