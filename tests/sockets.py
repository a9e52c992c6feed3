"""The nasty server: a real server on loopback that says exactly the bytes it is told to, when it is told to.

    with NastyServer(b"HTTP/1.1 204 No Content\r\n\r\n") as server:      # the same answer to every request
        ...

    def cut_short(peer: Peer) -> None:                                    # or a script, run once per connection
        peer.read_request()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")

    with NastyServer(cut_short, tls=context) as server:
        ... server.port, server.url("/x"), server.connections, server.requests

When a script returns, its connection is closed. A list of scripts (or answers) is for as many connections, one
after the other, and the last of it for all that follow. At the end of the `with` block the server asserts that it
was called, and raises what a script raised; a peer that goes away is no failure of a script.
"""

from __future__ import annotations

import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Sequence
from typing import Self

Script = Callable[["Peer"], None]


class Gone(Exception):
    """The peer went away while the script still had something to do with it."""


class RawRequest:
    """A request as it came: `head` and `body` are its bytes, the body with chunked framing taken off."""

    def __init__(self, head: bytes, body: bytes = b"") -> None:
        self.head = head
        self.body = body
        line, *fields = head.decode("latin-1").split("\r\n")
        self.method, self.target, self.version = line.split(" ", 2)
        self.fields = [(name, value.strip()) for name, _, value in (field.partition(":") for field in fields if field)]

    def get(self, name: str) -> str | None:
        """The first value of a header field, or None."""
        return next((value for key, value in self.fields if key.lower() == name.lower()), None)

    def __repr__(self) -> str:
        return f"<RawRequest {self.method} {self.target}>"


