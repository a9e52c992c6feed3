"""The server behind `reqcli demo`: HTTP/1.1 with keep-alive on loopback, one thread for each connection.

It is for showing and trying out, so it takes little on trust: it never listens anywhere but on 127.0.0.1, reads
no file, bounds every body, and closes a connection whose framing it cannot follow (RFC 9112 section 6.3).
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from secrets import token_urlsafe
from socketserver import TCPServer, ThreadingMixIn
from sys import exc_info
from threading import Event, Lock, Thread
from typing import Final, Self
from urllib.parse import parse_qsl, urlsplit

from reqcli.demo.pages import Asked, Memory, Reply, answer
from reqcli.errors import Usage
from reqcli.model.headers import Headers

HOST: Final = "127.0.0.1"
LARGEST_BODY: Final = 1024 * 1024
"""Bytes of request body that are read."""
MOST_TRAILERS: Final = 100
IDLE_LIMIT: Final = 60.0
"""Seconds of silence after which a connection is closed."""


class DemoServer:
    """The running server; use it as a context manager, or call `close`.

    Args:
        port: where to listen on 127.0.0.1; 0 for any free port.

    Attributes:
        url: where it is, without a slash at the end.
        failures: exceptions that a page raised and should not have.

    Raises:
        Usage: nothing can listen on that port.
    """

    def __init__(self, port: int = 0) -> None:
        self._memory = Memory(token_urlsafe)
        try:
            self._listener = _Listener(port, self._memory)
        except (OSError, OverflowError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not from 0 to 65535"
            raise Usage(
                f"cannot listen on port {port} of {HOST}: {reason}", hint="leave the port out to get a free one"
            ) from error
        self.url: Final = f"http://{HOST}:{self._listener.server_address[1]}"
        self.failures: Final = self._listener.failures
        self._thread = Thread(target=self._listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    @property
    def connections(self) -> int:
        """Connections accepted so far."""
        return self._memory.connections

    @property
    def requests(self) -> int:
        """Requests answered so far, `/stats` included."""
        return self._memory.requests

    def wait(self) -> None:
        """Block until another thread closes the server, or the user interrupts."""
        self._thread.join()

    def close(self) -> None:
        """Stop listening, cut the open connections and wait for their threads to end; may be called again."""
        self._listener.closing.set()
        self._listener.shutdown()
        self._listener.cut_connections()
        self._listener.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class _Listener(ThreadingMixIn, TCPServer):
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, port: int, memory: Memory) -> None:
        self.memory: Final = memory
        self.lock: Final = Lock()
        self.closing: Final = Event()
        self.failures: Final[list[BaseException]] = []
        self._open: set[socket.socket] = set()
        super().__init__((HOST, port), _Handler)

    def get_request(self) -> tuple[socket.socket, object]:
        connection, address = super().get_request()
        with self.lock:
            self.memory.connections += 1
            self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        with self.lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def cut_connections(self) -> None:
        """Wake every thread that waits for its client, so that it sees the end."""
        with self.lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # its client has gone already

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients may leave when they like; anything else is a bug, kept for whoever asks."""
        error = exc_info()[1]
        if error is not None and not isinstance(error, OSError):
            self.failures.append(error)


class _Refused(Exception):
    """The body of a request cannot be read; the arguments are the status and the sentence to answer with."""


class _Handler(BaseHTTPRequestHandler):
    server: _Listener
    protocol_version = "HTTP/1.1"
    default_request_version = "HTTP/1.0"  # a request line without one gets an answer with a head, unlike HTTP/0.9
    timeout = IDLE_LIMIT
    disable_nagle_algorithm = True

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Every method is taken: the standard library looks for `do_METHOD`, and `/echo` wants them all."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def version_string(self) -> str:
        return "reqcli-demo"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep quiet: the terminal belongs to the commands."""

    def _answer(self) -> None:
        try:
            asked = self._read()
        except _Refused as refusal:
            self.close_connection = True
            self.send_error(*refusal.args)
            return
        with self.server.lock:
            self.server.memory.requests += 1
            reply = answer(asked, self.server.memory)
        self.send_response(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        if reply.pieces is not None:
            self._send_pieces(reply, reply.pieces)
        else:
            self._send_body(reply)

    def _read(self) -> Asked:
        try:
            target = urlsplit(self.path)
            query = tuple(parse_qsl(target.query, keep_blank_values=True, max_num_fields=1000))
        except ValueError as error:
            raise _Refused(400, "Broken target, or too many fields in its query") from error
        return Asked(self.command, target.path, query, Headers(self.headers.items()), self._read_body())

    def _read_body(self) -> bytes:
        lengths = self.headers.get_all("Content-Length", [])
        codings = self.headers.get_all("Transfer-Encoding", [])
        if codings:
            if lengths or [coding.strip().lower() for coding in codings] != ["chunked"]:
                raise _Refused(400, "Ambiguous or unknown Transfer-Encoding")
            return b"".join(self._read_chunks())
        if not lengths:
            return b""
        return self._read_exactly(_length(lengths[0], 10) if len(lengths) == 1 else -1)

    def _read_chunks(self) -> Iterator[bytes]:
        left = LARGEST_BODY
        while size := _length(self._read_line().partition(";")[0].strip(), 16):
            left -= size
            if left < 0:
                raise _Refused(413)
            yield self._read_exactly(size)
            if self._read_line():
                raise _Refused(400, "A chunk is longer than its size")
        for _ in range(MOST_TRAILERS):
            if not self._read_line():
                return
        raise _Refused(431)

    def _read_line(self) -> str:
        line = self.rfile.readline(4096)
        if not line.endswith(b"\r\n"):
            raise _Refused(400, "Broken chunk")
        return line[:-2].decode("latin-1")

    def _read_exactly(self, size: int) -> bytes:
        if size < 0:
            raise _Refused(400, "Broken length")
        if size > LARGEST_BODY:
            raise _Refused(413)
        body = self.rfile.read(size)
        if len(body) < size:
            raise ConnectionResetError("the client left in the middle of its body")
        return body

    def _send_body(self, reply: Reply) -> None:
        if reply.status not in (204, 304):
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    def _send_pieces(self, reply: Reply, pieces: Iterator[bytes]) -> None:
        chunked = self.request_version != "HTTP/1.0"
        self.send_header(*(("Transfer-Encoding", "chunked") if chunked else ("Connection", "close")))
        self.end_headers()
        if self.command == "HEAD":
            return
        for number, piece in enumerate(pieces):
            if number and self.server.closing.wait(reply.delay):
                self.close_connection = True  # in the middle of the body, so that it is seen to be cut
                return
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")


def _length(text: str, radix: int) -> int:
    """A size as digits and nothing else (no sign, blank or underscore, which `int` would take); -1 for a bad one."""
    digits = "0123456789abcdef"[:radix]
    return int(text, radix) if text and len(text) <= 16 and not text.lower().strip(digits) else -1
