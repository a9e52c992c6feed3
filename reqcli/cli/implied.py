"""A request that names no command: `reqcli URL [ITEM…]`, and `reqcli POST URL [ITEM…]` as users of HTTPie write it.

Without a method it is a GET, or a POST when the command line itself says what to send: fields, `@FILE`, -d or --raw.
Standard input alone makes no POST, and is not read: in a `while read` loop it holds the loop's next lines.
"""

from __future__ import annotations

from reqcli.cli.ask import METHODS
from reqcli.cli.items import parse_items
from reqcli.errors import Usage
from reqcli.model.fields import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from typing import Any


def method_and_place(words: Sequence[str]) -> tuple[str | None, int] | None:
    """The method that the words begin with, None where it is left out, and which of them is the URL.

    Args:
        words: of the command line, or what is left of it without its options.

    Returns:
        None when they begin with neither a method nor a URL.
    """
    first = words[0] if words else ""
    if first == "request":
        return (words[1], 2) if len(words) > 1 else None
    if first in METHODS or (len(words) > 1 and first.lower() in METHODS):
        return first.upper(), 1
    if _is_url(first):
        return None, 0
    if first.isascii() and first.isalpha() and first.isupper() and any(map(_is_url, words[1:2])):
        return first, 1
    return None


def may_begin(args: Sequence[str], options: Collection[str]) -> bool:
    """Whether a command line is that of a request, by its first words: a method, a URL, or an option of requests."""
    word = args[0]
    if word.startswith("-"):
        return (word.partition("=")[0] if word.startswith("--") else word[:2]) in options
    return method_and_place(args) is not None


def implied_method(words: Mapping[str, Any]) -> str:
    """The method of a request that names none: POST when there is something to send.

    Args:
        words: the attributes of an `Ask`.

    Raises:
        Usage: its items make no sense.
    """
    items = parse_items(words["items"])
    sends = items.fields or items.body is not None or words["data"] or words["raw"] is not None
    return "POST" if sends else "GET"


def no_request(places: Sequence[str], words: Mapping[str, Any]) -> Usage:
    """The error for words that have the options of a request before something that is none.

    Args:
        places: those that are no options.
        words: the attributes of an `Ask`.
    """
    if not places and any(map(_is_url, words["data"])):
        return Usage("the URL is missing", hint="-d takes the body, as curl's does; --download saves an answer")
    if not places or places[0] == "request" or places[0].lower() in METHODS:
        return Usage("the URL is missing", hint="reqcli [METHOD] URL [ITEM]...; `reqcli --help` explains")
    from reqcli.cli.advice.elsewhere import mistaken_value

    is_cookie = words["body_alone"] and "=" in places[0] and any(map(_is_url, places[1:]))
    return Usage(
        f"{shown(places[0])} is no URL and no method",
        hint=("curl's -b is the item Cookie:name=value; -b prints the body alone" if is_cookie else None)
        or mistaken_value(places[0])
        or "a host alone is written http://host; the options of other commands stand after the command",
    )


def explained(args: Sequence[str], options: Collection[str]) -> list[str]:
    """The command line with the command that it leaves out, for whoever says what is the matter with it."""
    words = list(args)
    if not words or words[0] in METHODS or words[0] == "request" or not may_begin(words, options):
        return words
    if words[0].lower() in METHODS:
        return [words[0].lower(), *words[1:]]
    found = None if words[0].startswith("-") else method_and_place(words)
    return ["request" if found is not None and found[1] else "get", *words]


def _is_url(word: str) -> bool:
    return any(sign in word for sign in ".:/") or word.lower().partition("?")[0] == "localhost"
