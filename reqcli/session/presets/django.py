"""Django's protection against forged requests (`django.middleware.csrf`).

The cookie `csrftoken` has to be repeated in `X-CSRFToken` by every request that changes something. Over https the
Referer has to name the site itself.
"""

from __future__ import annotations

from reqcli.session.presets import Preset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

PRESET: Final = Preset(
    ("cookie:csrftoken -> header:X-CSRFToken methods=unsafe",),
    (("Referer", "{origin}/"),),
)
