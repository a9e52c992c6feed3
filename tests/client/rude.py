"""The table of rude servers: what each says, and what has to come of it at the library's door.

The table of single responses, which the reader's own tests go through without a socket, is taken over whole; what
needs a connection, a second request or a content coding stands here. `kept` is whether the connection may carry the
next request. Bytes in `smuggled` pass for an answer to a request that was never made, and must answer none.
"""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass

import brotli

from tests.decode import zstd
from tests.wire.http1.cases import CASES, CHUNKED, HELLO, LENGTH, OK, Case
from tests.wire.http1.reading import CUT_HEAD, NOTHING, read


@dataclass
class Rude:
    """One server and the outcome.

    Attributes:
        name: the claim, in plain words.
        raw: what it answers the first request with.
        code: of the error; empty for none.
        body: what is to be had of it, after an error too; where that depends on the cuts, a beginning of it.
        ends: what it does then: `stays`, `closes` or `resets`.
        kept: whether the next request may go out on the same connection.
    """

    name: str
    raw: bytes
    code: str = ""
    status: int = 200
    body: bytes = b"hello"
    method: str = "GET"
    ends: str = "stays"
    kept: bool = True
    interim: tuple[int, ...] = ()
    fields: tuple[tuple[str, str], ...] | None = None
    warned: str = ""


def from_the_readers_table(case: Case) -> Rude:
    """The same case with a connection around it."""
    code = {CUT_HEAD: "bad_response", NOTHING: "bad_response" if case.interim else "empty_reply"}
    needs_the_end = case.error and case.error != "bad_response"
    closes = needs_the_end or (not case.error and read([case.raw], case.method).kind == "close")
    return Rude(
        case.name,
        case.raw,
        code.get(case.error, case.error),
        status=case.status,
        body=case.body,
        method=case.method,
        ends="closes" if closes else "stays",
        kept=case.reusable and not case.error,
        interim=case.interim,
        fields=case.fields,
        warned="response_tolerated" if case.warned else "",
    )


def hello(name: str, lines: bytes = b"", /, behind: bytes = b"", **outcome: object) -> Rude:
    """A 200 with a length, these further lines, `hello`, and bytes behind the end."""
    return Rude(name, OK + LENGTH + lines + b"\r\nhello" + behind, **outcome)  # type: ignore[arg-type]


def coded(name: str, coding: bytes, body: bytes, /, **outcome: object) -> Rude:
    """A body in a content coding; its framing is beyond doubt, unless the body turns out not to be in that coding."""
    head = OK + b"Content-Length: %d\r\nContent-Encoding: %b\r\n\r\n" % (len(body), coding)
    return Rude(name, head + body, **outcome)  # type: ignore[arg-type]


SMUGGLED = b"HTTP/1.1 200 OK\r\nSet-Cookie: smuggled=1; Path=/\r\nContent-Length: 4\r\n\r\nEVIL"
EMPTY = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

