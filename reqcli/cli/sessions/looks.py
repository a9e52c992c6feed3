"""The commands that only look at sessions, said without an option: what they do needs no Click, and is done at once.

Loading Click takes longer than to list a hundred sessions. Whatever is said in more words than a name is left to it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from reqcli.cli.world import World


def look(args: Sequence[str], world: World) -> int | None:
    """The exit status of a command that was understood and run, else None.

    Args:
        args: the words after the program's name.
        world: the streams and the environment to use.
    """
    command, *names = args[1:] or [""]
    if any(name.startswith("-") for name in names):
        return None
    match command, names:
        case "list", []:
            from reqcli.cli.sessions.views import list_sessions

            return list_sessions(world, world.usual_format)
        case "show", [name]:
            from reqcli.cli.sessions.views import show

            return show(world, name, world.usual_format, reveal=False)
        case "cookies", [name]:
            from reqcli.cli.sessions.views import cookies

            return cookies(world, name, world.usual_format, reveal=False)
    return None
