"""The program through a real squid, which forwards and tunnels and asks for Basic or Digest."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from hashlib import md5
from pathlib import Path

import pytest

from reqcli import Session
from tests.daemons import running
from tests.net.conftest import Serving
from tests.net.conftest import authority as authority
from tests.net.conftest import serving as serving
from tests.net.conftest import trust_file as trust_file
from tests.program import Program
from tests.real import require
from tests.server import DemoServer
from tests.sockets import NastyServer, unused_port

USER, PASSWORD, REALM = "alice", "w0nder:land", "squid's own"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"

CONFIGURATION = """
http_port 127.0.0.1:{port}
visible_hostname squid.test
pid_filename {directory}/squid.pid
cache_log {directory}/cache.log
access_log none
netdb_filename none
cache deny all
cache_mem 8 MB
coredump_dir {directory}
max_filedescriptors 1024
pinger_enable off
shutdown_lifetime 0 seconds
{authentication}
acl known proxy_auth REQUIRED
acl forbidden dstdomain forbidden.example
http_access deny forbidden
http_access allow known
http_access deny all
"""

AUTHENTICATION = {
    "basic": 'auth_param basic program {helpers}/basic_ncsa_auth {directory}/users\nauth_param basic realm "x"',
    "digest": "auth_param digest program {helpers}/digest_file_auth -c {directory}/users\n"
    "auth_param digest realm {realm}",
}


class Squid:
    """A running squid that asks for one scheme."""

    def __init__(self, scheme: str, port: int) -> None:
        self.scheme = scheme
        self.port = port

    def url(self, user: str = f"{USER}:{PASSWORD.replace(':', '%3A')}") -> str:
        return f"http://{user}@127.0.0.1:{self.port}" if user else f"http://127.0.0.1:{self.port}"


@pytest.fixture(scope="module", params=["basic", "digest"])
def squid(request: pytest.FixtureRequest) -> Iterator[Squid]:
    program, scheme = require("squid"), request.param
    helpers = next(path for path in ("/usr/lib/squid", "/usr/lib64/squid", "/usr/libexec/squid") if Path(path).is_dir())
    port = unused_port()
    # Not below pytest's own directory: squid gives up root's rights, and its user may not look into that.
    directory = Path(tempfile.mkdtemp(prefix="squid-"))
    try:
        ha1 = md5(f"{USER}:{REALM}:{PASSWORD}".encode()).hexdigest()
        (directory / "users").write_text(
            f"{USER}:{md5(PASSWORD.encode()).hexdigest()}\n" if scheme == "basic" else f"{USER}:{REALM}:{ha1}\n"
        )
        authentication = AUTHENTICATION[scheme].format(helpers=helpers, directory=directory, realm=REALM)
        configuration = directory / "squid.conf"
        configuration.write_text(CONFIGURATION.format(port=port, directory=directory, authentication=authentication))
        if os.geteuid() == 0:
            for path in (directory, *directory.iterdir()):
                shutil.chown(path, "proxy")
        with running([program, "-N", "-f", str(configuration)], [port], directory):
            yield Squid(scheme, port)
    finally:
        shutil.rmtree(directory)


def test_a_plain_request_is_forwarded(reqcli: Program, squid: Squid, demo_server: DemoServer) -> None:
    output = reqcli("post", f"{demo_server.url}/echo?a=b", "--proxy", squid.url(), "-d", "body", "--format", "json")
    assert output.status == 0, output
    assert output.json["request"]["attempts"] == (1 if squid.scheme == "basic" else 2)
    echoed = output.json["response"]["body"]["value"]
    assert echoed["path"] == "/echo"
    assert "body" in str(echoed)
    names = {name.lower() for name, _ in output.json["response"]["headers"]}
    assert "via" in names
    assert "proxy-authorization" not in str(echoed).lower()
    assert PASSWORD not in output.out + output.err


def test_a_request_over_tls_is_tunnelled(reqcli: Program, squid: Squid, serving: Serving, trust_file: str) -> None:
    with NastyServer(OK, tls=serving("127.0.0.1")) as origin:
        output = reqcli("get", origin.url("/x"), "--proxy", squid.url(), "--verify", trust_file, "-a", "u:p")
        assert (output.status, output.out) == (0, "hi"), output
        (seen,) = origin.requests
        assert (seen.target, seen.get("authorization")) == ("/x", "Basic dTpw")
        assert not any(name.lower() in ("via", "proxy-authorization", "x-forwarded-for") for name, _ in seen.fields)


def test_the_credential_may_come_from_standard_input(reqcli: Program, squid: Squid, demo_server: DemoServer) -> None:
    credential = f"{USER}:{PASSWORD}\n".encode()
    output = reqcli(
        "get", f"{demo_server.url}/echo", "--proxy-auth", "@-", stdin=credential, env={"http_proxy": squid.url("")}
    )
    assert output.status == 0, output


def test_connections_and_what_the_proxy_said_are_used_again(squid: Squid, demo_server: DemoServer) -> None:
    with Session() as session:
        results = [session.get(f"{demo_server.url}/echo", proxy=squid.url()) for _ in range(5)]
    assert [result.status for result in results] == [200] * 5
    assert [result.attempts for result in results] == [1 if squid.scheme == "basic" else 2, 1, 1, 1, 1]
    assert [result.timing.reused for result in results[1:] if result.timing] == [True] * 4


@pytest.mark.parametrize("user", ["", f"{USER}:wr0ng-one"])
def test_without_the_right_credential_a_plain_request_is_answered_by_squid(
    user: str, reqcli: Program, squid: Squid, uncalled_server: DemoServer
) -> None:
    output = reqcli("get", f"{uncalled_server.url}/echo", "--proxy", squid.url(user))
    assert output.status == 4
    assert "407" in output.err
    assert "--proxy-auth" in output.err
    assert "wr0ng-one" not in output.err
    assert "ERR_CACHE_ACCESS_DENIED" in output.out


@pytest.mark.parametrize("user", ["", f"{USER}:wr0ng-one"])
def test_without_the_right_credential_there_is_no_tunnel(user: str, reqcli: Program, squid: Squid) -> None:
    output = reqcli("get", "https://a.example/", "--proxy", squid.url(user), "--format", "json")
    assert output.status == 97
    error = output.json["error"]
    assert (error["code"], error["phase"], error["details"]["status"]) == ("proxy_handshake_failed", "proxy", 407)
    assert "Cache Access Denied" in error["message"]
    assert "--proxy-auth" in error["hint"]
    assert output.json["request"]["sent"] == "no"
    assert "wr0ng-one" not in output.out


def test_what_squid_forbids_is_told_in_its_words(reqcli: Program, squid: Squid) -> None:
    output = reqcli("get", "https://forbidden.example/", "--proxy", squid.url())
    assert output.status == 97
    assert "refused a tunnel to forbidden.example:443: 403 Forbidden (ERROR: The requested URL" in output.err


def test_an_origin_that_squid_cannot_reach_is_squids_failure_and_may_pass(reqcli: Program, squid: Squid) -> None:
    output = reqcli("get", f"https://127.0.0.1:{unused_port()}/", "--proxy", squid.url(), "--format", "json")
    assert output.json["error"]["code"] == "proxy_handshake_failed"
    assert output.json["error"]["details"]["status"] == 503
    assert output.json["error"]["retryable"]
