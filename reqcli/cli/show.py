"""Show a result: to a person on a terminal, as bytes to a pipe or file, or whole as one JSON object."""

from __future__ import annotations

from reqcli.errors import Interrupted, OutputFailed, ReqcliError, StatusError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from io import FileIO

    from reqcli.cli.ask import Ask
    from reqcli.cli.printing import Printed
    from reqcli.cli.transfers.download import Download
    from reqcli.cli.world import World
    from reqcli.model.redact import Redactor
    from reqcli.model.response import Response
    from reqcli.model.result import Result
    from reqcli.session.schema import SessionState


class Destination:
    """The file that a body goes to: that of `-o`, one of a download's own, or none.

    Args:
        result: whose body it is.
        ask: what was asked for.
        world: the terminal for a bar.
        download: what takes an answer that counts as success; any other is shown as always, and never saved.

    Attributes:
        is_file: whether there is one.
        path: where it is, as far as that is known before it is written.
    """

    def __init__(self, result: Result, ask: Ask, world: World, download: Download | None) -> None:
        self._result = result
        self._world = world
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
            path = self.path or ""
            if not self._world.can_draw:
                return write_to_file(response, path)
            from reqcli.cli.transfers.progress import write_with_bar

            return write_with_bar(response, path, self._world, write_to_file)
        try:
            return self._download.save(self._result, write_to_file)
        finally:
            self.path = self._download.path


class Shown:
    """One result on its way to the user, and what masks its secrets on the way.

    Args:
        result: its body not read yet.
        ask: what was asked for.
        world: where to write.
        state: of the session, whose capture rules may need the body.
        destination: where the body goes.
        printed: what has printed the beginning, or None.
    """

    def __init__(
        self,
        result: Result,
        ask: Ask,
        world: World,
        state: SessionState,
        destination: Destination,
        printed: Printed | None,
    ) -> None:
        self._result = result
        self._ask = ask
        self._world = world
        self._state = state
        self._destination = destination
        self._printed = printed

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
        result, ask, world = self._result, self._ask, self._world
        status_was_seen = False
        try:
            if ask.prints_nothing_else and not (world.has_terminal and self._is_for_person):
                self._plainly()
            else:
                status_was_seen = self._in_parts()
        except ReqcliError as error:
            if not (isinstance(error, OutputFailed) and ask.select and result.error is not None):
                result.error = error
        failure = result.error
        if failure is None:
            return
        if not status_was_seen or not isinstance(failure, StatusError) or "expected" in failure.details:
            from reqcli.render.failure import failure_line

            world.say(failure_line(failure, self._redactor))
        elif failure.hint is not None:
            world.say(f"reqcli: note: {failure.hint}")

    def _plainly(self) -> None:
        """The body's exact bytes and nothing else; messages go to standard error."""
        response = self._result.response
        if response is None:
            return
        if self._destination.is_file:
            self._destination.save(response)
            return
        for block in response.iter_bytes():
            self._world.write(block)
            del block  # before the next is taken in, which then takes its place in memory

    def _in_parts(self) -> bool:
        """The parts that were asked for; tells whether a person has seen the status line."""
        printed = self._printed
        if printed is None:
            from reqcli.cli.printing import Printed

            printed = Printed(self._ask, self._world)
        response = self._result.response
        printed.heads(self._result, self._redactor, is_saved=self._destination.is_file)
        try:
            if response is not None:
                if self._destination.is_file:
                    self._destination.save(response)
                elif printed.takes_body:
                    printed.body(response)
                elif printed.times_body or self._ask.quiet or self._teaches(response):
                    for _ in response.iter_bytes():
                        pass
                else:
                    response.close()
        finally:
            printed.time(self._result)
        return printed.shows_status and response is not None

    @property
    def _is_for_person(self) -> bool:
        """Whether the body may be shown on a terminal: it goes to no file, and nobody wants its bytes there."""
        return not self._destination.is_file and self._ask.output != "-"

    def _teaches(self, response: Response) -> bool:
        """Whether a capture rule takes something from the body, which is then read though nobody wants to see it."""
        if not self._state.rules or self._result.request is None:
            return False
        from reqcli.session.captures import wants_body

        return wants_body(self._state, response.head, self._result.request.method, response.url)


def write_to_file(response: Response, path: str) -> int:
    """The body into a file; what came of a broken one stays there, and the error names it.

    Returns:
        The bytes written.

    Raises:
        OutputFailed: the file cannot be written.
        ReqcliError: the body broke.
    """
    try:
        file = open(path, "wb", buffering=0)  # blocks come large, and so nothing is left to be written at the end
    except OSError as error:
        response.close()
        raise OutputFailed(f"cannot write {path}: {error.strerror}") from error
    written = 0
    with file:
        try:
            for block in response.iter_bytes():
                written += _write_block(file, block, path)
                del block  # before the next is taken in, which then takes its place in memory
        except ReqcliError as error:
            error.details["partial_file"] = path
            error.hint = f"what came of it, {written} bytes, is in {path}"
            raise
        except KeyboardInterrupt:
            raise Interrupted(f"interrupted; what came, {written} bytes, is in {path}") from None
    return written


def _write_block(file: FileIO, block: bytes, path: str) -> int:
    try:
        written = file.write(block)
        while written < len(block):
            written += file.write(memoryview(block)[written:])
        return written
    except OSError as error:
        raise OutputFailed(f"cannot write {path}: {error.strerror}") from error
