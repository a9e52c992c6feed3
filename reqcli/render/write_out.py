r"""What `-w FORMAT` prints after a transfer, in the words of curl: `%{http_code} %{time_total}\n`.

    %{NAME}                  a figure or a text; `reqcli.render.figures` has the names
    %header{NAME}            the first value of a header of the response, `%{header{NAME}}` too
    %{json}  %{header_json}  everything as one JSON object; all headers of the response as another
    %{stderr}  %{stdout}     where what follows goes
    %{onerror}               what follows is for failures alone
    %%  \n  \r  \t           a percent sign, a line break, a carriage return, a tab

Times have six decimals; what there is nothing to say of is empty, or null in JSON. A name that is not known is an error
before anything is sent, where curl warns when all is over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from reqcli.errors import Usage
from reqcli.model.fields import shown
from reqcli.render.escape import field_text
from reqcli.render.figures import NAMES
from reqcli.render.json_text import dump, dump_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from reqcli.model.redact import Redactor
    from reqcli.model.response import Response
    from reqcli.render.figures import Figure

Piece = tuple[str, str]
"""A part of a format: its kind (`text`, `name`, `header`, `stream`) and what it says."""

STREAMS: Final = ("stdout", "stderr")
WHOLES: Final = ("json", "header_json")

_pieces: Final = re.compile(
    r"%\{(?P<name>header\{[^{}]*\}|[^{}]*)\}|%(?P<call>[a-z]+)\{(?P<word>[^{}]*)\}|(?P<open>%[a-z]*\{)"
    r"|(?P<escape>%%|\\[nrt])|(?P<text>[^%\\]+|[%\\])",
    re.DOTALL,
)
_ESCAPES: Final = {"%%": "%", r"\n": "\n", r"\r": "\r", r"\t": "\t"}


def parse_format(text: str) -> tuple[Piece, ...]:
    """The parts of a format.

    Raises:
        Usage: it has a name that is not known, or a brace that is not closed.
    """
    return tuple(_piece(match) for match in _pieces.finditer(text))


def _piece(match: re.Match[str]) -> Piece:
    if match["open"] is not None:
        raise Usage(
            f"--write-out: the brace of {shown(match.string[match.start() : match.start() + 24])} is not closed"
        )
    if match["escape"] is not None:
        return "text", _ESCAPES[match["escape"]]
    if match["text"] is not None:
        return "text", match["text"]
    name = match["name"]
    if match["call"] == "header" or (name is not None and name.startswith("header{")):
        return "header", (match["word"] if name is None else name[len("header{") : -1]).strip()
    if name in (*STREAMS, "onerror"):
        return "stream", name
    if name is None or name not in (*NAMES, *WHOLES):
        raise _unknown(match[0], match["call"] if name is None else name)
    return "name", name


def _unknown(written: str, name: str) -> Usage:
    from difflib import get_close_matches

    close = get_close_matches(name, sorted({*NAMES, *WHOLES, *STREAMS, "onerror"}), 1)
    hint = f"did you mean %{{{close[0]}}}?" if close else "the names are curl's: %{http_code}, %{time_total}, %{json}"
    return Usage(f"--write-out knows no {shown(written)}", hint=hint)


def written_out(
    pieces: Sequence[Piece],
    values: Mapping[str, Figure],
    response: Response | None,
    redactor: Redactor,
) -> Iterator[tuple[str, str, bool]]:
    """What to write: for each part the stream (`stdout`, `stderr`), the text, and whether it is from outside.

    Args:
        pieces: the parsed format.
        values: what `figures` says of the run.
        response: whose headers can be asked for, or None.
        redactor: masks the secrets of the run.
    """
    stream = "stdout"
    for kind, word in pieces:
        if kind == "stream" and word in STREAMS:
            stream = word
        elif kind == "stream":
            if not values["exitcode"]:
                return
        elif kind == "text":
            yield stream, word, False
        else:
            yield stream, _value(kind, word, values, response, redactor), True


def _value(kind: str, word: str, values: Mapping[str, Figure], response: Response | None, redactor: Redactor) -> str:
    if kind == "header":
        value = None if response is None else response.headers.get(word)
        return "" if value is None else redactor.header(word, field_text(value))
    if word == "json":
        return dump_object((name, _json(name, values[name])) for name in sorted(values))
    if word == "header_json":
        return dump(_headers(response, redactor))
    return _text(word, values[word])


def _text(name: str, value: Figure) -> str:
    if value is None:
        return ""
    if name in ("http_code", "response_code"):
        return f"{value:03}"
    return f"{value:.6f}" if isinstance(value, float) else str(value)


def _json(name: str, value: Figure) -> str:
    return f"{value:.6f}" if isinstance(value, float) else dump(value)


def _headers(response: Response | None, redactor: Redactor) -> dict[str, list[str]]:
    """Every header's values under its name in lower case, in the order in which the names came."""
    found: dict[str, list[str]] = {}
    for name, value in () if response is None else response.headers:
        found.setdefault(redactor.text(name.lower()), []).append(redactor.header(name, field_text(value)))
    return found
