"""The command `help`: topics explained, one text each in this folder, which the manual pages are made from as well.

A text's first line is its summary. Paragraphs are parted by empty lines; indented lines are kept as they are, and those
that begin with `$ ` are commands that a test runs, against `reqcli demo --serve --port 8000`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import click

from reqcli.errors import Usage, all_errors

if TYPE_CHECKING:
    from reqcli.cli.world import World

TOPICS: Final = (
    "items", "output", "download", "network", "sessions", "captures", "secrets", "batch", "contexts", "programs",
    "stores", "environment", "file", "exit",
)  # fmt: skip
"""In the order in which a newcomer would read them."""


def topic(name: str) -> str:
    """The text of a topic."""
    if name == "exit":
        return _exit_statuses()
    with open(os.path.join(os.path.dirname(__file__), f"{name}.txt"), encoding="utf-8") as file:
        return file.read()


def summary(name: str) -> str:
    """The first line of a topic."""
    return topic(name).partition("\n")[0]


def _exit_statuses() -> str:
    width = max(len(error.code) for error in all_errors())
    rows = [(0, "(ok)", "everything went well"), *((e.exit_status, e.code, e.sentence) for e in all_errors())]
    lines = [f"    {status:>3}  {code:<{width}}  {sentence}" for status, code, sentence in rows]
    return "\n".join(
        ["What the exit status and the code of a failure mean", "",
         "A failure is one line on stderr that ends with its code, in brackets. The code is what to rely on; the exit",
         "status is a view of it, curl's number where curl has one. A status of 400 or more is a failure, its body",
         "still printed, and so is a redirect that is not followed; --no-check-status lets both count as success, and",
         "--expect 2xx,404 says what alone does. `reqcli errors` tells the phase and the way out of each as well.", "",
         *lines, ""]
    )  # fmt: skip


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
