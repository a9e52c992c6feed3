"""What a connection was like, in lines that begin with a star, as curl's users know them."""

from __future__ import annotations

from time import gmtime, strftime

from reqcli.render.colour import painter
from reqcli.render.escape import escape_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqcli.model.peer import Certificate, Peer
    from reqcli.model.redact import Redactor


def connection_lines(peer: Peer, redactor: Redactor, *, colour: bool = False) -> str:
    """Whom the connection leads to, what TLS agreed on and what the peer showed for itself, a line for each.

    Args:
        peer: what was noted of it.
        redactor: masks the secrets of the run.
        colour: whether to paint it.
    """
    paint = painter(colour=colour)
    address = f" ({peer.address})" if peer.address not in ("", peer.name) else ""
    lines = [f"{'reused the connection' if peer.reused else 'connected'} to {peer.name}{address}"]
    if peer.tls_version is not None:
        lines.append(f"{peer.tls_version}, {peer.cipher}")
    if peer.certificate is not None:
        lines += _certificate(peer.certificate)
    return "".join(f"{paint('notice', f'* {escape_line(redactor.text(line))}')}\n" for line in lines)


def _certificate(certificate: Certificate) -> list[str]:
    lines = ["its certificate is not verified"]
    if certificate.expires is not None:
        until = strftime("%Y-%m-%d %H:%M:%S UTC", gmtime(certificate.expires))
        lines = [f"certificate of {certificate.subject}, issued by {certificate.issuer}, valid until {until}"]
    return [*lines, f"SHA-256 of the certificate: {certificate.fingerprint}"]
