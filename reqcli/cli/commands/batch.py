"""`reqcli batch`: a request for each line of the input, a result for each line of the output."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from reqcli.batch.crew import Crew
from reqcli.batch.pace import Pace
from reqcli.batch.resume import Log
from reqcli.batch.source import Source
from reqcli.cli.commands.declared import Read, RequestCommand, offered
from reqcli.cli.commands.many import FORMAT, JOBS, Desk, attend, line_options, lines_of
from reqcli.cli.completion import offers
from reqcli.cli.options import whole
from reqcli.errors import InputFailed, Interrupted, Usage
from reqcli.render.failure import failure_line

if TYPE_CHECKING:
    from threading import Event

    from reqcli.batch.sink import Tally
    from reqcli.cli.world import World

SECONDS_IN = {"s": 1, "m": 60, "h": 3600}


class Rate(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """`10`, `10/s`, `90/m` or `500/h`, as a number in a second."""

    name = "rate"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number of the text."""
        if not isinstance(value, str):
            return value
        number, _, unit = value.partition("/")
        try:
            rate = float(number) / SECONDS_IN[unit or "s"]
        except (ValueError, KeyError):
            rate = 0.0
        if not 0 < rate < 1e9:
            self.fail(f"{value!a} is no rate such as 10/s, 90/m or 500/h", param, ctx)
        return rate


@click.command(cls=RequestCommand, short_help="Send a request for each line of a file or of standard input.")
@click.argument("file", metavar="[FILE|-]", default="-", shell_complete=offered(offers.files))
@click.option("-j", "--jobs", type=JOBS, metavar="N", default=1, help="Requests at a time.  [default: 1]")
@click.option("--ordered", is_flag=True, help="Write results in the order of the lines, not as they finish.")
@click.option("--rate", type=Rate(), metavar="N[/s|/m|/h]", help="Begin no more requests than that.")
@click.option("--fail-fast", is_flag=True, help="Begin no further line after the first failure.")
@click.option("--max-failures", type=Read(whole(1, 10**9)), metavar="N", help="Begin no further line after N failures.")
@click.option(
    "--resume", metavar="LOG", shell_complete=offered(offers.files),
    help="Note in this file which lines are done, and leave out those that are.",
)  # fmt: skip
@FORMAT
@line_options
@click.pass_obj
def batch(
    world: World,
    /,
    file: str,
    jobs: int,
    ordered: bool,
    rate: float | None,
    fail_fast: bool,
    max_failures: int | None,
    resume: str | None,
    **words: Any,
) -> int:
    """Send a request for each line of FILE, or of standard input, and write a line of JSON for each result.

    A line is a URL, or a JSON object: url, and what else is wanted of id, method, headers, query, one of json, form,
    body, body_base64 and body_file, auth, session, expect, timeout, connect_timeout, max_time, follow, max_redirects
    and retry. Blank lines and those that begin with # are passed over. A result is what --format json prints of one
    request, with the line's id and its number; so is a line that makes no sense.

    With -j 1 cookies flow from line to line. With more each line starts from the session as it was at first, and what
    it learns is stored. The options of a request hold for every line, wherever it goes, unless it says otherwise.

    The exit status is 0 if all went well, else that of the failed line that stands first. Ctrl-C and SIGTERM
    finish what is under way (130, 143); a second one stops at once.
    """
    if fail_fast and max_failures is not None:
        raise Usage("--fail-fast and --max-failures contradict each other")
    stream, size = _opened(file, world)
    source = Source(stream, "standard input" if file == "-" else file)
    desk = Desk(words, world, jobs=jobs, has_stdin=file != "-")
    crew = Crew(
        source,
        desk.hire,
        world.write,
        jobs=jobs,
        pace=Pace(rate) if rate is not None else None,
        ordered=ordered and jobs > 1,
        log=Log(resume) if resume is not None else None,
        most_failures=1 if fail_fast else max_failures,
    )
    interrupted = attend(crew, world, lambda ended: _watch(ended, crew, size, world))
    if interrupted:
        world.say(failure_line(Interrupted(f"interrupted: {_summary(crew.tally)}")))
        return interrupted
    return _told(crew.tally, world)


def _opened(file: str, world: World) -> tuple[BinaryIO, int | None]:
    """The input, and how many bytes it has if that is known."""
    if file == "-":
        stream = lines_of(world)
    else:
        try:
            stream = open(file, "rb")
        except OSError as error:
            raise InputFailed(f"cannot read {file}: {error.strerror}") from error
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return stream, None
    return stream, status.st_size if stat.S_ISREG(status.st_mode) else None


def _watch(ended: Event, crew: Crew, size: int | None, world: World) -> None:
    """Wait for the end; on a terminal that shows nothing else, with a bar."""
    if world.stderr.isatty() and not world.has_terminal:
        from reqcli.cli.transfers.gauge import watch_on_terminal

        watch_on_terminal(ended, crew.tally, lambda: crew.position, size, world)
    else:
        ended.wait()


def _summary(tally: Tally) -> str:
    said = f"{tally.done} done, {tally.failed} of them failed"
    return f"{said}, {tally.skipped} left out" if tally.skipped else said


def _told(tally: Tally, world: World) -> int:
    """Say what failed, and give the exit status."""
    first = tally.first
    if first is None or first.error is None:
        return 0
    counts = ", ".join(f"{count} {code}" for code, count in tally.failures.most_common())
    world.say(
        f"reqcli: error: {_summary(tally)} ({counts}); the first is line {first.line.number} [{first.error.code}]"
    )
    return first.error.exit_status
