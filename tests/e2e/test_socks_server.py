"""The program through a real SOCKS server, which wants a user and a password."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.daemons import running
from tests.net.conftest import Serving
from tests.net.conftest import authority as authority
from tests.net.conftest import serving as serving
from tests.net.conftest import trust_file as trust_file
from tests.program import Program
from tests.real import require
from tests.server import DemoServer
from tests.sockets import NastyServer, unused_port

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where microsocks listens; its user is `alice`, the password `w0nder:land`."""
    port = unused_port()
    command = [require("microsocks"), "-i", "127.0.0.1", "-p", str(port), "-u", "alice", "-P", "w0nder:land"]
    with running(command, [port], tmp_path_factory.mktemp("microsocks")):
        yield f"127.0.0.1:{port}"


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_plain_request_goes_through(
    host: str, scheme: str, reqcli: Program, address: str, demo_server: DemoServer
) -> None:
    url = demo_server.url.replace("127.0.0.1", host)
    output = reqcli("post", f"{url}/echo", "-d", "body", "--proxy", f"{scheme}://alice:w0nder%3Aland@{address}")
    assert output.status == 0, output
    assert "body" in output.out


def test_a_request_over_tls_goes_through(reqcli: Program, address: str, serving: Serving, trust_file: str) -> None:
    with NastyServer(OK, tls=serving("localhost")) as origin:
        url = origin.url("/x").replace("127.0.0.1", "localhost")
        environment = {"ALL_PROXY": f"socks5h://alice:w0nder:land@{address}"}
        output = reqcli("get", url, "--verify", trust_file, env=environment)
        assert (output.status, output.out) == (0, "hi"), output


@pytest.mark.parametrize(
    ("user", "words"), [("", "wants a user"), ("alice:wr0ng-one@", "turned the user or the password")]
)
def test_without_the_right_credential_nothing_goes_through(
    user: str, words: str, reqcli: Program, address: str, uncalled_server: DemoServer
) -> None:
    output = reqcli("get", f"{uncalled_server.url}/echo", "--proxy", f"socks5h://{user}{address}")
    assert (output.status, output.out) == (97, "")
    assert words in output.err
    assert "wr0ng-one" not in output.err


def test_what_cannot_be_reached_is_told(reqcli: Program, address: str) -> None:
    url = f"http://127.0.0.1:{unused_port()}/"
    output = reqcli("get", url, "--proxy", f"socks5h://alice:w0nder:land@{address}")
    assert output.status == 97
    assert "refused" in output.err
