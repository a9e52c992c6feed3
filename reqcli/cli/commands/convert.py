"""`reqcli convert`: a curl command becomes a reqcli one, and the other way round; nothing is run, nothing is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from reqcli.cli.advice.suggestions import Suggesting
from reqcli.cli.ask import METHODS, Ask
from reqcli.cli.plain import plain_request
from reqcli.errors import Usage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reqcli.cli.world import World

_RAW: Final = {"ignore_unknown_options": True, "allow_interspersed_args": False}


@click.group(cls=Suggesting)
def convert() -> None:
    """Turn a curl command into a reqcli one, or the other way round. Nothing is sent.

    The command is given as words, as one word of the shell, or on standard input: what a browser copies with «Copy as
    cURL» has quotes of both kinds in it, so start `reqcli convert curl`, paste, and end with Ctrl-D.
    """


@convert.command(context_settings=_RAW)
@click.option(
    "--dialect", type=click.Choice(["auto", "posix", "cmd"]), default="auto", show_default=True,
    help="How the command is quoted: for a POSIX shell, or for cmd.exe of Windows.",
)  # fmt: skip
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="[COMMAND|@FILE|@-]")
@click.pass_obj
def curl(world: World, dialect: str, command: tuple[str, ...]) -> int:
    """Print the reqcli command that does what a curl command does.

    What it cannot do, or does otherwise, is said on standard error; an option that curl does not have is an error.
    Secrets in the command are printed as they are. No shell is run: what only a shell could replace is refused.
    """
    from reqcli.cli.curl.from_curl import Converted
    from reqcli.interop.curl.reading import read_call
    from reqcli.interop.shell import cmd_words, command_line, looks_like_cmd, posix_words, quoted

    words: Sequence[str] = command
    if len(command) < 2:
        text = _text(command[0] if command else "@-", world)
        is_cmd = dialect == "cmd" or (dialect == "auto" and looks_like_cmd(text))
        words = cmd_words(text) if is_cmd else posix_words(text.removeprefix("$ "))
    made = Converted(read_call(words))
    groups = [[quoted(word) for word in group] for group in made.groups]
    world.write(f"{command_line(groups)}\n".encode(errors="surrogateescape"))
    for remark in dict.fromkeys(made.remarks):
        world.say(f"reqcli: note: {remark}")
    return 0


@convert.command("reqcli", context_settings=_RAW)
@click.option("--reveal", is_flag=True, help="Show secrets that are masked otherwise.")
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="[COMMAND|@FILE|@-]")
@click.pass_obj
def from_reqcli(world: World, reveal: bool, command: tuple[str, ...]) -> int:
    """Print the curl command that does what a reqcli command does: the same as its `--curl`."""
    from reqcli.cli.perform import perform
    from reqcli.interop.shell import posix_words

    words: Sequence[str] = command
    if len(command) < 2:
        words = posix_words(_text(command[0] if command else "@-", world).removeprefix("$ "))
    if words and words[0].rpartition("/")[2] == "reqcli":
        words = words[1:]
    request = plain_request(words)
    if request is None and words and words[0] in (*METHODS, "request"):
        from reqcli.cli.tree import run_command

        return run_command([words[0], "--curl", *words[1:]], world)  # which says what it does not understand
    if request is None:
        raise Usage("only a request can be converted", hint="it begins with reqcli get, post … or request METHOD")
    return perform(Ask(**{**request, "curl": True, "reveal": reveal or request["reveal"]}), world)


def _text(word: str, world: World) -> str:
    """The command as it was given, or what the file holds."""
    from reqcli.cli.credentials import read_text

    text = read_text(word, world, "a command") if word.startswith("@") else word
    if not text.strip():
        raise Usage("there is no command to convert", hint="give it as one word of the shell, or on standard input")
    return text.strip()
