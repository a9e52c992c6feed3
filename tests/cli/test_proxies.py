"""Which proxies the options and the environment name (PRX-1 and PRX-2 of checklist.txt, CVE-2016-5385)."""

from __future__ import annotations

import io
from typing import Any

import pytest

from reqcli.cli.ask import Ask
from reqcli.cli.proxies import proxies_for
from reqcli.cli.world import World
from reqcli.errors import AuthRequired, Usage
from reqcli.model.credential import Credential
from reqcli.model.proxy import Proxies
from reqcli.model.secret import Secret
from reqcli.model.url import Url
from reqcli.session.schema import Json, new_state
from tests.program import Program
from tests.proxies import RelayingProxy
from tests.server import DemoServer
from tests.sockets import NastyServer

HTTP, HTTPS = Url.parse("http://a.example/"), Url.parse("https://a.example/")
NOTHING_SAID = {"proxy": None, "proxy_auth": None, "proxy_verify": None, "noproxy": None}
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


def proxies(
    environment: dict[str, str], stdin: bytes = b"", settings: dict[str, Json] | None = None, **said: Any
) -> Proxies:
    world = World(environment, io.BytesIO(stdin), io.BytesIO(), io.BytesIO())
    state = new_state("0" * 32, 0).replace(settings=settings or {})
    return proxies_for(Ask(**{**NOTHING_SAID, **said}), HTTP, world, state) or Proxies()


def chosen(environment: dict[str, str], **said: Any) -> tuple[str, str]:
    """The hosts of the proxies for http and https; a dash for none."""
    found = proxies(environment, **said)
    http, https = (found.choose(url) for url in (HTTP, HTTPS))
    return (http.host if http else "-", https.host if https else "-")


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        pytest.param({}, ("-", "-"), id="nothing"),
        pytest.param({"http_proxy": "a"}, ("a", "-"), id="http alone"),
        pytest.param({"HTTP_PROXY": "a"}, ("a", "-"), id="in upper case"),
        pytest.param({"https_proxy": "a"}, ("-", "a"), id="https alone"),
        pytest.param({"HTTPS_PROXY": "a"}, ("-", "a"), id="https in upper case"),
        pytest.param({"all_proxy": "a"}, ("a", "a"), id="all"),
        pytest.param({"ALL_PROXY": "a"}, ("a", "a"), id="all in upper case"),
        pytest.param({"HTTP_PROXY": "a", "http_proxy": "b"}, ("b", "-"), id="lower case goes first"),
        pytest.param({"ALL_PROXY": "a", "all_proxy": "b"}, ("b", "b"), id="for all too"),
        pytest.param({"all_proxy": "a", "HTTP_PROXY": "b"}, ("b", "a"), id="the scheme's own goes first"),
        pytest.param({"http_proxy": "", "HTTP_PROXY": "a", "all_proxy": "b"}, ("-", "b"), id="empty stops the search"),
        pytest.param({"HTTPS_PROXY": "", "ALL_PROXY": "b"}, ("b", "-"), id="in upper case too"),
        pytest.param({"http_proxy": "  ", "all_proxy": "b"}, ("-", "b"), id="blank is empty"),
        pytest.param({"all_proxy": "", "ALL_PROXY": "b"}, ("-", "-"), id="empty for all"),
        pytest.param({"HTTP_PROXY": "a", "REQUEST_METHOD": "GET"}, ("-", "-"), id="in a CGI program"),
        pytest.param({"HTTP_PROXY": "a", "REQUEST_METHOD": ""}, ("-", "-"), id="in an odd CGI program"),
        pytest.param({"HTTP_PROXY": "a", "ALL_PROXY": "b", "REQUEST_METHOD": "GET"}, ("b", "b"), id="all in CGI"),
        pytest.param({"http_proxy": "a", "REQUEST_METHOD": "GET"}, ("a", "-"), id="lower case in CGI"),
        pytest.param({"HTTPS_PROXY": "a", "REQUEST_METHOD": "GET"}, ("-", "a"), id="https in CGI"),
        pytest.param({"Http_Proxy": "a", "ftp_proxy": "b"}, ("-", "-"), id="other names"),
        pytest.param({"all_proxy": "p", "no_proxy": "a.example"}, ("-", "-"), id="exempt"),
        pytest.param({"all_proxy": "p", "NO_PROXY": "a.example:80"}, ("-", "p"), id="exempt on a port"),
        pytest.param({"all_proxy": "p", "no_proxy": "", "NO_PROXY": "a.example"}, ("p", "p"), id="an empty list"),
    ],
)
def test_what_the_environment_names(environment: dict[str, str], expected: tuple[str, str]) -> None:
    """CVE-2016-5385: under CGI, HTTP_PROXY is what a client put into its Proxy header."""
    assert chosen(environment) == expected


