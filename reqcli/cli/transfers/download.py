"""`--download`: the body goes into a file of its own name, and what was broken off goes on with `--continue`.

The body is asked for as it is (`Accept-Encoding: identity`), so that offsets and lengths are those of the file. Only an
answer that counts as success becomes a file; any other is shown as always. See `partial` for what lies where.

With `--continue` and a part to go on with, the rest is asked for on condition that the server's file is still the same
one (Range and If-Range, RFC 9110 §13.1.5, §14.2):

    206   the rest, if it begins where the part ends, is of the same length and has the same validator; else an error
    200   the file is another one now, or the server gives no parts: all of it, from the start
    416   there is nothing behind the part; if that is as long as the server's file, it was complete

Without a part, a file that has the length of the server's counts as complete, and is left alone.
"""

from __future__ import annotations

import os

from reqcli.cli.transfers.partial import PART, Note, Part, digest, found_by_url, read_note, validator_of
from reqcli.cli.transfers.progress import Bar, expected_length
from reqcli.errors import BadResponse, BodyIncomplete, Interrupted, OutputFailed, ReqcliError, StatusError, Usage
from reqcli.model.content_range import parse_content_range
from reqcli.model.fields import as_text
from reqcli.model.filename import download_name
from reqcli.model.value import Value
from reqcli.render.escape import escape_line

PARTIAL_CONTENT: Final = 206
RANGE_NOT_SATISFIABLE: Final = 416

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from reqcli.cli.ask import Ask
    from reqcli.cli.world import World
    from reqcli.model.response import Response
    from reqcli.model.result import Result
    from reqcli.model.spec import RequestSpec


class Rest(Value):
    """What is to be asked for of a file that came in part.

    Args:
        path: where the file will be.
        note: what the part is a part of.
        size: bytes that are there.
    """

    __slots__ = ("note", "path", "size")

    def __init__(self, path: str, note: Note, size: int) -> None:
        self.path: Final = path
        self.note: Final = note
        self.size: Final = size

    def is_of_another(self, response: Response) -> bool:
        """Whether the response names another version than the note, although it was asked for on that condition."""
        known = self.note.validator
        said = response.headers.get("etag" if known.startswith('"') else "last-modified")
        return said is not None and as_text(said) != known

    def total(self, response: Response) -> int | None:
        """See that what comes is the rest of this file and of no other.

        Returns:
            The bytes of the whole, or None if nobody has said.

        Raises:
            BadResponse: it is another part, or of another file.
        """
        wanted = f"the part that begins at byte {self.size}"
        said, length = parse_content_range(response.headers.get("content-range")), self.note.length
        if said is None or said.first != self.size:
            raise BadResponse(f"the server sent another part than {wanted}", hint=self.way_out)
        if self.is_of_another(response) or (length is not None and said.total not in (None, length)):
            raise BadResponse(f"the server sent {wanted} of another file", hint=self.way_out)
        return length if said.total is None else said.total

    @property
    def way_out(self) -> str:
        """What can be done if it cannot be continued."""
        return f"{self.path}{PART} is left as it is; remove it to begin again"


