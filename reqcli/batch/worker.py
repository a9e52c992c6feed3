"""One line at a time: it becomes a run of its own, and the run becomes one line of output, whatever happens."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Final

import reqcli.session.kept  # noqa: F401 - what failures need is there before files run out
from reqcli.api.underway import Underway
from reqcli.batch.members import close_body
from reqcli.errors import Internal, ReqcliError, Usage
from reqcli.model.boundary import failed
from reqcli.model.redact import Redactor, secrets_in_headers, secrets_in_url
from reqcli.model.result import Result
from reqcli.render.excerpt import LOOK_AHEAD
from reqcli.render.formats import SavedBody

if TYPE_CHECKING:
    from reqcli.api.cancel import Cancel
    from reqcli.api.session import Session
    from reqcli.batch.line import Line
    from reqcli.batch.members import Defaults
    from reqcli.model.exchange import Awaited
    from reqcli.model.headers import Headers
    from reqcli.model.secret import Secret
    from reqcli.model.spec import RequestSpec
    from reqcli.render.formats import Format

Name = str | None
"""Of a session; None is no session."""

MOST_SESSIONS: Final = 256
"""Sessions that are kept in mind; of more, those that were not named for the longest time are read again."""


class Place:
    """Where lines are sent from: a session as it was when it was first named, and what goes with every line there.

    Args:
        session: opened, and never run itself: runs start afresh from its state.
        defaults: what lines do not say.
        is_kept: whether it has a name, so that lines that follow one another learn from one another.
    """

    __slots__ = ("defaults", "is_kept", "session")

    def __init__(self, session: Session, defaults: Defaults, *, is_kept: bool) -> None:
        self.session: Final = session
        self.defaults: Final = defaults
        self.is_kept: Final = is_kept


class Places:
    """Every place by the name of its session, opened when a line first asks for it.

    Args:
        default: the session of a line that names none.
        open_place: opens one.
    """

    def __init__(self, default: Name, open_place: Callable[[Name], Place]) -> None:
        self.default: Final = default
        self._open: Final = open_place
        self._lock: Final = Lock()
        self._places: Final[OrderedDict[Name, Place]] = OrderedDict()
        self._last: tuple[Name, Place] | None = None

    def at(self, name: Name) -> Place:
        """The place of this session.

        Raises:
            SessionError, Usage: it cannot be opened.
        """
        last = self._last
        if last is not None and last[0] == name:
            return last[1]  # nothing comes after it in the order
        with self._lock:
            place = self._places.get(name)
            if place is None:
                place = self._places[name] = self._open(name)
                if len(self._places) > MOST_SESSIONS:
                    self._places.popitem(last=False)
            else:
                self._places.move_to_end(name)
            self._last = name, place
            return place


class Outcome:
    """What became of a line.

    Args:
        line: the line.
        data: what is written of it, its line break included.
        error: why it failed, or None.
    """

    __slots__ = ("data", "error", "line")

    def __init__(self, line: Line, data: bytes, error: ReqcliError | None) -> None:
        self.line: Final = line
        self.data: Final = data
        self.error: Final = error


class Worker:
    """What runs lines, one after the other, each in any thread.

    Args:
        places: where they are sent from.
        form: how results are written.
        limit: bytes of a body that are written at most, and kept; None for all of them.
        flows: whether each run starts from what the one before has learned; else all start from the same state.
        reveal: whether to show secrets.

    Attributes:
        call: that `begin` sent, if it did.
    """

    def __init__(self, places: Places, form: Format, *, flows: bool, limit: int | None, reveal: bool) -> None:
        self._places: Final = places
        self._form: Final = form
        self._limit: Final = limit
        self._flows: Final = flows
        # What the runs of a place start from, and one that starts there, which is used until it has learned something.
        self._runs: Final[OrderedDict[Name, tuple[Place, Session, Session]]] = OrderedDict()
        self._headers: Headers | None = None
        self._of_headers: list[Secret] = []
        self._secrets: tuple[Secret, ...] = ()
        self._mask = Redactor(reveal=reveal)
        self._made: tuple[Place, Session, RequestSpec] | None = None
        self.call: Underway | None = None

    def begin(self, line: Line) -> Awaited | None:
        """Send what a line asks for if that takes no waiting; `run` does the rest, whatever comes of this.

        Args:
            line: from the input.

        Returns:
            What to wait for before `run`, so that it will not have to; None if it may have to.
        """
        if line.error is not None:
            return None
        try:
            _, session, spec = self._made = self._make(line)
            self.call = call = session.begin(spec, Underway, is_whole=self._limit is None)
        except Exception:  # noqa: BLE001 - it will show again in `run`, which tells of it
            return None
        return None if call is None else call.begun

    def run(self, line: Line, cancel: Cancel | None = None) -> Outcome:
        """Send what a line asks for. Nothing is raised: a bug of ours is the result of that line alone.

        Args:
            line: from the input.
            cancel: by which another thread can give it up.
        """
        spec: RequestSpec | None = None
        saved: SavedBody | None = None
        try:
            if line.error is not None:
                raise line.error
            made, self._made = self._made, None
            call, self.call = self.call, None
            place, session, spec = made or self._make(line)
            if self._limit is None:
                result = session.send(spec, cancel) if call is None else call.whole_result()
            else:
                result = session.stream(spec, cancel) if call is None else call.result()
                saved = _beginning(result, self._limit, cancel)
            if not place.is_kept:
                result.session = None
        except ReqcliError as error:
            result = Result(error=error)
        except OSError as error:  # too many open files, for one: a module that is loaded late is one too
            result = Result(error=failed(error, "usage"))
        except Exception as bug:  # noqa: BLE001 - the other lines have nothing to do with it
            result = Result(error=Internal(f"{type(bug).__name__} in line {line.number}"))
        finally:
            if spec is not None and spec.body is not None:
                close_body(spec.body)
        if result.error is not None:
            _forget_the_way(result.error)
        return self.told(line, result, saved)

    def told(self, line: Line, result: Result, saved: SavedBody | None = None) -> Outcome:
        """A result as a line of output, with the id and the number of the line it belongs to."""
        try:
            told = self._form(result, self._mask_for(result), saved=saved, limit=self._limit)
        except Exception as bug:  # noqa: BLE001 - as above
            result = Result(error=Internal(f"{type(bug).__name__} in writing out line {line.number}"))
            told = self._form(result)
        return Outcome(line, b'{"id":%b,"line":%d,%b' % (line.id.encode(), line.number, told[1:]), result.error)

    def _make(self, line: Line) -> tuple[Place, Session, RequestSpec]:
        place, session = self._run_for(line)
        return place, session, place.defaults.spec_for(line.members)

    def _run_for(self, line: Line) -> tuple[Place, Session]:
        """A fresh run of the session that the line names, or one that is as good as fresh: it has learned nothing."""
        name = line.members.get("session", self._places.default)
        if name is not None and not (isinstance(name, str) and name):
            raise Usage("session is the name of one, or null for none")
        place = self._places.at(name)
        known = self._runs.get(name)
        if known is None or known[0] is not place:
            start = place.session.afresh(apart=True)
            run = start.afresh()
        else:
            _, start, run = known
            if run.is_as_new:
                return place, run
            if self._flows and place.is_kept:
                start = run
            run = start.afresh()
        self._runs[name] = (place, start, run)
        if len(self._runs) > MOST_SESSIONS:
            self._runs.popitem(last=False)
        return place, run

    def _mask_for(self, result: Result) -> Redactor:
        """What knows every secret of this run; lines that follow one another mostly have the same ones."""
        request, secrets = result.request, result.secrets
        if request is not None:
            if request.headers is not self._headers:
                self._headers, self._of_headers = request.headers, secrets_in_headers(request.headers)
            url = request.url
            if "?" in url.target or url.password is not None:
                secrets = (*secrets, *self._of_headers, *secrets_in_url(url))
            elif self._of_headers:
                secrets = (*secrets, *self._of_headers)
        if secrets != self._secrets:
            self._mask, self._secrets = Redactor(secrets, reveal=self._mask.reveal), secrets
        return self._mask


def _beginning(result: Result, limit: int, cancel: Cancel | None) -> SavedBody | None:
    """Read a body of which only the beginning is shown: the rest is counted, and not kept."""
    if result.response is None:
        return None
    from hashlib import sha256

    start, size, digest = bytearray(), 0, sha256()
    try:
        for block in result.response.iter_bytes():
            start += block[: max(0, limit + LOOK_AHEAD - len(start))]
            size += len(block)
            digest.update(block)
    except ReqcliError as error:
        result.error = error
        if cancel is not None:
            cancel.settle(result)
    return SavedBody(None, size, digest.hexdigest(), bytes(start))


def _forget_the_way(error: ReqcliError) -> None:
    """Let go of the frames that an error came through: they hold the error, and all that was at hand there would stay
    in memory until the garbage collector comes by."""
    error.__traceback__ = error.__context__ = error.__cause__ = None
