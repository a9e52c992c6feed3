"""The same bytes as two other parsers read them: h11, and llhttp through httptools."""

from __future__ import annotations

from typing import NamedTuple

import h11
import httptools

FAKE_HEAD = b"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
"""Chunked and closing, so that llhttp neither looks for a second message nor takes one for the first."""


class Reading(NamedTuple):
    """What a parser made of a response; only `complete` readings say anything about the rest."""

    complete: bool
    status: int = 0
    body: bytes = b""
    trailers: tuple[tuple[str, str], ...] = ()
    interim: tuple[int, ...] = ()


def by_h11(raw: bytes, method: str) -> Reading:
    """The response as h11 reads it; the connection ends behind these bytes."""
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=65536)
    target = "x.test:443" if method == "CONNECT" else "/"
    connection.send(h11.Request(method=method, target=target, headers=[("Host", "x.test")]))
    connection.send(h11.EndOfMessage())
    reading, has_ended = Reading(False), False
    try:
        if raw:
            connection.receive_data(raw)
        while True:
            event = connection.next_event()
            if isinstance(event, h11.InformationalResponse):
                reading = reading._replace(interim=(*reading.interim, event.status_code))
            elif isinstance(event, h11.Response):
                reading = reading._replace(status=event.status_code)
            elif isinstance(event, h11.Data):
                reading = reading._replace(body=reading.body + bytes(event.data))
            elif isinstance(event, h11.EndOfMessage):
                trailers = (
                    (name.decode("latin-1"), value.decode("latin-1")) for name, value in event.headers.raw_items()
                )
                return reading._replace(complete=True, trailers=tuple(trailers))
            elif event is h11.PAUSED:
                return reading._replace(complete=True)
            elif event is h11.NEED_DATA and not has_ended:
                connection.receive_data(b"")
                has_ended = True
            else:
                return reading
    except h11.RemoteProtocolError:
        return reading


def by_llhttp(raw: bytes) -> Reading:
    """A chunked body as llhttp reads it, in its strict mode."""
    heard = _Listener()
    parser = httptools.HttpResponseParser(heard)
    parser.feed_data(FAKE_HEAD)
    heard.trailers.clear()
    try:
        parser.feed_data(raw)
    except httptools.HttpParserError as error:
        if "Data after" not in str(error):
            return Reading(False, 200, b"".join(heard.pieces))
    return Reading(heard.complete, 200, b"".join(heard.pieces), tuple(heard.trailers))


class _Listener:
    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.trailers: list[tuple[str, str]] = []
        self.complete = False

    def on_body(self, data: bytes) -> None:
        self.pieces.append(bytes(data))

    def on_header(self, name: bytes, value: bytes) -> None:
        self.trailers.append((name.decode("latin-1"), value.decode("latin-1").rstrip(" \t")))

    def on_message_complete(self) -> None:
        self.complete = True
