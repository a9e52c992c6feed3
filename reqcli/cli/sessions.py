"""The `session` commands: what is stored is created, shown, changed and deleted here, without a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from reqcli.cli.completion import session_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from reqcli.cli.world import World

NAME: Final = click.argument("name", metavar="NAME", shell_complete=session_names)
ORIGIN: Final = click.option(
    "--origin", metavar="URL", help="Whom it is for: scheme, host and port.  [default: the session's base URL]"
)
FORMAT: Final = click.option("--format", "format_", type=click.Choice(["json"]), help="Print JSON.")


@click.group()
def session() -> None:
    """Create, look at, change and delete stored sessions."""


def _does(work: str) -> Callable[..., int]:
    """The function that does the work of a command, loaded when the command runs."""
    from importlib import import_module

    home = "session_views" if work in ("list_sessions", "show", "cookies") else "session_actions"
    function: Callable[..., int] = getattr(import_module(f"reqcli.cli.{home}"), work)
    return function


@session.command()
@NAME
@click.option("--base-url", metavar="URL", help="What `/path` and `--origin` refer to.")
@click.pass_obj
def create(world: World, name: str, base_url: str | None) -> int:
    """Create an empty session. (A session also comes into being when it is first used.)"""
    return _does("create")(world, name, base_url)


@session.command("list")
@FORMAT
@click.pass_obj
def list_(world: World, format_: str | None) -> int:
    """List the sessions: name, cookies, origins with a credential, last change, size."""
    return _does("list_sessions")(world, format_)


@session.command()
@NAME
@FORMAT
@click.option("--reveal", is_flag=True, help="Show the secrets too.")
@click.pass_obj
def show(world: World, name: str, format_: str | None, reveal: bool) -> int:
    """Show what a session holds, its secrets masked."""
    return _does("show")(world, name, format_, reveal=reveal)


@session.command("set-auth")
@NAME
@click.option("-A", "--auth-type", default="basic", metavar="SCHEME", help="basic or bearer.  [default: basic]")
@click.option("-a", "--auth", metavar="USER[:PASSWORD]|TOKEN|@-", help="The credential; what is missing is asked for.")
@ORIGIN
@click.pass_obj
def set_auth(world: World, name: str, auth_type: str, auth: str | None, origin: str | None) -> int:
    """Store a credential for one origin. On a terminal what is not given is asked for, secrets unseen."""
    return _does("set_auth")(world, name, auth_type, auth, origin)


@session.command("unset-auth")
@NAME
@ORIGIN
@click.pass_obj
def unset_auth(world: World, name: str, origin: str | None) -> int:
    """Forget the credential for one origin."""
    return _does("unset_auth")(world, name, origin)


@session.command("set-header")
@NAME
@click.argument("headers", nargs=-1, required=True, metavar="HEADER:VALUE...")
@ORIGIN
@click.option("--any-origin", is_flag=True, help="Send it to every server: only for headers that are no secret.")
@click.pass_obj
def set_header(world: World, /, name: str, headers: tuple[str, ...], **where: Any) -> int:
    """Store headers that go with every request to one origin. `Name:@FILE` and `Name:@-` read the value."""
    return _does("set_header")(world, name, headers, **where)


@session.command("unset-header")
@NAME
@click.argument("headers", nargs=-1, required=True, metavar="HEADER...")
@ORIGIN
@click.option("--any-origin", is_flag=True, help="The one that goes to every server.")
@click.pass_obj
def unset_header(world: World, /, name: str, headers: tuple[str, ...], **where: Any) -> int:
    """Forget stored headers."""
    return _does("unset_header")(world, name, headers, **where)


@session.command()
@NAME
@FORMAT
@click.option("--reveal", is_flag=True, help="Show the values too.")
@click.pass_obj
def cookies(world: World, name: str, format_: str | None, reveal: bool) -> int:
    """List a session's cookies, their values masked."""
    return _does("cookies")(world, name, format_, reveal=reveal)


@session.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...", shell_complete=session_names)
@click.pass_obj
def delete(world: World, names: tuple[str, ...]) -> int:
    """Delete sessions with all that they hold."""
    return _does("delete")(world, names)


@session.command()
@NAME
@click.pass_obj
def path(world: World, name: str) -> int:
    """Print the path of a session's file."""
    return _does("path")(world, name)
