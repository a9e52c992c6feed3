"""Django's protection against forged requests (`django.middleware.csrf`).

The cookie `csrftoken` has to be repeated in `X-CSRFToken` by every request that changes something. Over https the
Referer has to name the site itself.
"""

from __future__ import annotations

from typing import Final

from reqcli.session.presets import Preset

PRESET: Final = Preset(
    ("cookie:csrftoken -> header:X-CSRFToken methods=unsafe",),
    (("Referer", "{origin}/"),),
)
