"""VMware vSphere Automation API.

POST `/api/session` with Basic authentication answers 201 with the session's id, a JSON string; the older
`/rest/com/vmware/cis/session` answers `{"value": id}`, the Virtual Infrastructure JSON API the header itself. Each is
sent in `vmware-api-session-id`. DELETE of the first two ends it; 401 means that it is not known any more.
"""

from __future__ import annotations

from reqcli.session.presets import Preset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_OLDER: Final = "{base}/rest/com/vmware/cis/session"

PRESET: Final = Preset(
    (
        "json: -> header:vmware-api-session-id at=POST:{base}/api/session drop=401 goodbye=DELETE",
        f"json:/value -> header:vmware-api-session-id at=POST:{_OLDER} drop=401 goodbye=DELETE",
        "header:vmware-api-session-id -> header:vmware-api-session-id at=POST:{base}/sdk/vim25 drop=401",
    )
)
