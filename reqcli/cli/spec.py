"""How what was asked for becomes a `RequestSpec`."""

from __future__ import annotations

from reqcli.api.session import IN_MEMORY_LIMIT
from reqcli.cli.payload import payload
from reqcli.cli.shorthand import complete_url
from reqcli.errors import Usage
from reqcli.model.response import DEFAULT_LIMITS, LIMIT_NAMES, Limits
from reqcli.model.route import DEFAULT_DIALLING, DEFAULT_TLS, Dialling, TlsOptions
from reqcli.model.secret import Secret
from reqcli.model.spec import RequestSpec
from reqcli.model.url import Url
from reqcli.session.bend import timeouts_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reqcli.cli.ask import Ask
    from reqcli.cli.world import World
    from reqcli.model.expect import Expect
    from reqcli.model.pin import Pin
    from reqcli.model.proxy import Proxies
    from reqcli.model.retry import Retry
    from reqcli.model.timing import Timeouts
    from reqcli.session.schema import SessionState


def refuse_contradictions(ask: Ask) -> None:
    """See that what is said of the session can be done all together.

    Raises:
        Usage: it cannot.
    """
    if ask.context is ask.context_out is None and (ask.context_ttl is not None or ask.context_key is not None):
        raise Usage("--context-ttl and --context-key need --context or --context-out")
    if ask.stateless:
        clash = "--save" if ask.save else "--read-only" if ask.read_only else "--session" if ask.session_name else None
        clash = "--serialize" if ask.serialize else clash
        if clash is not None:
            raise Usage(f"--stateless and {clash} contradict each other")
    if ask.read_only and (ask.save or ask.serialize):
        raise Usage(f"{'--save' if ask.save else '--serialize'} and --read-only contradict each other")


def spec_for_ask(ask: Ask, world: World, state: SessionState) -> RequestSpec:
    """The call that was asked for.

    Args:
        ask: the words.
        world: where files, standard input and a terminal are found.
        state: the session's: a path alone refers to its base URL, limits that are not given are its own.

    Raises:
        Usage, BadUrl: the words make no sense.
        InputFailed, AuthRequired: a file, the input or a credential is not to be had.
    """
    url = Url.parse(completing(ask, state)(ask.url), path_as_is=ask.path_as_is)
    query, headers, body = payload(ask, world)
    if query:
        url = url.with_query(query)
    auth = None
    if (ask.token_env, ask.token_file, ask.token_command, ask.token_keyring) != (None,) * 4:
        from reqcli.cli.references import fetched

        auth = fetched(vars(ask), ask.auth_type, ask.auth, url, world)
    elif ask.auth is not None or ask.auth_type is not None:
        from reqcli.cli.credentials import credential_from

        auth = credential_from(ask.auth, ask.auth_type or "basic", url, world)
    return RequestSpec(
        ask.method,
        url,
        headers=headers,
        body=body,
        auth=auth,
        follow=_flag(ask.follow, ask.no_follow, "--follow", "--no-follow"),
        max_redirects=ask.max_redirects,
        timeouts=_timeouts(ask, state),
        tls=_tls(ask, world, state),
        dialling=_dialling(ask),
        pins=_pins(ask, url),
        limits=_limits(ask.limits) if ask.limits else DEFAULT_LIMITS,
        proxies=_proxies(ask, url, world, state),
        retry=_retry(ask),
        allow_downgrade=ask.allow_downgrade,
        decode=not ask.no_decode,
        check_status=_flag(ask.check_status, ask.no_check_status, "--check-status", "--no-check-status"),
        expect=_expect(ask),
        max_body=_max_body(ask),
        inspect=ask.verbose > 1,
    )


def completing(ask: Ask, state: SessionState) -> Callable[[str], str]:
    """What fills in, by the words and the session, what may be left out of a URL."""
    base_url, scheme = state.settings.get("base_url"), ask.default_scheme or state.settings.get("default_scheme")
    base, default = base_url if isinstance(base_url, str) else None, scheme if isinstance(scheme, str) else None
    return lambda text: complete_url(text, base, default)


def _expect(ask: Ask) -> Expect | None:
    if ask.expect is None:
        return None
    if ask.no_check_status:
        raise Usage("--expect and --no-check-status contradict each other")
    from reqcli.model.expect import Expect

    return Expect.parse(ask.expect)


def _max_body(ask: Ask) -> int | None:
    """What a body may have at most: what may be printed, or as JSON what fits into memory; a file has no limit."""
    if ask.output not in (None, "-"):
        return None
    if ask.format_ is None:
        return ask.max_output
    return IN_MEMORY_LIMIT if ask.max_output is None else None


def _flag(yes: bool, no: bool, *names: str) -> bool | None:
    """What two options that are each other's opposite say; None for nothing."""
    if yes and no:
        raise Usage(f"{names[0]} and {names[1]} contradict each other")
    return True if yes else False if no else None


def _timeouts(ask: Ask, state: SessionState) -> Timeouts:
    said = {"connect": ask.connect_timeout, "read": ask.timeout, "total": ask.max_time}
    given = {name: seconds for name, seconds in said.items() if seconds is not None}
    return timeouts_of(state).replace(**given) if given else timeouts_of(state)


