"""HTTP/1.1 messages (RFC 9112): reading heads, deciding framing, reading bodies, writing requests."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    Data = TypeVar("Data", bytes, memoryview)
    """A block of bytes off a connection, or a view into one; what is made of it is of the same kind, or new bytes."""
