"""The options of a request, declared once for every command that sends one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from reqcli.cli.completion import session_names

F = TypeVar("F", bound=Callable[..., Any])

_SECONDS: Final = click.FloatRange(min=0, min_open=True)

SCHEME_HELP: Final = "basic, bearer, digest or apikey.  [default: basic; bearer with --token-... and no -a]"

TOKEN_OPTIONS: Final = (
    click.option("--token-env", metavar="NAME", help="Take the token, password or key from this variable."),
    click.option("--token-file", metavar="FILE", help="Take it from this file, which must be closed to others."),
    click.option("--token-command", metavar="'CMD ARG...'", help="Run this, without a shell, and take what it prints."),
    click.option("--token-keyring", metavar="SERVICE[:USER]", help="Take it from the system's keyring."),
)
"""Where the one secret of a credential is: a bearer token, the password of `-a USER`, the key of `-a NAME`."""

_OPTIONS: Final = (
    click.option(
        "--session", "session_name", metavar="NAME|PATH", shell_complete=session_names,
        help="Session to use; a value with a separator is a file.  [default: REQCLI_SESSION, else `default`]",
    ),
    click.option("--stateless", is_flag=True, help="Use no session: nothing is read, nothing is written."),
    click.option("--read-only", is_flag=True, help="Use the session, and write nothing to it."),
    click.option("--save", is_flag=True, help="Keep the call's headers, credential and typed cookies in the session."),
    click.option("--serialize", is_flag=True, help="Send while no other run of the session with this option does."),
    click.option("-j", "--json", "as_json", is_flag=True, help="Send fields as JSON (the default), ask for JSON."),
    click.option("-f", "--form", "as_form", is_flag=True, help="Send fields as a form; with a file, multipart."),
    click.option("--multipart", is_flag=True, help="Send fields as a multipart form, even without a file."),
    click.option("-x", "--compress", is_flag=True, help="Compress the body with gzip; a small one only if it shrinks."),
    click.option(
        "-d", "--data", "data", multiple=True, metavar="TEXT|@FILE|@-",
        help="Send this as the body, as it is; several are joined by &.",
    ),
    click.option("-H", "--header", "headers", multiple=True, metavar="NAME:VALUE", help="Send this header."),
    click.option("-a", "--auth", metavar="USER[:PASSWORD]|TOKEN", help="Credential for this call, `@-` from stdin."),
    click.option("-A", "--auth-type", metavar="SCHEME", help=SCHEME_HELP),
    *TOKEN_OPTIONS,
    click.option("--ignore-netrc", is_flag=True, help="Take no credential from NETRC or ~/.netrc."),
    click.option("-L", "--follow", is_flag=True, help="Follow redirects."),
    click.option("--allow-downgrade", is_flag=True, help="Follow redirects from https to http too."),
    click.option("--max-redirects", type=click.IntRange(min=0), metavar="N", help="How many at most.  [default: 20]"),
    click.option("-k", "--insecure", is_flag=True, help="Do not verify the server's certificate."),
    click.option("--verify", metavar="FILE|DIR|no", help="Trust only the certificates in this file or directory."),
    click.option("--cert", metavar="FILE", help="Client certificate, PEM."),
    click.option("--cert-key", metavar="FILE", help="Its key, if it is in a file of its own."),
    click.option("--cert-key-pass", metavar="@FILE|@-", help="The key's passphrase; asked for if it is needed."),
    click.option("--tls-min", type=click.Choice(["1.0", "1.1", "1.2", "1.3"]), help="Lowest TLS version."),
    click.option("--resolve", multiple=True, metavar="HOST:PORT:ADDR", help="Use this address for that host."),
    click.option("-4", "--ipv4", is_flag=True, help="Use IPv4 only."),
    click.option("-6", "--ipv6", is_flag=True, help="Use IPv6 only."),
    click.option("--interface", metavar="NAME|ADDR", help="Connect from this interface or address."),
    click.option("--unix-socket", metavar="PATH", help="Connect to this Unix socket instead."),
    click.option(
        "--proxy", metavar="URL|no",
        help="Go through this proxy: http, https, socks4, socks4a, socks5 or socks5h.  [default: the environment's]",
    ),
    click.option("--proxy-auth", metavar="USER[:PASSWORD]", help="Credential for the proxy, `@-` from stdin."),
    click.option("--proxy-verify", metavar="FILE|DIR|no", help="As --verify, for an https proxy."),
    click.option(
        "--noproxy", metavar="LIST",
        help="Go to these hosts and networks without a proxy; loopback is none of them by itself.  [default: NO_PROXY]",
    ),
    click.option("--timeout", type=_SECONDS, metavar="SECONDS", help="Longest silence of the server.  [default: 60]"),
    click.option("--connect-timeout", type=_SECONDS, metavar="SECONDS", help="Time to connect in.  [default: 10]"),
    click.option("--max-time", type=_SECONDS, metavar="SECONDS", help="Time for everything.  [default: no limit]"),
    click.option("--retry", type=click.IntRange(min=0), metavar="N", help="Try again so often.  [default: 0]"),
    click.option("--retry-delay", type=_SECONDS, metavar="SECONDS", help="First wait; it doubles.  [default: 0.5]"),
    click.option("--retry-max-time", type=_SECONDS, metavar="SECONDS", help="Begin no attempt after this time."),
    click.option("--retry-all", is_flag=True, help="Repeat POST and PATCH too, which the server may do twice."),
    click.option("-o", "--output", metavar="FILE", help="Write the body to this file."),
    click.option("-i", "--include", is_flag=True, help="Print the response's status line and headers too."),
    click.option("-v", "--verbose", is_flag=True, help="Show the request and the response's head as well."),
    click.option("-I", "--ignore-stdin", is_flag=True, help="Never read standard input."),
    click.option("--path-as-is", is_flag=True, help="Keep /./ and /../ in the path as typed."),
    click.option("--no-check-status", is_flag=True, help="Let a status of 400 and more count as success."),
    click.option("--format", "format_", type=click.Choice(["json"]), help="Print the whole result as one JSON object."),
    click.option("--reveal", is_flag=True, help="Show secrets that are masked otherwise."),
)  # fmt: skip


def token_options(command: F) -> F:
    """Give a command the options that say where the secret of a credential is."""
    for option in reversed(TOKEN_OPTIONS):
        command = option(command)
    return command


def request_options(command: F) -> F:
    """Give a command every option of a request, in the order of the list above."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
