"""The `context` commands: look at a context, make one from a session and a session from one, make a key."""

from __future__ import annotations

from time import time
from typing import TYPE_CHECKING, Any, Final

import click

from reqcli.cli.advice.suggestions import Suggesting
from reqcli.cli.commands.declared import offered
from reqcli.cli.commands.session import FORMAT, NAME
from reqcli.cli.completion import offers
from reqcli.cli.durations import Duration

if TYPE_CHECKING:
    from reqcli.cli.world import World
    from reqcli.session.operations import Operation
    from reqcli.session.schema import SessionState

SOURCE: Final = click.argument("source", metavar="FILE|-|env:NAME|fd:N", shell_complete=offered(offers.files))
KEY: Final = click.option(
    "--context-key", metavar="FILE|env:NAME|fd:N", shell_complete=offered(offers.files), help="The key that seals it."
)


@click.group(cls=Suggesting)
def context() -> None:
    """Hand a session's state from one stateless call to the next, as a file, a variable or a descriptor."""


@context.command()
@SOURCE
@KEY
@FORMAT
@click.pass_obj
def show(world: World, source: str, context_key: str | None, format_: str | None) -> int:
    """Show what a context holds, by name: whom it is for, when it ends, its cookies and captured values."""
    from reqcli.cli.handover import read_key, taken_up
    from reqcli.cli.sessions.views import moment
    from reqcli.render.escape import escape_line
    from reqcli.render.json_text import dump

    found = taken_up(source, None if context_key is None else read_key(context_key, world), world)
    state = found.state
    record: dict[str, Any] = {
        "origins": list(found.origins),
        "issued": moment(found.issued),
        "expires": moment(found.expires),
        "cookies": [f"{cookie.name} for {cookie.domain}" for cookie in state.cookies],
        "captured": [f"{state.rules[text].taken_from} of {origin}" for text, origin in state.values],
        "rules": list(state.rules),
        "headers": [f"{header.name} for {header.origin}" for header in state.headers.values()],
        "credentials": [f"{auth.scheme} for {origin}" for origin, auth in state.auth.items()],
        "base_url": state.settings.get("base_url"),
        "policy": None if state.policy is None else str(state.policy),
    }
    if format_ == "json":
        text = f"{dump(record)}\n"
    else:
        lines = [f"{name}: {', '.join(of) if isinstance(of, list) else of}" for name, of in record.items() if of]
        text = "".join(f"{escape_line(line)}\n" for line in lines)
    world.write(text.encode(errors="backslashreplace"))
    return 0


@context.command("export")
@NAME
@click.argument("target", metavar="FILE|fd:N|-", shell_complete=offered(offers.files))
@click.option("--origin", "origins", multiple=True, metavar="URL", help="Whom it is for.  [default: the base URL]")
@click.option("--context-ttl", type=Duration(), metavar="DURATION", help="How long it can be used.  [default: 15m]")
@KEY
@click.pass_obj
def export(
    world: World, name: str, target: str, origins: tuple[str, ...], context_ttl: float | None, context_key: str | None
) -> int:
    """Make a context from what a session holds for some origins.

    Passwords, keys, refresh tokens and references to secrets stay behind: what travels are cookies, captured values and
    their rules, bearer tokens, headers that are no secrets, the base URL and the policy.
    """
    from reqcli.cli.handover import check_target, lifetime_of, put, read_key
    from reqcli.cli.sessions.actions import existing, url_of_origin
    from reqcli.session.context import bound_to, made

    check_target(target)
    state = existing(world, name)
    urls = [url_of_origin(state, origin) for origin in origins or (None,)]
    whom = {str(url.origin) for url in urls}
    made_now = made(bound_to(state, urls), whom, time(), lifetime_of(context_ttl))
    put(made_now, target, None if context_key is None else read_key(context_key, world), world)
    return 0


@context.command("import")
@NAME
@SOURCE
@KEY
@click.pass_obj
def import_(world: World, name: str, source: str, context_key: str | None) -> int:
    """Put what a context holds into a session, which comes into being if there is none of that name."""
    from reqcli.cli.handover import read_key, taken_up
    from reqcli.cli.sessions.actions import change

    found = taken_up(source, None if context_key is None else read_key(context_key, world), world)
    before = world.store_of(name).read(name)
    return change(world, name, before, _operations(found.state, before))


@context.command()
@click.argument("path", metavar="FILE|-", shell_complete=offered(offers.files))
@click.pass_obj
def keygen(world: World, path: str) -> int:
    """Make a key that seals contexts, in a new file that is closed to others.

    Whoever has the key can read every context that is sealed with it, and make others.
    """
    from reqcli.cli.handover import write_closed_file
    from reqcli.vault.seal import new_key

    text = f"{new_key()}\n".encode()
    if path == "-":
        world.write(text)
    else:
        write_closed_file(path, text, replaces=False)
    return 0


def _operations(state: SessionState, before: SessionState | None) -> list[Operation]:
    """What makes a session hold what a context's state does; a policy that it has already stays as it is."""
    from reqcli.session.operations import SetAuth, SetCookie, SetHeader, SetSetting
    from reqcli.session.rule_operations import SetRule, SetValue
    from reqcli.session.upkeep import ExtendPolicy

    operations: list[Operation] = [SetSetting(key, value) for key, value in state.settings.items()]
    if state.policy is not None and (before is None or before.policy is None):
        operations.append(ExtendPolicy(state.policy, public_only=state.policy.public_only or None))
    operations += [SetHeader(header) for header in state.headers.values()]
    operations += [SetAuth(origin, auth) for origin, auth in state.auth.items()]
    operations += [SetRule(rule) for rule in state.rules.values()]
    operations += [SetValue(state.rules[text], origin, value) for (text, origin), value in state.values.items()]
    return [*operations, *(SetCookie(cookie, secure_origin=cookie.secure) for cookie in state.cookies)]
