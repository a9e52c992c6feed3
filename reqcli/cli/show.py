"""Show a result: to a person on a terminal, as bytes to a pipe or file, or whole as one JSON object."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from reqcli.errors import Interrupted, OutputFailed, ReqcliError, StatusError

if TYPE_CHECKING:
    from reqcli.cli.ask import Ask
    from reqcli.cli.download import Download
    from reqcli.cli.world import World
    from reqcli.model.redact import Redactor
    from reqcli.model.response import Response
    from reqcli.model.result import Result


class Destination:
    """The file that a body goes to: that of `-o`, one of a download's own, or none.

    Args:
        result: whose body it is.
        ask: what was asked for.
        download: what takes an answer that counts as success; any other is shown as always, and never saved.

    Attributes:
        is_file: whether there is one.
        path: where it is, as far as that is known before it is written.
    """

    def __init__(self, result: Result, ask: Ask, download: Download | None) -> None:
        self._result = result
        self._download = download if download is not None and download.takes(result) else None
        self.path = ask.output if download is None and ask.output != "-" else None
        self.is_file = self.path is not None or self._download is not None

    def save(self, response: Response) -> int:
        """Write the body there.

        Returns:
            The bytes that the file has.

        Raises:
            ReqcliError: the body broke, or the file cannot be written.
        """
        if self._download is None:
            return write_to_file(response, self.path or "")
        try:
            return self._download.save(self._result, write_to_file)
        finally:
            self.path = self._download.path


class Shown:
    """One result on its way to the user, and what masks its secrets on the way."""

    def __init__(self, result: Result, ask: Ask, world: World, destination: Destination) -> None:
        self._result = result
        self._ask = ask
        self._world = world
        self._destination = destination

    @property
    def _redactor(self) -> Redactor:
        # Made when it is needed: a plain call that went well shows nothing but the body.
        from reqcli.model.redact import Redactor

        return Redactor.for_request(self._result.request, self._result.secrets, reveal=self._ask.reveal)

    def show(self) -> None:
        """Write everything out, body included; a body that breaks becomes the result's error.

        Raises:
            BrokenPipeError: nobody reads the output any more.
        """
        result, world = self._result, self._world
        on_terminal = world.has_terminal and not self._destination.is_file
        try:
            if on_terminal:
                self._to_person()
            else:
                self._to_program()
        except ReqcliError as error:
            result.error = error
        head_was_shown = on_terminal and result.response is not None
        if result.error is not None and not (head_was_shown and isinstance(result.error, StatusError)):
            from reqcli.render.failure import failure_line

            world.say(failure_line(result.error, self._redactor))

    def _to_program(self) -> None:
        """The body's exact bytes and nothing else, unless heads were asked for; messages go to standard error."""
        response, ask, world = self._result.response, self._ask, self._world
        if ask.verbose:
            world.say(self._heads(with_request=True, colour=False).rstrip("\n"))
        if response is None:
            return
        if self._destination.is_file:
            self._destination.save(response)
            return
        if ask.include:
            world.write(self._heads(with_request=False, colour=False).encode(errors="backslashreplace"))
        for block in response.iter_bytes():
            world.write(block)

    def _to_person(self) -> None:
        """Heads and a formatted body, safe for the terminal."""
        response, world = self._result.response, self._world
        colour = world.wants_colour
        heads = self._heads(with_request=self._ask.verbose, colour=colour)
        world.write(heads.encode(errors="backslashreplace"))
        if response is None:
            return
        from reqcli.render.body import body_for_terminal

        failure = None
        try:
            content = response.read()
        except ReqcliError as error:
            failure, content = error, response.content
        body = self._redactor.text(body_for_terminal(response, content, colour=colour))
        world.write(body.encode(errors="backslashreplace"))
        if failure is not None:
            raise failure

    def _heads(self, *, with_request: bool, colour: bool) -> str:
        from reqcli.render.message import request_head, response_head

        text = ""
        if with_request and self._result.request is not None:
            text = request_head(self._result.request, self._redactor, colour=colour)
        if self._result.response is not None:
            text += response_head(self._result.response.head, self._redactor, colour=colour)
        return text


def write_to_file(response: Response, path: str) -> int:
    """The body into a file; what came of a broken one stays there, and the error names it.

    Returns:
        The bytes written.

    Raises:
        OutputFailed: the file cannot be written.
        ReqcliError: the body broke.
    """
    try:
        file = open(path, "wb")
    except OSError as error:
        response.close()
        raise OutputFailed(f"cannot write {path}: {error.strerror}") from error
    written = 0
    with file:
        try:
            for block in response.iter_bytes():
                written += _write_block(file, block, path)
        except ReqcliError as error:
            error.details["partial_file"] = path
            error.hint = f"what came of it, {written} bytes, is in {path}"
            raise
        except KeyboardInterrupt:
            raise Interrupted(f"interrupted; what came, {written} bytes, is in {path}") from None
    return written


def _write_block(file: BinaryIO, block: bytes, path: str) -> int:
    try:
        return file.write(block)
    except OSError as error:
        raise OutputFailed(f"cannot write {path}: {error.strerror}") from error