class Peer:
    """One connection, as the server sees it.

    Attributes:
        number: 1 for the server's first connection.
        sock: the socket, for what the methods do not offer.
    """

    def __init__(self, server: NastyServer, sock: socket.socket, number: int) -> None:
        self.server = server
        self.sock = sock
        self.number = number
        self._buffer = bytearray()

    def read_head(self) -> RawRequest:
        """Read a request's head and nothing more; it counts as a request."""
        head = self._read_to(b"\r\n\r\n")
        request = RawRequest(head)
        self.server.requests.append(request)
        return request

    def read_body(self, request: RawRequest) -> RawRequest:
        """Read the body that belongs to the head."""
        if (request.get("transfer-encoding") or "").lower() == "chunked":
            while size := int(self._read_to(b"\r\n").split(b";")[0], 16):
                request.body += self._read(size)
                self._read(2)
            self._read_to(b"\r\n")
        else:
            request.body = self._read(int(request.get("content-length") or 0))
        return request

    def read_request(self) -> RawRequest:
        """Read a whole request."""
        return self.read_body(self.read_head())

    def send(self, *data: bytes) -> None:
        """Send these bytes."""
        try:
            self.sock.sendall(b"".join(data))
        except OSError as error:
            raise Gone from error

    def drip(self, data: bytes, pause: float, size: int = 1) -> None:
        """Send these bytes a few at a time, with a pause (seconds) after each piece."""
        for start in range(0, len(data), size):
            self.send(data[start : start + size])
            time.sleep(pause)

    def answer(self, data: bytes) -> RawRequest:
        """Read a request and send these bytes."""
        request = self.read_request()
        self.send(data)
        return request

    def hold(self, seconds: float = 30.0) -> bytes:
        """Do nothing until the peer closes (or sends: then what it sent), for so many seconds at most."""
        if self._buffer:
            return bytes(self._buffer)
        self.sock.settimeout(seconds)
        try:
            return self.sock.recv(65536)
        except OSError:
            return b""

    def sleep_till_the_end(self) -> None:
        """Neither read nor write nor close until the test is over."""
        self.server.over.wait(30)

    def swallow(self) -> int:
        """Read until the peer closes; how many bytes it was."""
        total = len(self._buffer)
        try:
            while data := self.sock.recv(1 << 20):
                total += len(data)
        except OSError:
            pass
        return total

    def reset(self) -> None:
        """Close with RST instead of FIN."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def cut(self) -> None:
        """Close the socket below TLS, without close_notify."""
        socket.socket(fileno=self.sock.detach()).close()

    def close(self) -> None:
        """Close as the protocol asks."""
        if self.sock.fileno() < 0:
            return
        try:
            if isinstance(self.sock, ssl.SSLSocket):
                self.sock.settimeout(0.2)
                self.sock.unwrap()
            self.sock.shutdown(socket.SHUT_WR)
        except (OSError, ValueError):
            pass
        self.sock.close()

    def _read_to(self, end: bytes) -> bytes:
        while (found := self._buffer.find(end)) < 0:
            self._fill()
        line = bytes(self._buffer[:found])
        del self._buffer[: found + len(end)]
        return line

    def _read(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self._fill()
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data

    def _fill(self) -> None:
        try:
            data = self.sock.recv(1 << 20)
        except OSError as error:
            raise Gone from error
        if not data:
            raise Gone
        self._buffer += data


def answers(data: bytes) -> Script:
    """A script that says the same to every request on its connection."""

    def script(peer: Peer) -> None:
        while True:
            peer.answer(data)

    return script


class NastyServer:
    """A server whose every byte a test decides.

    Args:
        script: called once per connection, or bytes to answer every request with, or a list of both.
        tls: a server's context; the handshake is done before the script is called.
        address: a loopback address to listen on, or the path of a Unix socket.
        must_be_called: whether it is an error if nobody connects.

    Attributes:
        connections: how many were accepted (and, with TLS, whether or not the handshake succeeded).
        requests: every request that a script read, in order.
        port: where it listens.
    """

    def __init__(
        self,
        script: Script | bytes | Sequence[Script | bytes],
        *,
        tls: ssl.SSLContext | None = None,
        address: str = "127.0.0.1",
        must_be_called: bool = True,
    ) -> None:
        scripts = [script] if isinstance(script, bytes) or callable(script) else script
        self._scripts = [answers(each) if isinstance(each, bytes) else each for each in scripts]
        self._tls = tls
        self._must_be_called = must_be_called
        self._failures: list[BaseException] = []
        self._peers: list[Peer] = []
        self._threads: list[threading.Thread] = []
        self._refuses = False
        self.over = threading.Event()
        self.connections = 0
        self.requests: list[RawRequest] = []
        self.address = address
        if "/" in address:
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(address)
            self._listener.listen()
            self.port = 80
        else:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            self._listener = socket.create_server((address, 0), family=family)
            self.port = self._listener.getsockname()[1]

    def url(self, target: str = "/") -> str:
        """The URL of a target on this server."""
        host = "localhost" if "/" in self.address else f"[{self.address}]" if ":" in self.address else self.address
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}{target}"

    def wait(self) -> None:
        """Wait until every script that was started has come to its end."""
        for thread in self._threads[1:]:
            thread.join(10)

    def refuse(self) -> None:
        """Accept nobody from now on; connections that stand are left alone. May be called again."""
        backlog = select.poll()
        backlog.register(self._listener, select.POLLIN)
        while not self._refuses and backlog.poll(0):  # whoever knocked before is still let in
            time.sleep(0.001)
        if not self._refuses:
            self._refuses = True
            self._listener.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self.over.set()
        self.refuse()
        for peer in self._peers:
            try:
                peer.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        for thread in self._threads:
            thread.join(10)
        self._listener.close()
        if error is None:
            assert not any(thread.is_alive() for thread in self._threads), "a script does not come to its end"
            if self._failures:
                raise self._failures[0]
            assert self.connections or not self._must_be_called, "the test never called its server"

    def _start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            peer = Peer(self, sock, self.connections)
            self._peers.append(peer)
            script = self._scripts[min(peer.number, len(self._scripts)) - 1]
            self._start(lambda peer=peer, script=script: self._serve(peer, script))  # type: ignore[misc]

    def _serve(self, peer: Peer, script: Script) -> None:
        try:
            if self._tls is not None:
                peer.sock = self._tls.wrap_socket(peer.sock, server_side=True)
            script(peer)
        except (Gone, ssl.SSLError, ConnectionError):
            pass
        except BaseException as error:  # noqa: BLE001  raised again in the test's own thread
            self._failures.append(error)
        finally:
            peer.close()


class Blackhole:
    """An address on loopback that neither accepts nor refuses: it listens, its queue is full, nobody takes from it.

    Attributes:
        address: where.
        port: where.
    """

    def __init__(self, address: str = "127.0.0.1", port: int = 0) -> None:
        self._listener = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((address, port))
        self._listener.listen(0)
        self.address = address
        self.port = self._listener.getsockname()[1]
        self._callers: list[socket.socket] = []

    def __enter__(self) -> Self:
        silent = select.poll()
        while True:  # until a caller gets no answer any more
            caller = socket.socket(self._listener.family)
            self._callers.append(caller)
            caller.setblocking(False)
            caller.connect_ex((self.address, self.port))
            silent.register(caller, select.POLLOUT)
            if not silent.poll(100):
                return self
            silent.unregister(caller)

    def __exit__(self, *_: object) -> None:
        for sock in (*self._callers, self._listener):
            sock.close()


def unused_port(address: str = "127.0.0.1") -> int:
    """A port on which nobody listens."""
    with socket.create_server((address, 0), family=socket.AF_INET6 if ":" in address else socket.AF_INET) as sock:
        return int(sock.getsockname()[1])
