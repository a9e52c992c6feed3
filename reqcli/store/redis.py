"""Sessions in Redis or Valkey, for runs on many machines that share them (`pip install 'reqcli[redis]'`).

One hash holds a session, `reqcli:{NAME}:s`, a field for each thing in it (`reqcli.session.fields`). The braces make a
cluster keep all keys of a session in one place. Beside it are `reqcli:{NAME}:t`, whose turn it is to send, and the
channel `reqcli:{NAME}:w`, on which every commit says by name what it changed.

A commit is one script, which the server runs as one step: it compares the session's id and revision with those that
this run has seen, and if they are the same writes the fields that change. Otherwise it answers with what is stored by
then; the operations are applied to that, and it is asked again. So the rules by which operations merge, the cookie
jar's among them, are written once, in Python, and hold for every store; and somebody's commit gets through each time.

A commit whose answer was lost may be asked again, for the script knows it by its number. What was read is remembered
for a moment, so that a commit that changes nothing costs no round trip.

The hash lives on for `GRACE` after the session's own time is up, if it has one: it is emptied at its next use, like a
file, and what the user arranged stays until then.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from threading import Event, Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Final

from reqcli.errors import (
    SessionConflict,
    SessionCorrupt,
    SessionLocked,
    SessionNotFound,
    StoreUnavailable,
    Usage,
)
from reqcli.session.document import MAX_DOCUMENT, slimmed
from reqcli.session.fields import fields_of, state_of
from reqcli.session.lifetime import expiry
from reqcli.session.operations import apply, base_state
from reqcli.store.names import check_name, is_name, new_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from reqcli.session.operations import Operation
    from reqcli.session.schema import SessionState

PATIENCE: Final = 10.0
"""Seconds for which a commit tries again while others are quicker."""

REACH: Final = 3.0
"""Seconds for which a server that does not answer, or cannot write, is tried again: a failover takes that long."""

SILENCE: Final = 5.0
"""Seconds to wait for one answer."""

GRACE: Final = 7 * 86400.0
"""Seconds that the hash outlives the session in it."""

LEASE: Final = 15.0
"""Seconds after which a turn ends whose holder has been killed; one that lives renews it."""

FRESH: Final = 5.0
"""Seconds for which what was read is good enough to see that a commit changes nothing."""

_PAUSES: Final = (0.002, 0.05)
"""Seconds between two tries, the first and the longest."""

LAST: Final = "last"
"""The field with the number of the last commit."""

_COMMIT: Final = """
local have = redis.call('HMGET', KEYS[1], 'id', 'rev', 'last')
if have[3] and have[3] == ARGV[3] then return 1 end
if (have[1] or '') ~= ARGV[1] or (have[2] or '') ~= ARGV[2] then return redis.call('HGETALL', KEYS[1]) end
local at = 7
local function each(count, step, change)
    while count > 0 do
        local now = math.min(count, 500)
        change(unpack(ARGV, at, at + now * step - 1))
        at = at + now * step
        count = count - now
    end
