"""Reads the head of a response: status line and header fields, from bytes that arrive in any pieces.

The rules, from RFC 9112 §2.2, §4, §5 and RFC 9110 §5.5, with what is tolerated and what is not:

- The head ends at the first empty line, and nothing behind it is looked at: the *first* `\\n\\r?\\n`, so that the
  result cannot depend on how the network cut the bytes.
- A bare LF ends a line, with a warning (§2.2); a bare CR is refused, for others may read a line end there.
- A folded line joins the one before it with a space, with a warning (§5.2), unless that one frames the message.
- No space before a colon, no name that is not a token, no NUL (§5.1, RFC 9110 §5.5); other control characters stay,
  and whoever shows them escapes them. Only SP and HTAB are ever trimmed.
- `HTTP/1.x` and a status of three digits from 100; the reason may be missing. An empty line before the status line
  is refused: that indulgence (§2.2) is for servers.
- What does not begin like a status line is refused at its first byte: a server of another protocol may be waiting
  for us to speak, and would never send an empty line.

Almost every head is clean: every line ends in CRLF and is one field. One regular expression checks all of it and finds
what decides the framing; the fields are taken apart when somebody asks for one, for most callers only want the body.
The line-by-line reader is for the rest; both give the same for a clean head. Messages name a field or a line's number,
never a value: it may be a secret.
"""

from __future__ import annotations

from reqcli.errors import BadResponse
from reqcli.model.fields import is_token, shown
from reqcli.model.headers import Headers
from reqcli.model.lately import LatePattern
from reqcli.model.response import DEFAULT_LIMITS, Limits, ResponseHead
from reqcli.wire.http1.framing import CHUNKED, Framing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

FRAMING_FIELDS: Final = frozenset({"content-length", "transfer-encoding"})
"""The fields that decide where the message ends (RFC 9112 §6)."""

_TOKEN: Final = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]++"
_FIELD: Final = rf"(?m)^({_TOKEN}):[ \t]*+(.*)\r\n"
"""Lets through NUL and CR, which are looked for beforehand: `.` is passed over four times as fast as a class."""

_clean: Final = LatePattern(
    rb"HTTP/1\.(?:1 200 OK|([0-9]) ([1-9][0-9]{2})(?: ([^\x00\r\n]*+))?)\r\n"
    rb"(?:(?:[!#$%&'*+\-.^_`|~0-9ABD-JL-RU-Zabd-jl-ru-z][!#$%&'*+\-.^_`|~0-9A-Za-z]*+:"  # none of those below
    rb"|[Cc][Oo][Nn](?:[Nn](?i:ection):[ \t]*+(?i:keep-alive)[ \t]*+(?=\r)"
    rb"|[Tt](?i:ent-)(?:(?i:length):(?(4)(?!))[ \t]*+([0-9]{1,18}+)"
    rb"|(?i:encoding):(?(5)(?!))[ \t]*+([!#$%&'*+\-.^_`|~0-9A-Za-z]++))[ \t]*+(?=\r))"
    rb"|[Tt](?i:ransfer-encoding):(?(6)(?!))[ \t]*+((?i:chunked))[ \t]*+(?=\r)"
    rb"|[Kk](?i:eep-alive):(?(7)(?!))(?=([^\r]*+))"
    rb"|[Ss](?i:et-cookie):(?:(?(8)(?!))(?=([^\r]*+))|())"
    rb"|[CKTckt](?:[Oo](?i:n(?:nection|tent-(?:length|encoding)))|[Ee](?i:ep-alive)|[Rr](?i:ansfer-encoding)):()"
    rb"|[!#$%&'*+\-.^_`|~0-9A-Za-z]++:)"
    rb"(?=[^\r]*+\r\n).*+(?<=\r)\n)*+\r\n",  # no bare CR; a bare LF is where `.` stops, with no CR before it
    "match",
)
"""A clean head but for NUL: version, status, reason, where they are not the usual ones; a sound Content-Length, a
Content-Encoding of one member, a Transfer-Encoding of `chunked` and a Keep-Alive, where they stand once; the first
Set-Cookie, and a mark where there are more; and a mark where there is more to know, for the framing or for whoever
wants no more than the body. A character class is passed over four times as slowly as `.` or as all but one
character."""

_new: Final = object.__new__

TLS_ALERT: Final = 0x15
"""The first byte that a TLS server answers to anything but TLS (RFC 8446 §5.1)."""


