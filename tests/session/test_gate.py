"""What may go along to another origin, and what may not: the advisories that every peer had, row by row."""

from __future__ import annotations

import pytest

from reqcli.model.credential import Credential
from reqcli.model.route import TlsOptions
from reqcli.model.spec import RequestSpec
from reqcli.model.url import Url
from reqcli.session.gate import passed

HOME = "https://api.example/start"
ELSEWHERE = {
    "another host": "https://evil.example/",
    "a subdomain": "https://x.api.example/",
    "the parent domain": "https://example/",
    "another port": "https://api.example:8443/",
    "another scheme (CVE-2018-18074)": "http://api.example/",
    "a name that ends alike": "https://notapi.example/",
}
SECRET_HEADERS = (
    "Authorization", "AUTHORIZATION", "authorization",  # CVE-2018-20060, CVE-2018-25091
    "Cookie",  # CVE-2023-43804
    "Proxy-Authorization",  # CVE-2024-37891, CVE-2026-34518
    "X-Api-Key", "X-Auth-Token", "Private-Token", "Host",
)  # fmt: skip


@pytest.mark.parametrize("name", SECRET_HEADERS)
@pytest.mark.parametrize("url", ELSEWHERE.values(), ids=ELSEWHERE)
def test_a_one_off_secret_header_does_not_cross(name: str, url: str) -> None:
    spec = RequestSpec("GET", Url.parse(HOME), headers=((name, "s3cret"), ("X-Plain", "1")))
    onward, notices = passed(spec, Url.parse(url))
    assert onward.headers == (("X-Plain", "1"),)
    assert len(notices) == 1
    assert name in notices[0]
    assert "s3cret" not in notices[0]


@pytest.mark.parametrize("url", ELSEWHERE.values(), ids=ELSEWHERE)
def test_a_one_off_credential_does_not_cross_and_does_not_come_back(url: str) -> None:
    spec = RequestSpec("GET", Url.parse(HOME), auth=Credential("bearer", {"token": "t"}))
    away, notices = passed(spec, Url.parse(url))
    assert away.auth is None
    assert len(notices) == 1
    back, _ = passed(away, Url.parse(HOME))
    assert back.auth is None


def test_the_urls_userinfo_does_not_cross() -> None:
    spec = RequestSpec("GET", Url.parse("https://u:p@api.example/"))
    onward, notices = passed(spec, Url.parse("https://evil.example/"))
    assert (onward.url.username, onward.auth) == (None, None)
    assert len(notices) == 1


def test_the_urls_userinfo_stays_within_its_origin() -> None:
    spec = RequestSpec("GET", Url.parse("https://u:p@api.example/"))
    onward, _ = passed(spec, spec.url.join("/next"))
    assert onward.auth is not None
    assert onward.auth.reveal("user") == "u"


def test_the_client_certificate_does_not_cross_but_the_trust_does() -> None:
    spec = RequestSpec("GET", Url.parse(HOME), tls=TlsOptions(verify="/ca.pem", certificate="/c.pem", key="/k.pem"))
    onward, notices = passed(spec, Url.parse("https://evil.example/"))
    assert onward.tls == TlsOptions(verify="/ca.pem")
    assert "certificate" in notices[0]


@pytest.mark.parametrize("url", [HOME, "https://api.example/other?x=1", "https://API.example.:443/"])
def test_within_the_origin_everything_stays(url: str) -> None:
    spec = RequestSpec(
        "GET", Url.parse(HOME), headers=(("Authorization", "x"), ("Cookie", "a=b")), auth=Credential("basic", {})
    )
    onward, notices = passed(spec, Url.parse(url))
    assert onward == spec.replace(url=Url.parse(url))
    assert notices == []
