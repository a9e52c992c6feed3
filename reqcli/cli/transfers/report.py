"""What is said of a transfer when it is over: `-m`, where its time went, and `-w FORMAT`, whatever was asked for."""

from __future__ import annotations

from reqcli.errors import Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from reqcli.cli.ask import Ask
    from reqcli.cli.world import World
    from reqcli.model.result import Result
    from reqcli.model.url import Url
    from reqcli.render.write_out import Piece


class Report:
    """The words of `-m` and `-w`, read before anything is sent, so that a mistake in them costs no request.

    Args:
        ask: what was asked for.
        world: where files and standard input are found.

    Raises:
        Usage: a name in the format is not known, or it could not be told from the envelope.
        InputFailed: the format's file cannot be read.
    """

    def __init__(self, ask: Ask, world: World) -> None:
        self._ask: Final = ask
        self._world: Final = world
        self._pieces: tuple[Piece, ...] = ()
        if ask.write_out is None:
            return
        if ask.format_ is not None:
            raise Usage(
                f"--write-out and --format {ask.format_} contradict each other",
                hint="the object has all of it: exit_code, timing, response",
            )
        from reqcli.render.write_out import parse_format

        self._pieces = parse_format(_format_text(ask.write_out, world))

    def give(self, result: Result, url: Url, path: str | None) -> None:
        """Write it.

        Args:
            result: of a run that ended, well or not, with its body read or given up.
            url: what was asked for at first.
            path: the file that the body went to, or None.

        Raises:
            BrokenPipeError, OutputFailed: standard output takes no more.
        """
        if self._pieces:
            self._write_out(result, url, path)
        if self._ask.timing and result.timing is not None:
            from reqcli.render.timing import timing_lines, waterfall

            world = self._world
            if world.can_draw:
                text = waterfall(
                    result.timing, world.width_of(world.stderr), colour=not world.environment.get("NO_COLOR")
                )
            else:
                text = timing_lines(result.timing)
            world.say(text, end="")

    def _write_out(self, result: Result, url: Url, path: str | None) -> None:
        from reqcli.model.redact import Redactor
        from reqcli.render.escape import escape_line
        from reqcli.render.figures import figures
        from reqcli.render.write_out import written_out

        world = self._world
        redactor = Redactor.for_request(result.request, result.secrets, reveal=self._ask.reveal)
        values = figures(result, redactor, url, path)
        for stream, text, is_from_outside in written_out(self._pieces, values, result.response, redactor):
            if is_from_outside and (world.stdout if stream == "stdout" else world.stderr).isatty():
                text = escape_line(text)
            if stream == "stdout":
                world.write(text.encode(errors="backslashreplace" if is_from_outside else "surrogateescape"))
            else:
                world.say(text, end="")


def _format_text(text: str, world: World) -> str:
    """The format as typed, or out of the file after `@`; `@-` is standard input."""
    if not text.startswith("@"):
        return text
    from reqcli.cli.credentials import read_text

    return read_text(text, world, "the format of -w")
