"""What TAB offers for a value: the names of the sessions there are, of a session's settings, of presets."""

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


def setting_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The settings whose name begins so."""
    from reqcli.session.schema import SETTINGS

    return [name for name in SETTINGS if name.startswith(incomplete)]


def preset_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The presets for capture rules whose name begins so."""
    from reqcli.session import presets

    return [name for name in presets.names() if name.startswith(incomplete)]