class CleanHeaders(Headers):
    """The fields of a clean head, taken apart when the first of them is asked for.

    Args:
        head: from its first byte to its empty line.
    """

    __slots__ = ("_head",)

    def __init__(self, head: bytes) -> None:
        self._head: Final = head

    def lines(self) -> list[str]:
        return str(self._head, "latin-1").split("\r\n")[1:-2]

    if not TYPE_CHECKING:  # it is no attribute of anybody's own, so the type checker need not know

        def __getattr__(self, name: str) -> object:
            if name in Headers.__slots__:
                fields = []
                for line in self.lines():
                    key, _, value = line.partition(":")
                    fields.append((key, value.strip(" \t")))
                super().__init__(fields)
            return super().__getattribute__(name)


class HeadReader:
    """Reads one head, in pieces or not clean; the next response, be it after a 1xx, gets a reader of its own.

    Attributes:
        has_bytes: whether anything arrived; an end before it is an empty reply, an end after it a cut one.
        leftover: what arrived behind the head, once it is complete.
    """

    __slots__ = ("_buffer", "_limits", "has_bytes", "leftover")

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self._limits: Final = limits
        self._buffer: Final = bytearray()
        self.has_bytes = False
        self.leftover = b""

    def feed(self, data: bytes | memoryview) -> ResponseHead | None:
        """The head once it is complete, None before.

        Raises:
            BadResponse: it is no HTTP/1 head, or larger than the limits.
        """
        buffer, limit = self._buffer, self._limits.head_bytes
        seen = len(buffer)
        buffer += data
        self.has_bytes = bool(buffer)
        if buffer[:5] != b"HTTP/"[: len(buffer)]:
            raise _no_http(buffer)
        end, is_bare = find_stop(buffer, max(0, seen - 2))
        if len(buffer) > limit and not 0 < end <= limit:
            raise over(limit, "the response head is larger than {} bytes", "head")
        if not end:
            return None
        if is_bare:
            raise BadResponse("the response head holds a carriage return without a line feed")
        head = _tolerated_head(str(buffer[:end], "latin-1"), self._limits)
        self.leftover = bytes(buffer[end:])
        return head


def find_stop(data: bytes | bytearray, start: int) -> tuple[int, bool]:
    """The first empty line or the first bare CR, whichever comes first: where it ends, and whether it is a bare CR.

    Args:
        data: lines, of which more may come.
        start: from the end of the line before.

    Returns:
        0 for the end if neither is there yet; a CR that is the last byte may still be one of an empty line.
    """
    ends = [at + len(line) for line in (b"\n\n", b"\n\r\n") if (at := data.find(line, start)) >= 0]
    end = min(ends, default=0)
    lines = data[start:end] if end else data[start:]
    bare = lines.count(b"\r") - lines.count(b"\r\n")
    if bare > (not end and lines.endswith(b"\r")):
        while data[start : start + 1] != b"\r" or data[start + 1 : start + 2] == b"\n":
            start = data.index(b"\r", start + 1)
        return start + 2, True
    return end, False


def over(limit: int, sentence: str, name: str) -> BadResponse:
    """The error for a response that has too much of something.

    Args:
        limit: how much there may be.
        sentence: what is wrong, with `{}` where the limit goes.
        name: the limit's, as the option has it.
    """
    return BadResponse(
        sentence.format(limit),
        hint=f"if it is to be trusted, allow it more with --limit {name}=N",
        details={"limit": name, "allowed": limit},
    )


def clean_head(data: bytes, limits: Limits) -> tuple[ResponseHead, int] | None:
    """The head that these bytes begin with and where it ends; None if it asks for the reader, or has no end here.

    Of a process's first heads every one asks for the reader.
    """
    found = _clean.ask(data)
    if found is None:
        return None
    end = found.end()
    head = data[:end]
    if 0 in head or end > limits.head_bytes or (end > 4 * limits.fields and head.count(b"\n") - 2 > limits.fields):
        return None
    minor, status, reason, length, coding, chunked, keep_alive, cookie, cookies, more = found.groups()
    # Made without their `__init__`, for to call those costs as much as to match three fields.
    headers: Any = _new(CleanHeaders)
    headers._head = head
    made: Any = _new(ResponseHead)
    made.headers = headers
    made.warnings = ()
    made.keep_alive = keep_alive
    if more is None and coding is None and chunked is None:
        made.codings, made.framing = (), None
        made.plain_length = None if length is None else int(length)
    else:
        made.plain_length = made.framing = made.codings = None
        if more is None:
            made.codings = () if coding is None else (str(coding, "latin-1").lower(),)
            if length is None:
                made.framing = None if chunked is None else CHUNKED
            elif chunked is None:  # both together are looked at in earnest
                made.framing = Framing("length", int(length), reusable=True)
    if cookie is None:
        made.cookies = ()
    else:
        made.cookies = (str(cookie, "latin-1").strip(" \t"),) if cookies is None else None
    if status is None:
        made.minor_version, made.status, made.reason = 1, 200, "OK"
        return made, end
    number = made.status = int(status)
    made.minor_version = int(minor)
    made.reason = str(reason or b"", "latin-1").strip(" \t")
    if minor != b"1" or number < 200 or number == 204 or number == 304:
        made.plain_length = made.framing = None
    return made, end


