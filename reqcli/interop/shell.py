"""Command lines as text: words quoted for a POSIX shell, and read from one, or from cmd.exe; nothing is ever run.

What a terminal might act on (control characters, and those that make text read otherwise than it is) is spelt out by
`printf '%b'`, which every POSIX shell has; `$'…'` would be shorter, and dash does not know it.
"""

from __future__ import annotations

import re
from typing import Final

from reqcli.errors import Usage
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


class _Reader:
    """A text that is read from the left, and knows where it stands."""

    def __init__(self, text: str) -> None:
        self.text: Final = text
        self.place = 0

    def next(self) -> str:
        """The next character, empty at the end."""
        character = self.text[self.place : self.place + 1]
        self.place += 1
        return character

    def wrong(self, what: str, hint: str | None = None, *, back: int = 1) -> Usage:
        """The error to raise for the character that was read `back` ago."""
        before = self.text[: max(self.place - back, 0)]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        return Usage(f"line {line}, column {column} of the command: {what}", hint=hint)


def posix_words(text: str) -> list[str]:
    """The words of one command as a POSIX shell reads them, and bash its `$'…'`; nothing is run or replaced.

    Raises:
        Usage: a quote is not closed, or there is something that only a shell could do.
    """
    reader = _Reader(text.replace("\r\n", "\n"))
    words: list[str] = []
    word: list[str] | None = None
    while character := reader.next():
        if character in " \t\n":
            if word is not None:
                words.append(_whole(word, reader))
                word = None
            if character == "\n" and words and reader.text[reader.place :].strip():
                raise reader.wrong("a second command begins", "convert one command at a time")
            continue
        if character == "#" and word is None:
            end = reader.text.find("\n", reader.place)
            reader.place = len(reader.text) if end < 0 else end
            continue
        if character == "\\" and reader.text[reader.place : reader.place + 1] == "\n":
            reader.next()
            continue
        if character in "|&;<>()`":
            raise reader.wrong(f"{character} is for a shell to understand", "leave out what is not the curl command")
        word = [] if word is None else word
        if character == "'":
            word.append(_until_quote(reader))
        elif character == '"':
            _double_quoted(reader, word)
        elif character == "$":
            _dollar(reader, word)
        elif character == "\\":
            word.append(reader.next() or "\\")
        else:
            word.append(character)
    if word is not None:
        words.append(_whole(word, reader))
    return words


def _whole(pieces: list[str], reader: _Reader) -> str:
    """A word out of its pieces: bytes that were spelt out one by one become the characters that they are."""
    try:
        word = "".join(pieces).encode(errors="surrogateescape").decode(errors="surrogateescape")
    except UnicodeEncodeError:
        raise reader.wrong("the word before holds half a character") from None
    if "\0" in word:
        raise reader.wrong("the word before holds a NUL, which no word can")
    return word


def _until_quote(reader: _Reader) -> str:
    end = reader.text.find("'", reader.place)
    if end < 0:
        raise reader.wrong("this quote is not closed")
    text = reader.text[reader.place : end]
    reader.place = end + 1
    return text


def _double_quoted(reader: _Reader, word: list[str]) -> None:
    begin = reader.place
    while character := reader.next():
        if character == '"':
            return
        if character == "`":
            raise reader.wrong("a backtick is for a shell to understand", "write what it stands for")
        if character == "$":
            follows = reader.text[reader.place : reader.place + 1]
            if follows.isalnum() or follows in ("_", "{", "(", "?", "$", "!", "@", "*", "#", "-"):
                raise reader.wrong("$ is for a shell to replace", "write the value, or `\\$` for a dollar sign")
        elif character == "\\":
            follows = reader.next()
            character = "" if follows == "\n" else follows if follows in ("$", "`", '"', "\\") else f"\\{follows}"
        word.append(character)
    reader.place = begin
    raise reader.wrong("this quote is not closed")


def _dollar(reader: _Reader, word: list[str]) -> None:
    """What follows a dollar sign outside of quotes."""
    follows = reader.next()
    if follows == "'":
        _ansi_quoted(reader, word)
    elif follows == '"':
        _double_quoted(reader, word)
    elif follows in ("", " ", "\t", "\n"):
        word.append("$")
        reader.place -= 1
    else:
        raise reader.wrong("$ is for a shell to replace", "write the value, or put it between '…'", back=2)


