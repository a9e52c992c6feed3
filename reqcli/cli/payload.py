"""Items, `-H`, `-d` and standard input become the query, the headers and the body of one request."""

from __future__ import annotations

import os

from reqcli.cli.items import FileRef, ItemSet, body_of, parse_header, parse_items, part_of, text_of
from reqcli.errors import InputFailed, Usage
from reqcli.model.body import Body, BytesBody, FileBody, StreamBody, UnannouncedBody
from reqcli.model.fields import shown
from reqcli.model.request import EXPECTS_BODY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO, Final

    from reqcli.cli.ask import Ask
    from reqcli.cli.items import Reader
    from reqcli.cli.world import World
    from reqcli.model.multipart import Part

FORM: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"
JSON_ACCEPT: Final = "application/json, */*;q=0.5"
MOST: Final = 64 * 1024 * 1024
"""Bytes of a file that are taken into a field, a header or a query; larger ones are sent as parts or as the body."""

Query = list[tuple[str, str]]
Headers = list[tuple[str, str | None]]
Fields = tuple[tuple[str, str | None], ...]


def payload(ask: Ask, world: World) -> tuple[Query, Fields, Body | None]:
    """The query pairs, the headers and the body that were asked for.

    Raises:
        Usage: the words contradict each other.
        InputFailed: a file or standard input cannot be read.
    """
    if ask.as_json and (ask.as_form or ask.multipart):
        raise Usage(f"--json and {'--form' if ask.as_form else '--multipart'} contradict each other")
    items = parse_items(ask.items)
    if _taken_from_stdin(ask) + ask.data.count("@-") + items.reads_stdin > 1:
        raise Usage("standard input can be read only once: it is asked for more than once")
    is_multipart = ask.multipart or any(field.is_file for field in items.fields)

    def read(path: str) -> bytes:
        if path == "-":
            return _whole(path, _stdin(ask, world, None, leave_out=""))
        with _opened(path) as file:
            return _whole(path, _content(file, path, None))

    query = [(name, text_of(value, read)) for name, value in items.query]
    headers = [parse_header(text) for text in ask.headers]
    headers += [(name, None if value is None else text_of(value, read)) for name, value in items.headers]
    body = _multipart(ask, items, headers, world, read) if is_multipart else _body(ask, items, world, read)
    if ask.compress and body is not None:
        body = _compressed(body, headers)
    if ask.chunked and body is not None:
        body = UnannouncedBody(body)
    says_accept = any(name.lower() == "accept" for name, _ in headers)
    is_json = (items.fields or ask.raw is not None) and not ask.as_form and not is_multipart
    if not says_accept and (ask.as_json or is_json):
        headers.append(("Accept", JSON_ACCEPT))
    return query, tuple(headers), body


def _multipart(ask: Ask, items: ItemSet, headers: Headers, world: World, read: Reader) -> Body:
    """The fields as a multipart form. A file among them asks for one by itself: nothing else could be meant."""
    from reqcli.model.multipart import MultipartBody, Part

    if ask.as_json:
        raise Usage("a file part cannot be sent as JSON", hint="leave --json out, or embed the text with name=@FILE")
    if ask.data or ask.raw is not None or not items.fields:
        raise Usage("a multipart form is made of fields and files: name=value, name@FILE or name@-, and nothing else")
    parts = [
        _file_part(field.name, field.value, ask, world)
        if field.is_file and isinstance(field.value, FileRef)
        else Part(field.name, part_of(field, read))
        for field in items.fields
    ]
    return MultipartBody(parts, _boundary(headers, ask.boundary))


def _file_part(name: str, ref: FileRef, ask: Ask, world: World) -> Part:
    """A file, under the last part of its path unless it is given another name, or an empty one for none."""
    from reqcli.cli.media_types import type_by_name
    from reqcli.model.multipart import Part

    filename = os.path.basename(ref.path) if ref.filename is None else ref.filename
    content_type = ref.media_type or type_by_name(filename, ref.path)
    try:
        body = _open(ref.path, ask, world, content_type=content_type)
    except InputFailed as error:
        error.hint = f"{shown(name)[1:-1]}@FILE sends a file, {shown(name)[1:-1]}=TEXT a text"
        raise
    return Part(name, body, filename=filename or None)


def _boundary(headers: Headers, said: str | None) -> str:
    """The boundary that was asked for, by option or by a multipart Content-Type among the headers; else a random one.
    A header that names none gets it too: without, nobody could read the body."""
    boundary = os.urandom(16).hex() if said is None else said
    for place, (name, value) in enumerate(headers):
        if name.lower() == "content-type" and value is not None and value.lower().startswith("multipart/"):
            import re  # who gives a multipart form its type by hand is rare

            named = re.search(r'boundary="?([^";]*)', value, re.IGNORECASE)
            if named is None:
                headers[place] = (name, f"{value}; boundary={boundary}")
            elif said is not None and said != named[1].strip():
                raise Usage("--boundary and the Content-Type header name two boundaries", hint="leave one of them out")
            else:
                return named[1].strip()
    return boundary


