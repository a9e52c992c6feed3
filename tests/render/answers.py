"""Requests, responses and results made by hand, for every test of this folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reqcli.model.headers import Headers
from reqcli.model.request import Request
from reqcli.model.response import Response, ResponseHead
from reqcli.model.url import Url


class Bytes:
    """A body that is there already."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def chunks(self) -> Iterator[bytes]:
        if self.data:
            yield self.data

    def close(self) -> None:
        return


def answer(
    body: bytes = b"",
    content_type: str | None = "application/json",
    *,
    status: int = 200,
    reason: str = "OK",
    headers: Sequence[tuple[str, str]] = (),
    url: str = "https://api.example/x",
) -> Response:
    """A response with this body."""
    fields = [] if content_type is None else [("Content-Type", content_type)]
    return Response(ResponseHead(1, status, reason, Headers([*fields, *headers])), Url.parse(url), Bytes(body))


def asked(*headers: tuple[str, str], url: str = "https://api.example/x", method: str = "GET") -> Request:
    """A request with these fields."""
    return Request(method, Url.parse(url), Headers(headers))
