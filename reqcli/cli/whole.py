"""A result as one JSON object: the body within it, or its beginning, or in the file that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reqcli.errors import Interrupted, ReqcliError
from reqcli.render.excerpt import LOOK_AHEAD
from reqcli.render.formats import SavedBody, load

if TYPE_CHECKING:
    from reqcli.cli.ask import Ask
    from reqcli.cli.world import World
    from reqcli.model.response import Response
    from reqcli.model.result import Result


def show_whole(result: Result, ask: Ask, world: World, format_: str) -> None:
    """Write the result out, its body read to the end; one that breaks becomes the result's error.

    Args:
        result: its body not yet read.
        ask: says where the body goes, and how much of it may be shown.
        world: gets the text.
        format_: the name of the format.

    Raises:
        BrokenPipeError: nobody reads the output any more.
    """
    from reqcli.model.redact import Redactor

    taken = None if result.response is None else Taken(result.response, ask)
    if taken is not None:
        try:
            taken.read()
        except ReqcliError as error:
            result.error = error
        except KeyboardInterrupt:
            result.error = Interrupted("interrupted while the body was being read")
    # Only now, for reading the body may have taught another secret.
    mask = Redactor.for_request(result.request, result.secrets, reveal=ask.reveal)
    saved = None if taken is None else taken.saved()
    world.write(load(format_)(result, mask, saved=saved, limit=ask.max_output))


class Taken:
    """A body on its way into the output, or to where it goes instead; `saved` tells what came of it at any moment."""

    def __init__(self, response: Response, ask: Ask) -> None:
        self._response = response
        self._path = None if ask.output in (None, "-") else ask.output
        self._limit = ask.max_output
        self._start = bytearray()
        self._size = 0
        self._sha256: str | None = None

    def read(self) -> None:
        """Read it to its end.

        Raises:
            ReqcliError: it broke, or cannot be written.
        """
        if self._path is not None:
            self._to_file(self._path)
        elif self._limit is None:
            self._response.read()
        else:
            self._pass_over(self._limit + LOOK_AHEAD)

    def saved(self) -> SavedBody | None:
        """What became of it, None if it is in the response."""
        if self._path is not None:
            return SavedBody(self._path, self._size, self._sha256)
        if self._limit is None:
            return None
        return SavedBody(None, self._size, self._sha256, bytes(self._start))

    def _to_file(self, path: str) -> None:
        from reqcli.cli.show import write_to_file

        self._size = write_to_file(self._response, path)
        self._sha256 = _digest(path)

    def _pass_over(self, room: int) -> None:
        """Keep the beginning, and count the rest: a bound on the output is none on what is fetched."""
        from hashlib import sha256

        digest = sha256()
        for block in self._response.iter_bytes():
            if len(self._start) < room:
                self._start += block[: room - len(self._start)]
            digest.update(block)
            self._size += len(block)
        self._sha256 = digest.hexdigest()


def _digest(path: str) -> str | None:
    """The SHA-256 of what a file holds, None for a device, a pipe, or what cannot be read back."""
    import os
    import stat
    from hashlib import file_digest

    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return None
        with open(path, "rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
