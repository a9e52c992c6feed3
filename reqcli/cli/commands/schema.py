"""The command `schema`: the shape of a result, which a program may rely on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from reqcli.cli.world import World


@click.command()
@click.pass_obj
def schema(world: World) -> int:
    """Print the JSON Schema of the envelope, which `--format json` prints a result as."""
    from importlib.resources import files

    world.write(files("reqcli.render.formats").joinpath("envelope.schema.json").read_bytes())
    return 0
