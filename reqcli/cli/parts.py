"""What of a run is printed, and where: the words of the command line, on a terminal or in a pipe, become two sets.

The parts are called as HTTPie calls them: H and B are the request's head and body, h and b the response's, m is the
time. Options that name parts add up. What `-v` adds is talk about the call: on a terminal it stands with the rest, in
a pipe it goes to standard error, so that standard output stays what the next program wants.
"""

from __future__ import annotations

from reqcli.errors import Usage
from reqcli.model.fields import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from reqcli.cli.ask import Ask

LETTERS: Final = "HBhbm"


class Parts:
    """What is printed of a run.

    Args:
        ask: the words.
        on_terminal: whether standard output is a terminal.
        is_saved: whether the response's body goes to a file.

    Attributes:
        out: the parts for standard output.
        err: the parts for standard error.
        hops: whether the redirects and challenges on the way are shown like the final answer.
        details: whether interim responses and the connections are shown too.
    """

    __slots__ = ("details", "err", "hops", "out")

    def __init__(self, ask: Ask, *, on_terminal: bool, is_saved: bool = False) -> None:
        named = _named(ask)
        talk = set("HBhb" if ask.verbose else "") | set("m" if ask.verbose > 1 else "")
        out = named or set("" if ask.select else "hb" if on_terminal and not is_saved else "b")
        err: set[str] = set()
        if ask.quiet:
            out = set()
        elif on_terminal and not ask.select:
            out |= talk
        else:
            err = talk - out - {"b"}
        if is_saved:
            out -= {"b"}
        self.out: Final = frozenset(out)
        self.err: Final = frozenset(err)
        self.hops: Final = ask.all_hops or ask.verbose > 0
        self.details: Final = ask.verbose > 1


def check_output(ask: Ask) -> None:
    """Make sure that the words make sense, before anything is sent.

    Raises:
        Usage: they name no part, contradict each other, or name a charset that there is not.
    """
    for letter in ask.print_ or "":
        if letter not in LETTERS:
            raise Usage(
                f"--print {shown(ask.print_ or '')}: {shown(letter)} is no part of a call",
                hint="H and B are the request's head and body, h and b the response's, m is the time",
            )
    if ask.quiet and (said := _said(ask, "verbose", "print_", "head_alone", "body_alone", "include", "select")):
        raise Usage(f"--quiet and {said} contradict each other")
    if ask.select:
        said = _said(ask, "print_", "head_alone", "body_alone", "include", "output", "format_")
        if said is not None:
            raise Usage(f"--select and {said} contradict each other")
        from reqcli.render.pointer import check_pointer

        for pointer in ask.select:
            check_pointer(pointer)
    if ask.response_charset is not None:
        from reqcli.model.response import is_charset

        if not is_charset(ask.response_charset):
            raise Usage(f"--response-charset {shown(ask.response_charset)} is no charset that is known here")
    if ask.response_mime is not None and "/" not in ask.response_mime:
        raise Usage(f"--response-mime {shown(ask.response_mime)} is no media type", hint="one is like application/json")


_NAMES: Final = {
    "verbose": "--verbose", "print_": "--print", "head_alone": "--headers", "body_alone": "--body",
    "include": "--include", "select": "--select", "output": "--output", "format_": "--format",
}  # fmt: skip


def _said(ask: Ask, *attributes: str) -> str | None:
    """The first of these options that was given, as it is typed."""
    return next((_NAMES[name] for name in attributes if getattr(ask, name) not in (None, False, 0, ())), None)


def _named(ask: Ask) -> set[str]:
    """The parts that options name; none if no option does."""
    flags = (("h", ask.head_alone), ("b", ask.body_alone), ("hb", ask.include))
    return set(ask.print_ or "").union(*(parts for parts, is_given in flags if is_given))
