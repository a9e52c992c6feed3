from __future__ import annotations

import pytest

from reqcli.errors import SecretUnavailable
from reqcli.vault.sources.env import SOURCE


def test_the_value_comes_from_the_environment_that_was_handed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_TOKEN", "of the process")
    assert SOURCE.fetch("API_TOKEN", {"API_TOKEN": "given "}, 1.0).value.reveal() == "given "
    with pytest.raises(SecretUnavailable, match="API_TOKEN, which holds a secret, is not set"):
        SOURCE.fetch("API_TOKEN", {}, 1.0)


def test_an_empty_variable_is_no_secret() -> None:
    with pytest.raises(SecretUnavailable, match="is empty"):
        SOURCE.fetch("API_TOKEN", {"API_TOKEN": ""}, 1.0)