def _compressed(body: Body, headers: Headers) -> Body:
    """The body in gzip, and the header that says so; the body as it is if it would not be shorter."""
    from reqcli.model.compressed import compressed

    if any(name.lower() == "content-encoding" for name, _ in headers):
        raise Usage("--compress sets Content-Encoding itself", hint="leave out the header, or --compress")
    coded = compressed(body)
    if coded is None:
        return body
    headers.append(("Content-Encoding", "gzip"))
    return coded


def _body(ask: Ask, items: ItemSet, world: World, read: Reader) -> Body | None:
    if ask.boundary is not None:
        raise Usage("--boundary is for multipart forms", hint="ask for one with --multipart")
    if (ask.raw is not None) + bool(ask.data) + (bool(items.fields) or items.body is not None) > 1:
        raise Usage("a request has one body: --data, --raw, or items; give one of them")
    if items.fields:
        return body_of(items, read, as_form=ask.as_form)
    if ask.raw is not None:
        return BytesBody(ask.raw.encode(errors="surrogateescape"), _type_of(ask))
    if ask.data:
        return _data(ask, world, read)
    if items.body is not None:
        return _file(items.body, ask, world)
    is_wanted = ask.method.upper() in EXPECTS_BODY and not (ask.ignore_stdin or world.is_agent)
    if is_wanted and not _taken_from_stdin(ask):
        from reqcli.cli.stdin import may_hold_a_body

        if may_hold_a_body(world.stdin):
            return _stdin(ask, world, _type_of(ask), leave_out="; -I leaves it out")
    return None


def _taken_from_stdin(ask: Ask) -> int:
    """How many other things than the body standard input is to give: secrets, the format of -w, a context."""
    return (ask.auth, ask.proxy_auth, ask.cert_key_pass, ask.write_out).count("@-") + (ask.context in ("-", "fd:0"))


def _type_of(ask: Ask) -> str:
    """The media type of a body that comes as bytes: what was asked for, else JSON, as the fields would be."""
    return FORM if ask.as_form else JSON


def _data(ask: Ask, world: World, read: Reader) -> Body:
    """`-d`: text as it is, `@FILE` and `@-` their content; a single file is streamed. A form unless `-j` says JSON."""
    content_type = JSON if ask.as_json else FORM
    if len(ask.data) == 1 and ask.data[0].startswith("@"):
        return _open(ask.data[0][1:], ask, world, content_type=content_type)
    pieces = [read(text[1:]) if text.startswith("@") else text.encode(errors="surrogateescape") for text in ask.data]
    return BytesBody(b"&".join(pieces), content_type)


def _file(ref: FileRef, ask: Ask, world: World) -> Body:
    """`@FILE` as the whole body; its type is what was said, else what its name tells, else JSON for standard input."""
    content_type = ref.media_type or (FORM if ask.as_form else JSON if ask.as_json else None)
    if content_type is None and ref.path == "-":
        content_type = JSON
    elif content_type is None:
        from reqcli.cli.media_types import type_by_name

        content_type = type_by_name(ref.path)
    return _open(ref.path, ask, world, content_type=content_type)


def _open(path: str, ask: Ask, world: World, *, content_type: str | None = None) -> Body:
    """The content of a file, or of standard input, as a body that is read when it is sent."""
    if path == "-":
        return _stdin(ask, world, content_type, leave_out="")
    file = _opened(path)
    world.course.opened.append(file)
    return _content(file, path, content_type)


def _opened(path: str) -> BinaryIO:
    if not path:
        raise Usage("a file name is missing after @", hint="`@-` reads standard input")
    try:
        # A shell leaves the tilde in `name@~/file` alone.
        return open(os.path.expanduser(path), "rb")
    except OSError as error:
        raise InputFailed(f"cannot read {path}: {error.strerror}") from error


def _content(file: BinaryIO, path: str, content_type: str | None) -> Body:
    if (sized := _sized(file, path, content_type)) is not None:
        return sized
    from reqcli.cli.stdin import blocks

    return StreamBody(blocks(file), name=path, content_type=content_type)


def _stdin(ask: Ask, world: World, content_type: str | None, *, leave_out: str) -> Body:
    from reqcli.cli.stdin import patiently

    if ask.ignore_stdin:
        raise Usage("`@-` reads standard input, and --ignore-stdin forbids it")
    if world.stdin is None:
        raise InputFailed("standard input is closed")
    name = "standard input"
    return _sized(world.stdin, name, content_type) or StreamBody(
        patiently(world, "the request body", leave_out=leave_out), name=name, content_type=content_type
    )


def _whole(path: str, body: Body) -> bytes:
    """All of it, if it is not too much to be a part of something else."""
    data = bytearray()
    for block in body.chunks():
        data += block
        if len(data) > MOST:
            raise InputFailed(
                f"{'standard input' if path == '-' else path} is longer than {MOST // 1024**2} MiB",
                hint="send it as the whole body with @FILE, or as a part with name@FILE: those are streamed",
            )
    return bytes(data)


def _sized(file: BinaryIO, name: str, content_type: str | None) -> FileBody | None:
    """A regular file as a body of known length, from where it stands; None for pipes, terminals and devices."""
    import stat

    try:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            return None
        start = file.tell()
    except (OSError, ValueError):
        return None
    return FileBody(file, start, max(status.st_size - start, 0), name=name, content_type=content_type)
