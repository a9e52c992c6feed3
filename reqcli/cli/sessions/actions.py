"""What the `session` commands do: read a state, or put operations on it in one transaction."""

from __future__ import annotations

from time import time

from reqcli.cli.credentials import credential_from, read_secret
from reqcli.cli.shorthand import complete_url
from reqcli.errors import SessionNotFound, Usage
from reqcli.model.fields import is_written_in_utf8, shown
from reqcli.model.result import SessionReport
from reqcli.model.url import Url
from reqcli.session.keep import stored
from reqcli.session.operations import DeleteAuth, DeleteHeader, SetAuth, SetHeader, SetSetting, apply
from reqcli.session.schema import ANY_ORIGIN, SessionState, StoredHeader, new_state
from reqcli.store.names import check_name, is_path, new_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reqcli.cli.world import World
    from reqcli.session.operations import Operation
    from reqcli.store.face import Store


def create(world: World, name: str, base_url: str | None, **settings: float | None) -> int:
    """Create an empty session; one that exists already is an error.

    A path is refused: the file of a session given by its path comes into being with its first write.
    """
    if is_path(name):
        raise Usage(
            f"{shown(name)} is a path, and its session comes into being with the first thing there is to store in it",
            hint="`reqcli session set PATH base_url URL`, or a request with --session PATH",
        )
    check_name(name)
    now = time()
    operations = [SetSetting(key, value) for key, value in settings.items() if value is not None]
    if base_url is not None:
        operations.append(SetSetting("base_url", base_url_from(base_url)))
    store = world.sessions()
    state = apply(new_state(new_id(), now), operations, now)
    store.create(name, state)
    _report(world, name, store, state, operations)
    return 0


def base_url_from(text: str) -> str:
    """A base URL as it is stored, from what was typed.

    Raises:
        Usage, BadUrl: it holds a password, or is no URL.
    """
    url = Url.parse(complete_url(text, None))
    if url.username is not None:
        raise Usage("a base URL holds no user and password", hint="store them with `reqcli session set-auth`")
    return str(url)


def set_auth(
    world: World, name: str, auth_type: str | None, auth: str | None, *, origin: str | None, **places: str | None
) -> int:
    """Store a credential for one origin: its secret, or where that is."""
    state = world.store_of(name).read(name)
    url = url_of_origin(state, origin)
    if any(place is not None for place in places.values()):
        from reqcli.cli.references import kept_in_keyring, referred

        found = referred(places, auth_type, auth, url, world)
        if "keyring" in found.place:
            kept_in_keyring(found, world)
        kept = found.auth
    else:
        kept = stored(credential_from(auth, auth_type or "basic", url, world))
    return change(world, name, state, [SetAuth(str(url.origin), kept)])


def unset_auth(world: World, name: str, origin: str | None) -> int:
    """Forget the credential of one origin."""
    state = existing(world, name)
    where = str(url_of_origin(state, origin).origin)
    if where not in state.auth:
        raise Usage(f"session {name} has no credential for {where}", hint=_known("it has one for", state.auth))
    return change(world, name, state, [DeleteAuth(where)])


def set_header(world: World, name: str, headers: Sequence[str], *, origin: str | None, any_origin: bool) -> int:
    """Store headers for one origin, or for every one."""
    state = world.store_of(name).read(name)
    where = _header_origin(state, origin, any_origin=any_origin)
    operations: list[Operation] = []
    for place, text in enumerate(headers):
        field, colon, value = text.partition(":")
        if not colon:
            from reqcli.cli.advice.mistakes import no_stored_header

            raise no_stored_header(headers, place)
        if value.startswith("@"):
            value = read_secret(value, world)
        if any_origin:
            _refuse_secret(field)
        if is_written_in_utf8(value):
            world.say(f"reqcli: warning: the value of header {field} goes out in UTF-8; not every server reads it so")
        operations.append(SetHeader(StoredHeader(field, value.strip(" \t"), where)))
    return change(world, name, state, operations)


def unset_header(world: World, name: str, headers: Sequence[str], *, origin: str | None, any_origin: bool) -> int:
    """Forget stored headers."""
    state = existing(world, name)
    where = _header_origin(state, origin, any_origin=any_origin)
    for field in headers:
        if (where, field.lower()) not in state.headers:
            kept = sorted(f"{header.name} for {header.origin}" for header in state.headers.values())
            raise Usage(f"session {name} has no header {field} for {where}", hint=_known("it has", kept))
    return change(world, name, state, [DeleteHeader(where, field) for field in headers])


