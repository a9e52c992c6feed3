"""`-w FORMAT`: curl's little language, and what is refused in it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqcli.errors import Usage
from reqcli.model.redact import Redactor
from reqcli.model.response import Response
from reqcli.model.result import Result
from reqcli.model.url import Url
from reqcli.render.figures import NAMES, figures
from reqcli.render.write_out import parse_format, written_out
from tests.render.answers import answer, asked

HEADERS = (("ETag", '"a"'), ("Set-Cookie", "sid=s3cret; Path=/"), ("X-Two", "one"), ("x-two", "zwei \xc3\xa9"))


def both(template: str, response: Response | None = None, *, exit_status: int = 0) -> tuple[str, str]:
    """What goes to the two streams."""
    result = Result(request=asked(), response=response)
    values = figures(result, Redactor(), Url.parse("https://api.example/x"), None)
    values["exitcode"] = exit_status
    said = list(written_out(parse_format(template), values, response, Redactor()))
    out, err = ("".join(text for stream, text, _ in said if stream == name) for name in ("stdout", "stderr"))
    return out, err


def out(template: str, response: Response | None = None) -> str:
    return both(template, response)[0]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        pytest.param("%{http_code}", "200", id="code"),
        pytest.param(r"a\tb\r\n%{method}\n", "a\tb\r\nGET\n", id="escapes"),
        pytest.param(r"\q \\ 100%% 5% %x %", r"\q \\ 100% 5% %x %", id="what means nothing stays"),
        pytest.param("%{time_total}|%{size_download}", "0.000000|0", id="six decimals"),
        pytest.param("[%{filename_effective}%{remote_ip}]", "[]", id="nothing to say"),
        pytest.param("%header{etag} %{header{ETag}} %header{ x-two }", '"a" "a" one', id="headers"),
        pytest.param("[%header{nope}]", "[]", id="no such header"),
        pytest.param("{%{scheme}}", "{https}", id="braces around"),
    ],
)
def test_a_format_is_filled_in(template: str, expected: str) -> None:
    assert out(template, answer(headers=HEADERS)) == expected


def test_without_an_answer_the_code_has_three_zeros_and_headers_are_empty() -> None:
    assert out("%{http_code} %{response_code} [%header{etag}] %{header_json}") == "000 000 [] {}"


def test_what_follows_can_go_to_the_other_stream() -> None:
    assert both("a%{stderr}b%{http_code}%{stdout}c") == ("ac", "b000")


def test_what_follows_can_be_for_failures_alone() -> None:
    assert both("a%{onerror}b") == ("a", "")
    assert both("a%{onerror}b", exit_status=7) == ("ab", "")


def test_the_whole_is_one_json_object() -> None:
    text = out("%{json}", answer(status=404))
    assert set(json.loads(text)) == NAMES
    assert '"http_code":404' in text
    assert '"time_total":0.000000' in text
    assert '"filename_effective":null' in text


def test_all_headers_are_one_json_object_with_the_values_of_each_name_and_no_secret() -> None:
    headers = json.loads(out("%{header_json}", answer(headers=HEADERS)))
    assert headers["etag"] == ['"a"']
    assert headers["x-two"] == ["one", "zwei é"]
    assert "s3cret" not in str(headers) + out("%header{set-cookie}", answer(headers=HEADERS))


@pytest.mark.parametrize(
    ("template", "message", "hint"),
    [
        pytest.param("%{tim_total}", "%{tim_total}", "%{time_total}", id="mistyped"),
        pytest.param("%{}", "%{}", "names are curl's", id="empty"),
        pytest.param("%{certs}", "%{certs}", "", id="one of curl's that there is not"),
        pytest.param("%output{x}", "%output{x}", "", id="a call that there is not"),
        pytest.param("%{http_code", "not closed", "", id="not closed"),
        pytest.param("%header{x", "not closed", "", id="header not closed"),
    ],
)
def test_what_is_not_known_is_refused_and_something_suggested(template: str, message: str, hint: str) -> None:
    with pytest.raises(Usage) as caught:
        parse_format(f"{{}} %{{http_code}} {template}")
    assert message in caught.value.message
    assert hint in (caught.value.hint or "")


@given(st.text(st.sampled_from("%{}\\nrthe aoutpdr_cj\x00é")))
def test_any_text_is_filled_in_or_refused(template: str) -> None:
    try:
        pieces = parse_format(template)
    except Usage:
        return
    if not any(sign in template for sign in "%\\"):
        assert pieces == ((("text", template),) if template else ())
    both(template)
