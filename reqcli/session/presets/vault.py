"""HashiCorp Vault: the token that a login gives.

Every method's login, `/v1/auth/MOUNT/login…`, answers with `auth.client_token`, which goes along as `X-Vault-Token`.
Tokens made for others come from other paths and are left alone. A 403 may be about a policy as well as about the token,
so none is dropped for it. `X-Vault-Request` is asked for by listeners that refuse requests forged elsewhere.
"""

from __future__ import annotations

from reqcli.session.presets import Preset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

PRESET: Final = Preset(
    (
        "json:/auth/client_token -> header:X-Vault-Token at={base}/v1/auth/*/login path={base}/v1 "
        "goodbye=POST:{base}/v1/auth/token/revoke-self",
    ),
    (("X-Vault-Request", "true"),),
)