_SIMPLE: Final = {
    "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
    "\\": "\\", "'": "'", '"': '"', "?": "?",
}  # fmt: skip
_coded: Final = re.compile(r"x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|([0-7]{1,3})")


def _ansi_quoted(reader: _Reader, word: list[str]) -> None:
    r"""The inside of `$'…'`: C's escapes, `\xHH` and `\NNN` being bytes, `\uHHHH` characters."""
    begin = reader.place
    while character := reader.next():
        if character == "'":
            return
        if character != "\\":
            word.append(character)
            continue
        coded = _coded.match(reader.text, reader.place)
        if coded is None:
            follows = reader.next()
            if follows == "c":
                word.append(chr(ord(reader.next() or "@") & 0x1F))
            else:
                word.append(_SIMPLE.get(follows, f"\\{follows}"))
            continue
        reader.place = coded.end()
        byte, octal = coded[1], coded[4]
        if byte is not None or octal is not None:
            code = int(byte, 16) if byte is not None else int(octal, 8) & 0xFF
            word.append(chr(code) if code < 0x80 else chr(0xDC00 + code))
        else:
            code = int(coded[2] or coded[3], 16)
            if code > 0x10FFFF:
                raise reader.wrong("there is no such character")
            word.append(chr(code))
    reader.place = begin
    raise reader.wrong("this quote is not closed")


def looks_like_cmd(text: str) -> bool:
    """Whether a command is written for cmd.exe of Windows, by the signs that browsers leave in it."""
    if "'" in re.sub(r'"[^"]*"', "", text):
        return False
    return bool(re.search(r'\^"|\^[ \t]*\r?\n|[^\s"]""[^\s"]|[^\s"]"""', text))


def cmd_words(text: str) -> list[str]:
    """The words of one command as cmd.exe and then the program's own start-up code read them.

    Carets and quotes are cmd's affair first: outside of quotes a caret takes the meaning from the next character, a
    line break among them. Then the words are split as Microsoft's C library does: `\\"` is a quote, `""` within
    quotes is one too, backslashes elsewhere are themselves. Some versions of a browser put carets inside of quotes as
    well, where cmd would leave them in; they are recognised by `^\\^"` and taken as they were meant. `%NAME%` is left.

    Raises:
        Usage: a quote is not closed, or there is something that only cmd.exe could do.
    """
    reader = _Reader(text.replace("\r\n", "\n"))
    plain: list[str] = []
    everywhere = '^\\^"' in text or "^%^" in text
    is_quoted = False
    while character := reader.next():
        if character == "^" and not is_quoted:
            character = reader.next()
            plain.append(reader.next() if character == "\n" else character)
            continue
        if character == '"' and not everywhere:
            is_quoted = not is_quoted
        elif not is_quoted and not everywhere and character in "|&<>":
            raise reader.wrong(f"{character} is for cmd.exe to understand", "leave out what is not the curl command")
        elif character == "\n" and not is_quoted and "".join(plain).strip() and reader.text[reader.place :].strip():
            raise reader.wrong("a second command begins", "convert one command at a time")
        plain.append(character)
    return _c_words("".join(plain))


_c_pieces: Final = re.compile(r'(\\*)"|([ \t\n]+)|(\\+|[^\\" \t\n]+)')


def _c_words(text: str) -> list[str]:
    words: list[str] = []
    word: str | None = None
    is_quoted, place = False, 0
    while piece := _c_pieces.match(text, place):
        place = piece.end()
        slashes, blanks, plain = piece.groups()
        if slashes is not None:
            word = (word or "") + "\\" * (len(slashes) // 2)
            if len(slashes) % 2:
                word += '"'
            elif is_quoted and text.startswith('"', place):
                word, place = word + '"', place + 1
            else:
                is_quoted = not is_quoted
        elif plain is not None or is_quoted:
            word = (word or "") + (plain or blanks)
        elif word is not None:
            words.append(word)
            word = None
    if is_quoted:
        raise Usage("a quote of the command is not closed")
    if "\0" in text:
        raise Usage("the command holds a NUL, which no word can")
    return words if word is None else [*words, word]
