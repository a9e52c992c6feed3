"""xh's session files: HTTPie's layout, and what little is different.

A cookie's domain has no dot before it, whether subdomains get the cookie or not; expiry, path, Secure and domain are
left out where there is nothing to say; the credential is `user:password` without escapes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reqcli.interop.sessions.httpie import Httpie

if TYPE_CHECKING:
    from reqcli.interop.sessions import Format

FORMAT: Final[Format] = Httpie("xh")
