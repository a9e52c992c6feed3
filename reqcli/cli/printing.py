"""Print the parts of a run that were asked for, each where it belongs, in the order in which they happened."""

from __future__ import annotations

from reqcli.cli.parts import Parts
from reqcli.errors import OutputFailed
from reqcli.model.redact import Redactor
from reqcli.render.body import body_text
from reqcli.render.look import Look, kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Final

    from reqcli.cli.ask import Ask
    from reqcli.cli.world import World
    from reqcli.model.leg import Leg
    from reqcli.model.peer import Peer
    from reqcli.model.request import Request
    from reqcli.model.response import Response, ResponseHead
    from reqcli.model.result import Result
    from reqcli.model.secret import Secret


class Printed:
    """A run on its way to standard output and standard error, from the first request on if `passing` is told of it.

    Args:
        ask: what was asked for.
        world: where to write.
    """

    def __init__(self, ask: Ask, world: World) -> None:
        self._ask: Final = ask
        self._world: Final = world
        self._on_terminal: Final = world.has_terminal and ask.output != "-"
        self._parts = Parts(ask, on_terminal=self._on_terminal)
        self._out: Final = self._look(is_terminal=self._on_terminal, paints=world.wants_colour)
        self._err: Final = self._look(is_terminal=world.stderr.isatty(), paints=world.paints(world.stderr))
        self._redactor = Redactor(())
        self._gap = self._last = b""
        self._hops = 0
        self._unanswered: Request | None = None
        self._is_over = False
        self._failure: BrokenPipeError | OutputFailed | None = None

    @property
    def shows_status(self) -> bool:
        """Whether the person at the terminal sees the response's status line."""
        return self._on_terminal and "h" in self._parts.out

    @property
    def takes_body(self) -> bool:
        """Whether the body is printed here; else the caller saves it or lets go of it, before the time is printed."""
        return "b" in self._parts.out or bool(self._ask.select)

    @property
    def times_body(self) -> bool:
        """Whether the time is printed, for which the body has to be read."""
        return "m" in self._parts.out | self._parts.err

    def passing(self, request: Request | None, hops: Sequence[Leg], secrets: Sequence[Secret]) -> None:
        """Print what passes in a run of which every hop is shown, so that nobody waits for an answer without having
        seen what was asked. Where no part of a request is wanted there is time: whether the body goes to a file, and
        the response's head with it out of sight, shows at the end alone.

        Args:
            request: on its way out, or None.
            hops: that lie behind it.
            secrets: of the run so far.
        """
        if self._is_over or not {"H", "B"} & (self._parts.out | self._parts.err):
            return
        self._redactor = Redactor.for_request(request, secrets, reveal=self._ask.reveal)
        try:
            self._print_hops(hops)
            if request is not None:
                self._asked(request)
        except (BrokenPipeError, OutputFailed) as error:
            self._is_over, self._failure = True, error  # no failure of the call: it is told in its place, see `heads`

    def heads(self, result: Result, redactor: Redactor, *, is_saved: bool) -> None:
        """Print what has not been printed yet of all that comes before the response's body.

        Args:
            result: its body not read yet.
            redactor: masks the secrets of the run.
            is_saved: whether the body goes to a file.

        Raises:
            BrokenPipeError, OutputFailed: standard output takes no more.
        """
        self._is_over = True  # a download that goes on by itself prints nothing more
        if self._failure is not None:
            raise self._failure
        self._redactor = redactor
        self._parts = Parts(self._ask, on_terminal=self._on_terminal, is_saved=is_saved)
        if self._parts.hops:
            self._print_hops(result.hops)
        if result.request is not None:
            self._asked(result.request)
        response = result.response
        if response is not None:
            self._answered(response.head, response.interim, result.peer)
        else:
            self._connected(result.peer)

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
                del block  # before the next is taken in, which then takes its place in memory
        self._end_body()

    def time(self, result: Result) -> None:
        """Print where the time went; the body is read or given up by now."""
        timing = result.timing
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

    def _print_hops(self, hops: Sequence[Leg]) -> None:
        for hop in hops[self._hops :]:
            self._asked(hop.request)
            self._answered(hop.head, hop.interim, hop.peer)
        self._hops = len(hops)

    def _asked(self, request: Request) -> None:
        """Print a request, once until it is answered: it may be tried again when the connection failed."""
        from reqcli.render.message import request_head

        if request is self._unanswered:
            return
        self._unanswered = request
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

    def _connected(self, peer: Peer | None) -> None:
        if self._parts.details and peer is not None:
            from reqcli.render.connection import connection_lines

            self._talk(lambda look: connection_lines(peer, self._redactor, colour=look.colour))

    def _answered(self, final: ResponseHead, interim: tuple[ResponseHead, ...], peer: Peer | None) -> None:
        self._unanswered = None
        self._connected(peer)
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
