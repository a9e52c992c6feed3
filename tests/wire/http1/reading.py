"""Reads whole responses from bytes cut in any way, as a connection does, and tells the outcome in one value."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from reqcli.errors import BadResponse, BodyIncomplete
from reqcli.wire.http1.bodies import BodyReader, body_reader
from reqcli.wire.http1.framing import body_framing
from reqcli.wire.http1.head import DEFAULT_LIMITS, HeadReader, Limits


@dataclass
class Answer:
    """What came of reading a response: all of it, or up to the `error`."""

    error: str = ""
    status: int = 0
    reason: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    interim: tuple[int, ...] = ()
    kind: str = ""
    body: bytes = b""
    trailers: tuple[tuple[str, str], ...] = ()
    reusable: bool = False
    leftover: bytes = b""
    warnings: tuple[str, ...] = ()
    received: object = None
    message: str = field(default="", compare=False)


CUT_HEAD = "cut in the head"
NOTHING = "nothing came"


def read(pieces: Iterable[bytes], method: str = "GET", limits: Limits = DEFAULT_LIMITS) -> Answer:
    """Read the final response; the connection ends after the last piece."""
    answer = Answer()
    arriving = iter(pieces)
    try:
        body = _read_head(answer, arriving, method, limits)
        if body is not None:
            _read_body(answer, arriving, body)
    except BadResponse as error:
        return Answer(error=error.code, message=error.message)  # what came before it is not to be trusted
    except BodyIncomplete as error:
        answer.error, answer.message = error.code, error.message
        answer.received = error.details["received"]
    return answer


def _read_head(answer: Answer, arriving: Iterator[bytes], method: str, limits: Limits) -> BodyReader | None:
    reader = HeadReader(limits)
    while True:
        piece = next(arriving, None)
        if piece is None:
            answer.error = CUT_HEAD if reader.has_bytes else NOTHING
            return None
        head = reader.feed(piece)
        while head is not None and 100 <= head.status < 200:
            body_framing(method, head)
            answer.interim += (head.status,)
            leftover, reader = reader.leftover, HeadReader(limits)
            head = reader.feed(leftover)
        if head is not None:
            break
    framing = body_framing(method, head)
    answer.status, answer.reason, answer.fields = head.status, head.reason, head.headers.items()
    answer.kind, answer.reusable = framing.kind, framing.reusable
    answer.warnings = head.warnings + framing.warnings
    body = body_reader(framing, limits)
    if reader.leftover:
        answer.body += body.feed(reader.leftover)
    return body


def _read_body(answer: Answer, arriving: Iterator[bytes], body: BodyReader) -> None:
    while not body.done:
        piece = next(arriving, None)
        if piece is None:
            body.eof()
            break
        answer.body += body.feed(piece)
    answer.trailers = body.trailers.items()
    answer.leftover = body.leftover + b"".join(arriving)
    answer.reusable = answer.reusable and not answer.leftover


def cuts(raw: bytes) -> Iterator[list[bytes]]:
    """The same bytes whole, one by one, and cut at random but repeatable places."""
    yield [raw]
    yield [raw[place : place + 1] for place in range(len(raw))]
    for seed in range(8):
        chance = random.Random(seed)
        pieces, place = [], 0
        while place < len(raw):
            size = chance.randint(1, chance.choice((2, 5, 40, 400)))
            pieces.append(raw[place : place + size])
            place += size
        yield pieces