FULL = {"http_proxy": "a", "all_proxy": "b", "no_proxy": "a.example"}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param({"proxy": "c", "noproxy": ""}, ("c", "c"), id="the proxy"),
        pytest.param({"proxy": "no"}, ("-", "-"), id="none"),
        pytest.param({"proxy": ""}, ("-", "-"), id="none, by nothing"),
        pytest.param({"noproxy": "b.example"}, ("a", "b"), id="the list"),
        pytest.param({"noproxy": "*"}, ("-", "-"), id="a list of all"),
        pytest.param({"proxy": "c"}, ("-", "-"), id="the proxy, with the environment's list"),
    ],
)
def test_an_option_goes_before_the_variable_of_its_kind(said: dict[str, Any], expected: tuple[str, str]) -> None:
    assert chosen(FULL, **said) == expected


@pytest.mark.parametrize(
    ("environment", "said", "source"),
    [
        ({"https_proxy": "foo://u:s3cr3t@p"}, {}, "the environment variable https_proxy: 'foo' is not"),
        ({"ALL_PROXY": "http://u:s3cr3t@p:x"}, {}, "the environment variable ALL_PROXY: the URL"),
        ({}, {"proxy": "foo://u:s3cr3t@p"}, "--proxy: 'foo' is not"),
    ],
)
def test_a_proxy_that_is_none_is_an_error_that_says_where_it_stands(
    environment: dict[str, str], said: dict[str, str], source: str
) -> None:
    with pytest.raises(Usage, match=source) as caught:
        proxies(environment, **said)
    assert "s3cr3t" not in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize("said", [{"proxy_auth": "u:p"}, {"proxy_verify": "no"}, {"proxy": "no", "proxy_auth": "u:p"}])
def test_options_for_a_proxy_need_one(said: dict[str, str]) -> None:
    with pytest.raises(Usage, match="need a proxy"):
        proxies({}, **said)


def test_a_credential_need_not_stand_on_the_command_line() -> None:
    found = proxies({"all_proxy": "http://other:x@p"}, b"u:s3cr3t\n", proxy_auth="@-")
    assert found.http is not None
    assert found.http.credential == Credential("basic", {"user": "u", "password": Secret("s3cr3t")})
    with pytest.raises(AuthRequired, match="password"):
        proxies({"all_proxy": "p"}, proxy_auth="u")


def test_the_trust_in_a_proxy_is_its_own() -> None:
    found = proxies({"all_proxy": "https://p"}, proxy_verify="ca.pem")
    assert found.https is not None
    assert found.https.tls.verify == "ca.pem"
    unverified = proxies({"all_proxy": "https://p"}, proxy_verify="no")
    assert unverified.https is not None
    assert unverified.https.tls.verify is False


# The program itself


def test_the_program_goes_through_the_environments_proxy(reqcli: Program) -> None:
    with NastyServer(OK) as origin:
        with RelayingProxy(user="u:p", where={"a.example:80": ("127.0.0.1", origin.port)}) as proxy:
            output = reqcli("get", "http://a.example/x", env={"http_proxy": proxy.with_user("u:p")})
            assert (output.status, output.out) == (0, "hi"), output
        assert origin.requests[0].target == "/x"


