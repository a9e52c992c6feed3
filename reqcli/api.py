"""The one door where what thinks and what touches the world meet: `Session` (one run) and `Request.send`.

There is only order here, no rules: open the state, send, learn and store, give the result, close.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from time import monotonic, sleep, time
from typing import TYPE_CHECKING, Any, Final, Self

from reqcli.client.run import Run
from reqcli.client.send import send
from reqcli.client.verdict import status_error
from reqcli.cookies.jar import Jar
from reqcli.errors import ReqcliError, Usage
from reqcli.model.result import Result, SessionReport
from reqcli.model.spec import spec_for
from reqcli.model.timing import Deadline, Stopwatch
from reqcli.net.once import OneShot
from reqcli.net.pool import Pool
from reqcli.session.bend import bend, credential_for, patience_of, timeouts_of, with_settings
from reqcli.session.learn import learn
from reqcli.session.operations import apply, base_state
from reqcli.session.schema import new_state
from reqcli.store.names import new_id
from reqcli.vault import Errand, Vault

if TYPE_CHECKING:
    from types import TracebackType

    from reqcli.auth import Space
    from reqcli.client.captures import Captures
    from reqcli.client.held import Held
    from reqcli.model.credential import Credential
    from reqcli.model.exchange import Transport
    from reqcli.model.origin import Origin
    from reqcli.model.request import Request as Message
    from reqcli.model.response import ResponseHead
    from reqcli.model.result import Notice
    from reqcli.model.spec import RequestSpec
    from reqcli.model.url import Url
    from reqcli.session.memo import ReplaceMemo
    from reqcli.session.operations import Operation
    from reqcli.session.schema import SessionState
    from reqcli.store.face import Store
    from reqcli.vault.netrc import Netrc
    from reqcli.vault.turns import Shared

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
    ) -> None:
        self.name: Final = name
        self._store = store
        self._stored_id = state.id if state is not None and name is not None else None
        self._state = state if state is not None else new_state(new_id(), time())
        self._jar = Jar(self._state.cookies)
        self._owns_transport = transport is None
        self._transport: Transport = transport if transport is not None else Pool()
        self._vault = vault if vault is not None else Vault()
        self._netrc = netrc
        self._heard = heard
        self._serialize = serialize
        self._held: Held | None = None
        self._told: list[Notice] = []
        self._partition = new_id()
        self._spaces: dict[Origin, Space] = {}
        self._changed: list[Operation] = []
        self._closed = False

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

        Raises:
            SessionNotFound: read_only, and there is none.
            SessionError: it cannot be read.
        """
        state = store.read(name)
        if state is None and read_only:
            from reqcli.errors import SessionNotFound

            raise SessionNotFound(
                f"there is no session {name!r} in {store.location(name)}",
                hint="it comes into being with its first request that may write",
            )
        kept = None if read_only else store
        told: list[Notice] = []
        if state is not None and state.has_lifetime:
            from reqcli.store.lifetime import alive

            state, told = alive(name, state, kept, time())
        session = cls(
            state,
            name=name,
            store=kept,
            transport=transport,
            vault=vault,
            netrc=netrc,
            heard=heard,
            serialize=serialize,
        )
        session._told = told
        for notice in told:
            if heard is not None:
                heard(notice)
        return session

    @property
    def state(self) -> SessionState:
        """The state with everything this run has learned."""
        return self._state

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
        try:
            spec = spec_for(method, url, **options)
        except ReqcliError as error:
            return Result(error=error, session=self._report())
        return self.send(spec)

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

    def send(self, spec: RequestSpec) -> Result:
        """Send a call and read the whole body into memory (512 MiB at most unless the spec says otherwise)."""
        result = self.stream(spec if spec.max_body is not None else spec.replace(max_body=IN_MEMORY_LIMIT))
        if result.response is not None:
            try:
                result.response.read()
            except ReqcliError as error:
                result.error = error
        return result

    def stream(self, spec: RequestSpec) -> Result:
        """Send a call and stop before the body: read it with `result.response.iter_bytes()`, or close it.

        Reading may raise a `ReqcliError` when the body breaks. A status that counts as failure is in
        `result.error` already, and the body can be read all the same.
        """
        if self._closed:
            raise Usage("this session is closed: open a fresh one for another run")
        deadline = Deadline(spec.timeouts or timeouts_of(self._state), monotonic)
        serialize = self._state.settings.get("serialize") if self._serialize is None else self._serialize
        if serialize and self._store is not None and self.name is not None:
            return self._stream_in_turn(spec, deadline, self._store, self.name)
        return self._stream(spec, deadline)

    def _stream_in_turn(self, spec: RequestSpec, deadline: Deadline, store: Store, name: str) -> Result:
        from reqcli.client.held import Held

        if self._held is not None:
            self._held.let_go()  # of a response before, whose body nobody read
        try:
            with Held(store.turn(name, deadline.left(TURN_PATIENCE, "send"))) as self._held:
                self._refresh(store, name)  # others may have learned something while this run waited
                return self._stream(spec, deadline, self._held)
        except ReqcliError as error:
            return Result(error=error, session=self._report(len(self._changed)))

    def _stream(self, spec: RequestSpec, deadline: Deadline, held: Held | None = None) -> Result:
        state = self._state
        spec = with_settings(spec, state)
        first_change = len(self._changed)
        watch = Stopwatch(monotonic)
        unsaved: list[ReqcliError] = []
        patience = patience_of(state)
        errand = Errand(self._vault, state, patience=lambda: deadline.left(patience, "secret"), shared=self._shared)
        secrets = errand.secrets
        secrets.extend(spec.auth.secrets() if spec.auth is not None else ())
        secrets.extend(spec.proxies.secrets() if spec.proxies is not None else ())

        def keep(operations: Sequence[Operation]) -> None:
            try:
                self.commit(operations)
            except ReqcliError as error:
                unsaved.append(error)  # the answer is worth having all the same: the request was answered

        def learned(head: ResponseHead, url: Url) -> None:
            operations: list[Operation] = []
            if "set-cookie" in head.headers:
                cookies, refusals = learn(head, url, self._jar, time(), _is_public_suffix)
                operations += cookies
                for refusal in refusals:
                    run.tell("cookie_refused", refusal)
            if captures is not None:
                operations += captures.learn(head)
            if operations:
                keep(operations)

        def body_done() -> None:
            result.session = self._report(first_change, saved=not unsaved)
            result.secrets = tuple(secrets)
            if unsaved and result.error is None:
                result.error = unsaved[0]

        def from_netrc(url: Url) -> Credential | None:
            if self._netrc is None or url.origin != spec.url.origin:
                return None
            return self._netrc.credential(url.host)

        def bent(hop: RequestSpec) -> Message:
            errand.begin_hop()
            carried = captures.carry(hop) if captures is not None else None
            return bend(hop, state, self._jar, time(), errand.fetch, carried)

        def credential(hop: RequestSpec) -> Credential | None:
            carried = captures.carried if captures is not None else None
            found = credential_for(hop, state, errand.fetch, from_netrc, carried)
            secrets.extend(found.secrets() if found is not None else ())
            return found

        def tell(code: str, message: str) -> None:
            run.tell(code, message)

        captures = self._captures(keep=keep, body_done=body_done, tell=tell, secrets=secrets)
        run = Run(
            transport=self._transport,
            bend=bent,
            credential=credential,
            renew=errand.renew,
            space=self._space,
            learn=learned,
            deadline=deadline,
            watch=watch,
            sleep=sleep,
            chance=_chance,
            heard=self._heard,
            secrets=secrets,
            partition=self._partition,
            policy=state.policy,
            captures=captures,
            held=held,
        )
        run.notices += self._told
        self._told = []
        response = None
        failure: ReqcliError | None
        try:
            response = send(spec, run)
            if state.has_lifetime and self._store is not None:
                from reqcli.session.upkeep import noted_use

                if operations := noted_use(self._state, time()):
                    keep(operations)
            failure = unsaved[0] if unsaved else None
            if failure is None and spec.check_status:
                failure = status_error(response, follow=bool(spec.follow))
        except ReqcliError as error:
            failure = error
        result = Result(
            request=run.request,
            response=response,
            error=failure,
            session=self._report(first_change, saved=not unsaved),
            watch=watch,
            warnings=run.notices,
            attempts=run.attempts,
            sent=run.sent,
            secrets=tuple(secrets),
        )
        return result

    def _captures(self, **ends: Any) -> Captures | None:
        if not self._state.rules:
            return None
        from reqcli.client.captures import Captures

        return Captures(state=lambda: self._state, jar=self._jar, now=time, **ends)

    def commit(self, operations: Sequence[Operation]) -> None:
        """Apply operations to this run's state and, where there is a store, to what is stored, in one transaction.

        Raises:
            SessionError, StoreUnavailable: they could not be stored; what is stored is whole, without them.
        """
        self._changed.extend(operations)
        self._state = apply(self._state, operations, time())
        if self._store is not None and self.name is not None:
            stored = self._store.commit(self.name, self._stored_id, operations, time())
            self._stored_id = stored.id
            # What others captured meanwhile is as good as our own, and newer than what was read.
            self._state = self._state.replace(id=stored.id, rev=stored.rev, values=stored.values)

    def _shared(self) -> Shared | None:
        """The stored session as a place where runs leave notes for each other, if this run may write there."""
        store, name = self._store, self.name
        if store is None or name is None or self._stored_id is None:
            return None
        from reqcli.vault.turns import Shared

        return Shared(lambda: store.read(name), lambda operation: self._note(store, name, operation))

    def _note(self, store: Store, name: str, operation: ReplaceMemo) -> SessionState:
        stored = store.commit(name, self._stored_id, [operation], time())
        self._state = self._state.replace(rev=stored.rev)
        if operation.is_news(stored):
            self._changed.append(operation)
        return stored

    def _refresh(self, store: Store, name: str) -> None:
        """Take up what is stored by now.

        Raises:
            SessionConflict: the session was deleted or made anew since this run read it.
        """
        stored = store.read(name)
        if stored is not None or self._stored_id is not None:
            self._state = base_state(name, stored, self._stored_id, time(), new_id)
            self._stored_id = self._state.id
        self._jar = Jar(self._state.cookies)

    def close(self) -> None:
        """Let go of the connections; the session cannot be used again. May be called again."""
        self._closed = True
        if self._held is not None:
            self._held.let_go()
        if self._owns_transport:
            self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _space(self, origin: Origin) -> Space:
        if origin not in self._spaces:
            from reqcli.auth import Space

            self._spaces[origin] = Space(new_id)
        return self._spaces[origin]

    def _report(self, first_change: int = 0, *, saved: bool = True) -> SessionReport:
        return SessionReport(
            self.name,
            store=self._store.kind if self._store is not None else "memory",
            rev=self._state.rev if self._stored_id is not None else None,
            changed=tuple(operation.describe() for operation in self._changed[first_change:]),
            saved=saved and self._store is not None,
        )