SECOND_ANSWERS = [
    hello("a second answer behind a body", behind=SMUGGLED, kept=False),
    hello("half a second answer behind a body", behind=SMUGGLED[:40], kept=False),
    hello("a line end behind a body", behind=b"\r\n", kept=False),
    hello("a NUL behind a body", behind=b"\x00", kept=False),
    Rude("a second answer behind the last chunk", CHUNKED + HELLO + SMUGGLED, kept=False),
    Rude("a second answer behind an empty body", EMPTY + SMUGGLED, body=b"", kept=False),
    Rude(
        "a second answer behind a 204",
        b"HTTP/1.1 204 No Content\r\n\r\n" + SMUGGLED,
        status=204,
        body=b"",
        kept=False,
    ),
    Rude(
        "a second answer behind a 304",
        b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n" + SMUGGLED,
        status=304,
        body=b"",
        kept=False,
    ),
    Rude(
        "a second answer behind the head for HEAD",
        OK + LENGTH + b"\r\n" + SMUGGLED,
        method="HEAD",
        body=b"",
        kept=False,
    ),
    Rude(
        "a second answer within a body is the body",
        OK + b"Content-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED,
        body=SMUGGLED,
    ),
    Rude(
        "a second answer behind a length that Transfer-Encoding overrules",
        OK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" + HELLO + SMUGGLED,
        kept=False,
        warned="response_tolerated",
    ),
    Rude(
        "a second answer behind a length in two values",
        OK + b"Content-Length: 0\r\nContent-Length: 5\r\n\r\n" + SMUGGLED,
        "bad_response",
        kept=False,
    ),
    Rude(
        "a second answer behind a chunk that is longer than its size",
        CHUNKED + b"5\r\nhello, world\r\n0\r\n\r\n" + SMUGGLED,
        "bad_response",
        kept=False,
    ),
    Rude(
        "a second answer in an extension of a chunk",
        CHUNKED + b"5;" + SMUGGLED + b"\r\nhello\r\n0\r\n\r\n",
        "bad_response",
        kept=False,
    ),
    Rude(
        "a second answer among the trailers", CHUNKED + HELLO[:-2] + SMUGGLED + b"\r\n\r\n", "bad_response", kept=False
    ),
    Rude(
        "a second answer behind a bare CR that ends no head",
        OK + b"X: a\r\n\r" + SMUGGLED,
        "bad_response",
        kept=False,
    ),
    Rude("a second answer behind a 101", b"HTTP/1.1 101 Switching\r\n\r\n" + SMUGGLED, "bad_response", kept=False),
    Rude(
        "a cookie in the trailers is no cookie",
        CHUNKED + b"5\r\nhello\r\n0\r\nSet-Cookie: smuggled=1; Path=/\r\n\r\n",
        fields=(("Transfer-Encoding", "chunked"),),
    ),
    Rude(
        "trailers that name a length, a coding and a close change nothing",
        CHUNKED + b"5\r\nhello\r\n0\r\nContent-Length: 0\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n",
        fields=(("Transfer-Encoding", "chunked"),),
    ),
]

BROKEN_OFF = [
    Rude("a reset in place of an answer", b"", "receive_failed", ends="resets", kept=False),
    Rude("a reset within the status line", b"HTTP/1.1 200 O", "receive_failed", ends="resets", kept=False),
    Rude("a reset within the head", OK + b"X: a\r\n", "receive_failed", ends="resets", kept=False),
    Rude("a reset behind an interim answer", b"HTTP/1.1 100 C\r\n\r\n", "receive_failed", ends="resets", kept=False),
    Rude("a reset within a body", OK + LENGTH + b"\r\nhel", "receive_failed", body=b"hel", ends="resets", kept=False),
    Rude("a reset within a chunk", CHUNKED + b"5\r\nhel", "receive_failed", body=b"hel", ends="resets", kept=False),
    Rude("a reset before the last chunk", CHUNKED + b"5\r\nhello\r\n", "receive_failed", ends="resets", kept=False),
    Rude("a reset where only the end ends the body", OK + b"\r\nhello", "receive_failed", ends="resets", kept=False),
    hello("an end behind a whole body that promised more", b"Connection: keep-alive\r\n", ends="closes", kept=False),
    hello("an announced close that never comes", b"Connection: close\r\n", kept=False),
]

PROMISES = [
    hello("an idle time of none", b"Keep-Alive: timeout=0\r\n", kept=False),
    hello("an idle time that a close could cross", b"Keep-Alive: timeout=1\r\n", kept=False),
    hello("no further request", b"Keep-Alive: timeout=60, max=0\r\n", kept=False),
    hello("the shorter of two idle times", b"Keep-Alive: timeout=60\r\nKeep-Alive: timeout=0\r\n", kept=False),
    hello("an idle time below zero, which is none", b"Keep-Alive: timeout=-5\r\n"),
    hello("an idle time beyond all bounds", b"Keep-Alive: timeout=" + b"9" * 400 + b"\r\n"),
    hello("an idle time that is enough", b"Keep-Alive: timeout=60, max=9\r\n"),
    hello("an Upgrade that nobody asked for", b"Upgrade: h2c\r\nConnection: upgrade\r\n"),
    hello("a Proxy-Connection, which means nothing", b"Proxy-Connection: close\r\n"),
]

