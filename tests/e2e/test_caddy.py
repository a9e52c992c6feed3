"""The main job against caddy, whose HTTP is another one's work than nginx's: Go's, over http and https."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from reqcli import RequestSpec, Session, Url
from reqcli.model.body import StreamBody
from tests.daemons import running
from tests.program import Program
from tests.real import require
from tests.sockets import unused_port

CADDYFILE = """
{{
    admin off
    auto_https off
}}
(site) {{
    bind 127.0.0.1
    encode zstd gzip {{
        minimum_length 1
    }}
    route /login {{
        @other not method POST
        respond @other 405
        header +Set-Cookie "sid=s3cret; Path=/; HttpOnly"
        redir * /account 303
    }}
    route /account {{
        @known header_regexp Cookie (^|;\\s*)sid=s3cret(;|$)
        header Content-Type application/json
        respond @known `{{"user": "alice"}}`
        respond `{{"error": "log in first"}}` 401
    }}
    route /bearer {{
        @known header Authorization "Bearer t0ken"
        respond @known "welcome"
        respond 401
    }}
    respond /echo "{{http.request.method}} {{http.request.header.Content-Type}} {{http.request.body}}"
    respond /connection "{{http.request.proto}} {{http.request.remote.port}}"
    respond /unavailable "later" 503
    respond /nothing 204
    handle /files/* {{
        root * {directory}
        file_server
    }}
}}
http://localhost:{http} {{
    import site
}}
https://localhost:{https} {{
    tls {directory}/server.pem {directory}/server.pem
    import site
}}
https://localhost:{mutual} {{
    tls {directory}/server.pem {directory}/server.pem {{
        client_auth {{
            mode require_and_verify
            trusted_ca_cert_file {directory}/ca.pem
        }}
    }}
    import site
}}
"""


class Caddy:
    """A running caddy.

    Attributes:
        http, https, mutual: the same site in plain, over TLS, and over TLS that asks for the client's certificate.
        files: what is below `/files` there.
        trust: the options that make its certificate known.
        certificate: one for clients, with its key.
    """

    def __init__(self, directory: Path, ports: list[int]) -> None:
        self.http, self.https, self.mutual = (
            f"{scheme}://localhost:{port}" for scheme, port in zip(("http", "https", "https"), ports, strict=True)
        )
        self.files = directory / "files"
        self.authority = str(directory / "ca.pem")
        self.trust = ("--verify", self.authority)
        self.certificate = str(directory / "client.pem")


@pytest.fixture(scope="module")
def caddy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caddy]:
    program = require("caddy")
    directory = tmp_path_factory.mktemp("caddy")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(directory / "ca.pem"))
    for name, identity in (("server", "localhost"), ("client", "client@example.com")):
        leaf = authority.issue_cert(identity).private_key_and_cert_chain_pem
        leaf.write_to_path(str(directory / f"{name}.pem"))
    (directory / "files").mkdir()
    (directory / "files" / "big").write_bytes(os.urandom(20_000_000))
    (directory / "files" / "text.txt").write_text("a line that can be made smaller\n" * 5000)
    ports = [unused_port() for _ in range(3)]
    configuration = directory / "Caddyfile"
    configuration.write_text(
        CADDYFILE.format(directory=directory, http=ports[0], https=ports[1], mutual=ports[2]), encoding="utf-8"
    )
    with running([program, "run", "--config", str(configuration)], ports, directory):
        yield Caddy(directory, ports)


@pytest.fixture(params=["http", "https"])
def url(caddy: Caddy, request: pytest.FixtureRequest) -> str:
    """The site, over each of the two."""
    return str(getattr(caddy, request.param))


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_a_login_opens_the_page_in_the_next_process(reqcli: Program, caddy: Caddy, url: str) -> None:
    refused = reqcli("get", f"{url}/account", "--session", "work", *caddy.trust)
    assert (refused.status, refused.json) == (4, {"error": "log in first"}), refused
    login = reqcli("post", f"{url}/login", "-f", "user=alice", "--session", "work", *caddy.trust, "-L")
    assert (login.status, login.json) == (0, {"user": "alice"}), login
    account = reqcli("get", f"{url}/account", "--session", "work", *caddy.trust)
    assert (account.status, account.json) == (0, {"user": "alice"}), account
    assert reqcli("get", f"{url}/account", "--stateless", *caddy.trust).status == 4


def test_a_stored_credential_reaches_the_server(reqcli: Program, caddy: Caddy, url: str) -> None:
    stored = reqcli("session", "set-auth", "work", "-A", "bearer", "-a", "@-", "--origin", url, stdin=b"t0ken\n")
    assert stored.status == 0, stored
    assert reqcli("get", f"{url}/bearer", "--session", "work", *caddy.trust).out == "welcome"
    assert reqcli("get", f"{url}/bearer", "--stateless", *caddy.trust).status == 4


def test_bodies_arrive_as_they_were_given(reqcli: Program, caddy: Caddy, url: str) -> None:
    echo = f"{url}/echo"
    assert reqcli("post", echo, "a=é", *caddy.trust).out == 'POST application/json {"a":"é"}'
    assert reqcli("put", echo, "-f", "a=1", "b=2", *caddy.trust).out == "PUT application/x-www-form-urlencoded a=1&b=2"
    assert (
        reqcli("patch", echo, "Content-Type:text/plain", *caddy.trust, stdin=b"piped").out == "PATCH text/plain piped"
    )
    assert reqcli("post", echo, "Content-Type:", *caddy.trust).out == "POST  "
    assert reqcli("post", echo, "-d", "x", "Expect:100-continue", "Content-Type:a/b", *caddy.trust).out == "POST a/b x"


def test_a_refusal_arrives_though_the_server_will_not_read_the_body(
    reqcli: Program, caddy: Caddy, url: str, tmp_path: Path
) -> None:
    large = tmp_path / "large"
    large.write_bytes(bytes(30_000_000))
    output = reqcli("post", f"{url}/bearer", f"@{large}", *caddy.trust, "--format", "json")
    assert (output.status, output.json["response"]["status"]) == (4, 401), output


@pytest.mark.parametrize("coding", ["gzip", "zstd", "identity", None])
def test_a_text_is_the_same_in_every_coding(reqcli: Program, caddy: Caddy, url: str, coding: str | None) -> None:
    asked = () if coding is None else (f"Accept-Encoding:{coding}",)
    output = reqcli("get", f"{url}/files/text.txt", *asked, "-v", *caddy.trust)
    assert digest(output.raw) == digest((caddy.files / "text.txt").read_bytes())
    assert ("content-encoding" in output.err.lower()) == (coding != "identity")


def test_a_big_download_is_byte_for_byte(reqcli: Program, caddy: Caddy, url: str, tmp_path: Path) -> None:
    target = tmp_path / "big"
    output = reqcli("get", f"{url}/files/big", *caddy.trust, "-o", str(target))
    assert output.status == 0, output
    assert digest(target.read_bytes()) == digest((caddy.files / "big").read_bytes())


def test_a_part_and_a_page_that_has_not_changed(reqcli: Program, caddy: Caddy, url: str) -> None:
    part = reqcli("get", f"{url}/files/big", "Range:bytes=100-199", *caddy.trust)
    assert (part.status, part.raw) == (0, (caddy.files / "big").read_bytes()[100:200])
    head = reqcli("head", f"{url}/files/big", *caddy.trust, "--format", "json").json
    fields = {name.lower(): value for name, value in head["response"]["headers"]}
    unchanged = reqcli("get", f"{url}/files/big", f"If-None-Match:{fields['etag']}", *caddy.trust, "--format", "json")
    assert unchanged.json["response"]["status"] == 304, unchanged


def test_statuses_are_outcomes(reqcli: Program, caddy: Caddy, url: str) -> None:
    unavailable = reqcli("get", f"{url}/unavailable", *caddy.trust)
    assert (unavailable.status, unavailable.out) == (5, "later")
    assert reqcli("get", f"{url}/files/none", *caddy.trust).status == 4
    assert reqcli("get", f"{url}/nothing", *caddy.trust).status == 0


def test_a_session_keeps_its_connection_and_speaks_http_1_1(caddy: Caddy, url: str) -> None:
    """Caddy would rather speak HTTP/2 or HTTP/3."""

    def said(**options: object) -> str:
        return session.get(f"{url}/connection", verify=caddy.authority, **options).text

    with Session() as session:
        first = said()
        assert first.startswith("HTTP/1.1 ")
        session.send(RequestSpec("POST", Url.parse(f"{url}/echo"), body=StreamBody([b"a", b"b"], name="a pipe")))
        for path in ("/files/text.txt", "/nothing", "/unavailable", "/files/big"):
            session.get(f"{url}{path}", verify=caddy.authority)
        session.head(f"{url}/files/big", verify=caddy.authority)
        assert said() == first


def test_a_client_certificate_opens_the_door(reqcli: Program, caddy: Caddy) -> None:
    page = f"{caddy.mutual}/account"
    refused = reqcli("get", page, *caddy.trust)
    assert refused.status == 35
    assert "--cert" in refused.err
    assert reqcli("get", page, *caddy.trust, "--cert", caddy.certificate).json == {"error": "log in first"}


def test_without_the_authority_the_certificate_is_refused(reqcli: Program, caddy: Caddy) -> None:
    output = reqcli("get", f"{caddy.https}/account")
    assert (output.status, output.out) == (60, "")
    assert "--verify" in output.err


def test_each_of_the_two_protocols_on_the_others_port_is_told(reqcli: Program, caddy: Caddy) -> None:
    plain = reqcli("get", f"{caddy.http.replace('http', 'https')}/account")
    assert plain.status == 35
    assert "http://" in plain.err
    secure = reqcli("get", f"{caddy.https.replace('https', 'http')}/account")
    assert "https" in secure.err.lower() + secure.out.lower()
