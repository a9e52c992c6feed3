"""`--agent`: for a program that acts on instructions it did not write. A guard-rail, and no boundary.

It keeps honest mistakes and smuggled instructions from doing the obvious harm: nothing waits for a person, secrets
stay where they are, the output stays small, and a session without a policy reaches public addresses alone. But whoever
can run reqcli with it can run reqcli without it: a boundary is what the operating system and the network enforce.
"""

from __future__ import annotations

from reqcli.errors import PolicyDenied, Usage
from reqcli.session.policy import Policy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from reqcli.api.session import Session
    from reqcli.cli.ask import Ask
    from reqcli.model.result import Result

BUDGET: Final = 64 * 1024
"""Bytes of a body that are shown, unless `--max-output` says otherwise."""

PUBLIC: Final = Policy(public_only=True)
"""What a session without a policy of its own may be used for."""

_FETCHES: Final = "fetches a secret of the caller's choice"
_LEADS_AWAY: Final = "leads the session's secrets where no policy looks"

FORBIDDEN: Final = {
    "--reveal": "shows secrets",
    "--token-env": _FETCHES,
    "--token-file": _FETCHES,
    "--token-command": _FETCHES,
    "--token-keyring": _FETCHES,
    "--proxy": _LEADS_AWAY,
    "--resolve": _LEADS_AWAY,
    "--unix-socket": _LEADS_AWAY,
    "--insecure": _LEADS_AWAY,
    "--verify": _LEADS_AWAY,
    "--store": _LEADS_AWAY,
    "--to-store": _LEADS_AWAY,
    "--trust-commands": "brings commands along",
    "--save": "changes what the owner of the session arranged",
    "--curl": "prints no result",
    "--write-out": "prints no result",
}
"""Options that are refused, and what each does."""

ALLOWED: Final = {
    "session": frozenset({"list", "show", "cookies", "path", "create", "end", "policy", "capture"}),
    "context": frozenset({"show"}),
    "completion": frozenset(),
}
"""What is left of commands that change what the owner of the sessions arranged; `policy` and `capture` only show it."""

_CHANGES: Final = frozenset(
    {"--allow-origin", "--allow-method", "--allow-path", "--public-only", "--any-address", "--clear", "--preset",
     "--remove", "--origin"}
)  # fmt: skip


def check_words(args: Sequence[str]) -> None:
    """Refuse what would undo the guard-rail.

    Args:
        args: the words after the program's name.

    Raises:
        Usage: an option is not to be had.
        PolicyDenied: a session's policy, or what a session holds, is not to be had.
    """
    names = {word.partition("=")[0] for word in args}  # behind `--` too, where a command's own options may stand
    for name, what in FORBIDDEN.items():
        if name in names:
            raise _refused(name, what)
    places = [word for word in args if not word.startswith("-")]
    if places[:1] and places[0] in ALLOWED and len(places) > 1:
        is_allowed = places[1] in ALLOWED[places[0]]
        only_shows = not names & _CHANGES and set(places[3:]) <= {"json"}
        if not is_allowed or (places[1] in ("policy", "capture") and not only_shows):
            raise denied(f"`{places[0]} {places[1]}` cannot change what the owner of the sessions arranged")


def settle(ask: Ask) -> None:
    """Have a request give an envelope, its body within a budget.

    Raises:
        Usage: it has one of the options that are refused, be it by its short name.
        PolicyDenied: it would write over a file.
    """
    for name, what in FORBIDDEN.items():
        if getattr(ask, name[2:].replace("-", "_"), None):
            raise _refused(name, what)
    import os

    for path in (ask.output, ask.context_out if ask.context_out != ask.context else None):
        if path is not None and (os.path.isfile(path) or os.path.islink(path)):
            raise denied(f"{path} is there already, and is not written over")
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


def denied(what: str) -> PolicyDenied:
    """The error that tells of what is not to be had."""
    return PolicyDenied(f"with --agent {what}", details={"rule": "agent"})


def _refused(name: str, what: str) -> Usage:
    return Usage(f"{name} {what}, and with --agent that is not to be had")
