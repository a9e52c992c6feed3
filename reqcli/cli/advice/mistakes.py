"""What was meant by a word that cannot be understood: loaded when there is one, and at no other time.

No message shows a value: what stands after a separator, or where a header's value would stand, may be a secret.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from reqcli.cli.advice.elsewhere import mistaken_value
from reqcli.cli.ask import METHODS
from reqcli.errors import BadUrl, Usage
from reqcli.model.fields import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

_FORMS: Final = "an item is Header:value, name==value (query), name=value (field), name:=json or @FILE"
_is_plain: Final = re.compile(r"[\w.-]{1,40}").fullmatch


def no_item(items: Sequence[str], place: int) -> Usage:
    """The error for a word among the items that is none.

    Args:
        items: all of them, as typed.
        place: which of them it is.
    """
    word, before = items[place], items[place - 1] if place else ""
    if re.fullmatch(r"[\w.\[\]-]+(?::=|==|[:=])", before):
        what = "header" if before[-1] == ":" else "value"
        blank = " " if before[-1] == ":" else ""
        return Usage(
            f"the word after {shown(before)} is not an item",
            hint=f"a {what} with a blank in it stands in quotes: '{before}{blank}…'",
        )
    url = re.match(r"https?://", word, re.IGNORECASE)
    if url is not None:
        return Usage(
            f"a URL, {url[0]}…, stands where an item belongs",
            hint="a request has one URL, the first word after the command; the method stands before it; "
            "-x takes no URL here: a proxy is --proxy URL; for many requests there is `reqcli batch`",
        )
    if not word:
        return Usage(
            "an empty word stands among the items", hint="a variable of the shell that is not set leaves one in quotes"
        )
    if word[0] in "{[":
        return _json_item(word)
    sign = re.match("==@|:=@|==|:=|=@|:@|[:;=]", word)
    if sign is not None:
        return _nameless(sign[0])
    return Usage(f"{shown(word)} is not an item", hint=_meant(word, before, "".join(items[place + 1 : place + 2])))


def _json_item(word: str) -> Usage:
    """The error for JSON in the place of an item; with its quotes gone, the shell has taken them."""
    ends = "{…}" if word[0] == "{" else "[…]"
    quoted = "" if '"' in word or word[0] == "[" else ", in single quotes for the shell"
    return Usage(
        f"an item that begins with {word[0]} is none",
        hint=f"JSON as it is{quoted}: --raw '{ends}'; or a field at a time: name=text number:=3",
    )


def _nameless(sign: str) -> Usage:
    """The error for an item that begins with its separator: a blank before it, or a variable that is not set."""
    what = "a parameter" if sign[:2] == "==" else "a header" if sign in (":", ":@", ";") else "a field"
    return Usage(
        f"an item that begins with {sign} has no name",
        hint=f"{what} is written name{sign}{'' if sign == ';' else '…'}",
    )


def _meant(word: str, before: str, after: str) -> str:
    if word.lower() in METHODS:
        return f"a method stands before the URL: `reqcli {word.lower()} URL`"
    if os.path.isfile(word):
        return f"did you mean @{word}, which sends the file?"
    if after in ("=", ":", ":=", "==") and _is_plain(word):
        return f"it is written without blanks around the sign: {word}{after}…"
    if word.lower() in ("basic", "bearer", "digest"):
        return f"a header with a blank in it stands in quotes: 'Authorization: {word} …'"
    if begun := re.match(r"[\w.\[\]-]+(?::=|==|[:=])(?!@)", before):
        other = f"; else it is {word}==…, {word}=… or {word}:…" if _is_plain(word) else ""
        return f"if it is the rest of a value, that stands in quotes: '{begun[0]}…'{other}"
    if (hint := mistaken_value(word)) is not None:
        return hint
    if _is_plain(word):
        return f"did you mean {word}==… (query), {word}=… (field) or {word}:… (header)?"
    return _FORMS


def one_dash(name: str) -> Usage:
    """The error for a long name behind one dash, which would be read as short ones: `-form` is `-f -o rm`."""
    return Usage(f"there is no option {name!a}", hint=f"did you mean -{name}?")


def no_url(text: str) -> Usage:
    """The error for a word in the place of the URL that cannot be meant as one; only its kind is shown."""
    if not text.strip():
        return BadUrl("the URL is empty", hint="a variable of the shell that is not set leaves it so")
    if text[0].isspace():
        return BadUrl("the URL begins with a blank", hint="leave it out")
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*)://", text)
    if text.lower() in METHODS:
        return Usage(
            f"the method {text} stands where the URL belongs",
            hint="one method is enough: `reqcli METHOD URL`, in capitals or small letters",
        )
    if scheme is not None and scheme[1].lower() in ("http", "https"):
        return BadUrl(f"the URL begins with {scheme[0]} twice", hint="leave one of them out")
    if scheme is not None:
        return BadUrl(
            f"the URL begins with {shown(scheme[0])[1:-1]}, which is not spoken", hint=_scheme_meant(scheme[1])
        )
    half = re.match("(https?):?/?/?", text, re.IGNORECASE)
    if half is not None:
        return BadUrl(f"the URL begins with {half[0]}", hint=f"did you mean {half[1].lower()}://…?")
    if text[0] in "\"'<":
        return BadUrl(f"the URL begins with {text[0]}", hint="leave the quotes or brackets out")
    kind = "an option" if text[0] == "-" else "an item"
    return Usage(f"{kind} stands where the URL belongs", hint="the URL comes first: `reqcli METHOD URL [ITEM]...`")


def _scheme_meant(scheme: str) -> str:
    if scheme.lower() in ("ws", "wss"):
        return "WebSockets are not spoken; their handshake is asked for with http:// or https://"
    from difflib import get_close_matches

    close = get_close_matches(scheme.lower(), ("https", "http"), 1, 0.7)
    return f"did you mean {close[0]}://?" if close else "a URL begins with http:// or https://"


def no_header(text: str) -> Usage:
    """The error for the value of `-H` that is no header; no more of it than may be its name is shown."""
    if text.startswith("@"):
        return Usage(
            "-H takes no file of headers",
            hint="give each with a -H of its own; an item Name:@FILE has its value from a file",
        )
    name = re.split(r"[ =]", text, maxsplit=1)[0]
    is_name = len(name) <= 24 and re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", name)
    word = name if is_name else name[:8]
    likely = name if is_name else "Name"
    return Usage(
        f"-H {shown(word)[:-1]}{'' if word == text else '…'}' is not a header",
        hint=f"write it as '{likely}: value', or '{likely};' to send it empty",
    )


def no_stored_header(headers: Sequence[str], place: int) -> Usage:
    """The error for a word that `session set-header` cannot store; what may be a value is not shown.

    Args:
        headers: all the words, as typed.
        place: which of them it is.
    """
    before = headers[place - 1] if place else ""
    if re.fullmatch(r"[\w-]+:", before):
        return Usage(
            f"the word after {shown(before)} is not a header",
            hint=f"a header with a blank in it stands in quotes: '{before} …'",
        )
    return Usage(
        no_header(headers[place]).message.removeprefix("-H "),
        hint="write it as Name:value, or Name:@FILE to read the value",
    )


def no_json(name: str, text: str, error: Exception) -> Usage:
    """The error for the value of a field that is no JSON, with the place in it."""
    import json

    word = text.strip()
    if not word:
        problem = "it is empty"
    elif isinstance(error, json.JSONDecodeError):
        line = f"line {error.lineno}, " if error.lineno > 1 else ""
        problem = f"{error.msg.lower()} at {line}character {error.colno}"
    else:
        problem = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
    return Usage(f"the value of the field {shown(name)} is not JSON: {problem}", hint=_as_json_writes_it(word))


def _as_json_writes_it(word: str) -> str:
    if word.lower() in ("true", "false", "null", "none"):
        return f"JSON writes it {'null' if word == 'None' else word.lower()}"
    if "'" in word and word[:1] in ("{", "[", "'"):
        return """JSON has double quotes, and the shell needs single ones around the item: 'name:={"a":"b"}'"""
    if re.match(r"[\[{]\s*[A-Za-z_]", word):
        return """the double quotes are missing: for the shell the item stands in single ones, 'name:={"a":"b"}'"""
    return "`=` instead of `:=` sends it as text"
