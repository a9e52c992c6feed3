"""OpenStack Identity (Keystone) v3.

POST `…/auth/tokens` issues a token in `X-Subject-Token`; requests send it in `X-Auth-Token`. To revoke it, it is named
once more as the subject of DELETE `…/auth/tokens`. GET of the same path repeats whatever token was asked about, so only
POST counts as issuing one. Services on other origins need a rule of their own with `send=`.
"""

from __future__ import annotations

from reqcli.session.presets import Preset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

PRESET: Final = Preset(
    (
        "header:X-Subject-Token -> header:X-Auth-Token on=201 at=POST:{base}/ path={base}/ drop=401 goodbye=DELETE",
        "header:X-Subject-Token -> header:X-Subject-Token on=201 at=POST:{base}/ path={base}/ methods=DELETE drop=401",
    )
)
