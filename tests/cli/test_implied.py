"""Requests that name no command: a URL alone, and a method as HTTPie has it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqcli.cli.ask import METHODS
from reqcli.cli.plain import plain_request
from reqcli.errors import Usage


@pytest.mark.parametrize(
    ("line", "method", "url", "items"),
    [
        ("http://h", "GET", "http://h", ()),
        ("example.com/x X-A:1 q==2", "GET", "example.com/x", ("X-A:1", "q==2")),
        (":3000", "GET", ":3000", ()),
        ("/x", "GET", "/x", ()),
        ("localhost a=1", "POST", "localhost", ("a=1",)),
        ("localhost?q a:=1", "POST", "localhost?q", ("a:=1",)),
        ("[::1]:80 f@x", "POST", "[::1]:80", ("f@x",)),
        ("http://h @f", "POST", "http://h", ("@f",)),
        ("http://h @-", "POST", "http://h", ("@-",)),
        ("http://h -d x", "POST", "http://h", ()),
        ("--raw= http://h", "POST", "http://h", ()),
        ("-f http://h", "GET", "http://h", ()),
        ("-v --timeout 3 http://h -L", "GET", "http://h", ()),
        ("GET http://h a=1", "GET", "http://h", ("a=1",)),
        ("Post h", "POST", "h", ()),
        ("-v DELETE http://h", "DELETE", "http://h", ()),
        ("-v put h a=1", "PUT", "h", ("a=1",)),
        ("-v request PURGE h", "PURGE", "h", ()),
        ("PURGE http://h", "PURGE", "http://h", ()),
        ("--session w PROPFIND :80/", "PROPFIND", ":80/", ()),
    ],
)
def test_a_request_needs_no_command(line: str, method: str, url: str, items: tuple[str, ...]) -> None:
    words = plain_request(line.split())
    assert words is not None
    assert (words["method"], words["url"], words["items"]) == (method, url, items)


@pytest.mark.parametrize(
    "line", ["session list", "SESSION list", "demo", "GET", "PURGE h", "--version", "--help", "--nope http://h", "-Z h"]
)
def test_what_is_no_request_is_left_to_others(line: str) -> None:
    assert plain_request(line.split()) is None


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("-v", "the URL is missing"),
        ("-h", "the URL is missing — reqcli [METHOD] URL [ITEM]...; `reqcli --help` explains"),
        ("-d example.org/file.zip", "the URL is missing — -d takes the body, as curl's does; --download saves"),
        ("-v request", "the URL is missing"),
        ("-v GET", "the URL is missing"),
        ("-v session list", "'session' is no URL and no method"),
        ("-v a=1", "'a=1' is no URL and no method"),
    ],
)
def test_options_alone_make_no_request(line: str, problem: str) -> None:
    with pytest.raises(Usage) as caught:
        plain_request(line.split())
    assert f"{caught.value.message} — {caught.value.hint}".startswith(problem)


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("-v a=1", "a host alone is written"),
        ("-b a=1", "a host alone is written"),
        ("-b a=1 http://h", "curl's -b is the item Cookie:name=value"),
        ("-m 5 http://h", "if it is seconds: -m shows the time here, and --max-time SECONDS"),
        ("--json {} http://h", "if it is the body: --raw TEXT"),
    ],
)
def test_the_value_of_an_option_that_takes_none_here_is_known(line: str, hint: str) -> None:
    with pytest.raises(Usage) as caught:
        plain_request(line.split())
    assert (caught.value.hint or "").startswith(hint)


words = st.sampled_from(["http://h", "X:1", "a=b", "q==1", "@f", "-v", "-L", "--raw=x", ":3000/x"])


@given(st.sampled_from(METHODS), st.lists(words, max_size=4))
def test_a_method_in_capitals_is_the_command_of_its_name(method: str, more: list[str]) -> None:
    assert plain_request([method.upper(), "http://h", *more]) == plain_request([method, "http://h", *more])


@given(st.lists(words, max_size=4))
def test_what_is_implied_differs_in_nothing_but_the_method(more: list[str]) -> None:
    try:
        implied = plain_request(["http://h", *more])
    except Usage:
        return
    said = plain_request(["request", "GET", "http://h", *more])
    assert implied is not None
    assert said is not None
    assert {**implied, "method": "GET"} == said
    assert implied["method"] in ("GET", "POST")
