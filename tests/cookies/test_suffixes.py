"""Public suffixes: the same answers as the package's own index gives, without building it."""

from __future__ import annotations

import random
import subprocess
import sys

import pytest
from publicsuffixlist import PSLFILE, PublicSuffixList

from reqcli.cookies.suffixes import is_public_suffix

CASES = {
    "a top-level domain": ("com", True),
    "a top-level domain that is not listed": ("test", True),
    "a name without a dot": ("localhost", True),
    "a registered name": ("example.com", False),
    "a name below it": ("www.example.com", False),
    "a second-level suffix": ("co.uk", True),
    "a name below that": ("example.co.uk", False),
    "a suffix of a private registry": ("github.io", True),
    "a page of that registry": ("someone.github.io", False),
    "a name of a domain that is not listed": ("example.test", False),
    "what a wildcard covers": ("anything.ck", True),
    "below what a wildcard covers": ("example.anything.ck", False),
    "an exception": ("www.ck", False),
    "below an exception": ("shop.www.ck", False),
    "a wildcard three labels deep": ("anything.kobe.jp", True),
    "the stem of a wildcard": ("kobe.jp", True),
    "an exception three labels deep": ("city.kobe.jp", False),
    "another script, as A-labels": ("xn--55qx5d.cn", True),
    "a name below that one": ("example.xn--55qx5d.cn", False),
    "a top-level domain in another script": ("xn--fiqs8s", True),
    "a name in another script below a plain suffix": ("xn--85x722f.com.cn", False),
    "an A-label that is none": ("xn--a\x80b.com", False),
    "an A-label that decodes to nothing sensible": ("xn--99999999999.com", False),
    "the beginning of a rule is no rule": ("o.uk", False),
    "a rule with more behind it is no rule": ("co.ukx", False),
}


@pytest.mark.parametrize(("domain", "expected"), CASES.values(), ids=CASES)
def test_a_domain_is_public_or_not(domain: str, expected: bool) -> None:
    assert is_public_suffix(domain) is expected


def test_rules_of_every_kind_give_the_answers_of_the_packages_own_index() -> None:
    index = PublicSuffixList()
    with open(PSLFILE, encoding="utf-8") as file:
        rules = [line.split()[0] for line in file if line.strip() and not line.startswith("//")]
    plain = [rule for rule in rules if rule.isascii() and rule[0] not in "*!"]
    wildcards = [rule[2:] for rule in rules if rule.startswith("*.")]
    exceptions = [rule[1:] for rule in rules if rule.startswith("!")]
    international = [rule.encode("idna").decode() for rule in rules if not rule.isascii()]
    choose = random.Random(6265)
    for kind in (plain, wildcards, exceptions, international):
        for rule in choose.sample(kind, min(25, len(kind))):
            for domain in (rule, f"x.{rule}", f"x.y.{rule}", rule.partition(".")[2] or rule):
                assert is_public_suffix(domain) is index.is_public(domain), domain


def test_the_list_is_not_loaded_for_cookies_without_a_domain() -> None:
    program = """
import sys
from reqcli.cookies.receive import received_cookie
from reqcli.model.url import Url
url = Url.parse("https://www.example.com/")
received_cookie("a=1; Path=/; Secure; Expires=Mon, 09 Jun 2031 12:34:56 GMT", url, 1e9)
received_cookie("a=1; Domain=example.org", url, 1e9)
received_cookie("a=1; Domain=10.0.0.1", Url.parse("http://10.0.0.1/"), 1e9)
received_cookie("a=1; Domain=localhost", Url.parse("http://localhost/"), 1e9)
assert "publicsuffixlist" not in sys.modules
received_cookie("a=1; Domain=example.com", url, 1e9)
assert "publicsuffixlist" in sys.modules
assert not {"datetime", "calendar", "http", "email", "urllib", "dataclasses", "idna"} & set(sys.modules)
"""
    done = subprocess.run([sys.executable, "-S", "-c", f"import sys; sys.path[:] = {sys.path!r}\n{program}"],
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