def test_and_past_it_when_told_to(reqcli: Program, demo_server: DemoServer) -> None:
    gone = {"all_proxy": "http://127.0.0.1:1"}
    for options, env in (
        (("--proxy", "no"), gone),
        (("--noproxy", "127.0.0.0/8"), gone),
        ((), {**gone, "NO_PROXY": "127.0.0.1"}),
        ((), {"HTTP_PROXY": "http://127.0.0.1:1", "REQUEST_METHOD": "GET"}),
    ):
        output = reqcli("get", f"{demo_server.url}/echo", *options, env=env)
        assert output.status == 0, output


def test_loopback_is_not_past_it_by_itself(reqcli: Program, uncalled_server: DemoServer) -> None:
    output = reqcli("get", f"{uncalled_server.url}/echo", env={"http_proxy": "http://127.0.0.1:1"})
    assert output.status == 7
    assert "the proxy http://127.0.0.1:1" in output.err
    assert "--proxy no" in output.err


def test_an_unknown_proxy_is_no_reason_to_go_directly(reqcli: Program, uncalled_server: DemoServer) -> None:
    output = reqcli("get", f"{uncalled_server.url}/echo", env={"http_proxy": "sock5://u:s3cr3t@127.0.0.1:1"})
    assert output.status == 2
    assert "s3cr3t" not in output.err
    assert "http_proxy" in output.err


def test_a_password_that_the_proxy_repeats_is_masked(reqcli: Program) -> None:
    page = b"HTTP/1.1 403 no s3cr3t\r\nContent-Length: 18\r\n\r\nwho is u:s3cr3t-x?"
    with NastyServer(page) as proxy:
        url = f"http://u:s3cr3t-x@127.0.0.1:{proxy.port}"
        for options in ((), ("--format", "json")):
            output = reqcli("get", "https://a.example/", "--proxy", url, *options)
            assert output.status == 97
            assert "s3cr3t-x" not in f"{output.out} {output.err}"
    assert output.json["error"]["details"]["status"] == 403


def test_a_unix_socket_is_reached_without_a_proxy(reqcli: Program, tmp_path: Any) -> None:
    with NastyServer(OK, address=str(tmp_path / "s")):
        output = reqcli("get", "http://a.example/", "--unix-socket", str(tmp_path / "s"), "--proxy", "127.0.0.1:1")
        assert (output.status, output.out) == (0, "hi"), output


@pytest.mark.parametrize(
    ("settings", "environment", "said", "hosts"),
    [
        ({"proxy": "http://s"}, {"http_proxy": "http://e", "https_proxy": "http://e"}, {}, ("s", "s")),
        ({"proxy": "no"}, {"all_proxy": "http://e"}, {}, ("-", "-")),
        ({"proxy": "http://s"}, {}, {"proxy": "no"}, ("-", "-")),
        ({"proxy": "http://s"}, {}, {"proxy": "http://o"}, ("o", "o")),
        ({"proxy": "http://s", "no_proxy": HTTP.host}, {"no_proxy": ""}, {}, ("-", "-")),
        ({"proxy": "http://s", "no_proxy": HTTP.host}, {}, {"noproxy": ""}, ("s", "s")),
        ({"proxy": "http://s"}, {"no_proxy": HTTP.host}, {}, ("-", "-")),
        ({"no_proxy": HTTP.host}, {"all_proxy": "http://e"}, {}, ("-", "-")),
    ],
)
def test_the_session_goes_before_the_environment_and_after_the_options(
    settings: dict[str, Json], environment: dict[str, str], said: dict[str, str], hosts: tuple[str, str]
) -> None:
    found = proxies(environment, settings=settings, **said)
    chosen = tuple(proxy.host if (proxy := found.choose(url)) is not None else "-" for url in (HTTP, HTTPS))
    assert chosen == hosts


def test_a_proxy_of_the_session_that_is_none_is_an_error_that_says_where_it_stands() -> None:
    with pytest.raises(Usage, match="the session's setting proxy: 'foo' is not a kind of proxy"):
        proxies({}, settings={"proxy": "foo://x"})
