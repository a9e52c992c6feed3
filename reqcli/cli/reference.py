"""The commands that tell what a program may rely on: the shape of a result, and every failure there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from reqcli.cli.sessions import FORMAT

if TYPE_CHECKING:
    from reqcli.cli.world import World


@click.command()
@click.pass_obj
def schema(world: World) -> int:
    """Print the JSON Schema of the envelope, which `--format json` prints a result as."""
    from importlib.resources import files

    world.write(files("reqcli.render.formats").joinpath("envelope.schema.json").read_bytes())
    return 0


@click.command()
@FORMAT
@click.pass_obj
def errors(world: World, format_: str | None) -> int:
    """List every failure: code, exit status, phase, whether trying again may help, what it means, and the way out.

    The code is the contract, and the exit status a view of it; neither ever changes its meaning. In a pipe the columns
    are separated by tabs.
    """
    from reqcli.cli.session_views import print_rows
    from reqcli.errors import all_errors

    columns = ("code", "exit", "phase", "retryable", "sentence", "advice")
    rows = [
        {
            "code": kind.code,
            "exit": kind.exit_status,
            "phase": kind.phase,
            "retryable": kind.retryable,
            "sentence": kind.sentence,
            "advice": kind.advice,
        }
        for kind in all_errors()
    ]
    if format_ != "json":
        rows = [{**row, "retryable": "yes" if row["retryable"] else "no"} for row in rows]
    print_rows(world, format_, columns, rows)
    return 0
