"""A session as a program uses it: opened from what is stored, used for one run, closed."""

from __future__ import annotations

from time import monotonic, time

from reqcli.api.call import UNBOUNDED, Call, Surroundings
from reqcli.api.record import Record
from reqcli.errors import ReqcliError, Usage
from reqcli.model.result import Result
from reqcli.model.spec import spec_for
from reqcli.model.timing import DEFAULT_TIMEOUTS, Deadline
from reqcli.net.pool import Pool
from reqcli.session.bend import timeouts_of
from reqcli.vault import Vault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType
    from typing import Any, Final, Self

    from reqcli.api.cancel import Cancel
    from reqcli.api.underway import Underway
    from reqcli.client.held import Held
    from reqcli.client.run import Passing
    from reqcli.model.exchange import Transport
    from reqcli.model.result import Notice
    from reqcli.model.spec import RequestSpec
    from reqcli.model.timing import Stopwatch
    from reqcli.model.url import Url
    from reqcli.session.operations import Operation
    from reqcli.session.policy import Policy
    from reqcli.session.schema import SessionState
    from reqcli.store.face import Store
    from reqcli.vault.netrc import Netrc

TURN_PATIENCE: Final = 120.0
"""Seconds that a run waits for others of a serialized session to get their answers, unless its own time is up first."""

IN_MEMORY_LIMIT: Final = 512 * 1024 * 1024
"""Bytes of decoded body that are read into memory unless the call sets another limit."""


