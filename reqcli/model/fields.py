"""What may go on the wire: the one place that refuses bytes which could end a line early (header injection).

Every request passes here last, whatever protocol will carry it. A method and a field name are tokens
(RFC 9110 §5.6.2, §9.1); a field value holds visible characters, blanks and tabs, and no other control character
(RFC 9110 §5.5 allows a recipient to drop them; a sender has no use for them); a request target holds no
blank and no control character (RFC 9112 §3.2).

A value that came from a server is a view of its bytes as latin-1; one that goes out is text, and is written in UTF-8.
What is sent back as it came passes through `as_text` in between.
"""

from __future__ import annotations

from reqcli.errors import BadUrl, Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

# Spelt out: to compile a pattern for each of these would cost a start more than all that it asks of them.
DIGITS: Final = frozenset("0123456789")
LETTERS: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
UNRESERVED: Final = LETTERS | DIGITS | frozenset("._~-")
"""What stands for itself everywhere in a URL (RFC 3986 §2.3)."""

HEX_DIGITS: Final = frozenset(b"0123456789ABCDEFabcdef")
"""As bytes, for it is bytes that are escaped and counted with them."""

_TOKEN: Final = LETTERS | DIGITS | frozenset("!#$%&'*+-.^_`|~")
_CONTROLS: Final = frozenset(map(chr, {*range(0x20), 0x7F} - {0x09}))


def is_token(text: str) -> bool:
    """Whether the text is a token (RFC 9110 §5.6.2)."""
    return text != "" and _TOKEN.issuperset(text)


def has_control(text: str) -> bool:
    """Whether there is a control character in the text, other than a tab."""
    return not _CONTROLS.isdisjoint(text)


def shown(text: str) -> str:
    """The text with control characters made visible, cut to a length that fits an error message."""
    visible = ascii(text[:60])
    return visible + "…" if len(text) > 60 else visible


def as_text(field_value: str) -> str:
    """A received field value as the text that its bytes spell in UTF-8; bytes that are none as surrogates.

    Written into a request, it becomes the bytes that the server sent. What is no view of bytes stays as it is.

    Args:
        field_value: bytes viewed as latin-1.
    """
    if field_value.isascii():
        return field_value
    try:
        return field_value.encode("latin-1").decode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return field_value


def is_written_in_utf8(value: str) -> bool:
    """Whether a value holds characters beyond ASCII, for which a header has no encoding that all agree on.

    Bytes beyond ASCII that were typed as bytes (surrogates here) are no characters: they go out as they are.
    """
    if value.isascii():
        return False
    try:
        value.encode("ascii", "surrogateescape")
    except UnicodeEncodeError:
        return True
    return False


def check_method(method: str) -> None:
    """Refuse a method that is not a token.

    Raises:
        Usage: naming the method.
    """
    if not is_token(method):
        raise Usage(f"{shown(method)} is not an HTTP method", hint="a method is one word of letters, like GET")


def check_field(name: str, value: str) -> None:
    """Refuse a header field that could not stand alone on its line. The value is never in the message.

    Raises:
        Usage: naming the field.
    """
    # Most names and values are such as are known to be sound in a fraction of the time.
    if not (name.isascii() and name.replace("-", "").isalnum()) and not is_token(name):
        raise Usage(
            f"{shown(name)} is not a header name",
            hint="a name is letters, digits and !#$%&'*+-.^_`|~ without blanks",
        )
    if not value.isprintable() and has_control(value):
        raise Usage(f"the value of header {name} holds a control character (a line break, NUL or the like)")


def check_target(target: str) -> None:
    """Refuse a request target that holds a blank, a control character or a character outside ASCII.

    Raises:
        BadUrl: naming the target.
    """
    if not (target.isascii() and target.isprintable()) or " " in target or not target:
        raise BadUrl(f"the request target {shown(target)} holds a character that must be percent-encoded")
