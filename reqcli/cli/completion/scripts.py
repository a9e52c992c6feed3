"""The scripts that teach a shell to ask the program at TAB: their text, and where the shell looks for it."""

from __future__ import annotations

import os

from reqcli.errors import OutputFailed, Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from reqcli.cli.world import World

SHELLS: Final = ("bash", "zsh", "fish")

_PLACES: Final = {
    "bash": ("XDG_DATA_HOME", ".local/share", "bash-completion/completions/reqcli"),
    "zsh": ("XDG_DATA_HOME", ".local/share", "zsh/site-functions/_reqcli"),
    "fish": ("XDG_CONFIG_HOME", ".config", "fish/completions/reqcli.fish"),
}
"""Where a script belongs: the variable that names the directory, its default under the home, the path there."""


def script(shell: str) -> str:
    """The script that teaches a shell to ask the program what may come next."""
    with open(os.path.join(os.path.dirname(__file__), "shells", f"reqcli.{shell}"), encoding="utf-8") as file:
        return file.read()


def install(shell: str | None, world: World) -> None:
    """Put a script where the shell looks for it, and say what is still to be done.

    Args:
        shell: whose script; None for the shell in use.
        world: the user's directories.

    Raises:
        Usage: the shell in use, or where its script belongs, cannot be told.
        OutputFailed: the script cannot be written.
    """
    shell = shell or _shell_in_use(world)
    path = _place(shell, world)
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(script(shell))
    except OSError as error:
        raise OutputFailed(f"cannot write {path}: {error.strerror}") from error
    world.say(f"wrote {path}")
    world.say(_still_to_do(shell, path))


def _shell_in_use(world: World) -> str:
    name = os.path.basename(world.environment.get("SHELL", ""))
    if name not in SHELLS:
        told = f"names {name!r}, which has no completion here" if name else "names no shell"
        raise Usage(f"SHELL {told}", hint=f"say which: {', '.join(SHELLS)}")
    return name


def _place(shell: str, world: World) -> str:
    variable, under_home, path = _PLACES[shell]
    directory = world.environment.get(variable)
    if not directory:
        home = world.environment.get("HOME")
        if not home:
            raise Usage(f"neither {variable} nor HOME is set", hint=f"redirect it: reqcli completion {shell} > FILE")
        directory = os.path.join(home, under_home)
    return os.path.join(directory, path)


def _still_to_do(shell: str, path: str) -> str:
    if shell == "fish":
        return "new shells will use it"
    if shell == "zsh":
        lines = f"fpath=({os.path.dirname(path)} $fpath); autoload -U compinit; compinit"
        return f"add to ~/.zshrc, if it is not there: {lines}"
    return f"new shells will use it, if bash-completion is installed; else add to ~/.bashrc: source {path}"
