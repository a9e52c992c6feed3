"""What a policy lets through: asked before anything is looked up or sent, of every hop."""

from __future__ import annotations

import pytest

from reqcli.model.spec import RequestSpec
from reqcli.model.url import Url
from reqcli.session.policy import Policy

API = Policy(origins=["https://api.example", "http://localhost:3000"])
READING = Policy(methods=["GET", "HEAD"])
PATHS = Policy(paths=["/api", "/files/"])
PUBLIC = Policy(public_only=True)


def call(url: str, method: str = "GET", *, path_as_is: bool = False) -> RequestSpec:
    return RequestSpec(method, Url.parse(url, path_as_is=path_as_is))


@pytest.mark.parametrize(
    ("policy", "request_"),
    [
        (Policy(), call("http://anything.example:81/x", "BREW")),
        (API, call("https://API.example.:443/x", "DELETE")),
        (API, call("http://localhost:3000/")),
        (READING, call("http://x.example/", "HEAD")),
        (PATHS, call("https://x.example/api")),
        (PATHS, call("https://x.example/api/")),
        (PATHS, call("https://x.example/api/v1?next=/../x")),
        (PATHS, call("https://x.example/files/a..b/.c")),
        (PATHS, call("https://x.example/api/%2Ehidden%2E", path_as_is=True)),
        (PUBLIC, call("https://name-that-may-be-public.example/")),
        (PUBLIC, call("https://8.8.8.8/")),
        (PUBLIC, call("https://[2606:4700:4700::1111]/")),
    ],
    ids=lambda value: str(getattr(value, "url", value)),
)
def test_what_is_allowed_passes(policy: Policy, request_: RequestSpec) -> None:
    assert policy.check(request_) is None


@pytest.mark.parametrize(
    ("policy", "request_", "rule"),
    [
        (API, call("http://api.example/"), "origin"),
        (API, call("https://api.example:8443/"), "origin"),
        (API, call("https://x.api.example/"), "origin"),
        (API, call("https://api.example@evil.example/"), "origin"),
        (READING, call("http://x.example/", "POST"), "method"),
        (READING, call("http://x.example/", "get"), "method"),
        (PATHS, call("https://x.example/"), "path"),
        (PATHS, call("https://x.example/apiary"), "path"),
        (PATHS, call("https://x.example/files"), "path"),
        (PATHS, call("https://x.example/API"), "path"),
        (PATHS, call("https://x.example//api"), "path"),
        (PUBLIC, call("http://127.0.0.1/"), "address"),
        (PUBLIC, call("http://127.1/"), "address"),
        (PUBLIC, call("http://2130706433/"), "address"),
        (PUBLIC, call("http://0x7f.1/"), "address"),
        (PUBLIC, call("http://localhost/"), "address"),
        (PUBLIC, call("http://app.localhost/"), "address"),
        (PUBLIC, call("http://[::1]/"), "address"),
        (PUBLIC, call("http://[::ffff:127.0.0.1]/"), "address"),
        (PUBLIC, call("http://[::ffff:a9fe:a9fe]/"), "address"),
        (PUBLIC, call("http://[fe80::1%25lo]/"), "address"),
        (PUBLIC, call("http://169.254.169.254/latest/meta-data"), "address"),
        (PUBLIC, call("http://100.64.1.2/"), "address"),
        (PUBLIC, call("https://192.168.0.1/"), "address"),
    ],
    ids=lambda value: str(getattr(value, "url", value)),
)
def test_what_is_not_allowed_is_denied_by_its_rule(policy: Policy, request_: RequestSpec, rule: str) -> None:
    denied = policy.check(request_)
    assert denied is not None
    assert (denied.code, denied.exit_status, denied.sent) == ("policy_denied", 108, "no")
    assert denied.details["rule"] == rule
    assert not denied.retryable


@pytest.mark.parametrize(
    "path",
    [
        "/api/../admin", "/api/..", "/api/.", "/api/./x", "/api/%2e%2e/admin", "/api/.%2E/admin", "/api/..%2fadmin",
        "/api/%2e%2e%2fadmin", "/api/..%5cadmin", "/api/..\\admin", "/api/..;/admin", "/api/..;x=1/admin",
        "/api/..%3b/admin", "/api/x/%2e./%2e./admin",
    ],
)  # fmt: skip
def test_a_path_that_climbs_in_any_spelling_is_denied(path: str) -> None:
    """As it is typed: what is not typed with --path-as-is has no such steps left, unless they are escaped."""
    assert PATHS.check(call(f"https://x.example{path}", path_as_is=True)) is not None


def test_a_step_upwards_that_was_taken_already_is_judged_by_where_it_leads() -> None:
    assert PATHS.check(call("https://x.example/api/../admin")) is not None
    assert PATHS.check(call("https://x.example/admin/../api")) is None


def test_where_no_path_is_named_any_path_is_allowed() -> None:
    assert API.check(call("https://api.example/../x", path_as_is=True)) is None


def test_a_policy_says_itself_in_words() -> None:
    assert str(Policy()) == "everything"
    policy = Policy(origins=["https://b.example", "https://a.example"], methods=["GET"], public_only=True)
    assert str(policy) == "only origins https://a.example, https://b.example; only methods GET; only public addresses"
    assert str(Policy(paths=["/x"])) == "only paths /x"


def test_the_order_in_which_things_were_allowed_makes_no_difference() -> None:
    assert Policy(methods=["GET", "HEAD", "GET"]) == Policy(methods=["HEAD", "GET"])
    assert Policy().allows_everything
    assert not Policy(public_only=True).allows_everything
