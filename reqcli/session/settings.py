"""What a session is told once instead of with each call: every setting, what it may be, and what it does to a call.

The commands, their help, completion, the check of a stored document and the manual are derived from the table. What is
said with a call wins over its session's settings. Loaded for sessions that have some.
"""

from __future__ import annotations

from reqcli.errors import Usage
from reqcli.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Final, TypeAlias

    from reqcli.model.pin import Pin
    from reqcli.model.route import TlsOptions
    from reqcli.model.secret import Secret
    from reqcli.model.spec import RequestSpec
    from reqcli.model.url import Url
    from reqcli.session.schema import Json, SessionState

Fetch: TypeAlias = "Callable[[object], Secret]"
"""Turns a reference to a secret into the secret itself."""

PLACES: Final = ("env", "file", "command", "keyring")
"""Where a secret may be that a setting refers to."""


class Kind(Value):
    """What values a setting may have.

    Args:
        allowed: how they are typed, as it follows «is».
        accepts: whether a stored value is one of them.
        words: those that can be offered, where there is a list.
    """

    __slots__ = ("accepts", "allowed", "words")

    def __init__(self, allowed: str, accepts: Callable[[Json], bool], words: tuple[str, ...] = ()) -> None:
        self.allowed: Final = allowed
        self.accepts: Final = accepts
        self.words: Final = words


def one_of(*words: str) -> Kind:
    """The kind of a setting that is one of these words."""
    return Kind(" or ".join(filter(None, (", ".join(words[:-1]), words[-1]))), lambda value: value in words, words)


def _is_text(value: Json) -> bool:
    return type(value) is str and value != ""


def _is_number(value: Json) -> bool:
    return type(value) in (int, float) and 0 < value < 1e9  # type: ignore[operator]


def _is_place(value: Json) -> bool:
    return type(value) is dict and len(value) == 1 and set(value) <= set(PLACES) and all(value.values())


YES_NO: Final = Kind("yes or no", lambda value: type(value) is bool, ("yes", "no"))
DURATION: Final = Kind("a duration: 90, 45s, 30m, 12h, 7d or 2w", _is_number)
COUNT: Final = Kind("a whole number from 0 to 1000", lambda value: type(value) is int and 0 <= value <= 1000)
TEXT: Final = Kind("a text", _is_text)
URL: Final = Kind("a URL", _is_text)
FILE: Final = Kind("the path of a file", _is_text)
PROXY: Final = Kind("the URL of a proxy, or no", _is_text, ("no",))
TRUST: Final = Kind("yes, no, or the path of a file or directory", lambda value: type(value) is bool or _is_text(value))
PLACE: Final = Kind("env:NAME, file:PATH, command:'CMD ARG...' or keyring:SERVICE[:USER]", _is_place)


class Setting(Value):
    """One setting.

    Args:
        name: as it stands in the document and on the command line.
        kind: what it may be.
        help: one sentence for the user.
    """

    __slots__ = ("help", "kind", "name")

    def __init__(self, name: str, kind: Kind, help: str) -> None:  # noqa: A002 - the word for it
        self.name: Final = name
        self.kind: Final = kind
        self.help: Final = help


SETTINGS: Final[Mapping[str, Setting]] = {
    setting.name: setting
    for setting in (
        Setting("base_url", URL, "The URL that a path alone is appended to, and the default origin."),
        Setting("cert", FILE, "The client certificate for the server of base_url."),
        Setting("cert_key", FILE, "Its key, if it is in a file of its own."),
        Setting("cert_key_pass", PLACE, "Where the key's passphrase is."),
        Setting("check_status", YES_NO, "Whether a status of 400 and more is a failure."),
        Setting("connect_timeout", DURATION, "Time for resolving, connecting and TLS together."),
        Setting("default_scheme", one_of("http", "https"), "The scheme of a URL that is typed without."),
        Setting("follow", YES_NO, "Whether redirects are followed."),
        Setting("idle_ttl", DURATION, "Time without a use after which the session is emptied."),
        Setting("max_redirects", COUNT, "How many redirects are followed at most."),
        Setting("max_time", DURATION, "Time for the whole call, redirects and body included."),
        Setting("no_proxy", TEXT, "Hosts and networks that are reached without a proxy."),
        Setting("pin", TEXT, "The public key that the server of base_url must have: sha256//BASE64."),
        Setting("proxy", PROXY, "The proxy to go through, or no for none whatever the environment says."),
        Setting("retry", COUNT, "How often a failed attempt is made again."),
        Setting("secret_timeout", DURATION, "Time that a command or the keyring has to give a secret."),
        Setting("serialize", YES_NO, "Whether its runs send one after the other, for tokens that each answer renews."),
        Setting("store", TEXT, "The URL of the store that keeps the session in place of its file (see --store)."),
        Setting("timeout", DURATION, "Silence after which a call is given up."),
        Setting("tls_min", one_of("1.0", "1.1", "1.2", "1.3"), "The lowest TLS version."),
        Setting("ttl", DURATION, "Time after its creation at which the session is emptied."),
        Setting("verify", TRUST, "Whether certificates are checked, or what to trust."),
    )
}
"""Every setting there is, in the order of help."""


