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
from hashlib import sha256
from threading import Event, Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Final, Protocol

from reqcli.errors import (
    SessionConflict,
    SessionCorrupt,
    SessionLocked,
    SessionNotFound,
    StoreUnavailable,
    Usage,
)
from reqcli.model.secret import SEALED
from reqcli.session.document import MAX_DOCUMENT, slimmed
from reqcli.session.fields import SINGLE, fields_of, state_of
from reqcli.session.lifetime import expiry
from reqcli.session.operations import apply, base_state, check_unchanged
from reqcli.store.face import one_by_one
from reqcli.store.names import check_name, is_name, new_id
from reqcli.store.redis_server import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from reqcli.errors import ReqcliError
    from reqcli.session.operations import Operation
    from reqcli.session.schema import SessionState

PATIENCE: Final = 10.0
"""Seconds for which a commit tries again while others are quicker."""

GRACE: Final = 7 * 86400.0
"""Seconds that the hash outlives the session in it."""

LEASE: Final = 15.0
"""Seconds after which a turn ends whose holder has been killed; one that lives renews it."""

FRESH: Final = 5.0
"""Seconds for which what was read is good enough to see that a commit changes nothing."""

_PAUSES: Final = (0.001, 0.01)
"""Seconds between two tries, the first and the longest."""

LAST: Final = "last"
"""The field with the number of the last commit."""

SUM: Final = "sum"
"""Where values are sealed, the field that vouches for all others together: each is sound by itself, but whoever runs
the server could take one away, or put an older one back. All of them of one moment are beyond any such proof."""

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
_DELETE: Final = """
local have = redis.call('HMGET', KEYS[1], 'id', 'rev')
if ARGV[1] ~= '' and have[1] and (have[1] ~= ARGV[1] or have[2] ~= ARGV[2]) then return -1 end
if redis.call('DEL', KEYS[1]) == 0 then return 0 end
redis.call('PUBLISH', KEYS[2], ARGV[3])
return 1
"""
"""KEYS: hash, channel. ARGV: id and revision, empty for any; message."""

_GONE: Final = {"op": "del", "kind": "session", "name": "*", "origin": ""}
_RENEW: Final = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end"
_RELEASE: Final = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end"


