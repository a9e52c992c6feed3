"""DMTF Redfish sessions (DSP0266).

POST to the collection of sessions answers 201 with a token in `X-Auth-Token` and the session's own URL in Location;
DELETE of that ends it. 401 means that the token is not known any more.
"""

from __future__ import annotations

from reqcli.session.presets import Preset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

PRESET: Final = Preset(
    (
        "header:X-Auth-Token -> header:X-Auth-Token "
        "at=POST:{base}/redfish/v1 path={base}/redfish drop=401 goodbye=DELETE",
    )
)
