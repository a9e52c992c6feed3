"""The table of responses, polite and rude, that every test of the reader is run over, each with its outcome."""

from __future__ import annotations

from dataclasses import dataclass

from reqcli.wire.http1.head import DEFAULT_LIMITS
from tests.wire.http1.reading import CUT_HEAD, NOTHING

HELLO = b"5\r\nhello\r\n0\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


@dataclass
class Case:
    """Bytes, and what they have to come to."""

    name: str
    raw: bytes
    error: str = ""
    body: bytes = b""
    method: str = "GET"
    status: int = 200
    reason: str | None = None
    reusable: bool = True
    leftover: bytes = b""
    interim: tuple[int, ...] = ()
    fields: tuple[tuple[str, str], ...] | None = None
    trailers: tuple[tuple[str, str], ...] = ()
    warned: str = ""


def hello(name: str, lines: bytes, /, **outcome: object) -> Case:
    """A 200 with these field lines and five bytes behind its head; `hello` unless said otherwise."""
    return Case(name, OK + lines + b"\r\nhello", **{"body": b"hello", **outcome})  # type: ignore[arg-type]


def chunks(name: str, raw: bytes, /, **outcome: object) -> Case:
    """A chunked 200 with this body; `hello` unless said otherwise."""
    return Case(name, CHUNKED + raw, **{"body": b"hello", **outcome})  # type: ignore[arg-type]


def bad(name: str, raw: bytes, method: str = "GET") -> Case:
    return Case(name, raw, error="bad_response", method=method)


def bad_field(name: str, lines: bytes) -> Case:
    return bad(name, OK + lines + b"Content-Length: 5\r\n\r\nhello")


def bad_length(name: str, value: bytes) -> Case:
    return bad(name, OK + b"Content-Length: " + value + b"\r\n\r\nhello")


def bad_chunks(name: str, raw: bytes) -> Case:
    return bad(name, CHUNKED + raw)


def short(name: str, raw: bytes, body: bytes, *, reusable: bool = True) -> Case:
    return Case(name, raw, error="body_incomplete", body=body, reusable=reusable)


LENGTH = b"Content-Length: 5\r\n"

STATUS_LINES = [
    hello("a plain response", LENGTH, reason="OK", fields=(("Content-Length", "5"),)),
    Case("no reason but its blank", b"HTTP/1.1 204 \r\n\r\n", status=204, reason=""),
    Case("no reason and no blank", b"HTTP/1.1 204\r\n\r\n", status=204, reason=""),
    Case("a reason in other bytes than ASCII", b"HTTP/1.1 204 \xc9t\xe9\r\n\r\n", status=204, reason="\xc9t\xe9"),
    Case("a status that nobody registered", b"HTTP/1.1 999 Odd\r\n" + LENGTH + b"\r\nhello", status=999, body=b"hello"),
    Case("a later minor version", b"HTTP/1.2 200 OK\r\n" + LENGTH + b"\r\nhello", body=b"hello"),
    bad("HTTP/2.0 on a connection of HTTP/1", b"HTTP/2.0 200 OK\r\n" + LENGTH + b"\r\nhello"),
    bad("HTTP/0.9", b"<html>hello</html>"),
    bad("a version of two digits", b"HTTP/1.10 200 OK\r\n\r\n"),
    bad("a version without a dot", b"HTTP/11 200 OK\r\n\r\n"),
    bad("the protocol's name in lower case", b"http/1.1 200 OK\r\n\r\n"),
    bad("another protocol that looks like it", b"ICY 200 OK\r\n\r\n"),
    bad("a status of four digits", b"HTTP/1.1 2000 OK\r\n\r\n"),
    bad("a status of two digits", b"HTTP/1.1 20 OK\r\n\r\n"),
    bad("a status below 100", b"HTTP/1.1 099 OK\r\n\r\n"),
    bad("a status that is no number", b"HTTP/1.1 abc OK\r\n\r\n"),
    bad("a status in other digits than ASCII", b"HTTP/1.1 \xb2\xb2\xb2 OK\r\n\r\n"),
    bad("two blanks before the status", b"HTTP/1.1  200 OK\r\n\r\n"),
    bad("a tab before the status", b"HTTP/1.1\t200 OK\r\n\r\n"),
    bad("a NUL in the reason", b"HTTP/1.1 200 O\x00K\r\n\r\n"),
    bad("a bare CR in the reason", b"HTTP/1.1 200 O\rK\r\n\r\n"),
    bad("an empty line before the status line", b"\r\nHTTP/1.1 204 No\r\n\r\n"),
    bad("a banner of SSH", b"SSH-2.0-OpenSSH_9.6\r\n"),
    bad("an alert of TLS", b"\x15\x03\x01\x00\x02\x02\x16"),
    Case("nothing at all", b"", error=NOTHING),
    Case("part of a status line", b"HTTP/1.1 200 O", error=CUT_HEAD),
    Case("a head without its empty line", OK + LENGTH, error=CUT_HEAD),
]

