"""Jenkins' crumbs, needed by whoever logs in with a password and not with an API token.

GET `/crumbIssuer/api/json` gives one, for the web session of the same cookies; requests that change something send it
in `Jenkins-Crumb`. 403 means «no valid crumb».
"""

from __future__ import annotations

from reqcli.session.presets import Preset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

PRESET: Final = Preset(
    ("json:/crumb -> header:Jenkins-Crumb at={base}/crumbIssuer/api/json path={base}/ methods=unsafe drop=403",)
)
