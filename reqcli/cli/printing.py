"""Print the parts of a run that were asked for, each where it belongs, in the order in which they happened."""

from __future__ import annotations

from reqcli.cli.parts import Parts
from reqcli.render.body import body_text
from reqcli.render.look import Look, kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from reqcli.cli.ask import Ask
    from reqcli.cli.world import World
    from reqcli.model.peer import Peer
    from reqcli.model.redact import Redactor
    from reqcli.model.request import Request
    from reqcli.model.response import Response, ResponseHead
    from reqcli.model.result import Result


class Printed:
    """A result on its way to standard output and standard error.

    Args:
        result: its body not read yet.
        ask: what was asked for.
        world: where to write.
        redactor: masks the secrets of the run.
        is_saved: whether the body goes to a file instead.

    Attributes:
        shows_status: whether the person at the terminal sees the response's status line.
        takes_body: whether the body is printed here; else the caller saves it or lets go of it, before the time is
            printed.
    """

    def __init__(self, result: Result, ask: Ask, world: World, redactor: Redactor, *, is_saved: bool) -> None:
        self._result: Final = result
        self._ask: Final = ask
        self._world: Final = world
        self._redactor: Final = redactor
        self._on_terminal: Final = world.has_terminal and ask.output != "-"
        self._parts: Final = Parts(ask, on_terminal=self._on_terminal, is_saved=is_saved)
        self._out: Final = self._look(is_terminal=self._on_terminal, paints=world.wants_colour)
        self._err: Final = self._look(is_terminal=world.stderr.isatty(), paints=world.paints(world.stderr))
        self._gap = self._last = b""
        self.shows_status: Final = self._on_terminal and "h" in self._parts.out
        self.takes_body: Final = "b" in self._parts.out or bool(ask.select)
        self.times_body: Final = "m" in self._parts.out | self._parts.err

    def heads(self) -> None:
        """Print everything that comes before the response's body."""
        result, parts = self._result, self._parts
        if parts.hops:
            for hop in result.hops:
                self._asked(hop.request, hop.peer)
                self._answered(hop.head, hop.interim)
        if result.request is not None:
            self._asked(result.request, result.peer)
        if result.response is not None:
            self._answered(result.response.head, result.response.interim)

    def body(self, response: Response) -> None:
        """Print the response's body as it comes, or the values selected from it.

        Raises:
            ReqcliError: it broke, after what came of it was printed, or has no such value.
        """
        self._last = b""
        if self._ask.select:
            self._selected(response)
        elif self._is_looked_at(response):
            for text in body_text(response, self._out, self._redactor):
                self._write(text.encode(errors="backslashreplace"))
        else:
            for block in response.iter_bytes():
                self._write(block)
        self._end_body()

    def time(self) -> None:
        """Print where the time went; the body is read or given up by now."""
        timing = self._result.timing
        if timing is None or not self.times_body:
            return
        from reqcli.render.timing import timing_lines, waterfall

        world = self._world
        if "m" in self._parts.err:
            stream, is_terminal, look = world.stderr, world.can_draw, self._err
        else:
            stream, is_terminal, look = world.stdout, self._on_terminal, self._out
        text = waterfall(timing, world.width_of(stream), colour=look.colour) if is_terminal else timing_lines(timing)
        self._part("m", lambda _: text)

    def _asked(self, request: Request, peer: Peer | None) -> None:
        from reqcli.render.message import request_head

        if self._parts.details and peer is not None:
            from reqcli.render.connection import connection_lines

            self._talk(lambda look: connection_lines(peer, self._redactor, colour=look.colour))
        self._part("H", lambda look: request_head(request, self._redactor, colour=look.colour, sort=look.sort))
        self._request_body(request)

    def _request_body(self, request: Request) -> None:
        from reqcli.render.request_body import request_body, request_bytes

        if "B" in self._parts.err:
            text = request_body(request, self._err, self._redactor)
            self._world.say(f"{text}\n" if text else "", end="")
        elif "B" in self._parts.out:
            is_exact = not self._on_terminal and self._ask.pretty in (None, "none")
            data = request_bytes(request, self._redactor) if is_exact else None
            if data is None:
                data = request_body(request, self._out, self._redactor).encode(errors="backslashreplace")
            if data:
                self._write(data)
                self._end_body()

    def _answered(self, final: ResponseHead, interim: tuple[ResponseHead, ...]) -> None:
        for head in (*(interim if self._parts.details else ()), final):
            self._response_head(head)

    def _response_head(self, head: ResponseHead) -> None:
        from reqcli.render.message import response_head

        self._part("h", lambda look: response_head(head, self._redactor, colour=look.colour, sort=look.sort))

    def _talk(self, make: Callable[[Look], str]) -> None:
        """What `-vv` says beside the parts goes where the parts go that it adds."""
        if self._parts.err:
            self._world.say(make(self._err), end="")
        else:
            self._write(make(self._out).encode(errors="backslashreplace"))

    def _part(self, letter: str, make: Callable[[Look], str]) -> None:
        """Print one part, if it is wanted."""
        if letter in self._parts.err:
            self._world.say(make(self._err), end="")
        elif letter in self._parts.out:
            self._write(make(self._out).encode(errors="backslashreplace"))

    def _write(self, data: bytes) -> None:
        """Write, after the gap that a body before has left."""
        self._world.write(self._gap + data)
        self._gap, self._last = b"", data[-1:]

    def _end_body(self) -> None:
        """Leave an empty line after a body, if anything comes after it."""
        self._gap = b"" if not self._last else b"\n" if self._last == b"\n" else b"\n\n"

    def _look(self, *, is_terminal: bool, paints: bool) -> Look:
        """How parts look on one of the streams: as was said, else in full on a terminal and as they are elsewhere."""
        ask, pretty = self._ask, self._ask.pretty
        return Look(
            layout=is_terminal if pretty is None else pretty in ("format", "all"),
            colour=paints if pretty is None else pretty in ("colors", "all"),
            sort=ask.sort,
            by_line=ask.by_line,
            charset=ask.response_charset,
            media_type=None if ask.response_mime is None else ask.response_mime.lower(),
        )

    def _is_looked_at(self, response: Response) -> bool:
        """Whether the body is for a person: on a terminal always, else where it is asked to look well and can."""
        if self._on_terminal:
            return True
        media_type = self._out.media_type or response.media_type
        is_text = bool(kind_of(media_type)) or media_type.startswith("text/") or not media_type
        return self._ask.pretty not in (None, "none") and is_text

    def _selected(self, response: Response) -> None:
        """Print each selected value on a line: a string as it is, anything else as JSON.

        Raises:
            OutputFailed: a pointer leads to nothing.
        """
        from reqcli.render.escape import escape_text
        from reqcli.render.look import document_layout
        from reqcli.render.pointer import document, select

        content = response.read()
        whole = document(content.decode(self._out.charset or response.charset, "replace"))
        lay = document_layout("json", self._out)
        for pointer in self._ask.select:
            found = select(whole, pointer)
            laid_out = lay(found.text) if lay is not None and not found.is_text else None
            text = found.text if laid_out is None else laid_out
            if self._on_terminal:
                text = self._redactor.text(escape_text(text) if laid_out is None else text)
            self._write(f"{text}\n".encode(errors="backslashreplace"))
