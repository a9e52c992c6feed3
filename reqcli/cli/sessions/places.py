"""What the `session` commands do with the places of sessions: copy, rename and move them, and watch a shared one."""

from __future__ import annotations

from reqcli.cli.sessions.actions import existing
from reqcli.errors import SessionConflict, Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqcli.cli.world import World


def copy(world: World, source: str, target: str, store: str | None) -> int:
    """Store a session once more, under another name and as a session of its own.

    The times stay: a copy lives no longer than what it was copied from.
    """
    from reqcli.store.names import new_id

    state = existing(world, source)
    settings = {name: value for name, value in state.settings.items() if name != "store"}
    there = world if store is None else world.with_store(store)
    there.first_store(target).create(target, state.replace(id=new_id(), settings=settings))
    return 0


def move(world: World, source: str, target: str | None, store: str) -> int:
    """Put a session into another store, and take it away here unless somebody has changed it meanwhile."""
    state = existing(world, source)
    target = target or source
    there = world.with_store(store).first_store(target)
    here = world.store_of(source)
    if there.location(target) == here.location(source):
        raise Usage(f"session {source} is there already: {here.location(source)}")
    there.create(target, state)
    try:
        here.delete(source, only=state)
    except SessionConflict:
        there.delete(target)
        raise
    return 0


def rename(world: World, source: str, target: str) -> int:
    """Give a session another name."""
    existing(world, source)
    world.store_of(source).rename(source, target)
    return 0


def watch(world: World, name: str, format_: str | None) -> int:
    """Print what others change in a session, until interrupted."""
    from reqcli.render.escape import escape_line
    from reqcli.render.json_text import dump

    store = world.store_of(name)
    if not hasattr(store, "watch"):
        raise Usage("only a shared store tells what others change", hint="name one with --store or REQCLI_STORE")
    world.say(f"watching session {name} in {store.kind}")
    for changes in store.watch(name):
        for told in changes:
            words = (told["op"], told["kind"], told["name"], told["origin"])
            line = dump(told) if format_ == "json" else "\t".join(map(escape_line, words))
            world.write(f"{line}\n".encode())
    return 0
