"""The command `help`: a topic explained, or the help of a command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from reqcli.cli.help.topics import TOPICS, summary, topic
from reqcli.errors import Usage

if TYPE_CHECKING:
    from reqcli.cli.world import World


def _topics_and_commands(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    root = ctx.find_root()
    assert isinstance(root.command, click.Group)
    known = dict.fromkeys((*TOPICS, *root.command.list_commands(root)))
    return [word for word in known if word.startswith(incomplete)]


@click.command("help")
@click.argument("words", nargs=-1, metavar="[TOPIC|COMMAND...]", shell_complete=_topics_and_commands)
@click.pass_context
def help_(ctx: click.Context, words: tuple[str, ...]) -> None:
    """Explain a topic or a command; without one, list the topics."""
    world: World = ctx.obj
    if not words:
        lines = "\n".join(f"  {name:<13}{summary(name)}" for name in TOPICS)
        text = f"Topics, for `reqcli help TOPIC`:\n\n{lines}\n\nCommands have their own: `reqcli get --help`.\n"
    elif len(words) == 1 and words[0] in TOPICS:
        text = topic(words[0])
    else:
        text = _command_help(ctx.find_root(), words)
    world.write(text.encode())


def _command_help(context: click.Context, words: tuple[str, ...]) -> str:
    """The help of the command that these words call."""
    for place, word in enumerate(words):
        group = context.command
        known = group.list_commands(context) if isinstance(group, click.Group) else []
        command = group.get_command(context, word) if isinstance(group, click.Group) else None
        if command is None:
            from difflib import get_close_matches

            close = get_close_matches(word, known if place else [*TOPICS, *known], 1)
            raise Usage(
                f"there is no topic or command {' '.join(words[: place + 1])!a}",
                hint=f"did you mean {close[0]}?" if close else f"topics are {', '.join(TOPICS)}",
            )
        context = click.Context(command, context, word)
    return context.get_help() + "\n"
