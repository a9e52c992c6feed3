"""An environment variable: `{"env": "NAME"}`."""

from __future__ import annotations

from collections.abc import Mapping

from reqcli.errors import SecretUnavailable
from reqcli.vault.answer import Answer
from reqcli.vault.sources import Source, malformed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_LONGEST_SHOWN: Final = 32


class Environment:
    """See the top of the file."""

    may_change = False

    def describe(self, where: object) -> str:
        return f"environment variable {_shown(_name(where))}"

    def fetch(self, where: object, environment: Mapping[str, str], patience: float) -> Answer:
        name = _name(where)
        value = environment.get(name)
        if not value:
            state = "not set" if value is None else "empty"
            raise SecretUnavailable(
                f"the environment variable {_shown(name)}, which holds a secret, is {state}",
                hint=f"set it for this command, and export it: export {name}"
                if _shown(name) == name
                else "what is asked for is the variable's name, without a $",
            )
        return Answer.of(value)


def _name(where: object) -> str:
    if isinstance(where, str) and where and "=" not in where and where.isprintable():
        return where
    raise malformed("env", '{"env": "NAME"}')


def _shown(name: str) -> str:
    """The name; not what a shell put in its place, where `$NAME` was typed: that is the secret itself."""
    return name if name.isidentifier() and len(name) <= _LONGEST_SHOWN else f"{name[:2]}…"


SOURCE: Final[Source] = Environment()
