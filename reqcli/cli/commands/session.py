"""The `session` commands: what is stored is created, shown, changed and deleted here, without a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from reqcli.cli.advice.suggestions import Suggesting
from reqcli.cli.commands.declared import offered, token_options
from reqcli.cli.completion import offers
from reqcli.cli.durations import Duration
from reqcli.cli.options import SCHEME_HELP, STORE_HELP
from reqcli.interop import sessions as exchange
from reqcli.session.settings import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable

    from reqcli.cli.world import World

NAME: Final = click.argument("name", metavar="NAME", shell_complete=offered(offers.session_names))
ORIGIN: Final = click.option(
    "--origin", metavar="URL", help="Whom it is for: scheme, host and port.  [default: the session's base URL]"
)
FORMAT: Final = click.option(
    "--format", "format_", type=click.Choice(["json"]), help="Print JSON.",
    callback=lambda ctx, _, value: value or ctx.obj.usual_format,
)  # fmt: skip

_HOMES: Final = {
    **dict.fromkeys(("list_sessions", "show", "cookies"), "views"),
    **dict.fromkeys(("capture", "end"), "captures"),
    **dict.fromkeys(("set_setting", "unset_setting"), "settings"),
    **dict.fromkeys(("policy", "set_cookie", "clear", "prune"), "upkeep"),
    **dict.fromkeys(("copy", "rename", "move", "watch"), "places"),
    **dict.fromkeys(("import_session", "export_session"), "exchange"),
}
"""Where the work of a command is done, if not in `sessions/actions`."""


class _Group(Suggesting):
    """Commands that can all be told to speak JSON: what they show, else the envelope of what they did."""

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Add a command, with `--format` if it has none of its own."""
        if all(param.name != "format_" for param in cmd.params):
            choice = click.Choice(["json"])
            words = "Print the outcome as one JSON object."
            cmd.params.append(click.Option(["--format", "format_"], type=choice, expose_value=False, help=words))
        cmd.params.append(
            click.Option(
                ["--store", "in_store"], metavar="URL", expose_value=False, callback=_in_store, help=STORE_HELP
            )
        )
        super().add_command(cmd, name)


def _in_store(ctx: click.Context, param: click.Parameter, url: str | None) -> None:
    if url is not None:
        ctx.obj = ctx.obj.with_store(url)


@click.group(cls=_Group)
def session() -> None:
    """Create, look at, change and delete stored sessions."""


def _does(work: str) -> Callable[..., int]:
    """The function that does the work of a command, loaded when the command runs."""
    from importlib import import_module

    home = _HOMES.get(work, "actions")
    function: Callable[..., int] = getattr(import_module(f"reqcli.cli.sessions.{home}"), work)
    return function


def _settings_help() -> str:
    """The text of `session set`, from the table of settings."""
    lines = [f"{setting.name:<16} {setting.help}" for setting in SETTINGS.values()]
    allowed = dict.fromkeys(setting.kind.allowed for setting in SETTINGS.values())
    what = [f"{', '.join(name for name, s in SETTINGS.items() if s.kind.allowed == text)}: {text}" for text in allowed]
    return "\n".join(
        ["Set what a session is told once instead of with each call.", "", "\b", *lines, "",
         "What each may be:", "", "\b", *what, "",
         "A relative path is made absolute. What is said with a call wins over the setting."]
    )  # fmt: skip


@session.command()
@NAME
@click.option("--base-url", metavar="URL", help="What `/path` and `--origin` refer to.")
@click.option("--ttl", type=Duration(), metavar="DURATION", help="Empty it so long after its creation: 30m, 12h, 7d.")
@click.option("--idle-ttl", type=Duration(), metavar="DURATION", help="Empty it so long after its last use.")
@click.pass_obj
def create(world: World, /, name: str, base_url: str | None, **settings: float | None) -> int:
    """Create an empty session. (A session also comes into being when it is first used.)

    A session whose time is up is emptied before it is used again: cookies, credentials, captured values and headers
    for one origin go; settings, policy and capture rules stay. Uses are noted when a tenth of --idle-ttl has passed
    since the last one noted, so that much earlier it may end.
    """
    return _does("create")(world, name, base_url, **settings)