end
each(tonumber(ARGV[6]), 2, function(...) redis.call('HSET', KEYS[1], ...) end)
each(#ARGV - at + 1, 1, function(...) redis.call('HDEL', KEYS[1], ...) end)
redis.call('HSET', KEYS[1], 'last', ARGV[3])
if ARGV[4] == '' then redis.call('PERSIST', KEYS[1]) else redis.call('PEXPIRE', KEYS[1], ARGV[4]) end
redis.call('PUBLISH', KEYS[2], ARGV[5])
return 1
"""
"""KEYS: hash, channel. ARGV: id, revision, number, life (ms), message, count of pairs, pairs, fields to drop."""

_RENAME: Final = """
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if redis.call('EXISTS', KEYS[2]) == 1 then return -1 end
redis.call('RENAME', KEYS[1], KEYS[2])
return 1
"""
_RENEW: Final = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end"
_RELEASE: Final = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end"


class _Seen:
    """What is stored, as this store has last seen it."""

    __slots__ = ("fields", "state", "when")

    def __init__(self, fields: dict[str, str], state: SessionState | None) -> None:
        self.fields: Final = fields
        self.state: Final = state
        self.when: Final = monotonic()


class RedisStore:
    """Sessions on a server. It may be shared by threads.

    Args:
        url: `redis://[USER[:PASSWORD]@]HOST[:PORT][/DB]`, `rediss://…` for TLS, `unix:///PATH[?db=N]`; `?cluster=yes`
            for a cluster. Other settings after the `?` are those of the redis library (`ssl_ca_certs=FILE` …).
        new_id: gives 32 random hexadecimal digits.
        password: for a URL that holds none.
        patience: seconds for which a commit tries again while others are quicker.

    Raises:
        Usage: the URL is none of a store.
        StoreUnavailable: the library is not installed.
    """

    def __init__(
        self,
        url: str,
        new_id: Callable[[], str] = new_id,
        *,
        password: str | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self._new_id: Final = new_id
        self._patience: Final = patience
        self._seen: Final[dict[str, _Seen]] = {}
        self.kind: Final = _without_secrets(url)
        """The URL without user and password."""
        self._is_cluster: Final = "cluster=yes" in url.partition("?")[2].split("&")
        self._client: Final = _connected(url, password, in_cluster=self._is_cluster)
        self._commit: Final = self._client.register_script(_COMMIT)

    def read(self, name: str) -> SessionState | None:
        check_name(name)
        return self._fetch(name).state

    def commit(self, name: str, base_id: str | None, operations: Sequence[Operation], now: float) -> SessionState:
        check_name(name)
        seen = self._seen.get(name)
        if seen is None or monotonic() - seen.when > FRESH:
            seen = self._fetch(name)
        number = self._new_id()
        gives_up = monotonic() + self._patience
        pause = _PAUSES[0]
        told = json.dumps([_told(operation) for operation in operations])
        while True:
            before = base_state(name, seen.state, base_id, now, self._new_id)
            after = apply(before, operations, now)
            if after is before:
                return after
            found = self._write(name, seen, after, number, now, told)
            if isinstance(found, _Seen):
                self._seen[name] = found
                return found.state or after
            seen = self._understood(name, found)
            if monotonic() > gives_up:
                raise SessionLocked(f"session {name} was changed by others without pause for {self._patience:g} s")
            sleep(pause * (0.5 + int(number[:2], 16) / 256))  # those who lost together must not come back together
            pause = min(pause * 1.5, _PAUSES[1])

    def create(self, name: str, state: SessionState) -> None:
        check_name(name)
        found = self._write(name, _Seen({}, None), state, self._new_id(), state.updated, "[]")
        if not isinstance(found, _Seen):
            raise self._taken(name)
        self._seen[name] = found

    def rename(self, source: str, target: str) -> None:
        check_name(source)
        check_name(target)
        self._seen.pop(source, None)
        self._seen.pop(target, None)
        if source == target:
            raise self._taken(target)
        if self._is_cluster:
            raise Usage(
                "a session in a cluster cannot be renamed, for that would move it to another place",
                hint="copy it, then delete the old one",
            )
        with self._reaching(target):
            done = self._retried(lambda: self._client.eval(_RENAME, 2, _key(source), _key(target)))
        if done == 0:
            raise SessionNotFound(f"there is no session {source} in {self.kind}")
        if done == -1:
            raise self._taken(target)

    def delete(self, name: str) -> bool:
        check_name(name)
        self._seen.pop(name, None)
        with self._reaching(name):
            gone = self._retried(lambda: self._client.delete(_key(name)))
            if gone:
                self._client.publish(_key(name, "w"), '[{"op":"del","kind":"session","name":"*"}]')
        return bool(gone)

    def turn(self, name: str, patience: float) -> _Turn:
        check_name(name)
        return _Turn(self, name, patience)

    def tidy(self, *, dry_run: bool) -> list[str]:
        return []  # a turn whose holder was killed ends by itself

    def names(self) -> list[str]:
        with self._reaching("?"):
            keys = self._retried(lambda: list(self._client.scan_iter(match="reqcli:{*}:s", count=1000)))
        found = (key.removeprefix("reqcli:{").removesuffix("}:s") for key in keys)
        return sorted({name for name in found if is_name(name)})

    def location(self, name: str) -> str:
        check_name(name)
        return f"{self.kind} {_key(name)}"

    def watch(self, name: str) -> Iterator[list[dict[str, str]]]:
        """What others change from now on, commit by commit: `{"op", "kind", "name", "origin"}` of each, no values.

        Ends only with an error: a connection that breaks may have lost what was said meanwhile.
        """
        check_name(name)
        with self._reaching(name), self._client.pubsub(ignore_subscribe_messages=True) as listening:
            listening.subscribe(_key(name, "w"))
            while True:
                message = listening.get_message(timeout=1.0)
                if message is not None:
                    yield json.loads(message["data"])

    def close(self) -> None:
        """Close the connections. May be called again."""
        self._client.close()

    def _fetch(self, name: str) -> _Seen:
        with self._reaching(name):
            fields = self._retried(lambda: self._client.hgetall(_key(name)))
        return self._understood(name, fields)

    def _understood(self, name: str, fields: dict[str, str]) -> _Seen:
        stored = {field: text for field, text in fields.items() if field != LAST}
        state = state_of(stored, name, location=self.location(name)) if stored else None
        seen = self._seen[name] = _Seen(stored, state)
        return seen

    def _write(
        self, name: str, seen: _Seen, after: SessionState, number: str, now: float, told: str
    ) -> _Seen | dict[str, str]:
        """Store a state in place of what was seen: what is stored now, or the fields that stand in the way."""
        fields = fields_of(after, seen.fields)
        if _size(fields) > MAX_DOCUMENT:
            after = slimmed(after)
            fields = fields_of(after, seen.fields)
        if _size(fields) > MAX_DOCUMENT:
            raise StoreUnavailable(
                f"session {name} would grow to {_size(fields)} bytes, and {MAX_DOCUMENT} are the limit",
                hint="forget headers or credentials that are no longer needed",
                retryable=False,
            )
        pairs = [(field, text) for field, text in fields.items() if seen.fields.get(field) != text]
        gone = [field for field in seen.fields if field not in fields]
        ends = expiry(after)
        arguments = [
            seen.fields.get("id", ""),
            seen.fields.get("rev", ""),
            number,
            "" if ends is None else str(int((max(ends - now, 0) + GRACE) * 1000)),  # the server has a clock of its own
            told,
            len(pairs),
            *(part for pair in pairs for part in pair),
            *gone,
        ]
        with self._reaching(name):
            found: Any = self._retried(lambda: self._commit(keys=[_key(name), _key(name, "w")], args=arguments))
        if found == 1:
            return _Seen(fields, after)
        return dict(zip(found[::2], found[1::2], strict=True))

    def _retried(self, ask: Callable[[], Any]) -> Any:
        """What the server answers, asked again for a while where that may help: commands here may be repeated."""
        from redis import exceptions

        passing = (exceptions.ConnectionError, exceptions.TimeoutError, exceptions.ReadOnlyError)
        lasting = (exceptions.AuthenticationError, exceptions.AuthorizationError)
        gives_up = monotonic() + REACH
        pause = 0.05
        while True:
            try:
                return ask()
            except passing as error:
                if isinstance(error, lasting) or monotonic() + pause > gives_up:
                    raise
                if isinstance(error, exceptions.ReadOnlyError):
                    self._client.close()  # the name may lead to the new primary by now
            sleep(pause)
            pause = min(pause * 2, 0.5)

    @contextmanager
    def _reaching(self, name: str) -> Iterator[None]:
        """Turn the library's exceptions into ours; none of them names a password."""
        from redis import exceptions

        try:
            yield
        except (exceptions.AuthenticationError, exceptions.AuthorizationError) as error:
            raise self._unavailable(
                "refuses the login", "check user and password: in the URL, or REQCLI_STORE_PASSWORD", retryable=False
            ) from error
        except exceptions.NoPermissionError as error:
            raise self._unavailable(
                f"does not permit what is needed: {error}",
                "the user needs ~reqcli:* &reqcli:* +@hash +@scripting +@keyspace +@pubsub +@string",
                retryable=False,
            ) from error
        except exceptions.OutOfMemoryError as error:
            raise self._unavailable("is full (maxmemory); nothing was stored", None) from error
        except exceptions.ReadOnlyError as error:
            raise self._unavailable("is a replica, which cannot be written", "name the primary") from error
        except exceptions.TimeoutError as error:
            raise self._unavailable("does not answer in time", None) from error
        except (exceptions.ConnectionError, OSError) as error:
            raise self._unavailable(f"cannot be reached: {error}", None) from error
        except UnicodeDecodeError as error:
            raise SessionCorrupt(f"session {name} cannot be read: it holds bytes that are not UTF-8") from error
        except (exceptions.RedisError, exceptions.RedisClusterException) as error:
            raise self._unavailable(f"refuses: {error}", None, retryable=False) from error

    def _unavailable(self, what: str, hint: str | None, *, retryable: bool = True) -> StoreUnavailable:
        return StoreUnavailable(f"the store {self.kind} {what}", hint=hint, retryable=retryable)

    def _taken(self, name: str) -> SessionConflict:
        return SessionConflict(f"there is a session {name} already in {self.kind}", retryable=False)


class _Turn:
    """The turn to send for a session: a key with an end, renewed as long as its holder lives.

    A holder that is stopped for longer than the lease loses it, and may send at once with its successor. Nothing is
    lost by that: each commit is checked by itself.
    """

    __slots__ = ("_done", "_key", "_name", "_number", "_patience", "_store")

    def __init__(self, store: RedisStore, name: str, patience: float) -> None:
        self._store: Final = store
        self._name: Final = name
        self._key: Final = _key(name, "t")
        self._patience: Final = patience
        self._number: Final = new_id()
        self._done: Final = Event()

    def __enter__(self) -> None:
        gives_up = monotonic() + self._patience
        while not self._is_taken():
            if monotonic() >= gives_up:
                raise SessionLocked(
                    f"session {self._name} was in use by others, which send one after the other, "
                    f"for {self._patience:g} s",
                    hint=f"a turn whose holder was killed ends by itself, after {LEASE:g} s",
                )
            sleep(0.01)
        Thread(target=self._renew, name="turn", daemon=True).start()

    def _is_taken(self) -> bool:
        client = self._store._client
        with self._store._reaching(self._name):
            return bool(
                self._store._retried(lambda: client.set(self._key, self._number, nx=True, px=int(LEASE * 1000)))
                or client.get(self._key) == self._number  # the answer to an earlier try was lost
            )

    def _renew(self) -> None:
        from redis.exceptions import RedisError

        while not self._done.wait(LEASE / 3):
            try:
                self._store._client.eval(_RENEW, 1, self._key, self._number, int(LEASE * 1000))
            except RedisError:
                continue  # the next try may do better; else the lease ends

    def __exit__(self, *_: object) -> None:
        self._done.set()
        try:
            with self._store._reaching(self._name):
                self._store._client.eval(_RELEASE, 1, self._key, self._number)
        except StoreUnavailable:
            return  # it ends by itself


def _connected(url: str, password: str | None, *, in_cluster: bool) -> Any:
    """A client of the library, which connects at the first command."""
    try:
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry
    except ImportError as error:
        raise StoreUnavailable(
            "the library for Redis is not installed", hint="pip install 'reqcli[redis]'", retryable=False
        ) from error
    settings: dict[str, Any] = {
        "decode_responses": True,
        "encoding_errors": "surrogateescape",
        "socket_connect_timeout": REACH,
        "socket_timeout": SILENCE,
        "retry": Retry(NoBackoff(), 0),  # what may be asked again is decided here
    }
    if password is not None and "@" not in url:
        settings["password"] = password
    address, _, query = url.partition("?")
    plain = f"{address}?{'&'.join(setting for setting in query.split('&') if setting != 'cluster=yes')}"
    kind: Any = redis.RedisCluster if in_cluster else redis.Redis
    try:
        return kind.from_url(plain, **settings)
    except (ValueError, TypeError) as error:
        raise Usage(
            f"{_without_secrets(url)} is not the URL of a store: {error}",
            hint="redis://HOST[:PORT][/DB], rediss://… or unix:///PATH",
        ) from error
    except (
        redis.RedisError,
        redis.exceptions.RedisClusterException,
    ) as error:  # a cluster is asked for its nodes at once
        raise StoreUnavailable(f"the store {_without_secrets(url)} cannot be reached: {error}") from error


def _key(name: str, kind: str = "s") -> str:
    return f"reqcli:{{{name}}}:{kind}"


def _size(fields: dict[str, str]) -> int:
    return sum(len(field) + len(text) for field, text in fields.items())


def _told(operation: Operation) -> dict[str, str]:
    change = operation.describe()
    return {"op": change.op, "kind": change.kind, "name": change.name, "origin": change.origin}


def _without_secrets(url: str) -> str:
    scheme, _, rest = url.partition("://")
    rest = rest.partition("?")[0]
    return f"{scheme}://{rest.rpartition('@')[2]}"
