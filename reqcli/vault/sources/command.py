"""A command that prints the secret: `{"command": ["program", "argument", …]}`; what it may print, see `vault.answer`.

Every command of a session is run here and nowhere else, so this is the place to ask, one day, whether the user trusts
the one who wrote it. Arguments are never shown, one may be a secret; nor is what it printed when it failed, which is
masked where its complaint repeats it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from reqcli.errors import SecretUnavailable
from reqcli.vault.answer import Answer, understood
from reqcli.vault.sources import LARGEST, Source, malformed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from reqcli.vault.child import Done

LONGEST_COMPLAINT: Final = 300
"""Characters of its standard error that are shown when it fails."""


class Command:
    """See the top of the file."""

    may_change = True

    def describe(self, where: object) -> str:
        return f"command {_argv(where)[0]}"

    def fetch(self, where: object, environment: Mapping[str, str], patience: float) -> Answer:
        from reqcli.vault.child import run

        argv = _argv(where)
        done = run(argv, environment, patience, LARGEST)
        if done.status:
            ended = f"failed with exit status {done.status}" if done.status > 0 else f"died of signal {-done.status}"
            raise SecretUnavailable(f"the command {argv[0]!a} {ended}{_complaint(done, argv)}")
        try:
            return understood(done.output, time.time())
        except SecretUnavailable as wrong:
            raise SecretUnavailable(f"the command {argv[0]!a} {wrong.message}", hint=wrong.hint) from wrong


def _argv(where: object) -> list[str]:
    if isinstance(where, list) and where and all(isinstance(word, str) for word in where) and where[0]:
        return where
    raise malformed("command", '{"command": ["program", "argument", …]}')


def _complaint(done: Done, argv: list[str]) -> str:
    """The end of its complaint, without what it printed as its answer and without its arguments."""
    from reqcli.model.redact import Redactor
    from reqcli.model.secret import Secret

    text = " ".join(done.complaint.decode(errors="backslashreplace").split())
    printed = done.output.decode(errors="surrogateescape").split()
    masked = Redactor(Secret(word) for word in (*printed, *argv[1:])).text(text)
    cut = masked if len(masked) <= LONGEST_COMPLAINT else f"…{masked[-LONGEST_COMPLAINT:]}"
    return f": {cut}" if cut else ""


SOURCE: Final[Source] = Command()
