"""The one gate: what of a one-off call may go along when a redirect leads to another origin.

What a session stores is bound to origins already, so it is chosen afresh for every hop and cannot leak. What was
given with this call alone belongs to the origin of the URL that the user typed: the credential (the URL's own
userinfo is one by now), headers that carry secrets by their name, a `Host` override, the client certificate.
They are taken out of the spec when the chain first leaves that origin, and since the spec is what travels on,
they stay out even if a later hop leads back (CVE-2018-20060, CVE-2022-27776, CVE-2023-43804 and their kin).
"""

from __future__ import annotations

from reqcli.model.redact import is_secret_header

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqcli.model.spec import RequestSpec
    from reqcli.model.url import Url


def passed(spec: RequestSpec, url: Url) -> tuple[RequestSpec, list[str]]:
    """The spec for the next hop, less what may not go there, and a sentence on each thing withheld.

    Args:
        spec: the call as it was sent to the hop before; its `url` is where that was.
        url: where the next hop leads.
    """
    onward = spec.replace(url=url)
    if url.origin == spec.url.origin:
        return onward, []
    withheld: list[str] = []
    if spec.auth is not None:
        withheld.append(f"the {spec.auth.scheme} credential")
    headers = []
    for name, value in spec.headers:
        if value is not None and (is_secret_header(name) or name.lower() == "host"):
            withheld.append(f"header {name}")
        else:
            headers.append((name, value))
    tls = spec.tls
    if tls is not None and tls.certificate is not None:
        withheld.append("the client certificate")
        tls = tls.replace(certificate=None, key=None, key_password=None)
    return onward.replace(auth=None, headers=tuple(headers), tls=tls), [
        f"{what} was not sent to {url.origin}, where {spec.url.origin} redirected to" for what in withheld
    ]