STATUSES = [
    Rude("500 with a body", b"HTTP/1.1 500 Oops\r\n" + LENGTH + b"\r\nhello", status=500),
    Rude("a redirect to nowhere", b"HTTP/1.1 302 Found\r\n" + LENGTH + b"\r\nhello", status=302),
    Rude("401 without a challenge", b"HTTP/1.1 401 X\r\n" + LENGTH + b"\r\nhello", status=401),
    Rude("408 as an answer that was asked for", b"HTTP/1.1 408 X\r\n" + LENGTH + b"\r\nhello", status=408),
    Rude("205 with a body", b"HTTP/1.1 205 X\r\n" + LENGTH + b"\r\nhello", status=205),
    Rude(
        "32 interim answers",
        b"HTTP/1.1 102 Processing\r\n\r\n" * 32 + OK + LENGTH + b"\r\nhello",
        interim=(102,) * 32,
    ),
    Rude(
        "CVE-2021-3737 interim answers without an end",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 500,
        "bad_response",
        kept=False,
    ),
    Rude("a second head in place of a body", OK + OK + LENGTH + b"\r\nhello", "bad_response", kept=False),
]

TEXT = b"hello, hello, hello " * 20
GZIPPED = gzip.compress(TEXT)

CODINGS = [
    coded("gzip", b"gzip", GZIPPED, body=TEXT),
    coded("gzip by its old name, in capitals", b"X-GZIP", GZIPPED, body=TEXT),
    coded("gzip in two members", b"gzip", GZIPPED + gzip.compress(b"!"), body=TEXT + b"!"),
    coded("gzip with junk behind it", b"gzip", GZIPPED + b"junk", body=TEXT, warned="coding_tolerated"),
    coded("gzip cut in the middle", b"gzip", GZIPPED[:20], code="decode_failed", body=TEXT, kept=False),
    coded("gzip without its check sum", b"gzip", GZIPPED[:-8], code="decode_failed", body=TEXT, kept=False),
    coded("gzip with a wrong check sum", b"gzip", GZIPPED[:-8] + bytes(8), code="decode_failed", body=TEXT, kept=False),
    coded("plain text that is called gzip", b"gzip", b"hello", code="decode_failed", body=b"", kept=False),
    coded("no byte that is called gzip", b"gzip", b"", body=b""),
    coded("deflate as the standard has it", b"deflate", zlib.compress(TEXT), body=TEXT),
    coded("deflate as old servers have it", b"deflate", zlib.compress(TEXT)[2:-4], body=TEXT),
    coded("deflate cut short", b"deflate", zlib.compress(TEXT)[:-5], code="decode_failed", body=TEXT, kept=False),
    coded("br cut short", b"br", brotli.compress(TEXT)[:-1], code="decode_failed", body=TEXT, kept=False),
    coded("zstd cut short", b"zstd", zstd.compress(TEXT)[:-1], code="decode_failed", body=TEXT, kept=False),
    coded("two codings", b"deflate, gzip", gzip.compress(zlib.compress(TEXT)), body=TEXT),
    coded("gzip and identity", b"gzip, identity", GZIPPED, body=TEXT),
    coded("a coding nobody knows", b"klingon", b"hello", warned="coding_unknown"),
    coded("a known coding under an unknown one", b"gzip, klingon", b"hello", warned="coding_unknown"),
    coded("sixty codings", b", ".join([b"gzip"] * 60), b"", code="decode_failed", body=b""),
    Rude(
        "sixty lines of one coding each",
        OK + b"Content-Encoding: gzip\r\n" * 60 + b"Content-Length: 0\r\n\r\n",
        "decode_failed",
        body=b"",
    ),
    Rude(
        "a part of something coded",
        b"HTTP/1.1 206 Partial Content\r\nContent-Encoding: gzip\r\n" + LENGTH + b"\r\nhello",
        status=206,
    ),
    Rude(
        "gzip in chunks that are cut",
        CHUNKED[:-2] + b"Content-Encoding: gzip\r\n\r\n14\r\n" + GZIPPED[:20],
        "body_incomplete",
        body=zlib.decompressobj(31).decompress(GZIPPED[:20]),
        ends="closes",
        kept=False,
    ),
    Rude("HEAD of something coded", OK + LENGTH + b"Content-Encoding: gzip\r\n\r\n", method="HEAD", body=b""),
]  # fmt: skip

RUDE = [
    *(from_the_readers_table(case) for case in CASES if case.method != "CONNECT"),
    *SECOND_ANSWERS,
    *BROKEN_OFF,
    *PROMISES,
    *STATUSES,
    *CODINGS,
]