@session.command("list")
@FORMAT
@click.pass_obj
def list_(world: World, format_: str | None) -> int:
    """List the sessions: name, age, size, cookies, origins with a credential or header, expiry.

    In a pipe the age is in seconds and the size in bytes, and the columns are separated by tabs.
    """
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
@click.option("-A", "--auth-type", metavar="SCHEME", shell_complete=offered(offers.schemes), help=SCHEME_HELP)
@click.option("-a", "--auth", metavar="USER[:PASSWORD]|TOKEN|@-", help="The credential; what is missing is asked for.")
@token_options
@ORIGIN
@click.pass_obj
def set_auth(world: World, /, name: str, auth_type: str | None, auth: str | None, **words: Any) -> int:
    """Store a credential for one origin. On a terminal what is not given is asked for, secrets unseen.

    With --token-env, --token-file, --token-command or --token-keyring the session keeps where the secret is, and not
    the secret: it is fetched when a request needs it. A command prints the secret on one line, or as JSON: token,
    access_token or id_token, and if it expires expires_in (seconds) or expires_at; such an answer is kept in the
    session until then. After a 401 the command is run once more. A secret that is given together with --token-keyring
    is written to the keyring.
    """
    return _does("set_auth")(world, name, auth_type, auth, **words)


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
@click.argument("headers", nargs=-1, required=True, metavar="HEADER...", shell_complete=offered(offers.header_names))
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
@NAME
@click.argument("rules", nargs=-1, metavar="[RULE]...")
@click.option(
    "--preset",
    metavar="PROTOCOL",
    shell_complete=offered(offers.preset_names),
    help="Add the rules and headers of a protocol: mcp …",
)
@click.option("--origin", metavar="URL", help="The server.  [default: the session's base URL]")
@click.option("--remove", "removed", multiple=True, metavar="RULE", help="Forget this rule and what it took.")
@click.option("--list", "as_list", is_flag=True, help="Print the rules, one a line.")
@FORMAT
@click.pass_obj
def capture(world: World, /, name: str, rules: tuple[str, ...], **words: Any) -> int:
    """Pick up what a server issues (a session's id, a token) and send it back to that server.

    A rule is one word of the shell: 'FROM -> TO [OPTION]...'. FROM is header:NAME, cookie:NAME, json:/POINTER or
    match:REGEX; TO is header:NAME, header:NAME=TEMPLATE with one {}, bearer or query:NAME.

    \b
    on=2xx,409            statuses to take it from; 2xx unless said otherwise
    at=POST:/login        where it is issued: [METHOD:][ORIGIN]/prefix; * is any one segment
    path=/api             where it is used
    methods=unsafe        what it is used with: unsafe, safe, or POST,PUT
    drop=404              statuses that mean that it is not known any more
    retry=409             the same, and the request is sent once more with a fresh one
    send=https://b.test   origins that get it too; at= names the one that issues it
    decode=url            or base64
    goodbye=DELETE        what `session end` asks of what was issued, or METHOD:/path
    ttl=300  once  public seconds to live; for one request; no secret

    For example: 'header:X-Session-Id -> header:X-Session-Id drop=404'
    """
    return _does("capture")(world, name, rules, **words)


@session.command()
@NAME
@click.pass_obj
def end(world: World, name: str) -> int:
    """Say goodbye to servers whose rules know how, and forget what was issued: captured values and cookies."""
    return _does("end")(world, name)


@session.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...", shell_complete=offered(offers.session_names))
@click.pass_obj
def delete(world: World, names: tuple[str, ...]) -> int:
    """Delete sessions with all that they hold."""
    return _does("delete")(world, names)


@session.command()
@NAME
@FORMAT
@click.pass_obj
def path(world: World, name: str, format_: str | None) -> int:
    """Print the path of a session's file."""
    return _does("path")(world, name, format_)


@session.command("set", help=_settings_help())
@NAME
@click.argument("key", metavar="KEY", shell_complete=offered(offers.setting_names))
@click.argument("value", metavar="VALUE")
@click.pass_obj
def set_(world: World, name: str, key: str, value: str) -> int:
    """The text is made from the table of settings."""
    return _does("set_setting")(world, name, key, value)


@session.command()
@NAME
@click.argument("key", metavar="KEY", shell_complete=offered(offers.setting_names))
@click.pass_obj
def unset(world: World, name: str, key: str) -> int:
    """Forget a setting, so that its default holds again."""
    return _does("unset_setting")(world, name, key)


@session.command()
@NAME
@click.option("--allow-origin", multiple=True, metavar="URL", help="Allow requests to this scheme, host and port.")
@click.option("--allow-method", multiple=True, metavar="METHOD", help="Allow this method.")
@click.option("--allow-path", multiple=True, metavar="PREFIX", help="Allow this path and what is below it.")
@click.option(
    "--public-only/--any-address", default=None, help="Forbid this machine, private networks and metadata services."
)
@click.option("--clear", is_flag=True, help="Allow everything, then what else is said here.")
@FORMAT
@click.pass_obj
def policy(world: World, /, name: str, format_: str | None, clear: bool, **words: Any) -> int:
    """Limit what a session may be used for, or show how it is limited.

    What is allowed adds to what is allowed already; the first entry of a kind forbids all others of its kind. A
    request that is not allowed is not sent, be it the first or a redirect: exit status 108.

    Addresses are checked before a name is looked up, and again when it was, right before connecting. A proxy that looks
    names up itself connects where it likes: then only what the URL says is checked.
    """
    return _does("policy")(world, name, format_, clear=clear, **words)