FIELDS = [
    hello("blanks around a value", b"X: \t a b \t\r\n" + LENGTH, fields=(("X", "a b"), ("Content-Length", "5"))),
    hello("no blank behind a colon", b"X:a\r\nContent-Length:5\r\n", fields=(("X", "a"), ("Content-Length", "5"))),
    hello("an empty value", b"X:\r\nY: \r\n" + LENGTH, fields=(("X", ""), ("Y", ""), ("Content-Length", "5"))),
    hello("colons in a value", b"X: :a:\r\n" + LENGTH, fields=(("X", ":a:"), ("Content-Length", "5"))),
    hello("a value in UTF-8", b"X: \xc3\xa9\r\n" + LENGTH, fields=(("X", "\xc3\xa9"), ("Content-Length", "5"))),
    hello(
        "control characters in a value",
        b"X: \x1b[2J\x7f\r\n" + LENGTH,
        fields=(("X", "\x1b[2J\x7f"), ("Content-Length", "5")),
    ),
    hello(
        "cookies in lines of their own",
        b"Set-Cookie: a=1, b\r\nset-cookie: c=2\r\n" + LENGTH,
        fields=(("Set-Cookie", "a=1, b"), ("set-cookie", "c=2"), ("Content-Length", "5")),
    ),
    hello("every character that a name may have", b"!#$%&'*+-.^_`|~0aZ: x\r\n" + LENGTH),
    hello("line feeds alone as line ends", b"X: a\n" + LENGTH, warned="line feed"),
    Case(
        "line feeds alone everywhere", b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", body=b"hello", warned="line feed"
    ),
    Case("only the empty line in a line feed alone", OK + LENGTH + b"\nhello", body=b"hello", warned="line feed"),
    Case(
        "a body that begins like the end of a head", OK + b"Content-Length: 6\r\n\r\n\r\n\r\n\n\n", body=b"\r\n\r\n\n\n"
    ),
    hello(
        "a folded value",
        b"X: a,\r\n\t b\r\n" + LENGTH,
        fields=(("X", "a, b"), ("Content-Length", "5")),
        warned="folded",
    ),
    hello(
        "a fold of blanks only",
        b"X: a\r\n \r\n" + LENGTH,
        fields=(("X", "a"), ("Content-Length", "5")),
        warned="folded",
    ),
    bad("CVE-2025-23167 a folded Content-Length", OK + b"Content-Length:\r\n 5\r\n\r\nhello"),
    bad("CVE-2022-32213 a folded Transfer-Encoding", OK + b"Transfer-Encoding:\r\n chunked\r\n\r\n" + HELLO),
    bad_field("a fold with nothing before it", b" X: a\r\n"),
    bad_field("a line without a colon", b"nonsense\r\n"),
    bad_field("a blank before the colon", b"X : a\r\n"),
    bad_field("CVE-2023-47641 a blank before the colon of a framing field", b"Transfer-Encoding : chunked\r\n"),
    bad_field("an empty name", b": a\r\n"),
    bad_field("a name of two words", b"X Y: a\r\n"),
    bad_field("CVE-2024-23829 a name in other letters than ASCII", b"X\xe9: a\r\n"),
    bad_field("a name with a NUL", b"X\x00: a\r\n"),
    bad_field("CVE-2026-34520 a NUL in a value", b"X: a\x00b\r\n"),
    bad_field("a NUL in a folded line", b"X: a\r\n \x00\r\n"),
    bad_field("CVE-2023-30589 a bare CR in a value", b"X: a\rb\r\n"),
    bad_field("a bare CR in a name", b"X\r: a\r\n"),
    bad("CVE-2024-27982 a bare CR before a line end", b"HTTP/1.1 200 OK\r\r\nContent-Length: 5\r\r\n\r\r\nhello"),
    bad("CVE-2023-30589 an empty line that goes on", OK + b"X: a\r\n\rContent-Length: 5\r\n\r\nhello"),
]