def _tls(ask: Ask, world: World, state: SessionState) -> TlsOptions | None:
    """What is said with the call, over what the session says, over the environment; None to leave it to the session.

    The session's own certificate is for one server, and is added when it is known which one is asked.
    """
    verify = _verify(ask, world, state)
    if ask.cert is None and (ask.cert_key or ask.cert_key_pass):
        raise Usage("--cert-key and --cert-key-pass need --cert")
    said: dict[str, object] = {"verify": verify, "minimum": ask.tls_min, "certificate": ask.cert, "key": ask.cert_key}
    given = {name: value for name, value in said.items() if value is not None}
    if ask.cert_key_pass is not None:
        given["key_password"] = _key_password(ask.cert_key_pass, world)
    if not given:
        return None
    if not state.settings:
        return DEFAULT_TLS.replace(**given)
    from reqcli.session.settings import trust_of

    return (trust_of(state) or DEFAULT_TLS).replace(**given)


def _verify(ask: Ask, world: World, state: SessionState) -> bool | str | None:
    """What the server's certificate is checked by: True for the usual, False for nothing, a path, None if not said."""
    verify: bool | str | None = ask.verify
    if ask.verify is not None and ask.verify.lower() in ("no", "false"):
        verify = False
    elif ask.verify is not None and ask.verify.lower() in ("yes", "true"):
        verify = True
    if ask.insecure:
        if verify not in (None, False):
            raise Usage("--insecure and --verify contradict each other")
        verify = False
    if verify is None and "verify" not in state.settings:
        return world.trust
    return verify


def _key_password(place: str, world: World) -> Secret:
    if not place.startswith("@"):
        raise Usage(
            "--cert-key-pass names a file, and no passphrase",
            hint="@FILE, @- for standard input; or leave it out to be asked",
        )
    from reqcli.cli.credentials import read_secret

    return Secret(read_secret(place, world))


def _pins(ask: Ask, url: Url) -> tuple[Pin, ...]:
    if not ask.pins:
        return ()
    from reqcli.model.pin import parse_pins

    return parse_pins(ask.pins, url.origin)


def _limits(texts: Sequence[str]) -> Limits:
    """`NAME=N`, several of them; the last of a name counts."""
    given: dict[str, int] = {}
    for text in texts:
        name, _, number = text.partition("=")
        if name not in LIMIT_NAMES or not (number.isascii() and number.isdigit() and len(number) < 10):
            raise Usage(
                f"--limit {text!a} is not of the form NAME=N",
                hint=f"the names are {', '.join(LIMIT_NAMES)}, N is whole",
            )
        given[LIMIT_NAMES[name]] = int(number)
    return DEFAULT_LIMITS.replace(**given)


def _dialling(ask: Ask) -> Dialling:
    if ask.ipv4 and ask.ipv6:
        raise Usage("--ipv4 and --ipv6 contradict each other")
    if not (ask.resolve or ask.ipv4 or ask.ipv6 or ask.interface or ask.unix_socket):
        return DEFAULT_DIALLING
    return Dialling(
        overrides=tuple(one for text in ask.resolve for one in _overrides(text)),
        family=4 if ask.ipv4 else 6 if ask.ipv6 else 0,
        unix_socket=ask.unix_socket,
        local_address=ask.interface,
    )


def _proxies(ask: Ask, url: Url, world: World, state: SessionState) -> Proxies | None:
    said = (ask.proxy, ask.proxy_auth, ask.proxy_verify, ask.noproxy, state.settings.get("proxy"))
    if said == (None,) * 5 and not any(name.lower().endswith("_proxy") for name in world.environment):
        return None  # nothing speaks of proxies, so what knows about them is not loaded
    from reqcli.cli.proxies import proxies_for

    return proxies_for(ask, url, world, state)


def _overrides(text: str) -> list[tuple[str, int, str]]:
    """`HOST:PORT:ADDR` as curl has it, several addresses parted by commas; IPv6 ones may stand in brackets."""
    from reqcli.model.host import normalise_host

    host, colon, rest = text.partition(":") if not text.startswith("[") else text.partition("]:")
    port, second, addresses = rest.partition(":")
    if not (colon and second and addresses and port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise Usage(f"--resolve {text!a} is not of the form HOST:PORT:ADDR")
    try:
        name = normalise_host(f"{host}]" if host.startswith("[") else host)
    except ValueError as error:
        raise Usage(f"--resolve {text!a} {error}", hint="HOST is the one of the URL, written out") from error
    return [(name, int(port), address.removeprefix("[").removesuffix("]")) for address in addresses.split(",")]


def _retry(ask: Ask) -> Retry | None:
    if ask.retry is None:
        if ask.retry_delay is not None or ask.retry_max_time is not None or ask.retry_all:
            raise Usage("--retry-delay, --retry-max-time and --retry-all need --retry N")
        return None
    from reqcli.model.retry import Retry

    policy = Retry(ask.retry, max_time=ask.retry_max_time, any_method=ask.retry_all)
    return policy if ask.retry_delay is None else policy.replace(delay=ask.retry_delay)
