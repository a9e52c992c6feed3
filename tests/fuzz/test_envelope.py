"""Invariant: any bytes from a server come to an envelope that its schema allows, whatever is shown of the body."""

from __future__ import annotations

import json
from importlib.resources import files

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from reqcli import Session
from reqcli.errors import ReqcliError
from reqcli.model.redact import Redactor
from reqcli.model.spec import spec_for
from reqcli.render.formats.json import envelope
from tests.fuzz.fed import CALLS, COMMON, Fed
from tests.fuzz.test_client import BYTES, CALL

SCHEMA = files("reqcli.render.formats").joinpath("envelope.schema.json")
VALIDATOR = Draft202012Validator(json.loads(SCHEMA.read_text()))


@settings(max_examples=250, deadline=None)
@given(BYTES, CALL, st.none() | st.integers(0, 300), st.booleans())
def test_any_bytes_are_an_envelope(raw: bytes, call: str, limit: int | None, checks: bool) -> None:
    with Session(transport=Fed(raw)) as session:
        result = session.stream(spec_for(**CALLS[call], **{**COMMON, "check_status": checks}))
        if result.response is not None:
            try:
                result.response.read()
            except ReqcliError as error:
                result.error = error
        text = envelope(result, Redactor.for_request(result.request, result.secrets), limit=limit)
    assert text.count(b"\n") == 1
    document = json.loads(text)
    VALIDATOR.validate(document)
    assert document["ok"] is (result.error is None)
    assert b"s3cret" not in text
    if limit is not None and document["response"] is not None:
        assert document["response"]["body"].get("shown_bytes", 0) <= limit