class Session:
    """One run over a session's state: its requests share cookies, headers, credentials and connections.

    It is made fresh for each run and not shared between threads; what it learns goes to the store, as
    operations, as soon as each response's head is in. Use it as a context manager, or call `close`.

    Args:
        state: the state to start from; an empty one without a name by default.
        name: how the store knows it; None for a session that lives in memory only.
        store: where operations go; None to keep them to this run.
        transport: carries the requests; by default a pool of this session's own, closed with it.
        vault: fetches what the session refers to; by default one that knows no environment variables.
        netrc: asked for a credential of the URL's own host where there is no other; never of a redirect's target.
        heard: is given each notice as it arises; all of them are in the result as well.
        serialize: whether to send only while no other run of this session does, from the reading of the state to the
            commit of what the response's head taught; None leaves that to the session's setting. Without a store
            there is nobody to wait for.
        policy: what may be sent at all where the session has no policy of its own; None for everything.
        passing: is given each request as it sets out, see `reqcli.client.run.Run`.
        record: what it knows, name and store included, if another run has come to know it; see `afresh`.
        around: what it has in common with that run, transport and all.
    """

    def __init__(
        self,
        state: SessionState | None = None,
        *,
        name: str | None = None,
        store: Store | None = None,
        transport: Transport | None = None,
        vault: Vault | None = None,
        netrc: Netrc | None = None,
        heard: Callable[[Notice], None] | None = None,
        serialize: bool | None = None,
        policy: Policy | None = None,
        passing: Passing | None = None,
        record: Record | None = None,
        around: Surroundings | None = None,
    ) -> None:
        self._record: Final = Record(state, name, store) if record is None else record
        self._owns_transport: Final = transport is None and around is None
        self._around: Final = around or Surroundings(
            transport if transport is not None else Pool(),
            vault if vault is not None else Vault(),
            netrc,
            heard,
            policy=policy,
            passing=passing,
        )
        self._serialize: Final = serialize
        self._held: Held | None = None
        self._told: Sequence[Notice] = ()
        self._closed = False
        self._refusal: ReqcliError | None = None

    @classmethod
    def open(
        cls,
        name: str,
        store: Store,
        *,
        read_only: bool = False,
        transport: Transport | None = None,
        vault: Vault | None = None,
        netrc: Netrc | None = None,
        heard: Callable[[Notice], None] | None = None,
        serialize: bool | None = None,
        policy: Policy | None = None,
        passing: Passing | None = None,
    ) -> Session:
        """The named session out of a store; it comes into being with its first write if there is none yet.

        One whose time is up is emptied first, with a notice.

        Args:
            name: the session's name in the store.
            store: where it lives.
            read_only: read it and never write; then it has to exist.
            transport: a shared pool, or None.
            vault: fetches what the session refers to, or None.
            netrc: asked for a credential where there is no other.
            heard: is given each notice as it arises.
            serialize: whether its runs send one after the other, see `Session`.
            policy: what may be sent where the session does not say so itself.
            passing: is given each request as it sets out.

        Returns:
            A session in any case. One that cannot be opened (not there, corrupt, open to others, its store down) says
            why in `error`, and every call answers with that; nothing is sent.
        """
        kept = None if read_only else store
        state: SessionState | None = None
        told: Sequence[Notice] = ()
        refusal: ReqcliError | None = None
        try:
            state, told = _opened(name, store, kept)
        except Exception as error:  # noqa: BLE001 - `failed` raises a bug again
            from reqcli.model.boundary import failed

            refusal = failed(error, "store")
        session = cls(
            state,
            name=name,
            store=kept,
            transport=transport,
            vault=vault,
            netrc=netrc,
            heard=heard,
            serialize=serialize,
            policy=policy,
            passing=passing,
        )
        session._refusal = refusal
        session._told = told
        for notice in told:
            if heard is not None:
                heard(notice)
        return session

    @property
    def error(self) -> ReqcliError | None:
        """Why it could not be opened, None if it was."""
        return self._refusal

    @property
    def name(self) -> str | None:
        """How the store knows it, or None."""
        return self._record.name

    @property
    def watch(self) -> Stopwatch | None:
        """What measures the call under way, or did the last one; another thread may look how far a transfer is."""
        return self._around.watch

    @property
    def state(self) -> SessionState:
        """The state with everything this run has learned.

        Raises:
            ReqcliError: the session could not be opened.
        """
        self._check_opened()
        return self._record.state

    def request(self, method: str, url: str | Url, **options: Any) -> Result:
        """Send a request and read the whole body.

        Args:
            method: a token; its case is kept.
            url: absolute.
            options: what `reqcli.model.spec.spec_for` takes: `headers`, `params`, `json`, `data`, `auth`, `follow`,
                `timeouts`, `verify` and so on.

        Returns:
            A result, for failure too; it never raises for one.
        """
        if self._closed:
            raise _used_again()
        try:
            kept = self._around.kept
            spec = spec_for(method, url, **options) if kept is None else kept.spec(method, url, options)
        except Exception as error:  # noqa: BLE001 - `failed` raises a bug again
            from reqcli.model.boundary import failed

            return self._failed(failed(error, "usage"))
        return self._call(spec, None, is_whole=True)

    def get(self, url: str | Url, **options: Any) -> Result:
        """`request("GET", …)`."""
        return self.request("GET", url, **options)

    def head(self, url: str | Url, **options: Any) -> Result:
        """`request("HEAD", …)`."""
        return self.request("HEAD", url, **options)

    def post(self, url: str | Url, **options: Any) -> Result:
        """`request("POST", …)`."""
        return self.request("POST", url, **options)

    def put(self, url: str | Url, **options: Any) -> Result:
        """`request("PUT", …)`."""
        return self.request("PUT", url, **options)

    def patch(self, url: str | Url, **options: Any) -> Result:
        """`request("PATCH", …)`."""
        return self.request("PATCH", url, **options)

    def delete(self, url: str | Url, **options: Any) -> Result:
        """`request("DELETE", …)`."""
        return self.request("DELETE", url, **options)

    def options(self, url: str | Url, **options: Any) -> Result:
        """`request("OPTIONS", …)`."""
        return self.request("OPTIONS", url, **options)

    def send(self, spec: RequestSpec, cancel: Cancel | None = None) -> Result:
        """Send a call and read the whole body into memory (512 MiB at most unless the spec says otherwise).

        Args:
            spec: the call.
            cancel: by which another thread can give it up.
        """
        return self._call(spec, cancel, is_whole=True)

    def begin(self, spec: RequestSpec, make: type[Underway], *, is_whole: bool = True) -> Underway | None:
        """Send a call's first request if that takes no waiting at all, so that one thread can wait for many answers.

        Args:
            spec: the call.
            make: `reqcli.api.underway.Underway`, which whoever makes one call at a time need not load.
            is_whole: whether its body is to be read into memory, as `send` has it; else as `stream` has it.

        Returns:
            None if nothing was sent: no connection is free, or a secret, a proxy, a limit for the whole call or
            anything else makes it one that has to be waited for; then `send` or `stream` it.
        """
        record = self._record
        asked = record.state.settings.get("serialize") if self._serialize is None else self._serialize
        if self._closed or self._refusal is not None or (asked and record.store is not None):
            return None
        call = make.begun_for(spec, record, self._around, self._told, IN_MEMORY_LIMIT if is_whole else None)
        if call is not None:
            self._told = ()
        return call

    def stream(self, spec: RequestSpec, cancel: Cancel | None = None) -> Result:
        """Send a call and stop before the body: read it with `result.response.iter_bytes()`, or close it.

        Reading may raise a `ReqcliError` when the body breaks. A status that counts as failure is in
        `result.error` already, and the body can be read all the same.

        Args:
            spec: the call.
            cancel: by which another thread can give it up, while the body is read too.
        """
        return self._call(spec, cancel, is_whole=False)

    def _call(self, spec: RequestSpec, cancel: Cancel | None, *, is_whole: bool) -> Result:
        """Send a call and stop before its body, or behind it."""
        if self._closed:
            raise _used_again()
        if self._refusal is not None:
            return self._failed(self._refusal)
        record, around = self._record, self._around
        settings = record.state.settings
        timeouts = spec.timeouts or (timeouts_of(record.state) if settings else DEFAULT_TIMEOUTS)
        if cancel is None:
            deadline, pause = UNBOUNDED if timeouts is DEFAULT_TIMEOUTS else Deadline(timeouts, monotonic), None
        else:
            deadline, pause = cancel.deadline(timeouts), cancel.sleep
        max_body = IN_MEMORY_LIMIT if is_whole and spec.max_body is None else spec.max_body
        held = sent = None
        try:
            if record.store is not None and (settings.get("serialize") if self._serialize is None else self._serialize):
                held = self._take_turn(record.store, deadline)
            told, self._told = self._told, ()
            if around.kept is None:
                around.begin_call()
            elif deadline is UNBOUNDED and not settings and held is None and spec.body is None:
                sent = around.send_ahead(spec, record)
            result = Call(record, spec, deadline, around, told, held, pause, max_body, sent).result()
        except Exception as error:  # noqa: BLE001 - `failed` raises a bug again
            from reqcli.model.boundary import failed

            result = self._failed(failed(error, "store"))
        finally:
            if held is not None:
                held.__exit__()
            if sent is not None and sent.is_left:
                sent.give_up()
        response = result.response
        if is_whole and response is not None and response.data is None:
            try:
                response.read()
            except ReqcliError as error:
                result.error = error
        if cancel is not None:
            cancel.settle(result)
        return result

    def _take_turn(self, store: Store, deadline: Deadline) -> Held:
        """Wait until no other run of this session sends, and take up what they have learned meanwhile."""
        from reqcli.client.held import Held

        if self._held is not None:
            self._held.let_go()  # of a response before, whose body nobody read
        name = self._record.name
        assert name is not None, "what is stored has one"
        held = Held(store.turn(name, deadline.left(TURN_PATIENCE, "send")))
        self._held = held.__enter__()
        try:
            self._record.refresh()  # others may have learned something while this run waited
        except BaseException:
            held.let_go()
            raise
        return held

    def afresh(self, *, apart: bool = False) -> Session:
        """Another run of this session, from the state that this one has by now, over the same connections, which stay
        this one's to close.

        Args:
            apart: it is for another thread. Otherwise the runs follow one another in one thread, and the next one
                knows what authentication schemes remember of the last.
        """
        around = self._around.apart() if apart else self._around
        run = Session(record=self._record.again(), around=around, serialize=self._serialize)
        run._refusal = self._refusal
        run._told, self._told = self._told, ()  # said once, with the first result
        return run

    @property
    def is_as_new(self) -> bool:
        """Whether this run has learned nothing, so that its next call is one of a fresh run."""
        record = self._record
        return not record.has_changed and not record.jar.version and self._held is None

    def commit(self, operations: Sequence[Operation]) -> None:
        """Apply operations to this run's state and, where there is a store, to what is stored, in one transaction.

        Raises:
            SessionError, StoreUnavailable: they could not be stored; what is stored is whole, without them.
            ReqcliError: the session could not be opened.
        """
        self._check_opened()
        self._record.commit(operations)

    def close(self) -> None:
        """Let go of the connections; the session cannot be used again. May be called again."""
        self._closed = True
        if self._held is not None:
            self._held.let_go()
        if self._owns_transport:
            self._around.transport.close()

    def _check_opened(self) -> None:
        if self._refusal is not None:
            raise self._refusal

    def _failed(self, error: ReqcliError) -> Result:
        """The result of a call that was not made."""
        return Result(error=error, session=self._record.report())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _opened(name: str, store: Store, kept: Store | None) -> tuple[SessionState | None, Sequence[Notice]]:
    """What is stored under a name, None for nothing yet, and what is to be said of it.

    Args:
        name: of the session.
        store: where it lives.
        kept: the same if the run may write; a run that may not needs a session to read.

    Raises:
        SessionNotFound: there is none to read.
        SessionError, StoreUnavailable: it cannot be read, or not be emptied when its time is up.
    """
    state = store.read(name)
    if state is None and kept is None:
        from reqcli.errors import SessionNotFound

        raise SessionNotFound(
            f"there is no session {name!r} in {store.location(name)}",
            hint="it comes into being with its first request that may write",
        )
    if state is None or not state.has_lifetime:
        return state, ()
    from reqcli.store.lifetime import alive

    return alive(name, state, kept, time())


def _used_again() -> Usage:
    """A session that is used again is a bug of the program, and no outcome of a call."""
    return Usage("this session is closed: open a fresh one for another run")