LENGTHS = [
    Case("no byte, announced", OK + b"Content-Length: 0\r\n\r\n"),
    hello("a length with zeros in front", b"Content-Length: 0005\r\n"),
    hello("one length twice in a line", b"Content-Length: 5, 5\r\n", warned="more than once"),
    hello("one length in two lines", LENGTH + LENGTH, warned="more than once"),
    bad_length("two lengths in a line", b"5, 6"),
    bad("two lengths in two lines", OK + LENGTH + b"Content-Length: 6\r\n\r\nhello"),
    bad_length("CVE-2023-47627 a length with a plus", b"+5"),
    bad_length("a length below zero", b"-5"),
    bad_length("a length in hexadecimal", b"0x5"),
    bad_length("CVE-2023-47627 a length with an underscore", b"1_0"),
    bad_length("an empty length", b""),
    bad_length("an empty length among good ones", b"5,,5"),
    bad_length("a length with a parameter", b"5;"),
    bad_length("a length with a fraction", b"5.0"),
    bad_length("a length of two words", b"5 5"),
    bad_length("a length in superscript", b"\xb2"),
    bad_length("CVE-2023-47627 a length in Arabic digits", "٥".encode()),
    bad_length("a length with a vertical tab", b"\x0b5"),
    bad_length("a length beyond every machine's arithmetic", b"18446744073709551621"),
    short("a length that is not reached", OK + LENGTH + b"\r\nhel", b"hel"),
    short(
        "CVE-2025-13836 a length of a terabyte and five bytes",
        OK + b"Content-Length: 1000000000000\r\n\r\nhello",
        b"hello",
    ),
    Case(
        "bytes behind the end",
        OK + LENGTH + b"\r\nhelloHTTP/1.1 200 OK\r\n\r\n",
        body=b"hello",
        leftover=b"HTTP/1.1 200 OK\r\n\r\n",
        reusable=False,
    ),
    hello("no length at all", b"", reusable=False),
    Case("no length and no byte", OK + b"\r\n", reusable=False),
    Case("HEAD with a length", OK + LENGTH + b"\r\n", method="HEAD"),
    Case("HEAD in chunks", CHUNKED, method="HEAD"),
    Case("HEAD with a body nonetheless", OK + LENGTH + b"\r\nhello", method="HEAD", leftover=b"hello", reusable=False),
    Case("204 with a length", b"HTTP/1.1 204 No Content\r\n" + LENGTH + b"\r\n", status=204),
    Case("204 in chunks", b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", status=204),
    Case("304 with a length", b"HTTP/1.1 304 Not Modified\r\n" + LENGTH + b"\r\n", status=304),
    Case("CONNECT with a length", OK + LENGTH + b"\r\nhello", method="CONNECT", leftover=b"hello", reusable=False),
    Case("CONNECT in chunks", CHUNKED + HELLO, method="CONNECT", leftover=HELLO, reusable=False),
    Case(
        "CONNECT that was refused",
        b"HTTP/1.1 403 No\r\n" + LENGTH + b"\r\nhello",
        method="CONNECT",
        status=403,
        body=b"hello",
    ),
]

CODINGS = [
    chunks("a chunked body", HELLO),
    Case("chunked in any case", OK + b"Transfer-Encoding: cHuNkEd\r\n\r\n" + HELLO, body=b"hello"),
    Case("an empty element beside chunked", OK + b"Transfer-Encoding: , chunked\r\n\r\n" + HELLO, body=b"hello"),
    Case(
        "CVE-2022-35256 chunked and a length",
        OK + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n" + HELLO,
        body=b"hello",
        reusable=False,
        warned="both",
    ),
    Case(
        "chunked in HTTP/1.0",
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n" + HELLO,
        body=b"hello",
        reusable=False,
    ),
    bad("chunked twice in a line", OK + b"Transfer-Encoding: chunked, chunked\r\n\r\n" + HELLO),
    bad(
        "CVE-2022-32215 chunked in two lines",
        OK + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n" + HELLO,
    ),
    bad(
        "CVE-2022-32214 another coding in a second line",
        OK + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n" + HELLO,
    ),
    bad("a transfer coding nobody knows", OK + b"Transfer-Encoding: xchunked\r\n\r\n" + HELLO),
    bad("chunked with a parameter", OK + b"Transfer-Encoding: chunked;q=1\r\n\r\n" + HELLO),
    bad("chunked that is not the last coding", OK + b"Transfer-Encoding: chunked, gzip\r\n\r\n" + HELLO),
    bad("gzip as a transfer coding, unasked", OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + HELLO),
    bad("identity as a transfer coding", OK + b"Transfer-Encoding: identity\r\n\r\nhello"),
    bad("an empty Transfer-Encoding", OK + b"Transfer-Encoding:\r\n\r\n" + HELLO),
    bad("CVE-2023-47641 chunked behind a vertical tab", OK + b"Transfer-Encoding: \x0bchunked\r\n\r\n" + HELLO),
    bad("chunked in quotes", OK + b'Transfer-Encoding: "chunked"\r\n\r\n' + HELLO),
]

CHUNKS = [
    chunks("no chunk but the last", b"0\r\n\r\n", body=b""),
    chunks("several chunks", b"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"),
    chunks("a last chunk of many zeros", b"5\r\nhello\r\n000\r\n\r\n"),
    chunks("sizes in both cases", b"a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", body=b"0123456789" * 2),
    chunks("blanks behind a size", b"5 \t\r\nhello\r\n0  \r\n\r\n"),
    chunks("an extension", b'5;name=value;other="a;b"\r\nhello\r\n0;last\r\n\r\n'),
    chunks("blanks before an extension", b"5 ; name = value\r\nhello\r\n0\r\n\r\n"),
    chunks("line ends inside the data", b"5\r\n\r\n\r\n0\r\n0\r\n\r\n", body=b"\r\n\r\n0"),
    chunks("a response behind the end", HELLO + OK + b"\r\n", leftover=OK + b"\r\n", reusable=False),
    chunks("an empty line behind the end", HELLO + b"\r\n", leftover=b"\r\n", reusable=False),
    bad_chunks("CVE-2025-43859 two bytes behind a chunk that are no line end", b"5\r\nhelloXX0\r\n\r\n"),
    bad_chunks("a chunk longer than its size", b"5\r\nhello!\r\n0\r\n\r\n"),
    bad_chunks("a line feed alone behind a chunk", b"5\r\nhello\n0\r\n\r\n"),
    bad_chunks("a line feed alone behind a size", b"5\nhello\r\n0\r\n\r\n"),
    bad_chunks("a line feed alone behind the last size", b"5\r\nhello\r\n0\n\r\n"),
    bad_chunks("a line feed alone at the very end", b"5\r\nhello\r\n0\r\n\n"),
    bad_chunks("a bare CR behind a size", b"5\rhello\r\n0\r\n\r\n"),
    bad_chunks("CVE-2024-52304 a line feed in an extension", b"5;a\nb\r\nhello\r\n0\r\n\r\n"),
    bad_chunks("CVE-2024-52304 a bare CR in an extension", b"5;a\rb\r\nhello\r\n0\r\n\r\n"),
    bad_chunks("a NUL in an extension", b"5;\x00\r\nhello\r\n0\r\n\r\n"),
    bad_chunks("CVE-2023-47627 a size with a plus", b"+5\r\nhello\r\n0\r\n\r\n"),
    bad_chunks("CVE-2023-47627 a size with a minus", b"-5\r\nhello\r\n0\r\n\r\n"),
    bad_chunks("CVE-2023-47627 a size with 0x", b"0x5\r\nhello\r\n0\r\n\r\n"),
    bad_chunks("CVE-2023-47627 a size with an underscore", b"0_5\r\nhello\r\n0\r\n\r\n"),
    bad_chunks("a blank before a size", b" 5\r\nhello\r\n0\r\n\r\n"),
    bad_chunks("a size in other digits than ASCII", b"\xb5\r\nhello\r\n0\r\n\r\n"),
    bad_chunks("no size", b"\r\nhello\r\n0\r\n\r\n"),
    bad_chunks("an extension without a size", b";a\r\nhello\r\n0\r\n\r\n"),
    bad_chunks("words behind a size", b"5 bytes\r\nhello\r\n0\r\n\r\n"),
    bad_chunks("a size of sixteen digits", b"ffffffffffffffff\r\nhello\r\n0\r\n\r\n"),
    short("CVE-2025-13836 a chunk of an exabyte and five bytes", CHUNKED + b"fffffffffffffff\r\nhello", b"hello"),
    short("an end inside a size", CHUNKED + b"5\r\nhello\r\n1", b"hello"),
    short("an end inside a chunk", CHUNKED + b"5\r\nhel", b"hel"),
    short("an end behind a chunk", CHUNKED + b"5\r\nhello", b"hello"),
    short("no last chunk", CHUNKED + b"5\r\nhello\r\n", b"hello"),
    short("no line end behind the last chunk", CHUNKED + b"5\r\nhello\r\n0\r\n", b"hello"),
    short("half a line end behind the last chunk", CHUNKED + b"5\r\nhello\r\n0\r\n\r", b"hello"),
    short("an end inside the trailers", CHUNKED + b"5\r\nhello\r\n0\r\nX: a\r\n", b"hello"),
    chunks(
        "CVE-2025-53643 trailers, kept apart",
        b"5\r\nhello\r\n0\r\nX: a \r\nSet-Cookie: b=c\r\n\r\n",
        trailers=(("X", "a"), ("Set-Cookie", "b=c")),
    ),
    chunks(
        "trailers that would change the framing",
        b"5\r\nhello\r\n0\r\nContent-Length: 9\r\n\r\n",
        trailers=(("Content-Length", "9"),),
    ),
    bad_chunks("CVE-2025-53643 a trailer without a colon", b"5\r\nhello\r\n0\r\nnonsense\r\n\r\n"),
    bad_chunks("a trailer with a blank in its name", b"5\r\nhello\r\n0\r\nX Y: a\r\n\r\n"),
    bad_chunks("a trailer with a NUL", b"5\r\nhello\r\n0\r\nX: \x00\r\n\r\n"),
    bad_chunks("a folded trailer", b"5\r\nhello\r\n0\r\nX: a\r\n b\r\n\r\n"),
    bad_chunks("a trailer ending in a line feed alone", b"5\r\nhello\r\n0\r\nX: a\n\r\n"),
    bad_chunks("a bare CR in a trailer", b"5\r\nhello\r\n0\r\nX: a\rb\r\n\r\n"),
]

CONNECTIONS = [
    hello("close", LENGTH + b"Connection: close\r\n", reusable=False),
    hello("Close in capitals among others", LENGTH + b"Connection: foo, CLOSE\r\n", reusable=False),
    hello("close in a second line", LENGTH + b"Connection: foo\r\nConnection: close\r\n", reusable=False),
    hello("close and keep-alive", LENGTH + b"Connection: keep-alive, close\r\n", reusable=False),
    hello("a token that only contains close", LENGTH + b"Connection: closed\r\n"),
    Case("HTTP/1.0", b"HTTP/1.0 200 OK\r\n" + LENGTH + b"\r\nhello", body=b"hello", reusable=False),
    Case(
        "HTTP/1.0 with keep-alive",
        b"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n" + LENGTH + b"\r\nhello",
        body=b"hello",
    ),
    Case("HEAD of HTTP/1.0", b"HTTP/1.0 200 OK\r\n\r\n", method="HEAD", reusable=False),
]

INTERIM = [
    Case("100 before the response", b"HTTP/1.1 100 Continue\r\n\r\n" + CHUNKED + HELLO, body=b"hello", interim=(100,)),
    Case(
        "103 with fields, and an unknown one",
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 199 Odd\r\n\r\n" + OK + LENGTH + b"\r\nhello",
        body=b"hello",
        interim=(103, 199),
    ),
    Case(
        "an interim response with a length",
        b"HTTP/1.1 103 Hints\r\nContent-Length: 5\r\n\r\n" + OK + LENGTH + b"\r\nhello",
        body=b"hello",
        interim=(103,),
    ),
    Case("an interim response and then the end", b"HTTP/1.1 100 Continue\r\n\r\n", error=NOTHING, interim=(100,)),
    bad(
        "101, which nobody asked for", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"
    ),
]

LIMITS = [
    Case(
        "a head as large as allowed",
        OK + b"X: " + b"a" * (DEFAULT_LIMITS.head_bytes - len(OK) - 7) + b"\r\n\r\n",
        reusable=False,
    ),
    bad(
        "CVE-2023-38039 a head one byte too large",
        OK + b"X: " + b"a" * (DEFAULT_LIMITS.head_bytes - len(OK) - 6) + b"\r\n\r\n",
    ),
    bad("CVE-2013-1752 a line without an end", OK + b"X: " + b"a" * 70_000),
    Case("as many fields as allowed", OK + b"X: a\r\n" * 256 + b"\r\n", reusable=False),
    bad("CVE-2023-38039 a field too many", OK + b"X: a\r\n" * 257 + b"\r\n"),
    bad("CVE-2023-38039 five thousand fields", OK + b"X: a\r\n" * 5000 + b"\r\n"),
    chunks("an extension as large as allowed", b"5;" + b"a" * 4000 + b"\r\nhello\r\n0\r\n\r\n"),
    bad_chunks("an extension too large", b"5;" + b"a" * 5000 + b"\r\nhello\r\n0\r\n\r\n"),
    bad_chunks("an extension without an end", b"5;" + b"a" * 6000),
    bad_chunks("blanks behind a size without an end", b"5" + b" " * 6000),
    chunks(
        "trailers as large as allowed",
        b"5\r\nhello\r\n0\r\nX: " + b"a" * (16384 - 7) + b"\r\n\r\n",
        trailers=(("X", "a" * (16384 - 7)),),
    ),
    bad_chunks("CVE-2026-22815 trailers one byte too large", b"0\r\nX: " + b"a" * (16384 - 6) + b"\r\n\r\n"),
    bad_chunks("CVE-2026-22815 trailers without an end", b"0\r\nX: " + b"a" * 20_000),
    bad_chunks("CVE-2026-22815 too many trailers", b"0\r\n" + b"X: a\r\n" * 257 + b"\r\n"),
]

CASES = [*STATUS_LINES, *FIELDS, *LENGTHS, *CODINGS, *CHUNKS, *CONNECTIONS, *INTERIM, *LIMITS]