class Seal(Protocol):
    """What keeps the values of fields from the server's operator (`reqcli.vault.seal.FieldSeal`)."""

    def seal(self, text: str, place: str) -> str:
        """The sealed value of a place."""

    def unseal(self, sealed: str, place: str) -> str:
        """The value; ValueError if it was not sealed for that place with the key."""


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
        seal: seals all values but the id, the revision and the times; then what is not sealed is refused.
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
        seal: Seal | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self._new_id: Final = new_id
        self._patience: Final = patience
        self._seen: Final[dict[str, _Seen]] = {}
        self._seal: Final = seal
        self._server: Final = Server(url, password)
        self.kind: Final = self._server.shown
        """The URL without user and password."""
        self._commit: Final = self._server.client.register_script(_COMMIT)

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
        if self._server.is_cluster:
            raise Usage(
                "a session in a cluster cannot be renamed, for that would move it to another place",
                hint="copy it, then delete the old one",
            )
        done = self._server.ask(target, lambda client: client.eval(_RENAME, 2, _key(source), _key(target)))
        if done == 0:
            raise SessionNotFound(f"there is no session {source} in {self.kind}")
        if done == -1:
            raise self._taken(target)

    def delete(self, name: str, *, only: SessionState | None = None) -> bool:
        check_name(name)
        self._seen.pop(name, None)
        stored = fields_of(only, {}) if only is not None else {}
        arguments = [stored.get("id", ""), stored.get("rev", ""), json.dumps([_GONE])]
        keys = (_key(name), _key(name, "w"))
        gone = self._server.ask(name, lambda client: client.eval(_DELETE, 2, *keys, *arguments))
        if gone == -1:
            check_unchanged(name, self._fetch(name).state, only)
        return bool(gone == 1)

    def turn(self, name: str, patience: float) -> _Turn:
        check_name(name)
        return _Turn(self._server, name, patience)

    def tidy(self, *, dry_run: bool) -> list[str | ReqcliError]:
        return []  # a turn whose holder was killed ends by itself

    def names(self) -> list[str]:
        keys = self._server.ask("?", lambda client: list(client.scan_iter(match="reqcli:{*}:s", count=1000)))
        found = (key.removeprefix("reqcli:{").removesuffix("}:s") for key in keys)
        return sorted({name for name in found if is_name(name)})

    def survey(self) -> Iterator[tuple[str, SessionState | ReqcliError, None]]:
        return one_by_one(self)

    def location(self, name: str) -> str:
        check_name(name)
        return f"{self.kind} {_key(name)}"

    def watch(self, name: str) -> Iterator[list[dict[str, str]]]:
        """What others change from now on, commit by commit: `{"op", "kind", "name", "origin"}` of each, no values.

        Ends only with an error: a connection that breaks may have lost what was said meanwhile.
        """
        check_name(name)
        with self._server.reaching(name), self._server.client.pubsub(ignore_subscribe_messages=True) as listening:
            listening.subscribe(_key(name, "w"))
            while True:
                message = listening.get_message(timeout=1.0)
                if message is not None:
                    yield json.loads(message["data"])

    def close(self) -> None:
        """Close the connections. May be called again."""
        self._server.client.close()

    def _fetch(self, name: str) -> _Seen:
        fields = self._server.ask(name, lambda client: client.hgetall(_key(name)))
        if not isinstance(fields, dict):
            raise StoreUnavailable(f"the store {self._server.shown} does not answer as Redis does", retryable=False)
        return self._understood(name, fields)

    def _understood(self, name: str, fields: dict[str, str]) -> _Seen:
        stored = {
            field: self._opened(name, fields.get("id", ""), field, text)
            for field, text in fields.items()
            if field not in (LAST, SUM)
        }
        if stored and (self._seal is not None or SUM in fields):
            self._check_sum(name, fields, stored)
        state = state_of(stored, name, location=self.location(name)) if stored else None
        seen = self._seen[name] = _Seen(stored, state)
        return seen

    def _check_sum(self, name: str, fields: dict[str, str], stored: dict[str, str]) -> None:
        """Refuse fields that are not all that was stored together, each by itself as sound as it may be."""
        if SUM in fields and self._opened(name, fields.get("id", ""), SUM, fields[SUM]) == _sum(stored):
            return
        wrong = "something in it was dropped, changed or put back" if SUM in fields else "it was not sealed as a whole"
        raise SessionCorrupt(
            f"session {name} in {self.kind} cannot be read: {wrong}",
            hint=f"do not trust what is left of it: `reqcli session delete {name}`, and start anew",
        )

    def _opened(self, name: str, id_: str, field: str, text: str) -> str:
        """The value of a field as it is stored."""
        if self._seal is None and text.startswith(SEALED):
            raise StoreUnavailable(
                f"session {name} in {self.kind} is sealed", hint="name the key: REQCLI_STORE_KEY=FILE", retryable=False
            )
        if self._seal is None or field in SINGLE:
            return text
        try:
            return self._seal.unseal(text, f"{id_} {field}")
        except ValueError as error:
            raise SessionCorrupt(
                f"session {name} in {self.kind} cannot be read: {error}", hint="REQCLI_STORE_KEY may name another key"
            ) from error

    def _closed(self, id_: str, field: str, text: str) -> str:
        """The same as it is to be stored; sealed for this session, whatever its name, and for this field."""
        return text if self._seal is None or field in SINGLE else self._seal.seal(text, f"{id_} {field}")

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
        if self._seal is not None:
            pairs.append((SUM, _sum(fields)))
        gone = [field for field in seen.fields if field not in fields]
        ends = expiry(after)
        arguments = [
            seen.fields.get("id", ""),
            seen.fields.get("rev", ""),
            number,
            "" if ends is None else str(int((max(ends - now, 0) + GRACE) * 1000)),  # the server has a clock of its own
            told,
            len(pairs),
            *(part for field, text in pairs for part in (field, self._closed(fields["id"], field, text))),
            *gone,
        ]
        found: Any = self._server.ask(
            name, lambda client: self._commit(keys=[_key(name), _key(name, "w")], args=arguments)
        )
        if found == 1:
            return _Seen(fields, after)
        return dict(zip(found[::2], found[1::2], strict=True))

    def _taken(self, name: str) -> SessionConflict:
        return SessionConflict(f"there is a session {name} already in {self.kind}", retryable=False)


class _Turn:
    """The turn to send for a session: a key with an end, renewed as long as its holder lives.

    A holder that is stopped for longer than the lease loses it, and may send at once with its successor. Nothing is
    lost by that: each commit is checked by itself.
    """

    __slots__ = ("_done", "_key", "_name", "_number", "_patience", "_server")

    def __init__(self, server: Server, name: str, patience: float) -> None:
        self._server: Final = server
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
        lease = int(LEASE * 1000)
        return bool(
            self._server.ask(self._name, lambda client: client.set(self._key, self._number, nx=True, px=lease))
            # The answer to an earlier try may have been lost.
            or self._server.ask(self._name, lambda client: client.get(self._key)) == self._number
        )

    def _renew(self) -> None:
        from redis.exceptions import RedisError

        while not self._done.wait(LEASE / 3):
            try:
                self._server.client.eval(_RENEW, 1, self._key, self._number, int(LEASE * 1000))
            except RedisError:
                continue  # the next try may do better; else the lease ends

    def __exit__(self, *_: object) -> None:
        self._done.set()
        try:
            with self._server.reaching(self._name):
                self._server.client.eval(_RELEASE, 1, self._key, self._number)
        except StoreUnavailable:
            return  # it ends by itself


def _key(name: str, kind: str = "s") -> str:
    return f"reqcli:{{{name}}}:{kind}"


def _size(fields: dict[str, str]) -> int:
    return sum(len(field) + len(text) for field, text in fields.items())


def _sum(fields: dict[str, str]) -> str:
    return sha256(json.dumps(sorted(fields.items())).encode()).hexdigest()


def _told(operation: Operation) -> dict[str, str]:
    change = operation.describe()
    return {"op": change.op, "kind": change.kind, "name": change.name, "origin": change.origin}
