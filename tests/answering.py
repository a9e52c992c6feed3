"""Servers in a few lines, on top of the nasty one: a function from a request to the bytes of its answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from threading import Event

from tests.sockets import Peer, RawRequest, Script

Answer = Callable[[RawRequest], bytes]


def reply(status: int = 200, *fields: str, body: bytes | str | object = b"") -> bytes:
    """A whole response.

    Args:
        status: of it.
        fields: `Name: value`, all but Content-Length.
        body: bytes and text as they are, anything else as JSON.
    """
    content = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
    head = "".join(f"{field}\r\n" for field in (*fields, f"Content-Length: {len(content)}"))
    return f"HTTP/1.1 {status} X\r\n{head}\r\n".encode() + content


def serving(answer: Answer) -> Script:
    """A script that answers each request of its connection."""

    def script(peer: Peer) -> None:
        while True:
            request = peer.read_request()
            peer.send(answer(request))

    return script


def in_turn(*answers: bytes) -> Script:
    """A script for one connection that gives these answers, one after the other."""
    left = list(answers)
    return serving(lambda request: left.pop(0))


def held_back(asked: Event, may_answer: Event, answer: bytes) -> Script:
    """A script that tells when it was asked, and answers when it may, or after 20 seconds."""

    def script(peer: Peer) -> None:
        peer.read_request()
        asked.set()
        may_answer.wait(20)
        peer.send(answer)

    return script
