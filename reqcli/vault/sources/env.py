"""An environment variable: `{"env": "NAME"}`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from reqcli.errors import SecretUnavailable
from reqcli.vault.answer import Answer
from reqcli.vault.sources import Source, malformed


class Environment:
    """See the top of the file."""

    may_change = False

    def describe(self, where: object) -> str:
        return f"environment variable {_name(where)}"

    def fetch(self, where: object, environment: Mapping[str, str], patience: float) -> Answer:
        name = _name(where)
        value = environment.get(name)
        if not value:
            state = "not set" if value is None else "empty"
            raise SecretUnavailable(
                f"the environment variable {name}, which holds a secret, is {state}",
                hint=f"set it for this command, and export it: export {name}",
            )
        return Answer.of(value)


def _name(where: object) -> str:
    if isinstance(where, str) and where and "=" not in where and where.isprintable():
        return where
    raise malformed("env", '{"env": "NAME"}')


SOURCE: Final[Source] = Environment()
