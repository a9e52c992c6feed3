"""The transport of stateless calls: every request has a connection of its own, closed after its response."""

from __future__ import annotations

from reqcli.net.pool import Pool


class OneShot(Pool):
    """A pool that keeps nothing.

    The request does not say `Connection: close` for it: the same message goes out whichever transport carries it,
    and `--offline` shows it as it is.
    """

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(idle=0.0)
