"""A request without a session: built, or sent over a connection of its own."""

from __future__ import annotations

from reqcli.api.session import Session
from reqcli.client.decoded import offered
from reqcli.cookies.jar import Jar
from reqcli.model.spec import spec_for
from reqcli.net.once import OneShot
from reqcli.session.bend import bend
from reqcli.session.schema import new_state
from reqcli.vault import Vault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from reqcli.model.result import Result
    from reqcli.model.url import Url


class Request:
    """A request on its own: no session, no state, no pool.

    Made, it holds the message that would be sent, built by the same rules as a session's; `send` sends one.

    Args:
        method: a token; its case is kept.
        url: absolute.
        options: those of `Session.request`.

    Raises:
        Usage, BadUrl: the message could not be sent as it is (control characters in names, values or target …).
    """

    __slots__ = ("message",)

    def __init__(self, method: str, url: str | Url, **options: Any) -> None:
        spec = spec_for(method, url, **options)
        self.message: Final = bend(spec, new_state("", 0.0), Jar(), 0.0, Vault().fetch, codings=offered())

    def to_bytes(self) -> bytes:
        """The request as it goes over a direct connection: head and body (a streamed body is used up by this)."""
        from reqcli.wire.http1.writer import write_message

        return write_message(self.message)

    @staticmethod
    def send(method: str, url: str | Url, **options: Any) -> Result:
        """Send one request over a connection of its own, and read the whole body.

        Args:
            method: a token; its case is kept.
            url: absolute.
            options: those of `Session.request`.

        Returns:
            A result, for failure too; it never raises for one.
        """
        with Session(transport=OneShot()) as run:
            result = run.request(method, url, **options)
        result.session = None
        return result
