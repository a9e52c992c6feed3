"""What is said of a connection: every line of it is safe to look at, whatever the peer calls itself."""

from __future__ import annotations

import pytest

from reqcli.model.peer import Certificate, Peer
from reqcli.model.redact import Redactor
from reqcli.model.secret import Secret
from reqcli.render.connection import connection_lines


@pytest.mark.parametrize(
    ("peer", "said"),
    [
        (Peer("h.test:80", "192.0.2.1:80"), ["connected to h.test:80 (192.0.2.1:80)"]),
        (Peer("192.0.2.1:80", "192.0.2.1:80", reused=True), ["reused the connection to 192.0.2.1:80"]),
        (
            Peer("h.test:443", "", tls_version="TLSv1.3", cipher="AES", certificate=Certificate("ab")),
            ["connected to h.test:443", "TLSv1.3, AES", "its certificate is not verified",
             "SHA-256 of the certificate: ab"],
        ),
        (
            Peer("h.test:443", "", tls_version="TLSv1.3", cipher="AES",
                 certificate=Certificate("ab", subject="\x1b[2Jh.test\n* all is well", issuer="s3cr3t-value",
                                         expires=0.0)),
            ["connected to h.test:443", "TLSv1.3, AES",
             r"certificate of \x1b[2Jh.test\n* all is well, issued by ••••, valid until 1970-01-01 00:00:00 UTC",
             "SHA-256 of the certificate: ab"],
        ),
    ],
)  # fmt: skip
def test_lines(peer: Peer, said: list[str]) -> None:
    shown = connection_lines(peer, Redactor([Secret("s3cr3t-value")]))
    assert shown == "".join(f"* {line}\n" for line in said)
