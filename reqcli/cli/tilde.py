"""`--output=~/x`: the home directory, which shells put in the place of a tilde at the beginning of a word alone."""

from __future__ import annotations

import re
from os.path import expanduser

from reqcli.cli.options import all_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def expanded(args: Sequence[str]) -> list[str]:
    """The words of a command line; of options that take the path of a file, the tilde is replaced."""
    names = set(_names())
    ends = args.index("--") if "--" in args else len(args)
    return [_expanded(word, names) if place < ends else word for place, word in enumerate(args)]


def _expanded(word: str, names: set[str]) -> str:
    name, _, value = word.partition("=")
    return f"{name}={expanduser(value)}" if name in names and value.startswith("~/") else word


def _names() -> Iterator[str]:
    for option in all_options():
        if re.search(r"(?<!@)\b(?:FILE|PATH|DIR)\b", option.metavar or ""):
            yield from option.names
    yield "--resume"
