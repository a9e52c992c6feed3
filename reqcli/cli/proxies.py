"""Which proxies a call goes through, by its options and the environment: the one place that reads those variables.

    --proxy URL     for http and https alike; `--proxy no` or `--proxy ''` for none
    the session's setting proxy     the same; no for none
    http_proxy HTTP_PROXY, https_proxy HTTPS_PROXY      for that scheme, the lower-case name first
    all_proxy ALL_PROXY     for a scheme that has none of its own
    --noproxy LIST, else the setting no_proxy, else no_proxy NO_PROXY      whom to reach without

The first of a line that is set counts, even if it is empty: then there is no proxy, and no further one is looked for.
Where REQUEST_METHOD is set this runs as a CGI program, and HTTP_PROXY may be the `Proxy` header of whoever calls it
(CVE-2016-5385): that name is not read there.
"""

from __future__ import annotations

from reqcli.errors import Usage
from reqcli.model.no_proxy import NoProxy
from reqcli.model.proxy import Proxies, parse_proxy
from reqcli.model.route import DEFAULT_TLS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from reqcli.cli.ask import Ask
    from reqcli.cli.world import World
    from reqcli.model.route import Proxy
    from reqcli.model.url import Url
    from reqcli.session.schema import SessionState


def proxies_for(ask: Ask, url: Url, world: World, state: SessionState) -> Proxies | None:
    """The proxies of a call, None where nothing speaks of any; an option wins over the session, that over variables.

    Args:
        ask: the words.
        url: of the call.
        world: the environment, and where a credential is asked for.
        state: the session's, with its settings.

    Raises:
        Usage: a proxy's URL is malformed, or there is no proxy that an option could be for.
        InputFailed, AuthRequired: the proxy's credential is not to be had.
    """
    environment = world.environment
    http: Proxy | None
    https: Proxy | None
    stored, stored_no_proxy = state.settings.get("proxy"), state.settings.get("no_proxy")
    if ask.proxy is not None:
        http = https = _read(ask.proxy, "--proxy") if ask.proxy.lower() != "no" else None
    elif isinstance(stored, str):
        http = https = _read(stored, "the session's setting proxy") if stored != "no" else None
    else:
        http, https = (_from_environment(environment, scheme) for scheme in ("http", "https"))
    if http is None and https is None:
        if ask.proxy_auth is not None or ask.proxy_verify is not None:
            raise lacking()
        return None if stored is None else Proxies()  # said to be none, whatever the session has
    said = _said_of_it(ask, url, world)
    listed: object = ask.noproxy if ask.noproxy is not None else stored_no_proxy
    if listed is None:
        listed = _first(environment, "no_proxy", "NO_PROXY")[1]
    return Proxies(http and http.replace(**said), https and https.replace(**said), no_proxy=NoProxy(str(listed or "")))


def lacking() -> Usage:
    """What is said where there is no proxy that these could be for: nothing goes out directly because of that."""
    return Usage("--proxy-auth and --proxy-verify need a proxy", hint="name it with --proxy URL")


def _said_of_it(ask: Ask, url: Url, world: World) -> dict[str, Any]:
    """What further options say of the proxy, whichever it is."""
    said: dict[str, Any] = {}
    if ask.proxy_auth is not None:
        from reqcli.cli.credentials import credential_from

        said["credential"] = credential_from(ask.proxy_auth, "basic", url, world)
    if ask.proxy_verify is not None:
        verify = False if ask.proxy_verify.lower() in ("no", "false") else ask.proxy_verify
        said["tls"] = DEFAULT_TLS.replace(verify=verify)
    return said


def _from_environment(environment: Mapping[str, str], scheme: str) -> Proxy | None:
    names = [f"{scheme}_proxy", f"{scheme}_proxy".upper(), "all_proxy", "ALL_PROXY"]
    if "REQUEST_METHOD" in environment and scheme == "http":
        names.remove("HTTP_PROXY")
    name, value = _first(environment, *names)
    return None if value is None else _read(value, f"the environment variable {name}")


def _first(environment: Mapping[str, str], *names: str) -> tuple[str, str | None]:
    """Name and value of the first variable that is set, be it empty."""
    return next(((name, environment[name]) for name in names if name in environment), ("", None))


def _read(text: str, source: str) -> Proxy | None:
    if not text.strip():
        return None
    try:
        return parse_proxy(text.strip())
    except Usage as error:
        raise Usage(f"{source}: {error.message}", hint=error.hint) from error
