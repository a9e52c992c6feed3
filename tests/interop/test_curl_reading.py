"""A curl command's words: any of them give a call or a usage error, and curl itself knows every name."""

from __future__ import annotations

import re
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqcli.errors import Usage
from reqcli.interop.curl.names import FLAGS, SHORT, WITH_VALUE
from reqcli.interop.curl.reading import CurlCall, read_call
from tests.real import require

WORD = (
    st.sampled_from(sorted(f"--{name}" for name in WITH_VALUE | FLAGS) + [f"-{letter}" for letter in SHORT])
    | st.sampled_from(["-G", "-d", "-F", "-T", "--", "-", "@x", "a=b", "a=@b;type=c", "http://h/x?y#z", "h/{a}", "["])
    | st.text(max_size=8)
)


@given(st.lists(WORD, max_size=8))
def test_any_words_give_a_call_or_a_usage_error(words: list[str]) -> None:
    try:
        call = read_call(["curl", *words])
    except Usage:
        return
    assert isinstance(call, CurlCall)
    assert "://" in call.url


def test_every_option_of_the_real_curl_is_known() -> None:
    done = subprocess.run([require("curl"), "--help", "all"], capture_output=True, text=True, check=True)
    found = re.findall(r"^ *(?:-(\S), )? *--([a-z0-9.-]+)( <| \[)?", done.stdout, re.MULTILINE)
    assert len(found) > 200
    for letter, name, value in found:
        assert name in (WITH_VALUE if value else FLAGS), name
        assert not letter or SHORT[letter] == name


def test_no_name_is_in_both_lists() -> None:
    assert not WITH_VALUE & FLAGS
    assert set(SHORT.values()) <= WITH_VALUE | FLAGS


@pytest.mark.parametrize("program", ["curl", "/usr/bin/curl", "curl.exe", "C:\\Tools\\CURL.EXE"])
def test_the_program_may_be_given_by_its_path(program: str) -> None:
    assert read_call([program, "http://h/"]).url == "http://h/"


def test_its_repr_shows_no_secret() -> None:
    assert "hunter2" not in repr(read_call(["curl", "http://h/", "-u", "a:hunter2"]))
