from __future__ import annotations

import pytest

from reqcli.errors import SecretUnavailable
from reqcli.vault.sources.env import SOURCE


def test_the_value_comes_from_the_environment_that_was_handed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_TOKEN", "of the process")
    assert SOURCE.fetch("API_TOKEN", {"API_TOKEN": "given "}, 1.0).value.reveal() == "given "
    with pytest.raises(SecretUnavailable, match="API_TOKEN, which holds a secret, is not set"):
        SOURCE.fetch("API_TOKEN", {}, 1.0)


@pytest.mark.parametrize("typed", ["s3cr3t-hunter2-t0ken", "ghp_0123456789abcdefghijABCDEFGHIJklmnop"])
def test_what_a_shell_put_in_the_place_of_the_name_is_not_shown(typed: str) -> None:
    with pytest.raises(SecretUnavailable) as caught:
        SOURCE.fetch(typed, {}, 1.0)
    assert "without a $" in str(caught.value.hint)
    assert typed not in f"{caught.value.message} {caught.value.hint} {SOURCE.describe(typed)}"


def test_an_empty_variable_is_no_secret() -> None:
    with pytest.raises(SecretUnavailable, match="is empty"):
        SOURCE.fetch("API_TOKEN", {"API_TOKEN": ""}, 1.0)
