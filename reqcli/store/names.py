"""What a session may be called, when a value is no name but the path of a file, and the id that tells twins apart."""

from __future__ import annotations

import os

from reqcli.errors import Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

MAX_NAME: Final = 64
_SIGNS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"


def new_id() -> str:
    """A fresh session id: 32 random hexadecimal digits."""
    return os.urandom(16).hex()


def is_path(value: str) -> bool:
    """Whether the value has a separator in it, and so names a file and not a session of the store."""
    return os.sep in value or (os.altsep is not None and os.altsep in value)


def names_a_file(path: str) -> bool:
    """Whether a file could be called that: whoever writes JSON can write what no file system has a name for."""
    try:
        return b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:
        return False


def is_name(value: str) -> bool:
    """Whether a session may be called that: `[A-Za-z0-9][A-Za-z0-9._-]{0,63}`.

    Spelt out, because compiling the pattern would cost more than all else on the way to a session.
    """
    if not 0 < len(value) <= MAX_NAME or not value.isascii() or not value[0].isalnum():
        return False
    return not value.encode().translate(None, _SIGNS)


def check_name(value: str) -> None:
    """Refuse what is no name of a session.

    Raises:
        Usage: naming the value and the rule.
    """
    if not is_name(value):
        raise Usage(
            f"{value[:80]!a} cannot be the name of a session",
            hint=f"a name is 1 to {MAX_NAME} ASCII letters, digits, dots, dashes and underscores, and begins with a "
            "letter or digit; a value with a separator is the path of a session file",
        )