def _tolerated_head(text: str, limits: Limits) -> ResponseHead:
    """The head, line by line, with warnings for what is forgiven.

    Raises:
        BadResponse: it holds what is not forgiven.
    """
    warnings: list[str] = []
    if text.count("\n") != text.count("\r\n"):
        warnings.append("a line of the response head ends in a line feed alone")
    first, *lines = text.replace("\r\n", "\n").removesuffix("\n\n").split("\n")
    minor, status, reason = first[7:8], first[9:12], first[13:]
    if (
        not (first.startswith("HTTP/1.") and first[8:9] == " " and first[12:13] in ("", " "))
        or not (minor.isascii() and minor.isdigit() and status.isascii() and status.isdigit())
        or not (len(status) == 3 and status[0] != "0" and "\0" not in reason)
    ):
        raise BadResponse(f"the status line {shown(first)} is malformed, or of another version than HTTP/1")
    if len(lines) > limits.fields:
        raise over(limits.fields, "the response has more than {} header fields", "fields")
    fields: list[tuple[str, str]] = []
    for number, line in enumerate(lines, 2):
        if not line.startswith((" ", "\t")):
            fields.append(_field(number, line))
        elif not fields:
            raise BadResponse(f"line {number} of the response head continues a field, but none stands before it")
        else:
            fields[-1] = _unfolded(*fields[-1], line)
            warnings.append(f"the header {fields[-1][0]} is folded over several lines")
    return ResponseHead(int(minor), int(status), reason.strip(" \t"), Headers(fields), tuple(dict.fromkeys(warnings)))


def _field(number: int, line: str) -> tuple[str, str]:
    """Name and value of one line.

    Raises:
        BadResponse: it is no field.
    """
    name, colon, value = line.partition(":")
    if not colon:
        raise BadResponse(f"line {number} of the response head has no colon")
    if not is_token(name):
        beginning = name[: next((place for place, character in enumerate(name) if not is_token(character)), 0)]
        where = f", which begins with {shown(beginning)}," if beginning else ""
        raise BadResponse(f"line {number} of the response head{where} has no field name before its colon")
    return name, _value(name, value)


def _unfolded(name: str, value: str, line: str) -> tuple[str, str]:
    """A field with one more line (RFC 9112 §5.2).

    Raises:
        BadResponse: the field decides the framing, on which everybody has to agree.
    """
    if name.lower() in FRAMING_FIELDS:
        raise BadResponse(f"the header {name} is folded over several lines")
    return name, f"{value} {_value(name, line)}".strip(" \t")


def _value(name: str, value: str) -> str:
    if "\0" in value:
        raise BadResponse(f"the value of the header {name} holds a NUL byte")
    return value.strip(" \t")


def _no_http(buffer: bytearray) -> BadResponse:
    line = str(buffer.partition(b"\n")[0][:64], "latin-1").rstrip("\r")
    return BadResponse(
        f"the server does not speak HTTP/1: its answer begins with {shown(line)}",
        hint="this port speaks TLS: write https://" if buffer[0] == TLS_ALERT else None,
    )


def read_trailers(text: str, limits: Limits) -> Headers:
    """Trailer fields, from the line after the last chunk to the empty line; nothing but outer blanks is forgiven.

    Raises:
        BadResponse: a line is no field, or there are too many.
    """
    import re  # trailers are rare

    fields = re.findall(_FIELD, text)
    lines = text.count("\n")
    if len(fields) != lines - 1 or text.count("\r") != lines or "\0" in text or not text.endswith("\r\n"):
        raise BadResponse("the response has a malformed trailer field")
    if len(fields) > limits.fields:
        raise over(limits.fields, "the response has more than {} trailer fields", "fields")
    return Headers((name, value.rstrip(" \t")) for name, value in fields)
