"""What a run learned or a command asked for: operations on single keys, applied to whatever is stored by then.

A run works on a snapshot while others change the session, so it never writes its state back: that would undo
what they learned. It hands over operations instead, and each touches one key only. Applied one run after the
other, in any order, none is lost; where two runs set the same key, the later one stands. Where even that is too
much (two runs that renew one secret), a compare-and-set takes effect only on the value that its run had seen:
`DropValue` of captured values, `ReplaceMemo` of fetched ones.
"""

from __future__ import annotations

from reqcli.cookies.jar import Jar
from reqcli.errors import SessionConflict, Usage
from reqcli.model.fields import check_field, shown
from reqcli.model.result import SessionChange
from reqcli.model.value import Value
from reqcli.session.schema import ANY_ORIGIN, SessionState, StoredAuth, StoredHeader, new_state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, Final

    from reqcli.cookies.jar import ByDomain
    from reqcli.model.cookie import Cookie
    from reqcli.session.rules import Rule
    from reqcli.session.schema import Json, StoredValue


class Draft:
    """A state while operations change it. Each group is copied when one asks for it, the others stay the state's."""

    __slots__ = ("_groups", "_jar", "before", "created", "now", "policy", "used")

    def __init__(self, state: SessionState, now: float) -> None:
        self.before: Final = state
        self._jar: Jar | None = None
        self._groups: Final[dict[str, dict[Any, Any]]] = {}
        self.now: Final = now
        self.created = state.created
        self.used = state.used
        self.policy = state.policy

    @property
    def settings(self) -> dict[str, Json]:
        """As in the state; to be changed in place, like all of these."""
        return self._group("settings")

    @property
    def headers(self) -> dict[tuple[str, str], StoredHeader]:
        """As in the state."""
        return self._group("headers")

    @property
    def auth(self) -> dict[str, StoredAuth]:
        """As in the state."""
        return self._group("auth")

    @property
    def rules(self) -> dict[str, Rule]:
        """As in the state."""
        return self._group("rules")

    @property
    def values(self) -> dict[tuple[str, str], StoredValue]:
        """As in the state."""
        return self._group("values")

    def _group(self, name: str) -> dict[Any, Any]:
        group = self._groups.get(name)
        if group is None:
            group = self._groups[name] = dict(getattr(self.before, name))
        return group

    @property
    def jar(self) -> Jar:
        """The cookies, to be changed in place."""
        if self._jar is None:
            self._jar = Jar(self.before.cookies)
        return self._jar

    def clear_cookies(self) -> None:
        """Take all cookies out."""
        self._jar = Jar()

    def empty(self) -> None:
        """Take out what servers issued and what logs the user in; what the user arranged stays."""
        self.clear_cookies()
        for key in [key for key in self.headers if key[0] != ANY_ORIGIN]:  # what goes to everybody is no secret
            del self.headers[key]
        self.auth.clear()
        self.values.clear()

    def _cookies(self) -> tuple[Cookie, ...] | ByDomain:
        """The cookies by now; those that it began with, if they are the same."""
        jar, before = self._jar, self.before.cookies
        if jar is None:
            return before
        kept = jar.kept()
        if jar.source is before:
            return before if kept is None else kept
        return before if len(jar) == len(before) and tuple(jar) == tuple(before) else kept or ()

    def finished(self) -> SessionState:
        """The next state, or the one it began with if nothing is different in the end."""
        state = self.before
        cookies = self._cookies()
        groups = {name: group for name, group in self._groups.items() if group != getattr(state, name)}
        is_unchanged = (
            cookies is state.cookies and not groups and self.policy == state.policy and self.created == state.created
        )
        if is_unchanged and self.used == state.used:
            return state
        return SessionState(
            state.id,
            rev=state.rev + 1,
            created=self.created,
            updated=state.updated if is_unchanged else self.now,  # a use alone is no change
            used=self.used,
            settings=groups.get("settings", state.settings),
            policy=self.policy,
            rules=groups.get("rules", state.rules),
            values=groups.get("values", state.values),
            headers=groups.get("headers", state.headers),
            auth=groups.get("auth", state.auth),
            cookies=cookies,
        )


class Operation(Value):
    """One change of one key."""

    __slots__ = ()

    def describe(self) -> SessionChange:
        """What it changes, by name, for the result: never a value."""
        raise NotImplementedError(type(self).__name__)

    def change(self, draft: Draft) -> None:
        """Make the change."""
        raise NotImplementedError(type(self).__name__)


class SetCookie(Operation):
    """Put a cookie into the jar, under the jar's rules; one whose time is up takes its namesake out.

    Args:
        cookie: complete, `created` being the moment it came.
        secure_origin: whether it came over a connection that may set and replace Secure cookies.
    """

    __slots__ = ("cookie", "secure_origin")

    def __init__(self, cookie: Cookie, *, secure_origin: bool) -> None:
        self.cookie: Final = cookie
        self.secure_origin: Final = secure_origin

    def describe(self) -> SessionChange:
        cookie = self.cookie
        op = "del" if cookie.is_expired(cookie.created) else "set"
        return SessionChange(op, "cookie", cookie.name, cookie.domain, cookie.expires if op == "set" else None)

    def change(self, draft: Draft) -> None:
        draft.jar.put(self.cookie, secure_origin=self.secure_origin, now=draft.now)


