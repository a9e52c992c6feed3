"""Reads the command line of a request by the table of options, so that a plain call need not load Click.

Loading Click costs more time than the rest of a request's start. It stays the one that explains: whatever is not
understood here to the last word (help, an unknown option, a value that is missing or wrong) is left to Click, which
reads it by the same table and says what is the matter. What is understood here, Click would understand the same way;
a property test holds the two together.
"""

from __future__ import annotations

from reqcli.cli.ask import METHODS
from reqcli.cli.options import all_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from reqcli.cli.options import Opt


def plain_request(args: Sequence[str]) -> dict[str, Any] | None:
    """What a request command says, as the attributes of an `Ask`.

    Args:
        args: the words after the program's name.

    Returns:
        None when the words are not those of a request, or are not all understood.

    Raises:
        Usage: options of a request stand before something that is no URL and no method; or a long name has one dash.
    """
    options: dict[str, Opt] = {}
    words: dict[str, Any] = {}
    for option in all_options():
        words[option.attribute] = option.default
        for name in option.names:
            options[name] = option
    is_named = bool(args) and (args[0] in METHODS or args[0] == "request")
    if not is_named:
        from reqcli.cli.implied import may_begin

        if not args or not may_begin(args, options):
            return None
    rest = list(reversed(args[1:] if is_named else args))  # a stack: the next word is at its end
    places: list[str] = []
    while rest:
        word = rest.pop()
        if word == "--":
            places += reversed(rest)
            break
        if len(word) < 2 or word[0] != "-":
            places.append(word)
        elif not _read(word, rest, options, words):
            return None
    if is_named:
        words["method"] = args[0].upper() if args[0] != "request" else places.pop(0) if places else ""
        if not places or not words["method"]:
            return None
    words["url"], *items = places if is_named else _without_method(places, words)
    words["items"] = tuple(items)
    if words.get("method") is None:
        from reqcli.cli.implied import implied_method

        words["method"] = implied_method(words)
    return words


def _without_method(places: list[str], words: dict[str, Any]) -> list[str]:
    """The words from the URL on, where no command says that there is one."""
    from reqcli.cli.implied import method_and_place, no_request

    found = method_and_place(places)
    if found is None or found[1] >= len(places):
        raise no_request(places, words)
    words["method"], place = found
    return places[place:]


def _read(word: str, rest: list[str], options: Mapping[str, Opt], words: dict[str, Any]) -> bool:
    """Read one word that begins with a dash, and its value, which may be the next; whether that was understood."""
    name, equals, value = word.partition("=")
    if word.startswith("--"):
        option = options.get(name)
        if option is None or (option.is_flag and equals):
            return False
        return _keep(option, value if equals else None, rest, words)
    if f"-{name}" in options or name in ("-help", "-version"):
        from reqcli.cli.advice.mistakes import one_dash

        raise one_dash(name)
    for place, letter in enumerate(word[1:], 2):
        option = options.get(f"-{letter}")
        if option is None:
            return False
        if not option.is_flag:
            return _keep(option, word[place:] or None, rest, words)
        _raise(option, words)
    return True


def _raise(option: Opt, words: dict[str, Any]) -> None:
    """Note that a flag was given."""
    words[option.attribute] = words[option.attribute] + 1 if option.is_counted else True


def _keep(option: Opt, value: str | None, rest: list[str], words: dict[str, Any]) -> bool:
    if option.is_flag:
        _raise(option, words)
        return True
    if value is None:
        if not rest:
            return False
        value = rest.pop()
    made: object = value
    if option.type is not None:
        try:
            made = option.type.read(value)
        except ValueError:
            return False
    words[option.attribute] = (*words[option.attribute], made) if option.multiple else made
    return True
