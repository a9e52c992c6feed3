"""The server that the benchmarks talk to, in a process of its own: it shares no interpreter lock with a client.

One thread a connection, blocking calls, and for each request as little work as can be: it is to cost the same for
everybody and to be the bottleneck of nobody. Run as a script it tells its ports in one line and ends with its
standard input.

    GET /small        a fixed answer of twelve fields and a little JSON
    GET /cookie       the same, with a cookie that has another value each time
    GET /bytes/N      N bytes
    PUT /sink         takes any body and says how many bytes it had (framing included, if it was chunked)
    GET /connections  how many connections there have been
"""

from __future__ import annotations

import os
import socket
import ssl
import sys
from itertools import count
from threading import Thread

BODY = b'{"id": 4711, "name": "a small thing", "tags": ["one", "two", "three"], "ok": true, "price": 12.5, "in": 7}\n'
FIELDS = (
    "Server: tiny/1.0",
    "Date: Sat, 21 Nov 2026 12:00:00 GMT",
    "Content-Type: application/json; charset=utf-8",
    "Connection: keep-alive",
    "Vary: Accept-Encoding",
    "Cache-Control: private, no-cache, max-age=0",
    'ETag: "5f3a-62c1"',
    "X-Request-Id: 0f8fad5b-d9cb-469f-a165-70867728950e",
    "X-Frame-Options: SAMEORIGIN",
    "X-Content-Type-Options: nosniff",
    "Strict-Transport-Security: max-age=31536000; includeSubDomains",
)
"""With Content-Length there are twelve."""

BLOCK = os.urandom(4 * 1024 * 1024)
TAIL = b"\r\n0\r\n\r\n"
"""What a chunked body ends with; that these seven bytes end a block of random data by chance does not happen."""


def answer(body: bytes, *fields: str) -> bytes:
    """A whole response with the usual fields."""
    lines = ["HTTP/1.1 200 OK", *FIELDS, *fields, f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


SMALL = answer(BODY)


class Server:
    """Listens on loopback, in plain and, with a certificate, with TLS."""

    def __init__(self, certificate: str | None = None) -> None:
        self.connections = 0
        self.cookies = count()
        self.block = os.memfd_create("block")
        os.write(self.block, BLOCK)
        self.plain = socket.create_server(("127.0.0.1", 0))
        self.secure = socket.create_server(("127.0.0.1", 0)) if certificate else None
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if certificate:
            self.context.load_cert_chain(certificate)

    def run(self) -> None:
        """Serve until standard input ends."""
        ports = [listener.getsockname()[1] for listener in (self.plain, self.secure) if listener]
        for listener in (self.plain, self.secure):
            if listener:
                Thread(target=self.accept, args=(listener,), daemon=True).start()
        print(*ports, flush=True)
        sys.stdin.read()

    def accept(self, listener: socket.socket) -> None:
        while True:
            connection, _ = listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            Thread(target=self.serve, args=(connection, listener is self.secure), daemon=True).start()

    def serve(self, connection: socket.socket, secure: bool) -> None:
        try:
            if secure:
                connection = self.context.wrap_socket(connection, server_side=True)
            with connection:
                while head := self.head(connection):
                    self.respond(connection, *head)
        except OSError:
            return

    def head(self, connection: socket.socket) -> tuple[bytes, bytes] | None:
        data = connection.recv(65536)
        while data and b"\r\n\r\n" not in data:
            data += connection.recv(65536)
        head, _, rest = data.partition(b"\r\n\r\n")
        return (head, rest) if data else None

    def respond(self, connection: socket.socket, head: bytes, rest: bytes) -> None:
        if head.startswith(b"GET /small"):
            connection.sendall(SMALL)
        elif head.startswith(b"GET /cookie"):
            connection.sendall(answer(BODY, f"Set-Cookie: turn={next(self.cookies)}; Path=/; Max-Age=3600"))
        elif head.startswith(b"GET /bytes/"):
            self.pour(connection, int(head[11 : head.index(b" ", 11)]))
        elif head.startswith(b"GET /connections"):
            connection.sendall(answer(b"%d" % self.connections))
        elif head.startswith(b"PUT /sink"):
            connection.sendall(answer(b"%d\n" % self.sink(connection, head.lower(), rest)))
        else:
            connection.sendall(answer(b"").replace(b"200 OK", b"404 Not Found"))

    def pour(self, connection: socket.socket, size: int) -> None:
        connection.sendall(answer(b"").replace(b"Content-Length: 0", b"Content-Length: %d" % size))
        while size:
            part = min(size, len(BLOCK))
            if isinstance(connection, ssl.SSLSocket):
                connection.sendall(memoryview(BLOCK)[:part])
            else:
                part = os.sendfile(connection.fileno(), self.block, 0, part)
            size -= part

    def sink(self, connection: socket.socket, head: bytes, rest: bytes) -> int:
        """Take a body in and drop it; of a known length, the kernel drops it without a copy."""
        received, buffer = len(rest), bytearray(1024 * 1024)
        if b"\r\nexpect: 100-continue" in head:
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if b"\r\ncontent-length: " in head:
            unread = 0 if isinstance(connection, ssl.SSLSocket) else socket.MSG_TRUNC
            length = int(head.partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0])
            while received < length:
                received += connection.recv_into(buffer, 0, unread) or length
            return received
        tail = (b"\r\n" + rest)[-len(TAIL) :]
        while tail != TAIL:
            size = connection.recv_into(buffer)
            received += size
            tail = (tail + bytes(buffer[max(0, size - len(TAIL)) : size]))[-len(TAIL) :]
            if not size:
                break
        return received


if __name__ == "__main__":
    Server(*sys.argv[1:]).run()
