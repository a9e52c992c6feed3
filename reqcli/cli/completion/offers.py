"""What TAB offers for a value: names of sessions, of what is stored in one, of settings and presets.

Each function is given the world, the session that the command line names (None if it names none) and what is typed of
the value. What cannot be read offers nothing: a message would land in the middle of the line that is being typed.
"""

from __future__ import annotations

from reqcli.errors import ReqcliError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final

    from reqcli.cli.world import World
    from reqcli.session.schema import SessionState

FILES: Final = ":file"
"""Asks the shell for names of files."""


def files(world: World, session: str | None, typed: str) -> list[str]:
    """The names of files, which the shell knows better."""
    return [FILES]


def schemes(world: World, session: str | None, typed: str) -> list[str]:
    """The schemes of credentials."""
    from reqcli import auth

    return _beginning(auth.names(), typed)


def session_names(world: World, session: str | None, typed: str) -> list[str]:
    """The stored sessions."""
    try:
        return _beginning(world.sessions().names(), typed)
    except ReqcliError:
        return []


def setting_names(world: World, session: str | None, typed: str) -> list[str]:
    """The settings that a session can have."""
    from reqcli.session.settings import SETTINGS

    return _beginning(SETTINGS, typed)


def preset_names(world: World, session: str | None, typed: str) -> list[str]:
    """The presets for capture rules."""
    from reqcli.session import presets

    return _beginning(presets.names(), typed)


def header_names(world: World, session: str | None, typed: str) -> list[str]:
    """The headers that the session sends."""
    state = _state(world, session)
    names = () if state is None else {header.name for header in state.headers.values()}
    return _beginning(sorted(names), typed)


def header_items(world: World, session: str | None, typed: str) -> list[str]:
    """The same as the beginning of an item: `X-Tenant:` sends another value, or none."""
    return [f"{name}:" for name in header_names(world, session, typed)]


def cookie_items(world: World, session: str | None, typed: str) -> list[str]:
    """The cookies that the session has, as the beginning of `NAME=VALUE`."""
    state = _state(world, session)
    names = () if state is None else {f"{cookie.name}=" for cookie in state.cookies}
    return _beginning(sorted(names), typed)


def _state(world: World, session: str | None) -> SessionState | None:
    try:
        name = session or world.default_session
        return world.store_of(name).read(name)
    except ReqcliError:
        return None


def _beginning(words: Iterable[str], typed: str) -> list[str]:
    return [word for word in words if word.lower().startswith(typed.lower())]
