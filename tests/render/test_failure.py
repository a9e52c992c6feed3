"""The lines that go to standard error."""

from __future__ import annotations

import pytest

from reqcli.errors import ConnectFailed, DnsFailed, HttpRedirect, ReqcliError, Usage, all_errors
from reqcli.model.redact import Redactor
from reqcli.model.result import Notice
from reqcli.model.secret import Secret
from reqcli.render.failure import failure_line, notice_line


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (DnsFailed("cannot resolve a.example"), "reqcli: error: cannot resolve a.example [dns_failed]"),
        (
            ConnectFailed("a.example:80 refused the connection", hint="is the server running?"),
            "reqcli: error: a.example:80 refused the connection — is the server running? [connect_failed]",
        ),
        (HttpRedirect("302 Found"), "reqcli: error: 302 Found — follow redirects with -L [http_redirect]"),
        (DnsFailed("no\x1b[2J\nname"), "reqcli: error: no\\x1b[2J\\nname [dns_failed]"),
    ],
    ids=["plain", "hint", "advice of the class", "escaped"],
)
def test_an_error_is_one_line_that_ends_in_its_code(error: ReqcliError, line: str) -> None:
    assert failure_line(error) == line


@pytest.mark.parametrize(
    ("text", "start", "end", "lines"),
    [
        ("a[b]c", 4, 5, ["  a[b]c", "      ^"]),
        ("a[b", 3, 4, ["  a[b", "     ^"]),
        ("a[-12]", 2, 5, ["  a[-12]", "    ^^^"]),
        ("漢e\u0301\x1b[b", 4, 5, ["  漢e\u0301\\x1b[b", "         ^"]),
        ("x" * 99 + "]" + "y" * 99, 99, 100, [f"  …{'x' * 60}]{'y' * 60}…", f"   {' ' * 60}^"]),
    ],
    ids=["inside", "past the end", "several", "wide, combined and escaped", "long"],
)
def test_a_place_in_a_word_is_pointed_at(text: str, start: int, end: int, lines: list[str]) -> None:
    error = Usage("wrong", details={"pointer": {"text": text, "start": start, "end": end}})
    assert failure_line(error).split("\n") == ["reqcli: error: wrong [usage]", *lines]


def test_a_notice_is_one_line_too() -> None:
    assert notice_line(Notice("withheld", "header X\n was not sent")) == (
        "reqcli: warning: header X\\n was not sent [withheld]"
    )


@pytest.mark.parametrize("kind", all_errors(), ids=lambda kind: kind.code)
def test_no_error_shows_a_known_secret(kind: type[ReqcliError]) -> None:
    redactor = Redactor([Secret("hunter2!")])
    line = failure_line(kind("the server said hunter2! or hunter2%21", hint="not hunter2!"), redactor)
    assert "hunter2" not in line
    assert "\n" not in line