class ClearCookies(Operation):
    """Take every cookie out, those included that came after this was asked for."""

    __slots__ = ()

    def describe(self) -> SessionChange:
        return SessionChange("del", "cookie", "*")

    def change(self, draft: Draft) -> None:
        draft.clear_cookies()


class SetHeader(Operation):
    """Store a header, in place of one of the same origin and name.

    Raises:
        Usage: the header could not be sent.
    """

    __slots__ = ("header",)

    def __init__(self, header: StoredHeader) -> None:
        check_field(header.name, header.value if isinstance(header.value, str) else "")
        self.header: Final = header

    def describe(self) -> SessionChange:
        return SessionChange("set", "header", self.header.name, self.header.origin)

    def change(self, draft: Draft) -> None:
        draft.headers[self.header.key] = self.header


class DeleteHeader(Operation):
    """Forget a stored header.

    Args:
        origin: the `str` of an origin, or `ANY_ORIGIN`.
        name: in any letter case.
    """

    __slots__ = ("name", "origin")

    def __init__(self, origin: str, name: str) -> None:
        self.origin: Final = origin
        self.name: Final = name

    def describe(self) -> SessionChange:
        return SessionChange("del", "header", self.name, self.origin)

    def change(self, draft: Draft) -> None:
        draft.headers.pop((self.origin, self.name.lower()), None)


class SetAuth(Operation):
    """Store the credential of an origin.

    Args:
        origin: the `str` of an origin.
        auth: the credential.
    """

    __slots__ = ("auth", "origin")

    def __init__(self, origin: str, auth: StoredAuth) -> None:
        self.origin: Final = origin
        self.auth: Final = auth

    def describe(self) -> SessionChange:
        return SessionChange("set", "auth", self.auth.scheme, self.origin)

    def change(self, draft: Draft) -> None:
        draft.auth[self.origin] = self.auth


class DeleteAuth(Operation):
    """Forget the credential of an origin, whatever its scheme."""

    __slots__ = ("origin",)

    def __init__(self, origin: str) -> None:
        self.origin: Final = origin

    def describe(self) -> SessionChange:
        return SessionChange("del", "auth", "*", self.origin)

    def change(self, draft: Draft) -> None:
        draft.auth.pop(self.origin, None)


class SetSetting(Operation):
    """Store a setting.

    Raises:
        Usage: there is no such setting, or the value is not of its kind.
    """

    __slots__ = ("name", "value")

    def __init__(self, name: str, value: Json) -> None:
        from reqcli.session.settings import SETTINGS

        setting = SETTINGS.get(name)
        if setting is None:
            raise Usage(f"there is no setting {shown(name)}", hint=f"there are {', '.join(SETTINGS)}")
        if not setting.kind.accepts(value):
            raise Usage(f"setting {name} is {setting.kind.allowed}, and that is none", hint=setting.help)
        self.name: Final = name
        self.value: Final = value

    def __repr__(self) -> str:
        """Names the setting, never its value: a URL may hold a password."""
        return f"SetSetting({self.name!r})"

    def describe(self) -> SessionChange:
        return SessionChange("set", "var", self.name)

    def change(self, draft: Draft) -> None:
        draft.settings[self.name] = self.value


class DeleteSetting(Operation):
    """Forget a setting, so that its default holds again."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name: Final = name

    def describe(self) -> SessionChange:
        return SessionChange("del", "var", self.name)

    def change(self, draft: Draft) -> None:
        draft.settings.pop(self.name, None)


def apply(state: SessionState, operations: Iterable[Operation], now: float) -> SessionState:
    """The state after the operations, in order.

    Args:
        state: what is stored.
        operations: what to change.
        now: seconds since the epoch; becomes `updated`.

    Returns:
        The same object when nothing is different in the end, else a state of the next revision.
    """
    draft = Draft(state, now)
    for operation in operations:
        operation.change(draft)
    return draft.finished()


def check_unchanged(name: str, current: SessionState | None, only: SessionState | None) -> None:
    """Refuse to take a session away that is another one by now than `only`, if that is given.

    Raises:
        SessionConflict: it was changed.
    """
    if only is not None and current is not None and (current.id, current.rev) != (only.id, only.rev):
        raise SessionConflict(f"session {name} was changed meanwhile, and was left where it is")


def base_state(
    name: str, current: SessionState | None, base_id: str | None, now: float, new_id: Callable[[], str]
) -> SessionState:
    """The state that a run's operations go onto: what is stored, or a new one for the first write of a session.

    Args:
        name: what messages call the session.
        current: what is stored at the moment of the commit.
        base_id: the id of the state that the run began with, None if there was no session then. Two runs that
            began without one both put their operations onto the session of whoever came first.
        now: seconds since the epoch.
        new_id: gives 32 random hexadecimal digits.

    Raises:
        SessionConflict: the session that the run began with is gone; it must not come back from the dead, and
            what was learned in it must not slip into another one.
    """
    if base_id is None:
        return new_state(new_id(), now) if current is None else current
    if current is None:
        raise SessionConflict(
            f"session {name} was deleted while this run used it; nothing was saved",
            hint="run it again to begin a new session of that name",
        )
    if current.id != base_id:
        raise SessionConflict(
            f"session {name} was deleted and made anew while this run used it; nothing was saved",
            hint="run it again to use the new one",
        )
    return current
