"""Words of command lines: quoted so that real shells read them back, and read as real shells do."""

from __future__ import annotations

import re
import shlex
import string
import subprocess

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reqcli.errors import Usage
from reqcli.interop.shell import cmd_words, command_line, looks_like_cmd, posix_words, printf, quoted
from reqcli.render.escape import escape_text
from tests.real import require

TEXT = st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), max_size=20)
NASTY = st.text("ab 'x\"\\$`!^%\n\t\r\x1b;|&*?~#{}[]()<>éü\u202e\udcff", max_size=12)


def argv_of(shell: str, command: str) -> list[bytes]:
    """The words that a real shell makes of a command."""
    script = f"show() {{ for word; do printf '%s\\0' \"$word\"; done; }}\nshow {command}"
    done = subprocess.run(
        [require(shell), "-c", script.encode(errors="surrogateescape")], capture_output=True, timeout=20
    )
    assert done.returncode == 0, done
    return done.stdout.split(b"\0")[:-1]


@pytest.mark.parametrize("shell", ["sh", "bash"])
@settings(max_examples=30, deadline=None)
@given(st.lists(TEXT | NASTY, min_size=1, max_size=8))
def test_a_shell_reads_back_what_was_quoted(shell: str, words: list[str]) -> None:
    line = " ".join(map(quoted, words))
    assert escape_text(line) == line
    assert argv_of(shell, line) == [word.encode(errors="surrogateescape") for word in words]


@settings(deadline=None)
@given(st.lists(NASTY, min_size=1, max_size=8))
def test_we_read_back_what_was_quoted(words: list[str]) -> None:
    safe = [word for word in words if escape_text(word) == word]
    assert posix_words(" ".join(map(quoted, safe))) == safe
    assert posix_words(command_line([[quoted(word)] for word in safe])) == safe


def test_bytes_are_printed_as_they_are() -> None:
    data = bytes(range(256)) + b"'%d\\n\n"
    assert subprocess.run([require("sh"), "-c", printf(data)], capture_output=True).stdout == data


def test_a_nul_cannot_be_quoted() -> None:
    with pytest.raises(ValueError, match="NUL"):
        quoted("a\0")


SHELL_TEXT = st.text("ab \\'\"\n\tx0123n$'uUé#{}*", max_size=25)


@settings(max_examples=60, deadline=None)
@given(SHELL_TEXT)
def test_what_bash_reads_we_read_alike(text: str) -> None:
    try:
        words = posix_words(text)
    except Usage:
        return  # what only a shell can do
    if any(special in text for special in "*{}") or "\n" in text.replace("\\\n", "") or "#" in text:
        return  # globs, comments and lines of the script would be read within the function's call
    assert argv_of("bash", text) == [word.encode(errors="surrogateescape") for word in words]


@given(st.text(max_size=80) | SHELL_TEXT)
def test_any_text_gives_words_or_a_usage_error(text: str) -> None:
    looks_like_cmd(text)
    for read in (posix_words, cmd_words):
        try:
            words = read(text)
        except Usage:
            continue
        assert all(isinstance(word, str) and "\0" not in word for word in words)


@given(st.lists(st.text(string.ascii_letters + " -_.:/=+~,?;*()'", max_size=10), min_size=1))
def test_plain_words_are_read_as_shlex_does(words: list[str]) -> None:
    assert posix_words(shlex.join(words)) == words


def written_by_chrome(text: str) -> str:
    """A word as the developer tools of today's Chrome write it for cmd.exe: all quotes are escaped with carets."""
    plain = string.ascii_letters + string.digits + " \t\n_-:=+~'/.',?;()*`"
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    text = "".join(character if character in plain else f"^{character}" for character in text)
    return f'^"{text}^"'.replace("\n", "^\n\n")


@given(st.lists(st.text(string.printable.replace("\r", "").replace("\x0b", "").replace("\x0c", ""), max_size=12)))
@example(["\\\\0", '\\\\"', "a\\", "\\\n"])
def test_what_chrome_writes_for_windows_is_read_back(words: list[str]) -> None:
    read = cmd_words(" ^\n  ".join(map(written_by_chrome, words)))
    # Chrome doubles every backslash, and the C library undoes that only before a quote, the one at the end included.
    assert read == [re.sub(r'(\\+)(?=[^\\"])', r"\1\1", word) for word in words]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a^b ^^ c", ["ab", "^", "c"]),
        ('"a^b"', ["a^b"]),
        ('"a""b" c', ['a"b', "c"]),
        (r'a\\\"b \\c "d\\" e', [r"a\"b", r"\\c", "d\\", "e"]),
        ('""', [""]),
        ("a ^\n b", ["a", "b"]),
        ("%PATH%", ["%PATH%"]),
    ],
)
def test_cmd_reads_words_like_this(text: str, words: list[str]) -> None:
    assert cmd_words(text) == words


@pytest.mark.parametrize(
    ("text", "is_cmd"),
    [
        ('curl "http://h/"', False),
        ("curl 'http://h/' -d '^\"'", False),
        ('curl "http://h/" ^\n -k', True),
        ('curl ^"http://h/^"', True),
        ('curl "http://h/" -d "{""a"":1}"', True),
        ('curl "http://h/" -d ""', False),
    ],
)
def test_the_form_for_windows_is_told_by_its_signs(text: str, is_cmd: bool) -> None:
    assert looks_like_cmd(text) is is_cmd
