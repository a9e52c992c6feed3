"""What a server demands with 401 or 407: the challenges of `WWW-Authenticate` and `Proxy-Authenticate`.

A challenge is a scheme and either one token68 or parameters; several may stand on several lines or on one, and the
comma separates parameters and challenges alike (RFC 9110 §11.6.1), so what a word is shows only in what follows it.
A quoted value holds no control character but the tab (RFC 9110 §5.6.4): it is to be sent back, and could not be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from reqcli.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_TOKEN: Final = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_separators: Final = re.compile(r"[ \t,]*").match
_QUOTED: Final = r'"((?:[^"\\\x00-\x08\x0a-\x1f\x7f]|\\[^\x00-\x08\x0a-\x1f\x7f])*)"'
_param: Final = re.compile(rf"({_TOKEN})[ \t]*=[ \t]*(?:({_TOKEN})|{_QUOTED})[ \t]*(?:,|$)").match
_scheme: Final = re.compile(rf"({_TOKEN})(?:[ \t]+([0-9A-Za-z\-._~+/]+=*)[ \t]*(?:,|$))?").match
_escaped: Final = re.compile(r"\\(.)")


class Challenge(Value):
    """One demand.

    Args:
        scheme: lower case.
        params: by lower-case name, quotes and escapes taken off; of two of one name the first counts.
    """

    __slots__ = ("params", "scheme")

    def __init__(self, scheme: str, params: Mapping[str, str]) -> None:
        self.scheme: Final = scheme
        self.params: Final = dict(params)

    def __hash__(self) -> int:
        return hash((self.scheme, *sorted(self.params.items())))


def parse_challenges(lines: Iterable[str]) -> list[Challenge]:
    """Every challenge on the lines of one field, in order; what cannot be read is passed over to the next comma."""
    found: list[tuple[str, dict[str, str]]] = []
    for line in lines:
        here: dict[str, str] | None = None
        position = 0
        while True:
            separators = _separators(line, position)
            position = separators.end() if separators else position
            if position >= len(line):
                break
            param = _param(line, position) if here is not None else None
            if param is not None and here is not None:
                value = param[2] if param[2] is not None else _escaped.sub(r"\1", param[3])
                here.setdefault(param[1].lower(), value)
                position = param.end()
                continue
            scheme = _scheme(line, position)
            if scheme is None or (line[scheme.end() : scheme.end() + 1] not in ("", " ", "\t", ",") and not scheme[2]):
                comma = line.find(",", position)
                position = len(line) if comma < 0 else comma
                continue
            here = {}
            found.append((scheme[1].lower(), here))
            position = scheme.end()
    return [Challenge(scheme, params) for scheme, params in found]
