"""The command `completion`: a shell's script for TAB, printed or put where the shell looks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from reqcli.cli.completion.scripts import SHELLS, install, script
from reqcli.errors import Usage

if TYPE_CHECKING:
    from reqcli.cli.world import World


@click.command()
@click.argument("action", type=click.Choice([*SHELLS, "install"]), metavar="bash|zsh|fish|install")
@click.argument("shell", required=False, type=click.Choice(SHELLS), metavar="[SHELL]")
@click.pass_obj
def completion(world: World, action: str, shell: str | None) -> None:
    """Print the script that completes reqcli's words at TAB, or install it for the user.

    `reqcli completion bash` prints it, for `source <(reqcli completion bash)`. `reqcli completion install` writes it
    where the shell in SHELL looks for it, and says what is still to be done; no other file is changed.
    """
    if action == "install":
        install(shell, world)
    elif shell is not None:
        raise Usage("only `install` is followed by a shell", hint=f"reqcli completion {action}")
    else:
        world.write(script(action).encode())
