"""What the `session` commands do that keep sessions in order: policy, cookies, copies, what has run out."""

from __future__ import annotations

from time import time

from reqcli.cli.sessions.actions import change, existing, url_of_origin
from reqcli.errors import ReqcliError, SessionConflict, Usage
from reqcli.model.fields import shown
from reqcli.model.url import Url
from reqcli.session.operations import ClearCookies, SetCookie, apply
from reqcli.session.policy import Policy
from reqcli.session.upkeep import ClearPolicy, DiscardExpired, Empty, Expire, ExtendPolicy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from reqcli.cli.world import World
    from reqcli.session.operations import Operation
    from reqcli.session.schema import SessionState
    from reqcli.store.face import Store


def policy(world: World, name: str, format_: str | None, *, clear: bool, public_only: bool | None, **more: Any) -> int:
    """Add to the policy of a session, or clear it first; with nothing to change, show it."""
    extension = Policy(
        origins=[str(Url.parse(text).origin) for text in more["allow_origin"]],
        methods=[method.upper() for method in more["allow_method"]],
        paths=[_prefix(text) for text in more["allow_path"]],
    )
    if clear or public_only is not None or not extension.allows_everything:
        operations: list[Operation] = [ClearPolicy()] if clear else []
        operations.append(ExtendPolicy(extension, public_only=public_only))
        return change(world, name, world.store_of(name).read(name), operations)
    now_allowed = existing(world, name).policy or Policy()
    if format_ == "json":
        from reqcli.render.json_text import dump

        world.write(f"{dump(now_allowed.as_json())}\n".encode())
    else:
        world.write(f"{now_allowed}\n".encode())
    return 0


def _prefix(text: str) -> str:
    """A path as a URL would have it: what has to be percent-encoded is."""
    if not text.startswith("/"):
        raise Usage(f"{shown(text)} is no path", hint="a path begins with /")
    return Url.parse(f"http://localhost{text}").path


def set_cookie(world: World, name: str, lines: Sequence[str], origin: str | None) -> int:
    """Put cookies into the jar, by the rules for those that the server itself sets."""
    from reqcli.cli.credentials import read_secret
    from reqcli.cookies.jar import Jar
    from reqcli.cookies.receive import Refusal, received_cookie
    from reqcli.cookies.scope import is_secure

    state = world.store_of(name).read(name)
    url = url_of_origin(state, origin)
    now = time()
    jar = Jar(state.cookies if state is not None else ())
    operations = []
    for typed in lines:
        line = read_secret(typed, world) if typed.startswith("@") else typed
        # Typed in UTF-8, a cookie is the bytes that the server would have sent.
        cookie = received_cookie(line.encode(errors="surrogateescape").decode("latin-1"), url, now)
        outcome = cookie if isinstance(cookie, Refusal) else jar.put(cookie, secure_origin=is_secure(url), now=now)
        if isinstance(cookie, Refusal) or isinstance(outcome, str):
            raise Usage(outcome.reason if isinstance(outcome, Refusal) else str(outcome))
        operations.append(SetCookie(cookie, secure_origin=is_secure(url)))
    return change(world, name, state, operations)


def clear(world: World, name: str, *, cookies: bool, captures: bool, everything: bool) -> int:
    """Forget what servers issued, one kind of it or all that logs in."""
    from reqcli.session.rule_operations import ClearValues

    state = existing(world, name)
    if everything:
        return change(world, name, state, [Empty()])
    operations: list[Operation] = []
    if cookies or not captures:
        operations.append(ClearCookies())
    if captures or not cookies:
        operations.append(ClearValues())
    return change(world, name, state, operations)


def prune(world: World, format_: str | None, *, dry_run: bool) -> int:
    """Take out of all sessions what has run out, and tell what it was; what cannot be done is said and left."""
    from reqcli.cli.sessions.views import print_rows
    from reqcli.render.failure import failure_line

    store = world.sessions()
    leftovers = store.tidy(dry_run=dry_run)  # first, for a commit takes away what was left of its own session
    rows: list[dict[str, Any]] = []
    failures = []
    for name, found, _ in store.survey():
        try:
            if isinstance(found, ReqcliError):
                raise found
            removed = _pruned(store, name, found, dry_run=dry_run)
        except SessionConflict:
            continue  # deleted meanwhile
        except ReqcliError as error:
            failures.append(error)
            continue
        if removed is not None:
            rows.append({"session": name, **removed})
    for left in leftovers:
        if isinstance(left, ReqcliError):
            failures.append(left)
        else:
            rows.append({"session": None, "removed": left, "expired": False})
    for failure in failures:
        world.say(failure_line(failure))
    print_rows(world, format_, ("session", "removed"), rows, "there is nothing to remove")
    return failures[-1].exit_status if failures else 0


def _pruned(store: Store, name: str, state: SessionState, *, dry_run: bool) -> dict[str, Any] | None:
    """What has run out in a session; None for nothing."""
    from reqcli.session.lifetime import is_expired

    now = time()
    operations: list[Operation] = [Expire(), DiscardExpired()]
    after = apply(state, operations, now)
    if after is state:
        return None
    if not dry_run:
        store.commit(name, state.id, operations, now)
    counts = {
        kind: len(getattr(state, group)) - len(getattr(after, group))
        for kind, group in (("cookie", "cookies"), ("credential", "auth"), ("header", "headers"), ("value", "values"))
    }
    words = [f"{count} {kind}{'s' if count > 1 else ''}" for kind, count in counts.items() if count]
    return {"removed": ", ".join(words) or "nothing", "expired": is_expired(state, now)}
