"""Command lines as text: words quoted for a POSIX shell.

What a terminal might act on (control characters, and those that make text read otherwise than it is) is spelt out by
`printf '%b'`, which every POSIX shell has; `$'…'` would be shorter, and dash does not know it.
"""

from __future__ import annotations

from typing import Final

from reqcli.render.escape import escape_text

LINE: Final = 100
"""Characters from which a command is spread over several lines."""


def quoted(word: str) -> str:
    """A word as a POSIX shell reads it back: the same bytes, none of them able to act on a terminal.

    Raises:
        ValueError: it holds a NUL, which no word can.
    """
    from shlex import quote

    if "\0" in word:
        raise ValueError("a word of a command cannot hold a NUL")
    if escape_text(word) == word:
        return quote(word)
    core = word.rstrip("\n")  # the shell would take line breaks at the end of what printf prints away
    return f'"$({printf(core.encode(errors="surrogateescape"))})"' + (quote(word[len(core) :]) if core != word else "")


def printf(data: bytes) -> str:
    """The command that prints these bytes, whatever they are."""
    return f"printf '%b' '{''.join(map(_octal, data))}'"


def _octal(byte: int) -> str:
    character = chr(byte)
    if character == "\\":
        return "\\\\"
    return character if " " <= character <= "~" and character != "'" else f"\\0{byte:03o}"


def command_line(words: list[list[str]]) -> str:
    """The text of a command.

    Args:
        words: quoted already, grouped by what stays on one line: the command itself, then an option and its value.
    """
    groups = [" ".join(group) for group in words]
    line = " ".join(groups)
    return line if len(line) < LINE else " \\\n  ".join(groups)
