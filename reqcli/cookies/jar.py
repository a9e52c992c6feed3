"""The jar: the cookies of one run, what may replace what, and which of them a request carries (RFC 6265bis §5.7, §5.8).

Cookies are kept by domain, so a request costs what its own host and the host's parents have stored, however many
others there are. Within a domain they stand in the order of their creation, which a replacement keeps (§5.7 step 23).

Limits (§6.1): 180 cookies of one domain, 3000 in all. Over a limit, cookies leave in this order: expired ones, then
those that are not Secure, then the oldest. The RFC would have the least recently used ones leave, but that is not
known: to note every use would be to write the session at every request. Age stands in for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reqcli.cookies.scope import domain_matches, is_address, is_secure, path_matches
from reqcli.model.fields import as_text, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Final

    from reqcli.model.cookie import Cookie, CookieKey
    from reqcli.model.url import Url

MAX_PER_DOMAIN: Final = 180
MAX_COOKIES: Final = 3000


class ByDomain:
    """Cookies for jars to be made of, domain by domain, without a look at those of a domain that nobody asks for.

    It is a value: nobody changes it, and it equals a tuple of the same cookies.

    Args:
        domains: of each the cookies, in a jar's order; each with a key of its own, none without cookies.
    """

    __slots__ = ("domains",)

    def __init__(self, domains: Mapping[str, Sequence[Cookie]]) -> None:
        self.domains: Final = domains

    def __len__(self) -> int:
        return sum(map(len, self.domains.values()))

    def __iter__(self) -> Iterator[Cookie]:
        for cookies in self.domains.values():
            yield from cookies

    def __eq__(self, other: object) -> bool:
        if isinstance(other, tuple):
            return tuple(self) == other
        if not isinstance(other, ByDomain):
            return NotImplemented
        ours, theirs = self.domains, other.domains
        return list(ours) == list(theirs) and all(
            ours[domain] is theirs[domain] or tuple(ours[domain]) == tuple(theirs[domain]) for domain in ours
        )

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        """Counts, and shows none of them."""
        return f"<ByDomain: {len(self)} cookies of {len(self.domains)} domains>"


class Jar:
    """Stored cookies. Iterating gives them in a stable order, domain by domain; `Jar(list(jar))` is an equal jar.

    Args:
        cookies: as they were stored; of two with the same key the later one counts.

    Attributes:
        source: the cookies as they were given.
        version: another number after every change, 0 before the first.
    """

    __slots__ = ("_by_domain", "_count", "source", "version")

    def __init__(self, cookies: Iterable[Cookie] | ByDomain = ()) -> None:
        self._by_domain: dict[str, dict[CookieKey, Cookie] | Sequence[Cookie]] = {}  # a dict once it was asked for
        self._count = 0
        self.source: Final = cookies
        self.version = 0
        if type(cookies) is ByDomain:
            self._by_domain.update(cookies.domains)
            self._count = len(cookies)
        else:
            for cookie in cookies:
                self._store(cookie)
        self.version = 0

    def put(self, cookie: Cookie, *, secure_origin: bool, now: float) -> bool | str:
        """Take in a received cookie; an expired one deletes the one it would replace (§5.7 steps 16 and 23).

        Replacing is exact: any difference is a change, in the expiry too. Only the creation time of the
        cookie replaced is kept.

        Args:
            cookie: from `received_cookie`.
            secure_origin: whether the URL it came from is secure (`scope.is_secure`).
            now: seconds since the epoch.

        Returns:
            Whether the jar is another one than before; or one sentence, with the cookie's name and without its
            value, when an insecure origin tried to overlay a Secure cookie and nothing was changed.
        """
        if not secure_origin and (overlaid := self._overlaid(cookie, now)):
            return (
                f"cookie {shown(cookie.name)} is refused: it came over an insecure connection and would overlay "
                f"the Secure cookie of {overlaid.domain}{shown(overlaid.path)}"
            )
        key = cookie.key
        old = self._of(cookie.domain).get(key)
        if cookie.is_expired(now):
            return old is not None and self.remove(key)
        if old is not None and old.is_expired(now):
            self.remove(key)
        elif old is not None:
            cookie = cookie.replace(created=old.created)
            if cookie == old:
                return False
        self._store(cookie)
        left = self._make_room(cookie.domain, now)
        return old is not None or left != [cookie]

    def remove(self, key: CookieKey) -> bool:
        """Take out the cookie of this key; whether there was one."""
        domain = key[0].removeprefix(".")
        stored = self._of(domain)
        if stored.pop(key, None) is None:
            return False
        self._count -= 1
        self.version += 1
        if not stored:
            del self._by_domain[domain]
        return True

    def clear(self) -> None:
        """Take out every cookie."""
        self._by_domain.clear()
        self._count = 0
        self.version += 1

    def discard_expired(self, now: float) -> list[CookieKey]:
        """Take out what is expired at `now` (seconds since the epoch) and tell the keys."""
        gone = [cookie.key for cookie in self if cookie.is_expired(now)]
        for key in gone:
            self.remove(key)
        return gone

    def matching(self, url: Url, now: float) -> list[Cookie]:
        """The cookies that a request for this URL carries, in sending order (§5.8.3).

        Longer paths stand first, then older cookies, then those of the host before those of its parents.
        """
        found: list[Cookie] = []
        if not self._count:
            return found
        host, path, secure = url.host, url.path, is_secure(url)
        for domain in _reach(host):
            stored = self._by_domain.get(domain)
            if stored is None:
                continue
            if not isinstance(stored, dict):
                stored = self._of(domain)
            for cookie in stored.values():
                if (
                    (domain == host or not cookie.host_only)
                    and (secure or not cookie.secure)
                    and (cookie.path == "/" or path_matches(path, cookie.path))
                    and (cookie.expires is None or cookie.expires > now)
                ):
                    found.append(cookie)
        if len(found) > 1:
            found.sort(key=_sending_order)
        return found

    def outlook(self, url: Url, now: float) -> tuple[bool, float]:
        """How long what `matching` gives for this URL stays the same, if the jar does.

        Returns:
            Whether another path of the same origin may be given others; and the time in seconds since the epoch when
            the first of them expires, infinite if none does.
        """
        near = [cookie for domain in _reach(url.host) for cookie in self._of(domain).values()]
        ends = [cookie.expires for cookie in near if cookie.expires is not None and cookie.expires > now]
        return any(cookie.path != "/" for cookie in near), min(ends, default=float("inf"))

    def header(self, url: Url, now: float) -> str:
        """The value of the Cookie header for this URL; empty when there is nothing to send."""
        return cookie_header(self.matching(url, now))

    def kept(self) -> tuple[Cookie, ...] | ByDomain:
        """The cookies as a state keeps them: by domain if there are some that nobody has asked for."""
        stored = self._by_domain
        if all(isinstance(cookies, dict) for cookies in stored.values()):
            return tuple(self)
        return ByDomain(
            {name: tuple(group.values()) if isinstance(group, dict) else group for name, group in stored.items()}
        )

    def __iter__(self) -> Iterator[Cookie]:
        for stored in self._by_domain.values():
            yield from stored.values() if isinstance(stored, dict) else stored

    def __len__(self) -> int:
        return self._count

    def _of(self, domain: str) -> dict[CookieKey, Cookie]:
        """The cookies of a domain by their keys, to be changed in place where there are any."""
        stored = self._by_domain.get(domain)
        if stored is None:
            return {}
        if not isinstance(stored, dict):
            stored = self._by_domain[domain] = {cookie.key: cookie for cookie in stored}
        return stored

    def _store(self, cookie: Cookie) -> None:
        stored = self._by_domain[cookie.domain] = self._of(cookie.domain)
        before = len(stored)
        stored[cookie.key] = cookie
        self._count += len(stored) - before
        self.version += 1

    def _overlaid(self, cookie: Cookie, now: float) -> Cookie | None:
        """A live Secure cookie of the same name that this one would be sent with or instead of (§5.7 step 16)."""
        for domain in self._by_domain:
            if domain_matches(domain, cookie.domain) or domain_matches(cookie.domain, domain):
                for other in self._of(domain).values():
                    if (
                        other.secure
                        and other.name == cookie.name
                        and path_matches(cookie.path, other.path)
                        and not other.is_expired(now)
                    ):
                        return other
        return None

    def _make_room(self, domain: str, now: float) -> list[Cookie]:
        """Let cookies go until the limits hold, first within the domain; those that left."""
        left: list[Cookie] = []
        stored = self._of(domain)
        if len(stored) > MAX_PER_DOMAIN:
            left += self._evicted(stored.values(), len(stored) - MAX_PER_DOMAIN, now)
        if self._count > MAX_COOKIES:
            left += self._evicted(self, self._count - MAX_COOKIES, now)
        return left

    def _evicted(self, cookies: Iterable[Cookie], surplus: int, now: float) -> list[Cookie]:
        """Take out this many of the cookies, those that can best be spared."""
        spared = sorted(cookies, key=lambda cookie: (not cookie.is_expired(now), cookie.secure, cookie.created))
        for cookie in spared[:surplus]:
            self.remove(cookie.key)
        return spared[:surplus]


def cookie_header(cookies: Iterable[Cookie]) -> str:
    """The cookie-string of §5.8.3: `name=value; name2=value2`, a nameless cookie as its bare value.

    It is text for a request, so every byte that a server put into a cookie goes back to it as it came.
    """
    return "; ".join([as_text(f"{cookie.name}={cookie.value}" if cookie.name else cookie.value) for cookie in cookies])


def merge_cookie_header(typed: str, jar_cookies: Iterable[Cookie]) -> str:
    """One header value from a typed one and the jar's cookies.

    What was typed comes first, as it was typed; a jar cookie of a name that was typed stays at home.

    Args:
        typed: the value of a `Cookie` header given by the user.
        jar_cookies: what `Jar.matching` gave for the request.
    """
    typed = typed.strip("; \t")
    if not typed:
        return cookie_header(jar_cookies)
    pairs = (pair.partition("=") for pair in typed.split(";"))
    names = {name.strip(" \t") if equals else "" for name, equals, _ in pairs}
    from_jar = cookie_header(cookie for cookie in jar_cookies if as_text(cookie.name) not in names)
    return f"{typed}; {from_jar}" if from_jar else typed


def _sending_order(cookie: Cookie) -> tuple[int, float]:
    return (-len(cookie.path), cookie.created)


def _reach(host: str) -> list[str]:
    """The domains whose cookies may go to this host: itself and its parents.

    A parent without a dot is left out: it is a public suffix, and a cookie for it could only come from a file.
    """
    domains = [host]
    if not is_address(host):
        dot = host.find(".") + 1
        while dot and "." in host[dot:]:
            domains.append(host[dot:])
            dot = host.find(".", dot) + 1
    return domains
