"""Ruby on Rails' protection against forged requests.

Every page carries a token in `<meta name="csrf-token" content="…">` (`csrf_meta_tags`), each masked anew; requests that
change something send it in `X-CSRF-Token`. 422 is what Rails answers when it does not accept it.
"""

from __future__ import annotations

from reqcli.session.presets import Preset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

PRESET: Final = Preset(
    ('match:<meta name="csrf-token" content="([^"]+)" -> header:X-CSRF-Token methods=unsafe drop=422',)
)