@session.command("set-cookie")
@NAME
@click.argument(
    "cookies",
    nargs=-1,
    required=True,
    metavar="'NAME=VALUE; ATTRIBUTE...'...",
    shell_complete=offered(offers.cookie_items),
)
@ORIGIN
@click.pass_obj
def set_cookie(world: World, name: str, cookies: tuple[str, ...], origin: str | None) -> int:
    """Put cookies into a session, each as a server would set it. `@FILE` and `@-` read one.

    For example: 'sid=abc; Path=/; Secure; Max-Age=3600'
    """
    return _does("set_cookie")(world, name, cookies, origin)


@session.command()
@NAME
@click.option("--cookies", is_flag=True, help="Forget the cookies.")
@click.option("--captures", is_flag=True, help="Forget the captured values; the rules stay.")
@click.option("--all", "everything", is_flag=True, help="Forget credentials and headers for one origin as well.")
@click.pass_obj
def clear(world: World, name: str, cookies: bool, captures: bool, everything: bool) -> int:
    """Forget what servers issued: cookies and captured values, unless one of them is named."""
    return _does("clear")(world, name, cookies=cookies, captures=captures, everything=everything)


@session.command()
@NAME
@click.argument("target", metavar="NEW_NAME")
@click.option("--to-store", "store", metavar="URL", help="Put the copy into another store; `files` for the files.")
@click.pass_obj
def copy(world: World, name: str, target: str, store: str | None) -> int:
    """Copy a session under a new name; an existing one is never overwritten."""
    return _does("copy")(world, name, target, store)


@session.command()
@NAME
@click.argument("target", required=False, metavar="[NEW_NAME]")
@click.option("--to-store", "store", required=True, metavar="URL", help="Where it goes; `files` for the files.")
@click.pass_obj
def move(world: World, name: str, target: str | None, store: str) -> int:
    """Move a session to another store; an existing one is never overwritten."""
    return _does("move")(world, name, target, store)


@session.command()
@NAME
@FORMAT
@click.pass_obj
def watch(world: World, name: str, format_: str | None) -> int:
    """Print what others change in a session in a shared store, as they do: names, and no values.

    A line for each change: set or del, what kind of thing, its name, and the origin it is bound to; in a pipe separated
    by tabs, with --format json as JSON. Ctrl-C ends it.
    """
    return _does("watch")(world, name, format_)


@session.command()
@NAME
@click.argument("target", metavar="NEW_NAME")
@click.pass_obj
def rename(world: World, name: str, target: str) -> int:
    """Give a session a new name; an existing one is never overwritten."""
    return _does("rename")(world, name, target)


@session.command("import")
@NAME
@click.argument("file", metavar="FILE|-", shell_complete=offered(offers.files))
@click.option(
    "--from",
    "format_name",
    type=click.Choice(exchange.names()),
    help="The file's format.  [default: what it looks like]",
)
@click.option(
    "--origin", "origins", multiple=True, metavar="URL",
    help="The server that it is for; of an archive, the servers that count.  [default: the session's base URL]",
)  # fmt: skip
@click.option("--replace", is_flag=True, help="Let the file win where the session has something else already.")
@click.option("--trust-commands", "trusted", is_flag=True, help="Take commands and other references to secrets too.")
@click.pass_obj
def import_(world: World, /, name: str, file: str, format_name: str | None, **words: Any) -> int:
    """Take cookies, headers and credentials over from another program.

    \b
    netscape   cookies.txt of curl, wget and browsers' add-ons
    har        an archive of requests, saved by a browser's developer tools
    curl       a command that a browser copied
    httpie xh  a session file of theirs, of any version
    reqcli     an exported session

    What is in the session already stays, and what is left out is said on standard error.
    """
    return _does("import_session")(world, name, file, format_name, **words)


@session.command("export")
@NAME
@click.option(
    "--to", "format_name", type=click.Choice([name for name in exchange.names() if name != "curl"]), default="reqcli",
    show_default=True, help="The format to write.",
)  # fmt: skip
@click.option(
    "-o", "--output", metavar="FILE", shell_complete=offered(offers.files),
    help="Write it to this new file, which only you can read.",
)  # fmt: skip
@click.option(
    "--origin", "origins", multiple=True, metavar="URL", help="The server that it is for.  [default: the base URL]"
)
@click.option("--reveal", is_flag=True, help="Write to standard output, secrets and all.")
@click.option("--trust-commands", "trusted", is_flag=True, help="Give commands and other references to secrets too.")
@click.pass_obj
def export(world: World, /, name: str, format_name: str, **words: Any) -> int:
    """Write a session for another program, or another machine; its secrets stand in the file as they are.

    What the format has no place for is said on standard error.
    """
    return _does("export_session")(world, name, format_name, **words)


@session.command()
@click.option("--dry-run", is_flag=True, help="Only tell what would be removed.")
@FORMAT
@click.pass_obj
def prune(world: World, dry_run: bool, format_: str | None) -> int:
    """Remove what has run out: expired cookies and captured values, what expired sessions hold, leftover files.

    Sessions themselves stay, with their settings and policies: `reqcli session delete` takes them away.
    """
    return _does("prune")(world, format_, dry_run=dry_run)
