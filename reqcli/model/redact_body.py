"""The body of a request with what is masked whose name says that it is a secret: members, fields, parts, elements.

Nobody vouches for the Content-Type: `-d '{"password": ...}'` says that it is a form. So what begins as JSON or XML is
taken for that, whatever it is called, and need not be well-formed. Nothing else of the text changes.
"""

from __future__ import annotations

import re

from reqcli.model.secret import MASK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from re import Match
    from typing import Final

_FORM: Final = "application/x-www-form-urlencoded"

# Possessive throughout, so that what does not match is known not to in the time of one look.
_json_token: Final = re.compile(
    r'("((?:[^"\\]|\\.?)*+)(?:"|\Z))(\s*+:)?|([\[{])|([\]}])|(-?[0-9][0-9.eE+-]*+)', re.DOTALL
)
_element: Final = re.compile(r"(<(?:[^\s<>/:]++:)?([^\s<>/:]++)(?:\s[^<>]*+)?>)([^<]++)(?=</)")
_part: Final = re.compile(
    r'(Content-Disposition: form-data; name="([^"\r\n]*+)"\r\n(?:[^\r\n]++\r\n)*+\r\n)(.*?)(?=\r\n--|\Z)', re.DOTALL
)


def masked_body(text: str, media_type: str, is_secret: Callable[[str], bool]) -> str:
    """The text with the values masked that stand under the name of a secret.

    Args:
        text: of the body, or the beginning of it.
        media_type: of the body, with or without parameters.
        is_secret: whether a name is one of a secret.
    """

    def content(match: Match[str]) -> str:
        before, name, value = match.groups()
        return f"{before}{MASK}" if value.strip() and is_secret(name) else match[0]

    def field(pair: str) -> str:
        name, sign, value = pair.partition("=")
        return f"{name}={MASK}" if sign and value and is_secret(name) else pair

    kind = media_type.partition(";")[0].strip(" \t").lower()
    start = text.lstrip(" \t\r\n")[:1]
    if kind == "multipart/form-data":
        return _part.sub(content, text)
    if start in ("{", "[") or kind.endswith("json"):
        return _masked_json(text, is_secret)
    if start == "<":
        return _element.sub(content, text)
    return "&".join(map(field, text.split("&"))) if kind == _FORM else text


def _masked_json(text: str, is_secret: Callable[[str], bool]) -> str:
    """JSON with the strings and numbers masked that are a secret by name, or are in an object or array that is one."""
    depth, hidden, is_awaited = 0, 0, False

    def token(match: Match[str]) -> str:
        nonlocal depth, hidden, is_awaited
        string, content, colon, opening, closing, _ = match.groups()
        if colon:
            is_awaited = is_secret(_plain(content))
            return match[0]
        was_awaited, is_awaited = is_awaited, False
        if opening:
            depth += 1
            if was_awaited and not hidden:
                hidden = depth
        elif closing:
            hidden = 0 if hidden == depth else hidden
            depth -= 1
        elif (was_awaited or hidden) and (string is None or content):
            return f'"{MASK}"'
        return match[0]

    return _json_token.sub(token, text)


def _plain(content: str) -> str:
    """A member's name without the escapes that JSON may have in it."""
    if "\\" not in content:
        return content
    from json import loads

    try:
        return str(loads(f'"{content}"', strict=False))
    except ValueError:
        return content
