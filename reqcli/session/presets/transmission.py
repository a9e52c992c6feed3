"""Transmission's RPC, and what keeps other sites from calling it.

A request without the right `X-Transmission-Session-Id` is answered 409 with the right one in the same header, and is to
be sent once more with it.
"""

from __future__ import annotations

from reqcli.session.presets import Preset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

PRESET: Final = Preset(("header:X-Transmission-Session-Id -> header:X-Transmission-Session-Id on=2xx,409 retry=409",))
