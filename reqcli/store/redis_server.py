"""The way to a Redis or Valkey server: asked again for a while where that may help, its failures in our words."""

from __future__ import annotations

from contextlib import contextmanager
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Final

from reqcli.errors import SessionCorrupt, StoreUnavailable, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REACH: Final = 3.0
"""Seconds for which a server that does not answer, or cannot write, is tried again: a failover takes that long."""

SILENCE: Final = 5.0
"""Seconds to wait for one answer."""

SCHEMES: Final = ("redis://", "rediss://", "unix://")
"""What the URL of a store begins with."""


class Server:
    """A server, reached when it is first asked. It may be shared by threads.

    Args:
        url: see `RedisStore`.
        password: for a URL that holds none.

    Attributes:
        shown: the URL without user, password and settings.
        is_cluster: whether it is one.
        client: the library's.

    Raises:
        Usage: the URL is none of a store.
        StoreUnavailable: the library is not installed, or none of a cluster's nodes can be reached.
    """

    def __init__(self, url: str, password: str | None) -> None:
        self.shown: Final = _without_secrets(url)
        self.is_cluster: Final = "cluster=yes" in url.partition("?")[2].split("&")
        self.client: Final = _connected(url, password, in_cluster=self.is_cluster)

    def ask(self, name: str, question: Callable[[Any], Any]) -> Any:
        """What the server answers.

        Args:
            name: of the session, for messages.
            question: is given the client; may be asked several times.

        Raises:
            StoreUnavailable, SessionCorrupt: there is no answer, or none that can be read.
        """
        with self.reaching(name):
            return self._retried(lambda: question(self.client))

    def _retried(self, ask: Callable[[], Any]) -> Any:
        """What the server answers, asked again for a while where that may help: commands here may be repeated."""
        from redis import exceptions

        passing = (exceptions.ConnectionError, exceptions.TimeoutError, exceptions.ReadOnlyError)
        lasting = (exceptions.AuthenticationError, exceptions.AuthorizationError)
        gives_up = monotonic() + REACH
        pause = 0.05
        while True:
            try:
                return ask()
            except passing as error:
                if isinstance(error, lasting) or monotonic() + pause > gives_up:
                    raise
                if isinstance(error, exceptions.ReadOnlyError):
                    self.client.close()  # the name may lead to the new primary by now
            sleep(pause)
            pause = min(pause * 2, 0.5)

    @contextmanager
    def reaching(self, name: str) -> Iterator[None]:
        """Turn the library's exceptions into ours; none of them names a password."""
        from redis import exceptions

        try:
            yield
        except (exceptions.AuthenticationError, exceptions.AuthorizationError) as error:
            raise self._unavailable(
                "refuses the login", "check user and password: in the URL, or REQCLI_STORE_PASSWORD", retryable=False
            ) from error
        except exceptions.NoPermissionError as error:
            raise self._unavailable(
                f"does not permit what is needed: {error}",
                "the user needs ~reqcli:* &reqcli:* +@hash +@scripting +@keyspace +@pubsub +@string",
                retryable=False,
            ) from error
        except exceptions.OutOfMemoryError as error:
            raise self._unavailable("is full (maxmemory); nothing was stored", None) from error
        except exceptions.ReadOnlyError as error:
            raise self._unavailable("is a replica, which cannot be written", "name the primary") from error
        except exceptions.TimeoutError as error:
            raise self._unavailable("does not answer in time", None) from error
        except (exceptions.ConnectionError, OSError) as error:
            raise self._unavailable(f"cannot be reached: {error}", None) from error
        except RecursionError as error:
            raise self._unavailable("does not answer as Redis does", None, retryable=False) from error
        except UnicodeDecodeError as error:
            raise SessionCorrupt(f"session {name} cannot be read: it holds bytes that are not UTF-8") from error
        except (exceptions.RedisError, exceptions.RedisClusterException) as error:
            raise self._unavailable(f"refuses: {error}", None, retryable=False) from error

    def _unavailable(self, what: str, hint: str | None, *, retryable: bool = True) -> StoreUnavailable:
        return StoreUnavailable(f"the store {self.shown} {what}", hint=hint, retryable=retryable)


def _connected(url: str, password: str | None, *, in_cluster: bool) -> Any:
    """A client of the library, which connects at the first command."""
    if not url.startswith(SCHEMES):
        raise _no_store(url)  # before the library is missed, which would not help
    try:
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry
    except ImportError as error:
        raise StoreUnavailable(
            "the library for Redis is not installed", hint="pip install 'reqcli[redis]'", retryable=False
        ) from error
    settings: dict[str, Any] = {
        "decode_responses": True,
        "encoding_errors": "surrogateescape",
        "socket_connect_timeout": REACH,
        "socket_timeout": SILENCE,
        "retry": Retry(NoBackoff(), 0),  # what may be asked again is decided here
    }
    if password is not None and "@" not in url:
        settings["password"] = password
    address, _, query = url.partition("?")
    plain = f"{address}?{'&'.join(setting for setting in query.split('&') if setting != 'cluster=yes')}"
    kind: Any = redis.RedisCluster if in_cluster else redis.Redis
    try:
        client = kind.from_url(plain, **settings)
        if not in_cluster:
            pool = client.connection_pool
            pool.connection_class(**pool.connection_kwargs)  # knows which settings there are, and is not connected yet
        return client
    except (ValueError, TypeError) as error:
        raise _no_store(url, error) from error
    # A cluster is asked for its nodes at once.
    except (redis.RedisError, redis.exceptions.RedisClusterException) as error:
        raise StoreUnavailable(f"the store {_without_secrets(url)} cannot be reached: {error}") from error


def _no_store(url: str, error: Exception | None = None) -> Usage:
    """The error for a URL that cannot be understood: then nobody can tell which part of it is the password."""
    hides = "@" in url
    what = "what was given (not shown, it may hold a password)" if hides else url.partition("?")[0]
    reason = "" if hides or error is None else f": {error}"
    return Usage(
        f"{what} is not the URL of a store{reason}",
        hint="redis://[USER[:PASSWORD]@]HOST[:PORT][/DB], rediss://… or unix:///PATH, other signs than letters, "
        "digits and -._~ of a password percent-encoded",
    )


def _without_secrets(url: str) -> str:
    scheme, _, rest = url.partition("://")
    rest = rest.partition("?")[0]
    return f"{scheme}://{rest.rpartition('@')[2]}"
