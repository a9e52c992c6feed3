"""`reqcli serve --stdio`: requests in, results out, for as long as the caller keeps the pipe open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from reqcli.batch.service import Service
from reqcli.batch.source import Source
from reqcli.cli.commands.declared import RequestCommand
from reqcli.cli.commands.many import FORMAT, JOBS, Desk, attend, line_options, lines_of
from reqcli.errors import Usage

if TYPE_CHECKING:
    from threading import Event

    from reqcli.cli.world import World


@click.command(cls=RequestCommand, short_help="Answer requests on standard input for as long as it is open.")
@click.option("--stdio", is_flag=True, help="Read requests on standard input, write results to standard output.")
@click.option("-j", "--jobs", type=JOBS, metavar="N", default=10, help="Requests at a time.  [default: 10]")
@FORMAT
@line_options
@click.pass_obj
def serve(world: World, /, stdio: bool, jobs: int, **words: Any) -> int:
    """Answer requests that come in as lines of JSON, each with one line of JSON, while connections stay warm.

    Lines and results are those of `reqcli batch`; results come as they finish, and the id says whose each one is.
    {"cancel": ID} gives a request up, which then answers with the code interrupted unless its answer was there first.
    Every request is answered once. The end of the input ends the service, when the last answer is out; so do Ctrl-C and
    SIGTERM, and a second one ends it at once.
    """
    if not stdio:
        raise Usage("say --stdio: standard input and output are what this can serve on")
    stream = lines_of(world)
    desk = Desk(words, world, jobs=jobs, has_stdin=False)
    service = Service(Source(stream, "standard input"), desk.hire, world.write, jobs=jobs)
    return attend(service, world, _wait)


def _wait(ended: Event) -> None:
    ended.wait()
