"""Presets for capture rules: one file is one protocol's way of issuing sessions and tokens, found by its name.

A preset is rules and constant headers, bound to the server that the user names by a URL: in the text of a rule `{base}`
stands for the path of that URL, in a header `{origin}` for its origin.
"""

from __future__ import annotations

from reqcli.errors import Usage
from reqcli.model import shelf
from reqcli.model.fields import shown
from reqcli.model.value import Value
from reqcli.session.operations import SetHeader
from reqcli.session.rule_operations import SetRule
from reqcli.session.rules import parse
from reqcli.session.schema import StoredHeader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from reqcli.model.url import Url
    from reqcli.session.operations import Operation


class Preset(Value):
    """What every file of this folder ends in, under the name `PRESET`.

    Args:
        rules: in the text of `reqcli.session.rules`.
        headers: names and values that go to the server with every request.
    """

    __slots__ = ("headers", "rules")

    def __init__(self, rules: tuple[str, ...], headers: tuple[tuple[str, str], ...] = ()) -> None:
        self.rules: Final = rules
        self.headers: Final = headers

    def operations(self, url: Url) -> list[Operation]:
        """What puts the preset into a session.

        Args:
            url: of the server; its path is what the protocol's own paths are below.
        """
        base, origin = url.path.rstrip("/"), str(url.origin)
        rules = [SetRule(parse(text.replace("{base}", base))) for text in self.rules]
        headers = [
            SetHeader(StoredHeader(name, value.replace("{origin}", origin), origin)) for name, value in self.headers
        ]
        return [*rules, *headers]


def names() -> list[str]:
    """The presets there are."""
    return shelf.names(__path__)


def load(name: str) -> Preset:
    """The preset of this name.

    Raises:
        Usage: there is none.
    """
    preset: Preset | None = shelf.load(__name__, name, "PRESET")
    if preset is None:
        raise Usage(f"there is no preset {shown(name)}", hint=f"one of {', '.join(names())}")
    return preset
