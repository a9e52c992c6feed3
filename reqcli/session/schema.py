"""What a session's stored state is made of: its fields, and the migrations of its document.

A state is an immutable value; what a run learns is applied to it as operations (`reqcli.session.operations`)
and gives the next one. Its document carries `version`, the number of the last migration. A migration is a
function `mNNN_what_happens` from the raw document of version NNN - 1 to that of version NNN; loading runs the
missing ones in order, once, and only the newest shape is ever written, so nothing else knows an old one.
"""

from __future__ import annotations

from reqcli.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, Final, TypeAlias

    from reqcli.cookies.jar import ByDomain
    from reqcli.model.cookie import Cookie
    from reqcli.session.policy import Policy
    from reqcli.session.rules import Rule

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""Whatever a JSON document can hold."""

Held: TypeAlias = "str | dict[str, Json]"
"""A value that may be secret: a str is the value itself, an object says where it is (`{"env": "NAME"}`)."""

ANY_ORIGIN: Final = "*"
"""The origin of a header that is no secret and goes to every server."""


FAR_TIME: Final = 1e12
"""Seconds; a time further from the epoch, an infinite one among them, is no time."""

NOTHING: Final[Mapping[Any, Any]] = {}
"""What a state has of a group that is empty; nobody changes a state in place."""


class StoredHeader(Value):
    """A header sent with every request of its origin.

    Args:
        name: as it goes on the wire.
        value: the value or a reference to it.
        origin: the `str` of an `Origin`, or `ANY_ORIGIN`.
    """

    __slots__ = ("name", "origin", "value")

    def __init__(self, name: str, value: Held, origin: str) -> None:
        self.name: Final = name
        self.value: Final = value
        self.origin: Final = origin

    @property
    def key(self) -> tuple[str, str]:
        """Origin and lower-case name: a header of the same key replaces this one."""
        return (self.origin, self.name.lower())

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        """Names where it belongs, never its value."""
        return f"StoredHeader({self.name!r} for {self.origin})"


class StoredAuth(Value):
    """A credential as it is stored.

    Args:
        scheme: the name of an authentication scheme (`basic`, `bearer`).
        params: its parameters, each a value or a reference to it.
    """

    __slots__ = ("params", "scheme")

    def __init__(self, scheme: str, params: Mapping[str, Held]) -> None:
        self.scheme: Final = scheme
        self.params: Final = dict(params)

    def __hash__(self) -> int:
        return hash((self.scheme, *sorted(self.params)))

    def __repr__(self) -> str:
        """Names its scheme and parameters, never their values."""
        return f"StoredAuth({self.scheme!r}: {', '.join(sorted(self.params))})"


class StoredValue(Value):
    """What a server issued and a capture rule took.

    Args:
        value: the value itself.
        issued: seconds since the epoch.
        expires: the same, or None when it stays until it is dropped.
        resource: the path of what was issued, for a goodbye to it.
    """

    __slots__ = ("expires", "issued", "resource", "value")

    def __init__(self, value: str, *, issued: float, expires: float | None = None, resource: str = "/") -> None:
        self.value: Final = value
        self.issued: Final = issued
        self.expires: Final = expires
        self.resource: Final = resource

    def is_expired(self, now: float) -> bool:
        """Whether its time is up at this moment, in seconds since the epoch."""
        return self.expires is not None and self.expires <= now

    def __repr__(self) -> str:
        """Says when it came, never what it is."""
        return f"StoredValue(issued {self.issued})"


class SessionState(Value):
    """What is stored under a session's name at one moment.

    Args:
        id: 32 random hexadecimal digits, given once; a session deleted and made anew has another.
        rev: how many times it changed; 0 before its first write.
        created: seconds since the epoch; of the last time it was emptied because its time was up, if it was.
        updated: seconds since the epoch of the last change.
        used: seconds since the epoch of the last use that was noted, see `reqcli.session.lifetime`.
        settings: by name, see `reqcli.session.settings`.
        policy: what it may be used for; None for everything.
        rules: by their text, what servers issue and is to be sent back.
        values: what these took, by (text of the rule, origin that issued it).
        headers: by (origin, lower-case name).
        auth: by origin, as `str(Origin)`.
        cookies: in the jar's order.
    """

    __slots__ = (
        "auth", "cookies", "created", "headers", "id", "policy", "rev", "rules", "settings", "updated",
        "used", "values",
    )  # fmt: skip

    def __init__(
        self,
        id: str,  # noqa: A002 - the word for it
        *,
        rev: int,
        created: float,
        updated: float,
        settings: Mapping[str, Json],
        headers: Mapping[tuple[str, str], StoredHeader],
        auth: Mapping[str, StoredAuth],
        cookies: tuple[Cookie, ...] | ByDomain,
        used: float = 0.0,
        policy: Policy | None = None,
        rules: Mapping[str, Rule] = NOTHING,
        values: Mapping[tuple[str, str], StoredValue] = NOTHING,
    ) -> None:
        self.id: Final = id
        self.rev: Final = rev
        self.created: Final = created
        self.updated: Final = updated
        self.settings: Final = settings
        self.headers: Final = headers
        self.auth: Final = auth
        self.cookies: Final = cookies
        self.used: Final = used
        self.policy: Final = policy
        self.rules: Final = rules
        self.values: Final = values

    @property
    def has_lifetime(self) -> bool:
        """Whether its time may be up one day."""
        return bool(self.settings) and ("ttl" in self.settings or "idle_ttl" in self.settings)

    def __hash__(self) -> int:
        return hash((self.id, self.rev))

    def __repr__(self) -> str:
        """Counts what it holds, and shows none of it."""
        return (
            f"<SessionState {self.id} rev {self.rev}: {len(self.settings)} settings, {len(self.headers)} headers, "
            f"{len(self.auth)} credentials, {len(self.cookies)} cookies>"
        )


def new_state(id: str, now: float) -> SessionState:  # noqa: A002 - the word for it
    """A session that knows nothing yet.

    Args:
        id: 32 random hexadecimal digits.
        now: seconds since the epoch.
    """
    return SessionState(id, rev=0, created=now, updated=now, settings={}, headers={}, auth={}, cookies=())


Migration: TypeAlias = "Callable[[dict[str, Any]], dict[str, Any]]"

FIRST_VERSION: Final = 1
MIGRATIONS: Final[tuple[Migration, ...]] = ()
"""In order; the number of each is in its name, so that old ones can be taken out one day."""


def number_of(migration: Migration) -> int:
    """The version that a migration leads to: `m003_agent_becomes_user_agent` is 3."""
    return int(migration.__name__[1:4])


def newest_version(migrations: Sequence[Migration]) -> int:
    """The version of a document after all the migrations."""
    return number_of(migrations[-1]) if migrations else FIRST_VERSION


VERSION: Final = newest_version(MIGRATIONS)


class Malformed(Exception):
    """What is wrong with a document and where, in words that hold no value of it.

    Args:
        message: a clause that ends the sentence «the session cannot be read: …».
        hint: the way out, if there is a better one than to mend the document.
    """

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint: Final = hint


def check_time(value: Any, place: str) -> float:
    """The value, if it is a time.

    Args:
        value: as it stands in a document.
        place: where, for the message.

    Raises:
        Malformed: it is none.
    """
    if (type(value) is not float and type(value) is not int) or not -FAR_TIME < value < FAR_TIME:
        raise Malformed(f"{place} is not a time in seconds")
    return value


def migrate(document: dict[str, Any], migrations: Sequence[Migration]) -> dict[str, Any]:
    """The document in its newest shape: the same object when it has it already.

    Args:
        document: as parsed; nothing of it has been checked yet.
        migrations: in order.

    Raises:
        Malformed: the version is missing, or newer than the last migration, or the document is not what its
            version says.
    """
    newest = newest_version(migrations)
    version = document.get("version")
    if type(version) is not int or version < FIRST_VERSION:
        raise Malformed(f"version is not a whole number from {FIRST_VERSION} on")
    if version > newest:
        raise Malformed(
            f"it was written by a newer reqcli (version {version}, and this one reads up to {newest})",
            hint="upgrade reqcli; the session was left as it is",
        )
    for migration in migrations:
        number = number_of(migration)
        if number > version:
            try:
                document = {**migration(document), "version": number}
            except (LookupError, TypeError, ValueError, AttributeError) as error:
                raise Malformed(f"it is not what its version {version} promises") from error
    return document
