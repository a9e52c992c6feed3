"""The message that the call before came to, for a call that would come to the same one: the fast lane of a run.

Whoever asks an API again and again says the same each time. To make the message anew costs more than all the rest of a
request: headers chosen for the origin, cookies matched and sorted, the credential revealed and written, every field
checked. So the last message is kept together with everything that went into it, and is sent again as long as nothing of
that has changed:

- what was asked for: method, origin and headers, no body, no credential of its own. The target may be another one, with
  the path the same where the cookies depend on it;
- the state, which is a value: another state is another object;
- the jar, which counts its changes, or another one made of the same cookies and not changed since;
- the time, for a cookie of the message may expire.

Nothing is kept that comes from elsewhere or is made for one request alone: secrets that are references, captured
values, schemes that answer a challenge, hops of a redirect. Whoever makes messages sees to that (`api.call`).
"""

from __future__ import annotations

from reqcli.cookies.jar import cookie_header
from reqcli.model.fields import check_target
from reqcli.model.spec import spec_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Final

    from reqcli.cookies.jar import Jar
    from reqcli.model.credential import Credential
    from reqcli.model.request import Request
    from reqcli.model.route import Route
    from reqcli.model.secret import Secret
    from reqcli.model.spec import RequestSpec
    from reqcli.model.url import Url
    from reqcli.session.schema import SessionState


PLAIN: Final = frozenset({str, bool, type(None)})
"""The kinds of options that cannot be changed in place."""


class Kept:
    """The last call of a run: what was asked, the message it came to and what that was made of; nothing at first.

    Attributes:
        exposed: the credential in the message, if others than this machine can read it on its way; None otherwise.
        secrets: what is in the message and must never be shown.
    """

    __slots__ = (
        "_arguments", "_asked", "_headers", "_is_jars", "_jar", "_message", "_path", "_routed", "_since", "_spec",
        "_state", "_until", "_version", "exposed", "secrets",
    )  # fmt: skip

    def __init__(self) -> None:
        self._arguments: tuple[str, str | Url, dict[str, Any]] | None = None
        self._message: Request | None = None
        self._routed: tuple[RequestSpec, Url, Route] | None = None
        self.exposed: Credential | None = None
        self.secrets: Sequence[Secret] = ()

    def spec(self, method: str, url: str | Url, options: dict[str, Any]) -> RequestSpec:
        """What `spec_for` makes of these arguments; the very same spec if they are those of the call before.

        Raises:
            BadUrl, Usage, TypeError: see there.
        """
        arguments = (method, url, options)
        if arguments != self._arguments:
            self._asked = spec_for(method, url, **options)
            is_plain = not options or all(type(value) in PLAIN for value in options.values())
            self._arguments = arguments if is_plain else None
        return self._asked

    def route(self, request: Request, spec: RequestSpec) -> Route | None:
        """The route of a message's URL and a spec, if it is that of the call before; else it has to be made, and kept.

        It is made of no more than is compared here.
        """
        routed = self._routed
        if routed is None:
            return None
        url = request.url
        asked, before, route = routed
        if asked is spec and before is url:
            return route
        if (
            spec.tls is asked.tls
            and spec.dialling is asked.dialling
            and spec.limits is asked.limits
            and spec.proxies is asked.proxies is None
            and spec.pins is asked.pins
            and url.host == before.host
            and url.port == before.port
            and url.scheme == before.scheme
        ):
            self._routed = (spec, url, route)
            return route
        return None

    def keep_route(self, request: Request, spec: RequestSpec, route: Route) -> Route:
        """Keep the route that was made for a message and a spec."""
        self._routed = (spec, request.url, route)
        return route

    def keep(
        self,
        message: Request,
        spec: RequestSpec,
        state: SessionState,
        jar: Jar,
        now: float,
        credential: Credential | None,
    ) -> None:
        """Keep a message in the place of the one before, if the like of it can be wanted again.

        Args:
            message: as it was sent, with its credential.
            spec: what was asked for.
            state: what was added to it.
            jar: the same; it may change from now on.
            now: seconds since the epoch, when the message was made.
            credential: the one that is in it.
        """
        self._message = None
        if spec.body is None and spec.auth is None and message.url is spec.url:
            origin = message.url.origin
            self._message = message
            self.exposed = None if origin.is_secure or origin.is_loopback else credential
            self.secrets = () if credential is None else credential.secrets()
            self._headers = tuple(map(tuple, spec.headers))  # a copy: a list in it could be changed behind our back
            self._spec, self._state = spec, state
            value = self._look(jar, spec.url, now)
            self._is_jars = (
                value != ""
                and message.headers.get("cookie") == value
                and not any(name.lower() == "cookie" for name, _ in spec.headers)
                and not any(name == "cookie" for _, name in state.headers)
                and not (credential is not None and credential.scheme == "apikey")  # whose name might be Cookie
            )

    def message(self, spec: RequestSpec, state: SessionState, jar: Jar, now: float) -> Request | None:
        """The message that this call comes to, or None if it has to be made.

        Args:
            spec: what is asked for; its first hop.
            state: what would be added to it.
            jar: the same.
            now: seconds since the epoch.

        Raises:
            BadUrl: the target cannot stand on the wire.
        """
        message = self._message
        if (
            message is None
            or spec.headers != self._headers
            or not (state is self._state or self._is_bent_alike(state))
            or not (spec is self._spec or self._is_like(spec, message))
        ):
            return None
        url = spec.url
        if (
            not (jar is self._jar or (jar.version == 0 and jar.source is self._jar.source))
            or jar.version != self._version
            or not self._since <= now < self._until
            or not (self._path is None or url.path == self._path)
        ):
            self._message = None  # for good, if the new one cannot be sent
            message = self._message = self._renewed(message, jar, url, now)
            if message is None:
                return None
        if spec is not self._spec:
            check_target(url.target)
            message = self._message = message.at(url)
            self._spec = spec
        self._state = state
        return message

    def _is_bent_alike(self, state: SessionState) -> bool:
        """Whether another state adds the same to a message as the one before, but for its cookies."""
        before = self._state
        return (
            state.headers is before.headers
            and state.auth is before.auth
            and state.settings is before.settings
            and state.policy is before.policy
        )

    def _is_like(self, spec: RequestSpec, message: Request) -> bool:
        """Whether the same is asked for of the same origin."""
        url, before = spec.url, message.url
        return (
            spec.method == message.method
            and spec.body is None
            and spec.auth is None
            and url.host == before.host
            and url.port == before.port
            and url.scheme == before.scheme
        )

    def _look(self, jar: Jar, url: Url, now: float) -> str:
        """What the Cookie field of a message would be by itself; and how long that is so, which is noted."""
        cookies, depends_on_path, self._until = jar.outlook(url, now)
        self._path = url.path if depends_on_path else None
        self._jar, self._version, self._since = jar, jar.version, now
        return cookie_header(cookies).strip(" \t")

    def _renewed(self, message: Request, jar: Jar, url: Url, now: float) -> Request | None:
        """The message with the cookies of by now; None where more of it would be another.

        Raises:
            Usage: a cookie cannot stand on the wire.
        """
        if not self._is_jars:
            return None
        value = self._look(jar, url, now)
        return message.with_header("Cookie", value) if value else None
