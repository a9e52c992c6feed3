"""SAP Gateway's protection against forged requests (OData).

A request that changes nothing and says `X-CSRF-Token: Fetch` is answered with a token in the same header and the
cookies of the session it is for; those that change something send the token. 403 with `X-CSRF-Token: Required` means
that it was missing or old: ask for anything with GET first. The constant header asks with every GET; the rule puts the
token in its place where one is needed. The public service `logoff` ends the session.
"""

from __future__ import annotations

from reqcli.session.presets import Preset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

PRESET: Final = Preset(
    ("header:X-CSRF-Token -> header:X-CSRF-Token methods=unsafe retry=403 goodbye=GET:/sap/public/bc/icf/logoff",),
    (("X-CSRF-Token", "Fetch"),),
)
