"""A result as one JSON object: the body within it, or its beginning, or in the file that was asked for."""

from __future__ import annotations

from reqcli.errors import Interrupted, OutputFailed, ReqcliError
from reqcli.model.result import Notice
from reqcli.render.excerpt import LOOK_AHEAD, MaskedBlocks
from reqcli.render.formats import SavedBody, load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO, Final

    from reqcli.cli.ask import Ask
    from reqcli.cli.show import Destination
    from reqcli.cli.world import World
    from reqcli.model.redact import Redactor
    from reqcli.model.response import Response
    from reqcli.model.result import Result

BLOCK: Final = 256 * 1024
"""Bytes that are masked at once."""


def show_envelope(
    result: Result,
    ask: Ask,
    world: World,
    format_: str,
    destination: Destination,
    at_end: Callable[[Result], None] | None = None,
) -> None:
    """Write the result out, its body read to the end; one that breaks becomes the result's error.

    Args:
        result: its body not yet read.
        ask: says where the body goes, and how much of it may be shown.
        world: gets the text.
        format_: the name of the format.
        destination: the file that the body goes to, if it does.
        at_end: what else is to be done when the body has been read, and to be told of.

    Raises:
        BrokenPipeError: nobody reads the output any more.
    """
    from reqcli.model.redact import Redactor

    taken = None if result.response is None else Taken(result.response, ask, destination, spills=world.is_agent)
    if taken is not None:
        try:
            taken.read()
        except ReqcliError as error:
            result.error = error
        except KeyboardInterrupt:
            result.error = Interrupted("interrupted while the body was being read")
    if at_end is not None:
        at_end(result)
    # Only now, for reading the body may have taught another secret.
    mask = Redactor.for_request(result.request, result.secrets, reveal=ask.reveal)
    if world.is_agent and taken is not None and taken.path is not None and _is_masked(taken.path, mask, result):
        said = Notice("body_masked", f"{taken.path} is not exact: a secret of the request is masked in it")
        result.warnings = [*result.warnings, said]
    saved = None if taken is None else taken.saved()
    world.write(load(format_)(result, mask, saved=saved, limit=ask.max_output))


class Taken:
    """A body on its way into the output, or to where it goes instead.

    Args:
        response: whose body it is.
        ask: how much may be shown.
        destination: the file that it goes to, if it does.
        spills: whether a body that is too long to be shown goes to a file of its own, closed to others.

    Attributes:
        path: the file that it went to, if any.
    """

    def __init__(self, response: Response, ask: Ask, destination: Destination, *, spills: bool) -> None:
        self.path = destination.path
        self._destination = destination
        self._response = response
        self._limit = None if destination.is_file else ask.max_output
        self._spills = spills
        self._start = bytearray()
        self._size = 0
        self._sha256: str | None = None

    def read(self) -> None:
        """Read it to its end.

        Raises:
            ReqcliError: it broke, or cannot be written.
        """
        if self._destination.is_file:
            try:
                self._size = self._destination.save(self._response)
            finally:
                self.path = self._destination.path
        elif self._limit is None:
            self._response.read()
        else:
            self._pass_over(self._limit)

    def saved(self) -> SavedBody | None:
        """What became of it, None if it is in the response."""
        start = None if self._limit is None else bytes(self._start)
        if self.path is not None:
            return SavedBody(self.path, self._size, digest_of(self.path), start)
        return None if start is None else SavedBody(None, self._size, self._sha256, start)

    def _pass_over(self, limit: int) -> None:
        """Keep the beginning, and count the rest: a bound on the output is none on what is fetched."""
        from hashlib import sha256

        digest = sha256()
        early: list[bytes] = []  # what would go to a file, should it become too long
        file: BinaryIO | None = None
        try:
            for block in self._response.iter_bytes():
                self._start += block[: max(0, limit + LOOK_AHEAD - len(self._start))]
                digest.update(block)
                self._size += len(block)
                if self._spills and file is None:
                    early.append(block)
                    if self._size > limit:
                        self.path, file = _new_file()
                        file.write(b"".join(early))
                        early.clear()
                elif file is not None:
                    file.write(block)
        except OSError as error:
            raise OutputFailed(f"cannot write {self.path or 'a temporary file'}: {error.strerror}") from error
        finally:
            self._sha256 = digest.hexdigest()
            if file is not None:
                file.close()


def digest_of(path: str) -> str | None:
    """The SHA-256 of what a file holds, None for a device, a pipe, or what cannot be read back."""
    from hashlib import file_digest

    try:
        if not _is_regular(path):
            return None
        with open(path, "rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def mask_file(path: str, mask: Redactor) -> bool:
    """Mask every known secret in a file, in place, so that it keeps its owner and mode; whether there was one.

    Raises:
        OSError: it cannot be read or written.
    """
    from tempfile import TemporaryFile

    blocks = MaskedBlocks(mask)
    with open(path, "r+b") as file, TemporaryFile() as masked:
        while block := file.read(BLOCK):
            masked.write(blocks.feed(block))
        masked.write(blocks.finish())
        if blocks.has_masked:
            from shutil import copyfileobj

            masked.seek(0)
            file.seek(0)
            file.truncate()
            copyfileobj(masked, file, BLOCK)
    return blocks.has_masked


def _is_masked(path: str, mask: Redactor, result: Result) -> bool:
    """Mask a file for an agent; where that cannot be done, the run has failed."""
    try:
        return _is_regular(path) and mask_file(path, mask)
    except OSError as error:
        result.error = result.error or OutputFailed(f"cannot mask the secrets in {path}: {error.strerror}")
        return False


def _is_regular(path: str) -> bool:
    import os
    import stat

    return stat.S_ISREG(os.stat(path).st_mode)


def _new_file() -> tuple[str, BinaryIO]:
    """A file with a name that nobody can guess, in the system's directory for such, open to this user alone."""
    import os
    from tempfile import mkstemp

    descriptor, path = mkstemp(prefix="reqcli-", suffix=".body")
    return path, os.fdopen(descriptor, "wb")
