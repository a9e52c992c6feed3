"""A cookie as it is stored: RFC 6265bis §5.7 attributes, every default already filled in."""

from __future__ import annotations

from reqcli.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

CookieKey = tuple[str, str, str]
"""What makes two cookies the same one: domain (a leading dot says: and its subdomains), path, name."""


class Cookie(Value):
    """One stored cookie.

    Args:
        name: may be empty (a nameless cookie).
        value: as sent, quotes included.
        domain: lower-case A-label or IP address, no leading or trailing dot.
        path: begins with a slash.
        host_only: sent to exactly `domain`, not to its subdomains.
        secure: sent only to secure origins.
        http_only: kept for export; a command line has no scripts to hide it from.
        same_site: `Strict`, `Lax`, `None`, or empty for the default; kept, not enforced.
        expires: seconds since the epoch, or None for a session cookie (kept until the session is cleared).
        created: seconds since the epoch of the first time a cookie of this key was stored.
    """

    __slots__ = (
        "created", "domain", "expires", "host_only", "http_only", "name", "path", "same_site", "secure", "value",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        value: str,
        domain: str,
        path: str = "/",
        *,
        host_only: bool = True,
        secure: bool = False,
        http_only: bool = False,
        same_site: str = "",
        expires: float | None = None,
        created: float = 0.0,
    ) -> None:
        self.name: Final = name
        self.value: Final = value
        self.domain: Final = domain
        self.path: Final = path
        self.host_only: Final = host_only
        self.secure: Final = secure
        self.http_only: Final = http_only
        self.same_site: Final = same_site
        self.expires: Final = expires
        self.created: Final = created

    @property
    def key(self) -> CookieKey:
        """A new cookie of the same key replaces this one (§5.7 step 23).

        A host-only cookie and a domain cookie of one name are two: else a subdomain could replace or
        delete what the host keeps to itself.
        """
        return (self.domain if self.host_only else f".{self.domain}", self.path, self.name)

    def is_expired(self, now: float) -> bool:
        """Whether its time is up at `now` (seconds since the epoch)."""
        return self.expires is not None and self.expires <= now

    def succeeding(self, old: Cookie) -> Cookie:
        """This cookie in the place of another one of its key: as old as that one is; that one if they say the same."""
        if (
            self.value == old.value
            and self.expires == old.expires
            and self.secure == old.secure
            and self.http_only == old.http_only
            and self.same_site == old.same_site
        ):
            return old
        return Cookie(
            self.name,
            self.value,
            self.domain,
            self.path,
            host_only=self.host_only,
            secure=self.secure,
            http_only=self.http_only,
            same_site=self.same_site,
            expires=self.expires,
            created=old.created,
        )

    def __repr__(self) -> str:
        """Names where it belongs, never its value."""
        return f"Cookie({self.name!r} for {self.domain}{self.path})"
