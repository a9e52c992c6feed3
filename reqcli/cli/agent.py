"""`--agent`: for a program that acts on instructions it did not write. A guard-rail, and no boundary.

It keeps honest mistakes and smuggled instructions from doing the obvious harm: nothing waits for a person, secrets
stay where they are, the output stays small, and a session without a policy reaches public addresses alone. But whoever
can run reqcli with it can run reqcli without it: a boundary is what the operating system and the network enforce.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reqcli.errors import PolicyDenied, Usage
from reqcli.session.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reqcli.api.session import Session
    from reqcli.cli.ask import Ask
    from reqcli.model.result import Result

BUDGET: Final = 64 * 1024
"""Bytes of a body that are shown, unless `--max-output` says otherwise."""

PUBLIC: Final = Policy(public_only=True)
"""What a session without a policy of its own may be used for."""

FORBIDDEN: Final = {
    "--reveal": "shows secrets",
    "--token-env": "fetches a secret of your own choice",
    "--token-file": "fetches a secret of your own choice",
    "--token-command": "fetches a secret of your own choice",
    "--token-keyring": "fetches a secret of your own choice",
    "--curl": "prints no result",
    "--write-out": "prints no result",
    "-w": "prints no result",
}
"""Options that are refused, and what each does."""

_OPENS: Final = ("--allow-origin", "--allow-method", "--allow-path", "--any-address", "--clear")


def check_words(args: Sequence[str]) -> None:
    """Refuse what would undo the guard-rail.

    Args:
        args: the words after the program's name.

    Raises:
        Usage: an option is not to be had.
        PolicyDenied: a session's policy, or what a session holds, is not to be had.
    """
    names = {word.partition("=")[0] for word in (args[: args.index("--")] if "--" in args else args)}
    for name, what in FORBIDDEN.items():
        if name in names:
            raise Usage(f"{name} {what}, and with --agent that is not to be had")
    commands = [word for word in args if not word.startswith("-")][:2]
    if commands == ["session", "policy"] and names & set(_OPENS):
        raise PolicyDenied("with --agent no policy can be changed", details={"rule": "agent"})
    if commands in (["session", "export"], ["context", "export"], ["context", "keygen"]):
        raise PolicyDenied(
            f"`{' '.join(commands)}` gives secrets away, and with --agent that is not to be had",
            details={"rule": "agent"},
        )


def settle(ask: Ask) -> None:
    """Have a request give an envelope, its body within a budget."""
    ask.format_ = "json"
    if ask.max_output is None:
        ask.max_output = BUDGET


def explain(result: Result, session: Session) -> None:
    """Say the way out where it was the policy of `--agent`, and not the session's, that forbade a request."""
    error = result.error
    if isinstance(error, PolicyDenied) and session.error is None and session.state.policy is None:
        error.hint = (
            "with --agent a session without a policy reaches public addresses alone; "
            "its owner can allow others: `reqcli session policy NAME --allow-origin URL`"
        )
