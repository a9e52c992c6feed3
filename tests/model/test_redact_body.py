"""Bodies of requests: what is a secret by name is masked wherever it stands, and everything else stays as it is."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqcli.model import redact_body
from reqcli.model.redact import is_secret_parameter

FORM = "application/x-www-form-urlencoded"
JSON = "application/json; charset=utf-8"


def masked_body(text: str, media_type: str) -> str:
    return redact_body.masked_body(text, media_type, is_secret_parameter)


@pytest.mark.parametrize(
    ("text", "media_type", "shown"),
    [
        ('{"user": "a", "password" : "hunter2"}', JSON, '{"user": "a", "password" : "••••"}'),
        ('{"password": {"value": "hunter2", "n": [1, null]}, "b": 1}', JSON,
         '{"password": {"value": "••••", "n": ["••••", null]}, "b": 1}'),
        ('[{"tokens": ["x"], "api_token": ["a", {"b": "c"}]}, "d"]', JSON,
         '[{"tokens": ["x"], "api_token": ["••••", {"b": "••••"}]}, "d"]'),
        ('{"password": null, "pin": 1234, "secret": "", "ok": true}', JSON,
         '{"password": null, "pin": "••••", "secret": "", "ok": true}'),
        ('{"pass\\u0077ord": "a", "privateKey": "b", "secretAccessKey": "c"}', JSON,
         '{"pass\\u0077ord": "••••", "privateKey": "••••", "secretAccessKey": "••••"}'),
        ('{"password": "hunter2', JSON, '{"password": "••••"'),
        ('{"a": "\\"password\\": \\"x\\""}', JSON, '{"a": "\\"password\\": \\"x\\""}'),
        ('{"password": "hunter2"}', FORM, '{"password": "••••"}'),
        ('{"password": "hunter2"}', "", '{"password": "••••"}'),
        ("user=a&password=hunter2&x", FORM, "user=a&password=••••&x"),
        ("user%5Bpassword%5D=x&user[pin]=1&pass%77ord=y&password[]=z&a[b]=c", FORM,
         "user%5Bpassword%5D=••••&user[pin]=••••&pass%77ord=••••&password[]=••••&a[b]=c"),
        ('<s:A xmlns:s="u"><s:Password Type="t">hunter2</s:Password><b>c</b></s:A>', "text/xml",
         '<s:A xmlns:s="u"><s:Password Type="t">••••</s:Password><b>c</b></s:A>'),
        ("password=hunter2", "text/plain", "password=hunter2"),
        ('--x\r\nContent-Disposition: form-data; name="api_key"\r\nContent-Type: text/plain\r\n\r\nhu\r\nnt\r\n--x\r\n'
         'Content-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n', "multipart/form-data; boundary=x",
         '--x\r\nContent-Disposition: form-data; name="api_key"\r\nContent-Type: text/plain\r\n\r\n••••\r\n--x\r\n'
         'Content-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n'),
    ],
)  # fmt: skip
def test_what_is_a_secret_by_its_name_is_masked(text: str, media_type: str, shown: str) -> None:
    assert masked_body(text, media_type) == shown


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["a", "b c", "é", "key", "page_token"]), inner),
)


@given(VALUES, st.booleans())
def test_json_without_such_a_name_stays_as_it_is(value: object, is_wide: bool) -> None:
    text = json.dumps(value, indent=2 if is_wide else None)
    assert masked_body(text, JSON) == text


@given(VALUES)
def test_all_that_is_behind_such_a_name_is_masked_and_it_stays_json(value: object) -> None:
    shown = json.loads(masked_body(json.dumps({"secret": [value], "after": "x"}), JSON))

    def check(part: object) -> None:
        if isinstance(part, list | dict):
            for one in part.values() if isinstance(part, dict) else part:
                check(one)
        else:
            assert part in ("••••", "", None) or isinstance(part, bool)

    check(shown["secret"])
    assert shown["after"] == "x"


@given(
    st.text(st.sampled_from('{}[]",:\\ \n<>/=&;-1ab') | st.characters()), st.sampled_from([JSON, FORM, "text/xml", ""])
)
def test_any_text_will_do(text: str, media_type: str) -> None:
    masked_body(text, media_type)


@pytest.mark.parametrize("piece", ['"', '"\\', "[", "{", '{"password":', "<a", "<a>", "<a:", "1", "--", '\r\n\r\nb"'])
@pytest.mark.parametrize("media_type", [JSON, "text/xml", "multipart/form-data; boundary=x", FORM])
def test_hostile_text_takes_no_longer_than_friendly_text(piece: str, media_type: str) -> None:
    began = time.process_time()
    masked_body(('<{"x' if media_type == "text/xml" else "") + piece * 200_000, media_type)
    assert time.process_time() - began < 5
