"""Settings: what each may be, and what it does to a call that says nothing of it."""

from __future__ import annotations

from typing import Any

import pytest

from reqcli.errors import Usage
from reqcli.model.expect import Expect
from reqcli.model.proxy import Proxies
from reqcli.model.retry import Retry
from reqcli.model.route import TlsOptions
from reqcli.model.secret import Secret
from reqcli.model.spec import RequestSpec
from reqcli.model.url import Url
from reqcli.session.schema import Json, SessionState, new_state
from reqcli.session.settings import SETTINGS, filled, tls_of

HOME = Url.parse("https://home.example/x")
AWAY = Url.parse("https://away.example/x")
CERT: dict[str, Json] = {"base_url": "https://home.example/v1", "cert": "/c.pem", "cert_key": "/k.pem"}


def state(settings: dict[str, Json]) -> SessionState:
    return new_state("0" * 32, 0).replace(settings=settings)


def fetch(stored: object) -> Secret:
    assert stored == {"env": "PASS"}
    return Secret("hunter2")


def never(stored: object) -> Secret:
    raise AssertionError(stored)


@pytest.mark.parametrize(
    ("name", "value", "is_right"),
    [
        ("base_url", "https://a.example", True),
        ("base_url", True, False),
        ("follow", True, True),
        ("follow", 1, False),
        ("timeout", 5, True),
        ("timeout", 0.5, True),
        ("timeout", 0, False),
        ("timeout", True, False),
        ("timeout", float("inf"), False),
        ("timeout", float("nan"), False),
        ("verify", False, True),
        ("verify", "/etc/ca.pem", True),
        ("verify", "", False),
        ("verify", None, False),
        ("retry", 0, True),
        ("retry", 1000, True),
        ("retry", 1001, False),
        ("retry", True, False),
        ("retry", 1.0, False),
        ("tls_min", "1.2", True),
        ("tls_min", "1.4", False),
        ("tls_min", [], False),
        ("default_scheme", "http", True),
        ("default_scheme", "HTTP", False),
        ("proxy", "", False),
        ("cert_key_pass", "hunter2", False),
        ("cert_key_pass", {"env": "A"}, True),
        ("cert_key_pass", {"env": "A", "file": "b"}, False),
        ("cert_key_pass", {"elsewhere": "A"}, False),
        ("cert_key_pass", {"env": ""}, False),
        ("cert_key_pass", {}, False),
    ],
)
def test_a_setting_accepts_only_its_kind(name: str, value: Any, is_right: bool) -> None:
    assert SETTINGS[name].kind.accepts(value) is is_right


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"follow": False}, {"follow": False}),
        ({"check_status": False}, {"check_status": False}),
        ({"max_redirects": 0}, {"max_redirects": 0}),
        ({"retry": 2}, {"retry": Retry(2)}),
        ({"verify": False}, {"tls": TlsOptions(verify=False)}),
        ({"verify": "/ca.pem", "tls_min": "1.3"}, {"tls": TlsOptions(verify="/ca.pem", minimum="1.3")}),
        ({"proxy": "http://p"}, {"proxies": Proxies.parse("http://p", "http://p")}),
        (
            {"proxy": "socks5://p", "no_proxy": "a.example"},
            {"proxies": Proxies.parse("socks5://p", "socks5://p", no_proxy="a.example")},
        ),
        ({"proxy": "no"}, {}),
        ({"no_proxy": "a.example"}, {}),
        ({"ttl": 5, "base_url": "https://home.example"}, {}),
    ],
)
def test_a_setting_fills_in_what_is_not_said(settings: dict[str, Json], said: dict[str, object]) -> None:
    assert filled(RequestSpec("GET", HOME), state(settings), never) == said


def test_what_is_said_with_a_call_wins() -> None:
    settings: dict[str, Json] = {
        "follow": True, "check_status": False, "max_redirects": 9, "retry": 9, "verify": False, "tls_min": "1.0",
        "proxy": "http://p",
    }  # fmt: skip
    spec = RequestSpec(
        "GET", HOME, follow=False, check_status=True, max_redirects=1, retry=Retry(1), tls=TlsOptions(),
        proxies=Proxies(),
    )  # fmt: skip
    assert filled(spec, state(settings), never) == {}


def test_statuses_that_a_call_expects_are_checked() -> None:
    spec = RequestSpec("GET", HOME, expect=Expect.parse("2xx"))
    assert filled(spec, state({"check_status": False}), never) == {}


def test_a_client_certificate_is_for_the_server_of_the_base_url_alone() -> None:
    assert tls_of(state(CERT), HOME, never) == TlsOptions(certificate="/c.pem", key="/k.pem")
    assert tls_of(state(CERT), AWAY, never) is None
    assert tls_of(state(CERT), Url.parse("https://home.example:444/"), never) is None
    assert tls_of(state({**CERT, "verify": False}), AWAY, never) == TlsOptions(verify=False)
    said = TlsOptions(verify="/ca.pem")
    assert tls_of(state({**CERT, "verify": False}), HOME, never, said) == said.replace(
        certificate="/c.pem", key="/k.pem"
    )
    own = said.replace(certificate="/own.pem")
    for url, given in ((AWAY, said), (AWAY, own), (HOME, own)):
        assert tls_of(state(CERT), url, never, given) is given


def test_a_passphrase_is_fetched_with_its_certificate_and_not_without() -> None:
    settings = {**CERT, "cert_key_pass": {"env": "PASS"}}
    found = tls_of(state(settings), HOME, fetch)
    assert found == TlsOptions(certificate="/c.pem", key="/k.pem", key_password=Secret("hunter2"))
    assert tls_of(state(settings), AWAY, never) is None
    del settings["cert"]
    assert tls_of(state(settings), HOME, never) is None


@pytest.mark.parametrize(("name", "value"), [("cert", "/c.pem"), ("pin", "sha256//AAAA")])
def test_what_is_for_the_base_url_needs_one(name: str, value: str) -> None:
    with pytest.raises(Usage, match=f"setting {name} is for the server of its base URL"):
        filled(RequestSpec("GET", HOME), state({name: value}), never)