class Request:
    """A request on its own: no session, no state, no pool.

    Made, it holds the message that would be sent, built by the same rules as a session's; `send` sends one.

    Args:
        method: a token; its case is kept.
        url: absolute.
        options: those of `Session.request`.

    Raises:
        Usage, BadUrl: the message could not be sent as it is (control characters in names, values or target …).
    """

    __slots__ = ("message",)

    def __init__(self, method: str, url: str | Url, **options: Any) -> None:
        spec = spec_for(method, url, **options)
        self.message: Final = bend(spec, new_state("", 0.0), Jar(), 0.0, Vault().fetch)

    def to_bytes(self) -> bytes:
        """The request as it goes over a direct connection: head and body (a streamed body is used up by this)."""
        from reqcli.wire.http1.writer import write_message

        return write_message(self.message)

    @staticmethod
    def send(method: str, url: str | Url, **options: Any) -> Result:
        """Send one request over a connection of its own, and read the whole body.

        Args:
            method: a token; its case is kept.
            url: absolute.
            options: those of `Session.request`.

        Returns:
            A result, for failure too; it never raises for one.
        """
        with Session(transport=OneShot()) as run:
            result = run.request(method, url, **options)
        result.session = None
        return result


def _chance() -> float:
    return int.from_bytes(os.urandom(6)) / 2**48


def _is_public_suffix(domain: str) -> bool:
    # The list of suffixes is loaded when a Domain attribute needs it, and at no other time.
    from reqcli.cookies.suffixes import is_public_suffix

    return is_public_suffix(domain)
