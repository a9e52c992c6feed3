"""What TAB offers for a value: the names of the sessions there are."""

from __future__ import annotations

import click


def session_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The sessions whose name begins so; a store that cannot be read offers nothing."""
    from reqcli.cli.world import World
    from reqcli.errors import ReqcliError

    world = ctx.find_object(World) or World.here()
    try:
        return [name for name in world.sessions().names() if name.startswith(incomplete)]
    except ReqcliError:
        return []
