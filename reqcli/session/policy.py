"""What a session may be used for: the origins, methods and paths it allows, and whether public addresses alone.

A list that is empty allows everything; the first entry closes it to all that is not on it. The policy is asked
before anything is looked up or sent, for every hop of a redirect and for every request that an authentication
scheme makes. So it can only judge what stands in the request. An address that a name leads to is not known by then:
whoever connects checks it, address by address, and connects to what was checked (`Dialling.only_public`).

A path is allowed with everything below it. Servers differ in what they take for a step upwards, so where paths are
limited, one with such a step in any spelling (`..`, `%2e%2e`, `..%2f`, `..\\`, `..;`) is forbidden altogether.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from reqcli.errors import PolicyDenied
from reqcli.model.fields import is_token, shown
from reqcli.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from reqcli.model.request import Request
    from reqcli.model.spec import RequestSpec
    from reqcli.model.url import Url


class Policy(Value):
    """What is allowed.

    Args:
        origins: each the `str` of an `Origin`.
        methods: in their own case, as methods are compared.
        paths: each begins with a slash.
        public_only: whether to forbid this machine, private networks and metadata services.
    """

    __slots__ = ("methods", "origins", "paths", "public_only")

    def __init__(
        self,
        *,
        origins: Iterable[str] = (),
        methods: Iterable[str] = (),
        paths: Iterable[str] = (),
        public_only: bool = False,
    ) -> None:
        self.origins: Final = tuple(sorted(set(origins)))
        self.methods: Final = tuple(sorted(set(methods)))
        self.paths: Final = tuple(sorted(set(paths)))
        self.public_only: Final = public_only

    @property
    def allows_everything(self) -> bool:
        """Whether it forbids nothing at all."""
        return not (self.origins or self.methods or self.paths or self.public_only)

    @property
    def unsound(self) -> str | None:
        """The name of a list with an entry that no request could ever match, and so was not meant; None for none."""
        checks: dict[str, Callable[[str], object]] = {"origins": _is_origin, "methods": is_token, "paths": _is_path}
        for name, is_sound in checks.items():
            if not all(is_sound(entry) for entry in getattr(self, name)):
                return name
        return None

    def check(self, request: Request | RequestSpec) -> PolicyDenied | None:
        """The error to raise instead of sending the request, None if it may be sent."""
        url = request.url
        if self.origins and str(url.origin) not in self.origins:
            return _denied(f"requests to {url.origin}", "origin", self.origins)
        if self.methods and request.method not in self.methods:
            return _denied(f"the method {shown(request.method)}", "method", self.methods)
        if self.paths and (_climbs(url.path) or not any(_is_below(url.path, prefix) for prefix in self.paths)):
            return _denied(f"the path {shown(url.path)}", "path", self.paths)
        if self.public_only and not _may_be_public(url):
            return _denied(f"{url.origin}, which is not public", "address", ())
        return None

    def as_json(self) -> dict[str, list[str] | bool]:
        """Its fields as JSON values."""
        lists = {"origins": self.origins, "methods": self.methods, "paths": self.paths}
        return {**{name: list(allowed) for name, allowed in lists.items()}, "public_only": self.public_only}

    def __str__(self) -> str:
        """In words, for a person."""
        words = [
            f"{what} {', '.join(allowed)}"
            for what, allowed in (("origins", self.origins), ("methods", self.methods), ("paths", self.paths))
            if allowed
        ]
        if self.public_only:
            words.append("public addresses")
        return f"only {'; only '.join(words)}" if words else "everything"


def _denied(what: str, rule: str, allowed: tuple[str, ...]) -> PolicyDenied:
    return PolicyDenied(
        f"the session's policy forbids {what}",
        hint=f"it allows {', '.join(allowed)}; `reqcli session policy NAME` changes that" if allowed else None,
        details={"rule": rule, "allowed": list(allowed)},
    )


def _is_origin(text: str) -> bool:
    from reqcli.errors import BadUrl
    from reqcli.model.url import Url

    try:
        return str(Url.parse(text).origin) == text
    except BadUrl:
        return False


def _is_path(text: str) -> bool:
    return text.startswith("/")


def _is_below(path: str, prefix: str) -> bool:
    return path.startswith(prefix) and (prefix.endswith("/") or path[len(prefix) : len(prefix) + 1] in ("", "/"))


def _climbs(path: str) -> bool:
    """Whether some server could read a `.` or `..` step in the path."""
    if "." not in path and "%2" not in path:
        return False
    plain = path.lower().replace("%2e", ".").replace("%2f", "/").replace("%5c", "\\").replace("%3b", ";")
    steps = plain.replace("\\", "/").split("/")
    return any(step.partition(";")[0] in (".", "..") for step in steps)


def _may_be_public(url: Url) -> bool:
    """Whether the host is a public address, or a name that may lead to one."""
    host = url.host
    if url.origin.is_loopback:
        return False
    if ":" not in host and not host[host.rfind(".") + 1 :].isdigit():
        return True
    from reqcli.model.address import is_public

    return is_public(host)
