"""reqcli: HTTP sessions that are kept by name and replayed through a pooled client.

    from reqcli import FileStore, Request, Session

    with Session.open("work", FileStore("sessions")) as session:    # cookies, headers, credentials, pool
        result = session.get("https://api.example/me")
    result = Request.send("GET", "https://api.example/health")      # stateless: no state, no pool

Names are loaded when they are first used (PEP 562): importing the package costs next to nothing.
"""

from __future__ import annotations

# A name that every type checker knows. What a plain call loads does without `typing`, a twelfth of its start.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqcli.api.cancel import Cancel
    from reqcli.api.request import Request
    from reqcli.api.session import Session
    from reqcli.errors import ReqcliError
    from reqcli.model.credential import Credential
    from reqcli.model.proxy import Proxies
    from reqcli.model.response import Limits
    from reqcli.model.result import Result
    from reqcli.model.secret import Secret
    from reqcli.model.spec import RequestSpec
    from reqcli.model.timing import Timeouts
    from reqcli.model.url import Url
    from reqcli.net.pool import Pool
    from reqcli.store.files import FileStore
    from reqcli.store.memory import MemoryStore
    from reqcli.store.redis import RedisStore
    from reqcli.vault import Vault

__version__ = "0.1.0"

_HOMES = {
    "Cancel": "reqcli.api.cancel",
    "Credential": "reqcli.model.credential",
    "FileStore": "reqcli.store.files",
    "Limits": "reqcli.model.response",
    "MemoryStore": "reqcli.store.memory",
    "Pool": "reqcli.net.pool",
    "Proxies": "reqcli.model.proxy",
    "RedisStore": "reqcli.store.redis",
    "ReqcliError": "reqcli.errors",
    "Request": "reqcli.api.request",
    "RequestSpec": "reqcli.model.spec",
    "Result": "reqcli.model.result",
    "Secret": "reqcli.model.secret",
    "Session": "reqcli.api.session",
    "Timeouts": "reqcli.model.timing",
    "Url": "reqcli.model.url",
    "Vault": "reqcli.vault",
}

__all__ = [
    "Cancel",
    "Credential",
    "FileStore",
    "Limits",
    "MemoryStore",
    "Pool",
    "Proxies",
    "RedisStore",
    "ReqcliError",
    "Request",
    "RequestSpec",
    "Result",
    "Secret",
    "Session",
    "Timeouts",
    "Url",
    "Vault",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
