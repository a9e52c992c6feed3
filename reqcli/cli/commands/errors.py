"""The command `errors`: every failure there is, which a program may rely on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from reqcli.cli.commands.session import FORMAT

if TYPE_CHECKING:
    from reqcli.cli.world import World


@click.command()
@FORMAT
@click.pass_obj
def errors(world: World, format_: str | None) -> int:
    """List every failure: code, exit status, phase, whether trying again may help, what it means, and the way out.

    The code is the contract, and the exit status a view of it; neither ever changes its meaning. In a pipe the columns
    are separated by tabs.
    """
    from reqcli.cli.sessions.views import print_rows
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
