"""The jar: the cookies of one run, what may replace what, and which of them a request carries (RFC 6265bis §5.7, §5.8).

Cookies are kept by domain, so a request costs what its own host and the host's parents have stored, however many
others there are. Within a domain they stand in the order of their creation, which a replacement keeps (§5.7 step 23).

Limits (§6.1): 180 cookies of one domain, 3000 in all. Over a limit, cookies leave in this order: expired ones, then
those that are not Secure, then the oldest. The RFC would have the least recently used ones leave, but that is not
known: to note every use would be to write the session at every request. Age stands in for it.
"""

from __future__ import annotations

from reqcli.cookies.scope import domain_matches, is_address, is_secure, path_matches
from reqcli.model.fields import as_text, shown
from reqcli.model.lately import remembered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Final

    from reqcli.cookies.order import Order
    from reqcli.model.cookie import Cookie, CookieKey
    from reqcli.model.url import Url

MAX_PER_DOMAIN: Final = 180
MAX_COOKIES: Final = 3000

ALL: Final = ""
"""What is no domain: all of them."""

_NEVER: Final = float("inf")


class Group:
    """The cookies of one domain, as states and jars share them: a value, for nobody changes what is in it.

    Args:
        by_key: the cookies in a jar's order.
        written: some of them and their written forms, if they are known; see `entries`.
    """

    __slots__ = ("by_key", "written")

    def __init__(
        self, by_key: Mapping[CookieKey, Cookie], written: tuple[Mapping[CookieKey, Cookie], list[bytes]] | None = None
    ) -> None:
        self.by_key = by_key
        self.written = written

    def __len__(self) -> int:
        return len(self.by_key)

    def __iter__(self) -> Iterator[Cookie]:
        return iter(self.by_key.values())

    def entries(self, write: Callable[[Cookie], bytes]) -> list[bytes]:
        """Each of the cookies in a written form, which is made once and handed on from state to state.

        Args:
            write: makes it; always the same for one process.
        """
        by_key, written = self.by_key, self.written
        if written is not None and written[0] is by_key:
            return written[1]
        # By identity, which is safe while those that were written are held here.
        known = {} if written is None else dict(zip(map(id, written[0].values()), written[1], strict=True))
        entries = [known.get(id(cookie)) or write(cookie) for cookie in by_key.values()]
        self.written = by_key, entries
        return entries