class Download:
    """One download, from the question to the file.

    Args:
        ask: what was asked for.
        world: the terminal for the bar.
        spec: the call.

    Attributes:
        spec: the call with the fields that a download adds.
        path: where the bytes are: the file, or the part of one that broke off; None before that is known.

    Raises:
        Usage: there would be nothing to download, or nothing to continue.
    """

    def __init__(self, ask: Ask, world: World, spec: RequestSpec) -> None:
        typed = {name.lower() for name, _ in spec.headers}
        if spec.method == "HEAD" or ask.output == "-":
            raise Usage("--download is for a body and a file", hint="leave out --download")
        if ask.continue_ and (spec.method != "GET" or "range" in typed):
            raise Usage("--continue asks for the rest of a file: with GET, and with a Range of its own")
        self._ask: Final = ask
        self._world: Final = world
        self._url: Final = spec.url
        self.path = ask.output
        self._wanted: Final = (
            spec
            if "accept-encoding" in typed
            else spec.replace(headers=(*spec.headers, ("Accept-Encoding", "identity")))
        )
        self.ask_for(self._known_part() if ask.continue_ else None)

    def ask_for(self, path: str | None) -> None:
        """Ask for what is lacking.

        Args:
            path: the file of which there is a part already; None if all of it is to come.
        """
        self._part_path = path
        self._rest = rest = _rest_of(path) if path is not None else None
        more = () if rest is None else (("Range", f"bytes={rest.size}-"), ("If-Range", rest.note.validator))
        self.spec = self._wanted.replace(headers=(*self._wanted.headers, *more))

    def takes(self, result: Result) -> bool:
        """Whether the response is what becomes a file: an answer that counts as success, or ends a continued one."""
        if result.response is None:
            return False
        return not isinstance(result.error, StatusError) or self._is_over(result.response)

    def save(self, result: Result, write_to_device: Callable[[Response, str], int]) -> int:
        """Write the body out; the result loses its error if that says that all was there already.

        Args:
            result: what `takes` said yes to.
            write_to_device: writes it to what is no file, and so is neither renamed nor continued.

        Returns:
            The bytes that the file has.

        Raises:
            OutputFailed: it cannot be written.
            Interrupted, ReqcliError: the body broke; the error names the part.
        """
        response, rest = result.response, self._rest
        if response is None:
            return 0
        try:
            if rest is not None and self._is_over(response):
                return self._was_complete(rest, response, result)
            if rest is not None and response.status == PARTIAL_CONTENT:
                return self._go_on(rest, response)
            if (
                self._ask.output is not None
                and not os.path.isfile(self._ask.output)
                and os.path.exists(self._ask.output)
            ):
                return write_to_device(response, self._ask.output)
            return self._from_start(response, result)
        finally:
            response.close()

    def _known_part(self) -> str | None:
        """The file of which there is a part already."""
        path = found_by_url(self._url) if self._ask.output is None else _target(self._ask.output)
        return path if path is not None and os.path.isfile(f"{path}{PART}") else None

    def _is_over(self, response: Response) -> bool:
        return self._rest is not None and response.status == RANGE_NOT_SATISFIABLE

    def _was_complete(self, rest: Rest, response: Response, result: Result) -> int:
        """Nothing stands behind the part: it is complete if it is as long as the server's file."""
        said = parse_content_range(response.headers.get("content-range"))
        part = self._open_part(rest.path)
        try:
            if result.error is not None and (said is None or said.total != part.size or rest.is_of_another(response)):
                result.error.hint = rest.way_out
                raise result.error
            size = self._finished(part)
        finally:
            part.close()
        result.error = None
        return size

    def _go_on(self, rest: Rest, response: Response) -> int:
        part = self._open_part(rest.path)
        try:
            if part.size != rest.size:
                raise OutputFailed(f"another process has written to {part.name}")
            total = rest.total(response)
            self._fill(part, response, total)
            if total is not None and part.size < total:
                raise BodyIncomplete(
                    f"the server sent the file up to byte {part.size} of {total}",
                    hint=_advice(part),
                    details={"received": part.size, "expected": total, "partial_file": part.name},
                )
            return self._finished(part)
        finally:
            part.close()

    def _from_start(self, response: Response, result: Result) -> int:
        request = result.request
        if response.status == PARTIAL_CONTENT and not (request is not None and "range" in request.headers):
            raise BadResponse("the server sent a part that nobody asked for")
        codings = response.headers.tokens("content-encoding")
        is_plain = not codings or codings == ["identity"]
        length = expected_length(response)
        named = self._ask.output
        path = None if named is None else _target(named)
        if path is None:
            path = self._part_path or download_name(
                response.headers.get("content-disposition"), self._url, response.media_type
            )
        if self._ask.continue_ and self._part_path is None and length is not None and _size_of(path) == length:
            self._say(f"{path} is complete already, with {length} bytes")
            self.path = path
            return length
        part = self._open_part(path, is_new=named is None and self._part_path is None)
        try:
            if self._rest is not None:
                self._say("the file is another one now, or the server gives no parts of it: it comes from the start")
            validator = validator_of(response.head) if is_plain and response.status == 200 else None
            part.begin(None if validator is None else Note(digest(self._url), validator, length))
            self._fill(part, response, length)
            return self._finished(part)
        finally:
            part.close()

    def _open_part(self, path: str, *, is_new: bool = False) -> Part:
        part = Part(path, is_new=is_new, may_replace=self._ask.output is not None)
        self.path = part.name
        return part

    def _fill(self, part: Part, response: Response, total: int | None) -> None:
        """The body to the end of the part, with a bar beside it.

        Raises:
            Interrupted, ReqcliError: it broke off, and the error names the part.
        """
        label = escape_line(os.path.basename(part.path))
        if part.size:
            label += f" from {part.size * 100 // total} %" if total else f" from byte {part.size}"
        try:
            with Bar(self._world, label, lambda: part.size, total, start=part.size):
                for block in response.iter_bytes():
                    part.write(block)
                    del block  # before the next is taken in, which then takes its place in memory
        except KeyboardInterrupt:
            raise _naming(part, Interrupted("interrupted")) from None
        except ReqcliError as error:
            raise _naming(part, error) from error.__cause__

    def _finished(self, part: Part) -> int:
        path = part.finish()
        self._say(f"saved {part.size} bytes as {path}")
        self.path = path
        return part.size

    def _say(self, text: str) -> None:
        if self._ask.format_ is None:
            self._world.warn(f"reqcli: {escape_line(text)}")


def _naming(part: Part, error: ReqcliError) -> ReqcliError:
    """The error, with the word where the part is and what can be done with it."""
    if part.size:
        error.details["partial_file"] = part.name
        error.hint = _advice(part)
    return error


def _advice(part: Part) -> str:
    onward = "the same command with --continue goes on from there" if part.has_note else "it cannot be continued"
    return f"what came, {part.size} bytes, is in {part.name}; {onward}"


def _rest_of(path: str) -> Rest | None:
    """What the part of this file lacks; None if it has to come from the start."""
    note, size = read_note(path), os.path.getsize(f"{path}{PART}")
    if note is None or not size or (note.length is not None and size > note.length):
        return None
    return Rest(path, note, size)


def _target(path: str) -> str:
    """Where a file is really to be: a link stays a link."""
    return os.path.realpath(path) if os.path.islink(path) else path


def _size_of(path: str) -> int | None:
    try:
        return os.path.getsize(path)
    except OSError:
        return None
