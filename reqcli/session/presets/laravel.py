"""Laravel's protection against forged requests.

Every answer sets the cookie `XSRF-TOKEN`, percent-encoded; its decoded value goes into `X-XSRF-TOKEN` (419 means that
it was missing or old). Sanctum knows a first-party client by its Referer.
"""

from __future__ import annotations

from reqcli.session.presets import Preset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

PRESET: Final = Preset(
    ("cookie:XSRF-TOKEN -> header:X-XSRF-TOKEN methods=unsafe decode=url",),
    (("Referer", "{origin}/"),),
)