class ByDomain:
    """The cookies of a state, domain by domain, without a look at those of a domain that nobody asks for.

    It is a value: nobody changes it, and it equals a tuple of the same cookies. What one state has in common with the
    next one is not copied.

    Args:
        domains: of each the cookies, in a jar's order; none without cookies.
        count: how many there are in all, if that is known.
        spare: at most one set of the orders in which these cookies leave, for the first jar that changes them.
    """

    __slots__ = ("_count", "domains", "spare")

    def __init__(
        self, domains: Mapping[str, Group], count: int | None = None, spare: list[dict[str, Order]] | None = None
    ) -> None:
        self.domains: Final = domains
        self._count: Final = sum(map(len, domains.values())) if count is None else count
        self.spare: Final = spare

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Cookie]:
        for group in self.domains.values():
            yield from group

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

    It begins with what it is given, shares it, and copies no more of it than the domain that a change is in.

    Args:
        cookies: as they were stored; of two with the same key the later one counts.

    Attributes:
        source: the cookies as they were given.
        version: another number after every change, 0 before the first.
    """

    __slots__ = ("_base", "_count", "_domains", "_is_reordered", "_orders", "_shared", "_touched", "source", "version")

    def __init__(self, cookies: Iterable[Cookie] | ByDomain = ()) -> None:
        self.source: Final = cookies
        self.version = 0
        self._orders: dict[str, Order] = {}  # by domain, and one of all
        self._touched: set[str] = set()
        self._is_reordered = False  # whether a domain has left, and so may have come back in another place
        if type(cookies) is ByDomain:
            self._base = cookies.domains
            self._count = len(cookies)
        else:
            found: dict[str, dict[CookieKey, Cookie]] = {}
            for cookie in cookies:
                found.setdefault(cookie.domain, {})[cookie.key] = cookie
            self._base = {domain: Group(by_key) for domain, by_key in found.items()}
            self._count = sum(map(len, found.values()))
        self._domains: Mapping[str, Group | dict[CookieKey, Cookie]] = self._base  # a dict is this jar's alone
        self._shared: Mapping[str, Group | dict[CookieKey, Cookie]] = self._base

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
        key, expires = cookie.key, cookie.expires
        old = self._of(cookie.domain).get(key)
        if expires is not None and expires <= now:
            return old is not None and self.remove(key)
        if old is not None:
            if old.expires is not None and old.expires <= now:
                self.remove(key)
            else:
                cookie = cookie.succeeding(old)
                if cookie is old:
                    return False
        stored = self._own(cookie.domain)
        before = len(stored)
        stored[key] = cookie
        self._count += len(stored) - before
        self.version += 1
        if self._orders:
            for order in self._ordered(cookie.domain):
                order.add(cookie)
        if len(stored) <= MAX_PER_DOMAIN and self._count <= MAX_COOKIES:
            return True
        return self._make_room(cookie.domain, now) != [key] or old is not None

    def remove(self, key: CookieKey) -> bool:
        """Take out the cookie of this key; whether there was one."""
        domain = key[0].removeprefix(".")
        if key not in self._of(domain):
            return False
        stored = self._own(domain)
        del stored[key]
        self._count -= 1
        self.version += 1
        for order in self._ordered(domain):
            order.discard(key, is_last=not stored)
        if not stored:
            self._mine().pop(domain)
            self._is_reordered = True
        return True

    def clear(self) -> None:
        """Take out every cookie."""
        if not self._count:
            return
        self._domains = {}
        self._orders = {}
        self._is_reordered = True
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
        return self.outlook(url, now)[0]

    def outlook(self, url: Url, now: float) -> tuple[list[Cookie], bool, float]:
        """What `matching` gives for this URL, and how long that stays the same if the jar does.

        Returns:
            The cookies; whether another path of the same origin may be given others; and the time in seconds since
            the epoch when the first of those near expires, infinite if none does.
        """
        found: list[Cookie] = []
        depends_on_path, ends = False, _NEVER
        if not self._count:
            return found, depends_on_path, ends
        domains, host, path, secure = self._domains, url.host, url.path, is_secure(url)
        for domain in _reach(host):
            stored = domains.get(domain)
            if stored is None:
                continue
            for cookie in (stored if isinstance(stored, dict) else stored.by_key).values():
                expires = cookie.expires
                if cookie.path != "/":
                    depends_on_path = True
                if expires is not None:
                    if expires <= now:
                        continue
                    if expires < ends:
                        ends = expires
                if (
                    (domain == host or not cookie.host_only)
                    and (secure or not cookie.secure)
                    and (cookie.path == "/" or path_matches(path, cookie.path))
                ):
                    found.append(cookie)
        if len(found) > 1:
            found.sort(key=_sending_order)
        return found, depends_on_path, ends

    def header(self, url: Url, now: float) -> str:
        """The value of the Cookie header for this URL; empty when there is nothing to send."""
        return cookie_header(self.matching(url, now))

    def kept(self) -> ByDomain | None:
        """The cookies as a state keeps them, a value that shares with the source what is the same; None if all is."""
        if self.version != 1 and self._is_as_given():  # a single change cannot have been taken back
            return None
        groups = self._mine()
        for domain in self._touched:
            stored = groups.get(domain)
            if isinstance(stored, dict):
                before = self._base.get(domain)
                groups[domain] = Group(stored, None if before is None else before.written)
        self._shared = groups  # nobody's alone any more
        orders, self._orders = self._orders, {}
        return ByDomain(groups, self._count, [orders] if orders else None)  # type: ignore[arg-type]  # no dict is left

    def __iter__(self) -> Iterator[Cookie]:
        for stored in self._domains.values():
            yield from stored.values() if isinstance(stored, dict) else stored

    def __len__(self) -> int:
        return self._count

    def _is_as_given(self) -> bool:
        """Whether these are the cookies of the source, in its order."""
        domains, base = self._domains, self._base
        if len(domains) != len(base) or (self._is_reordered and list(domains) != list(base)):
            return False
        for domain in domains if self._is_reordered else self._touched:
            if domains[domain] is not base[domain]:
                ours, theirs = self._of(domain), base[domain].by_key
                if ours != theirs or list(ours) != list(theirs):
                    return False
        return True

    def _of(self, domain: str) -> Mapping[CookieKey, Cookie]:
        """The cookies of a domain by their keys, to be looked at."""
        stored = self._domains.get(domain)
        return {} if stored is None else stored if isinstance(stored, dict) else stored.by_key

    def _own(self, domain: str) -> dict[CookieKey, Cookie]:
        """The same, to be changed in place; who takes out the last one takes the domain out too."""
        domains = self._mine()
        stored = domains.get(domain)
        if isinstance(stored, dict):
            return stored
        self._touched.add(domain)
        own = domains[domain] = {} if stored is None else dict(stored.by_key)
        return own

    def _mine(self) -> dict[str, Group | dict[CookieKey, Cookie]]:
        """The domains, to be changed in place."""
        domains = self._domains
        if domains is self._shared:
            source = self.source
            if domains is self._base and type(source) is ByDomain and source.spare:
                try:
                    self._orders = source.spare.pop()  # one jar gets them, whatever the threads
                except IndexError:
                    pass
            domains = dict(domains)
            self._domains = domains
        return domains  # type: ignore[return-value]

    def _ordered(self, domain: str) -> Iterable[Order]:
        """The orders that the cookies of a domain stand in."""
        orders = self._orders
        return [orders[scope] for scope in (domain, ALL) if scope in orders]

    def _overlaid(self, cookie: Cookie, now: float) -> Cookie | None:
        """A live Secure cookie of the same name that this one would be sent with or instead of (§5.7 step 16)."""
        above, below = set(_reach(cookie.domain)), f".{cookie.domain}"
        for domain in [name for name in self._domains if name in above or name.endswith(below)]:
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

    def _make_room(self, domain: str, now: float) -> list[CookieKey]:
        """Let cookies go until the limits hold, first within the domain; the keys of those that left."""
        left: list[CookieKey] = []
        surplus = len(self._of(domain)) - MAX_PER_DOMAIN
        if surplus > 0:
            left += self._evicted(domain, surplus, now)
        if self._count > MAX_COOKIES:
            left += self._evicted(ALL, self._count - MAX_COOKIES, now)
        return left

    def _evicted(self, scope: str, surplus: int, now: float) -> Iterator[CookieKey]:
        """Take out this many cookies of a domain or of all, those that can best be spared."""
        order = self._orders.get(scope)
        if order is None:
            from reqcli.cookies.order import Order  # most jars have room

            order = self._orders[scope] = Order(self if scope == ALL else self._of(scope).values())
        for _ in range(surplus):
            key = order.first(now)
            self.remove(key)
            yield key


def cookie_header(cookies: Iterable[Cookie]) -> str:
    """The cookie-string of §5.8.3: `name=value; name2=value2`, a nameless cookie as its bare value.

    It is text for a request, so every byte that a server put into a cookie goes back to it as it came.
    """
    pairs = [f"{cookie.name}={cookie.value}" if cookie.name else cookie.value for cookie in cookies]
    joined = "; ".join(pairs)
    return joined if joined.isascii() else "; ".join(map(as_text, pairs))


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


def _domains_for(host: str) -> tuple[str, ...]:
    """The domains whose cookies may go to this host: itself and its parents.

    A parent without a dot is left out: it is a public suffix, and a cookie for it could only come from a file.
    """
    domains = [host]
    if not is_address(host):
        dot = host.find(".") + 1
        while dot and "." in host[dot:]:
            domains.append(host[dot:])
            dot = host.find(".", dot) + 1
    return tuple(domains)


_reach: Final = remembered(64, _domains_for)