def delete(world: World, names: Sequence[str]) -> int:
    """Delete sessions; a name that is not there is an error, after the others are gone."""
    store = world.sessions()
    for name in names:
        if is_path(name):
            existing(world, name)  # whatever else a path may name, only a session is deleted
    missing = [name for name in names if not store.delete(name)]
    if missing:
        raise SessionNotFound(f"there is no session {', '.join(missing)}", hint=_others(store, missing[0]))
    return 0


def path(world: World, name: str, format_: str | None) -> int:
    """Print where a session is kept, whether it exists yet or not."""
    where = world.store_of(name).location(name)
    if format_ == "json":
        from reqcli.render.json_text import dump

        where = dump({"path": where})
    world.write(f"{where}\n".encode(errors="surrogateescape"))
    return 0


def existing(world: World, name: str) -> SessionState:
    """The state of a session that has to exist.

    Raises:
        SessionNotFound: it does not.
    """
    store = world.store_of(name)
    state = store.read(name)
    if state is None:
        raise SessionNotFound(f"there is no session {name} ({store.location(name)})", hint=_others(store, name))
    return state


def _others(store: Store, name: str) -> str:
    """The way out where there is no session of a name."""
    from difflib import get_close_matches

    close = get_close_matches(name, store.names(), 1)
    return f"{f'did you mean {close[0]}? ' if close else ''}`reqcli session list` names those there are"


def change(
    world: World,
    name: str,
    state: SessionState | None,
    operations: Sequence[Operation],
    store: Store | None = None,
) -> int:
    """Do what `changed` does, as all of a command's work; its exit status."""
    changed(world, name, state, operations, store)
    return 0


def changed(
    world: World,
    name: str,
    state: SessionState | None,
    operations: Sequence[Operation],
    store: Store | None = None,
) -> SessionState:
    """Put operations on a session as it was read; one whose time is up is emptied first, or it would live on by them.

    Returns:
        The state as it is stored now.

    Raises:
        SessionError, StoreUnavailable: nothing was changed.
    """
    if state is not None and state.has_lifetime:
        from reqcli.session.lifetime import is_expired

        if is_expired(state, time()):
            from reqcli.session.upkeep import Expire

            operations = [Expire(), *operations]
            world.say(f"reqcli: warning: session {name} had expired, and was emptied first [session_expired]")
    store = store or world.store_of(name)
    after = store.commit(name, state.id if state is not None else None, operations, time())
    _report(world, name, store, after, operations)
    return after


def _report(world: World, name: str, store: Store, state: SessionState, operations: Sequence[Operation]) -> None:
    """Note for the result what the command has stored."""
    told = tuple(operation.describe() for operation in operations)
    world.course.report = SessionReport(name, store=store.kind, rev=state.rev, changed=told, saved=True)


def base_url_of(state: SessionState | None) -> Url | None:
    """The session's base URL, if it has one."""
    base_url = state.settings.get("base_url") if state is not None else None
    return Url.parse(base_url) if isinstance(base_url, str) else None


def server_named(state: SessionState | None, origin: str | None) -> Url | None:
    """The URL that names the server, if there is one: given, or the session's base URL; never guessed."""
    return base_url_of(state) if origin is None else Url.parse(complete_url(origin, None))


def url_of_origin(state: SessionState | None, origin: str | None) -> Url:
    """The URL that names the origin a secret is for.

    Raises:
        Usage: none is given, and the session has no base URL.
    """
    url = server_named(state, origin)
    if url is None:
        raise Usage(
            "nothing says whom this is for",
            hint="give --origin URL, or create the session with --base-url URL",
        )
    return url


def _header_origin(state: SessionState | None, origin: str | None, *, any_origin: bool) -> str:
    if any_origin and origin is not None:
        raise Usage("--origin and --any-origin contradict each other")
    return ANY_ORIGIN if any_origin else str(url_of_origin(state, origin).origin)


def _refuse_secret(field: str) -> None:
    from reqcli.model.redact import is_secret_header

    if is_secret_header(field):
        raise Usage(f"header {field} is a secret by its name and cannot go to every origin", hint="give --origin URL")


def _known(words: str, names: Iterable[str]) -> str:
    return f"{words} {', '.join(names) or 'none'}"
