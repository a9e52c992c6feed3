"""Who may see a cookie: the comparisons of hosts, paths and origins that receiving and sending share (§5.1.3, §5.1.4).

Hosts are compared as they stand in `Url.host`: lower-case A-labels or addresses, without a trailing dot.
"""

from __future__ import annotations

from reqcli.model.origin import is_loopback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqcli.model.url import Url


def is_secure(url: Url) -> bool:
    """Whether `Secure` cookies may be set by and sent to this URL: over TLS, or on this very machine."""
    return url.scheme == "https" or is_loopback(url.host)


def is_address(host: str) -> bool:
    """Whether a normalised host is an IP address and so has no parent domains."""
    return ":" in host or host[host.rfind(".") + 1 :].isdigit()


def domain_matches(host: str, domain: str) -> bool:
    """Whether the host is the domain or one of its subdomains (§5.1.3)."""
    return host == domain or (host.endswith(f".{domain}") and not is_address(host))


def path_matches(path: str, cookie_path: str) -> bool:
    """Whether the request's path is the cookie's path or lies below it (§5.1.4).

    Both are compared as they are written: an escaped character is not the same as the character.
    """
    return path.startswith(cookie_path) and (
        cookie_path.endswith("/") or path[len(cookie_path) : len(cookie_path) + 1] in ("", "/")
    )


def default_path(path: str) -> str:
    """The path of a cookie that names none: the request's, up to but not including its last slash (§5.1.4)."""
    return path[: path.rfind("/")] or "/"