def filled(spec: RequestSpec, state: SessionState, fetch: Fetch) -> dict[str, Any]:
    """What the call leaves unsaid and its session's settings say, as fields of the spec.

    Args:
        spec: the call.
        state: the session's.
        fetch: asked for the passphrase of the client certificate's key.

    Raises:
        Usage, BadUrl: a setting makes no sense, or is for the server of a base URL that is not set.
        SecretUnavailable, Timeout: the passphrase is not to be had.
    """
    settings = state.settings
    said: dict[str, Any] = {
        name: settings[name]
        for name in ("check_status", "follow", "max_redirects")
        if name in settings and getattr(spec, name) is None
    }
    if spec.expect is not None:
        said.pop("check_status", None)  # the statuses that were asked for are checked
    tls = tls_of(state, spec.url, fetch, spec.tls)
    if tls is not spec.tls:
        said["tls"] = tls
    if spec.retry is None and "retry" in settings:
        from reqcli.model.retry import Retry

        said["retry"] = Retry(settings["retry"])  # type: ignore[arg-type]
    if spec.proxies is None and settings.get("proxy", "no") != "no":
        from reqcli.model.proxy import Proxies

        proxy = str(settings["proxy"])
        said["proxies"] = Proxies.parse(proxy, proxy, no_proxy=str(settings.get("no_proxy", "")))
    if "pin" in settings:
        said["pins"] = (*spec.pins, *_own_pins(state, spec))
    return said


def trust_of(state: SessionState) -> TlsOptions | None:
    """What the session says of TLS whatever the server, or None if it does not."""
    fields = {"verify": "verify", "tls_min": "minimum"}
    said: dict[str, Any] = {field: state.settings[name] for name, field in fields.items() if name in state.settings}
    if not said:
        return None
    from reqcli.model.route import DEFAULT_TLS

    return DEFAULT_TLS.replace(**said)


def tls_of(state: SessionState, url: Url, fetch: Fetch, said: TlsOptions | None = None) -> TlsOptions | None:
    """How TLS connections to this URL are made, or None if nobody says.

    Args:
        state: the session's.
        url: the client certificate is shown to the server of the base URL alone.
        fetch: asked for the passphrase of its key.
        said: what the call says; it stands in place of what the session says, but for a certificate if it names none.

    Raises:
        Usage, BadUrl: there is a certificate, and no base URL that says for whom.
        SecretUnavailable, Timeout: the passphrase is not to be had.
    """
    settings = state.settings
    tls = trust_of(state) if said is None else said
    if "cert" not in settings or (tls is not None and tls.certificate is not None):
        return tls
    if _base(state, "cert").origin != url.origin:
        return tls
    of_cert: dict[str, Any] = {"certificate": settings["cert"]}
    if "cert_key" in settings:
        of_cert["key"] = settings["cert_key"]
    if "cert_key_pass" in settings:
        of_cert["key_password"] = fetch(settings["cert_key_pass"])
    if tls is None:
        from reqcli.model.route import DEFAULT_TLS

        tls = DEFAULT_TLS
    return tls.replace(**of_cert)


def _own_pins(state: SessionState, spec: RequestSpec) -> tuple[Pin, ...]:
    """The pins of the session's base URL, unless the call itself has some for that origin."""
    from reqcli.model.pin import parse_pins

    pins = parse_pins(str(state.settings["pin"]), _base(state, "pin").origin)
    return () if any(pin.origin == pins[0].origin for pin in spec.pins) else pins


def _base(state: SessionState, name: str) -> Url:
    """The base URL, which says whom a setting is for."""
    from reqcli.model.url import Url

    base_url = state.settings.get("base_url")
    if not isinstance(base_url, str):
        raise Usage(
            f"the session's setting {name} is for the server of its base URL, and it has none",
            hint=f"set base_url, or unset {name}",
        )
    return Url.parse(base_url)
