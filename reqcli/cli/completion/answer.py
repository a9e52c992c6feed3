"""What TAB offers: the answer to a shell that asks what may come next.

A shell's script (`shells/`) runs `reqcli` with the words up to the cursor, the one being typed last, and the
variable `_REQCLI_COMPLETE` set to the shell's name; bash, which cuts words at `=` and `:`, gives the line instead. Each
line of the answer is one word, with a tab and a description if there is one; `:file` asks the shell for file names.

The words of a request are answered by the table of options: a person who presses TAB waits for it, and Click alone
takes longer to load than all else. What the table does not know, Click answers.
"""

from __future__ import annotations

from reqcli.cli.ask import METHODS
from reqcli.cli.completion import offers
from reqcli.cli.options import all_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Final

    from reqcli.cli.options import Opt
    from reqcli.cli.world import World

VARIABLE: Final = "_REQCLI_COMPLETE"
FILE: Final = (offers.FILES, "")

Offer = tuple[str, str]
"""A word and its description."""


def answer(args: Sequence[str], world: World) -> int:
    """Print what may come next.

    Args:
        args: the words after the program's name, the last being typed; from bash the line up to the cursor.
        world: where sessions are found.

    Returns:
        The exit status, 0.
    """
    in_bash = world.environment[VARIABLE] == "bash"
    *words, typed = (_words(args[0])[1:] if in_bash and args else args) or [""]
    found = _for_request(words, typed, world)
    if found is None:
        found = _by_click(words, typed, world)
    # Bash replaces only what stands after the last of the signs at which it cuts words.
    kept = max(typed.rfind("="), typed.rfind(":")) + 1 if in_bash else 0
    lines = [word if word == FILE[0] else f"{word[kept:]}\t{told}" if told else word[kept:] for word, told in found]
    world.write("".join(f"{line}\n" for line in lines).encode())
    return 0


def _words(line: str) -> list[str]:
    """The words of a line that is not ended yet, its quotes taken off; the last is empty after a blank."""
    if not any(sign in line for sign in "'\"\\"):
        return line.split() + ([""] if line[-1:].isspace() else [])
    from shlex import split

    for ending in ("", '"', "'"):
        try:
            return split(f"{line}{ending}") + ([""] if line[-1:].isspace() and not ending else [])
        except ValueError:
            continue
    return [""]


def _for_request(words: list[str], typed: str, world: World) -> list[Offer] | None:
    """What may come next in the command line of a request; None if it is none."""
    options = {name: option for option in all_options() for name in option.names}
    if not words:
        return None
    if words[0] not in METHODS and words[0] != "request":
        from reqcli.cli.implied import may_begin

        if not may_begin(words, options):
            return None
    session, awaited = _before(words, options)
    name, equals, value = typed.partition("=")
    if awaited is not None:
        return _values(awaited, session, typed, world)
    if equals and typed.startswith("--"):
        option = options.get(name)
        values = [] if option is None or option.is_flag else _values(option, session, value, world)
        return [offer if offer == FILE else (f"{name}={offer[0]}", offer[1]) for offer in values]
    if typed.startswith("-"):
        return [(word, option.help) for word, option in options.items() if word.startswith(typed)]
    return [(item, "") for item in offers.header_items(world, session, typed)] if typed else []


def _before(words: list[str], options: Mapping[str, Opt]) -> tuple[str | None, Opt | None]:
    """The session that the words name, and the option whose value comes next, if one does."""
    session = None
    awaited: Opt | None = None
    for word in words:
        if awaited is not None:
            session, awaited = word if awaited.attribute == "session_name" else session, None
        elif word.startswith("--session="):
            session = word.partition("=")[2]
        else:
            option = options.get(word)
            awaited = option if option is not None and not option.is_flag else None
    return session, awaited


def _values(option: Opt, session: str | None, typed: str, world: World) -> list[Offer]:
    if option.complete is not None:
        found: list[str] = getattr(offers, option.complete)(world, session, typed)
        return [(value, "") for value in found]
    if option.type is not None:
        return [(value, "") for value in option.type.choices if value.startswith(typed)]
    return [FILE] if option.takes_file else []


def _by_click(words: list[str], typed: str, world: World) -> list[Offer]:
    from click.shell_completion import ShellComplete

    from reqcli.cli.tree import cli

    found = ShellComplete(cli, {"obj": world}, "reqcli", VARIABLE).get_completions(words, typed)
    return [(item.value, item.help or "") for item in found]
