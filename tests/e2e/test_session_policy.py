"""A session that is limited: what its policy forbids is not sent, on no hop, under no address."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.program import Program
from tests.server import DemoServer
from tests.sockets import NastyServer, Peer

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture
def server() -> Iterator[NastyServer]:
    with NastyServer(OK, must_be_called=False) as running:
        yield running


def limit(reqcli: Program, *words: str) -> None:
    output = reqcli("session", "policy", "work", *words)
    assert (output.status, output.err, output.out) == (0, "", ""), output


def denied(reqcli: Program, *args: str) -> str:
    """The message of a call that the policy forbids."""
    output = reqcli(*args, "--session", "work")
    assert output.status == 108, output
    assert output.err.endswith("[policy_denied]\n")
    return output.err


def test_what_is_not_named_is_not_sent(reqcli: Program, server: NastyServer) -> None:
    limit(reqcli, "--allow-origin", server.url(), "--allow-method", "get", "--allow-path", "/api")
    assert reqcli("get", server.url("/api/x"), "--session", "work").status == 0
    assert "the method 'POST'" in denied(reqcli, "post", server.url("/api/x"), "a=1")
    assert "the path '/other'" in denied(reqcli, "get", server.url("/other"))
    assert "the path '/api/../x'" in denied(reqcli, "get", server.url("/api/../x"), "--path-as-is")
    assert "requests to http://localhost" in denied(
        reqcli, "get", server.url("/api/x").replace("127.0.0.1", "localhost")
    )
    assert len(server.requests) == server.connections == 1


def test_another_origin_is_forbidden_before_its_name_is_looked_up(reqcli: Program, server: NastyServer) -> None:
    limit(reqcli, "--allow-origin", server.url())
    envelope = reqcli("get", "https://no.such.invalid/", "--session", "work", "--format", "json").json
    assert envelope["exit_code"] == 108
    assert (envelope["error"]["code"], envelope["error"]["phase"]) == ("policy_denied", "policy")
    assert envelope["error"]["details"]["rule"] == "origin"
    assert envelope["error"]["retryable"] is False
    assert envelope["timing"]["dns_ms"] is None


def test_the_policy_holds_on_every_hop(reqcli: Program, server: NastyServer) -> None:
    def elsewhere(peer: Peer) -> None:
        peer.answer(f"HTTP/1.1 302 X\r\nLocation: {server.url('/secret')}\r\nContent-Length: 0\r\n\r\n".encode())

    with NastyServer(elsewhere) as first:
        limit(reqcli, "--allow-origin", first.url())
        output = denied(reqcli, "get", first.url(), "-L")
        assert f"requests to {server.url().rstrip('/')}" in output
        assert (len(first.requests), server.connections) == (1, 0)


def test_a_redirect_that_is_forbidden_is_not_said_to_have_got_the_body(reqcli: Program, server: NastyServer) -> None:
    def elsewhere(peer: Peer) -> None:
        peer.answer(f"HTTP/1.1 307 X\r\nLocation: {server.url('/')}\r\nContent-Length: 0\r\n\r\n".encode())

    with NastyServer(elsewhere) as first:
        limit(reqcli, "--allow-origin", first.url())
        assert "body" not in denied(reqcli, "post", first.url(), "a=1", "-L")


def test_a_credential_is_not_fetched_for_what_is_forbidden(reqcli: Program, server: NastyServer) -> None:
    """A command that would give the token leaves its trace when it runs."""
    trace = reqcli.home / "ran"
    reqcli.home.mkdir()
    output = reqcli(
        "session", "set-auth", "work", "-A", "bearer", "--token-command", f"touch {trace}", "--origin", server.url()
    )
    assert output.status == 0, output
    limit(reqcli, "--allow-method", "HEAD")
    denied(reqcli, "get", server.url())
    assert not trace.exists()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "[::ffff:127.0.0.1]", "[::1]"])
def test_this_machine_is_out_of_reach_under_any_name(reqcli: Program, server: NastyServer, host: str) -> None:
    limit(reqcli, "--public-only")
    assert "not public" in denied(reqcli, "get", f"http://{host}:{server.port}/")
    assert server.connections == 0


def test_a_public_name_that_leads_here_is_found_out_when_it_is_connected_to(
    reqcli: Program, server: NastyServer
) -> None:
    limit(reqcli, "--public-only")
    resolve = f"rebound.example:{server.port}:127.0.0.1"
    message = denied(reqcli, "get", f"http://rebound.example:{server.port}/", "--resolve", resolve)
    assert "rebound.example is at 127.0.0.1" in message
    assert server.connections == 0


def test_a_neighbour_is_not_spoken_to_as_a_proxy_either(reqcli: Program, server: NastyServer) -> None:
    """Or whoever chooses the proxy could have a request of his choice sent to anybody nearby."""
    limit(reqcli, "--public-only")
    for url in ("http://8.8.8.8/", "https://8.8.8.8/"):
        for words in (["--proxy", server.url()], ["--proxy", f"socks5://127.0.0.1:{server.port}"]):
            assert "127.0.0.1" in denied(reqcli, "get", url, *words)
    reqcli.environment["http_proxy"] = server.url()
    assert "would look public.example up itself" in denied(reqcli, "get", "http://public.example/")
    assert server.connections == 0


def test_a_policy_is_shown_and_cleared(reqcli: Program, demo_server: DemoServer) -> None:
    limit(reqcli, "--allow-method", "head", "--public-only")
    limit(reqcli, "--allow-method", "GET")
    assert reqcli("session", "policy", "work").out == "only methods GET, HEAD; only public addresses\n"
    shown = reqcli("session", "show", "work", "--format", "json").json
    assert shown["policy"] == reqcli("session", "policy", "work", "--format", "json").json
    assert shown["policy"] == {"origins": [], "methods": ["GET", "HEAD"], "paths": [], "public_only": True}
    assert "allows only methods GET, HEAD; only public addresses\n" in reqcli("session", "show", "work").out
    limit(reqcli, "--any-address")
    assert reqcli("get", f"{demo_server.url}/echo", "--session", "work").status == 0
    limit(reqcli, "--clear", "--allow-method", "POST")
    assert reqcli("session", "policy", "work").out == "only methods POST\n"
    limit(reqcli, "--clear")
    assert reqcli("session", "policy", "work").out == "everything\n"


@pytest.mark.parametrize(
    "words",
    [
        ("--allow-method", "G T"),
        ("--allow-path", "api"),
        ("--allow-origin", "ftp://x.example"),
        ("--allow-origin", "https://"),
    ],
)
def test_what_is_no_rule_is_refused(reqcli: Program, words: tuple[str, str]) -> None:
    output = reqcli("session", "policy", "work", *words)
    assert output.status == 2
    assert not (reqcli.sessions / "work.json").exists()


def test_stateless_calls_have_no_policy(reqcli: Program, demo_server: DemoServer) -> None:
    limit(reqcli, "--allow-method", "HEAD")
    assert reqcli("get", f"{demo_server.url}/echo", "--stateless").status == 0
