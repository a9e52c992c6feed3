"""Commands that print a secret, and what is said of those that do not."""

from __future__ import annotations

import os
import time

import pytest

from reqcli.errors import SecretUnavailable, Timeout
from reqcli.vault.answer import Answer
from reqcli.vault.sources import LARGEST
from reqcli.vault.sources.command import LONGEST_COMPLAINT, SOURCE


def fetch(script: str, *args: str, patience: float = 30.0) -> Answer:
    return SOURCE.fetch(["sh", "-c", script, "sh", *args], {"PATH": os.environ["PATH"]}, patience)


def failure(script: str, *args: str) -> str:
    with pytest.raises(SecretUnavailable) as caught:
        fetch(script, *args)
    return caught.value.message


def test_a_bare_token_holds_for_an_unknown_time_and_json_says_for_how_long() -> None:
    assert fetch("echo t0ken") == Answer.of("t0ken")
    answer = fetch('echo \'{"access_token": "t0ken", "expires_in": 3600}\'')
    assert answer.value.reveal() == "t0ken"
    assert answer.until is not None
    assert 3000 < answer.until - time.time() < 3600


def test_its_failure_is_told_in_its_own_words_on_one_line() -> None:
    message = failure("echo 'not signed in' >&2; echo ' run:  login' >&2; exit 3")
    assert message == "the command 'sh' failed with exit status 3: not signed in run: login"
    assert failure("kill -KILL $$") == "the command 'sh' died of signal 9"
    assert failure("exit 1") == "the command 'sh' failed with exit status 1"


def test_of_a_long_complaint_the_end_is_shown() -> None:
    message = failure("for i in $(seq 1000); do echo line $i >&2; done; exit 1")
    assert message.endswith("line 999 line 1000")
    assert len(message) < LONGEST_COMPLAINT + 100


def test_its_complaint_shows_neither_what_it_printed_nor_its_arguments() -> None:
    message = failure('echo t0ken-t0ken; echo "bad: t0ken-t0ken, given $1" >&2; exit 1', "hunter2hunter2")
    assert "bad" in message
    assert "t0ken" not in message
    assert "hunter2" not in message


@pytest.mark.parametrize("script", ["echo", "echo hunter2; echo hunter3", "echo '{\"hunter2\": 1}'"])
def test_output_that_is_no_answer_is_not_repeated(script: str) -> None:
    message = failure(script)
    assert message.startswith("the command 'sh' printed ")
    assert "hunter" not in message


def test_the_largest_answer_is_taken_and_a_larger_one_is_not() -> None:
    assert len(fetch(f"head -c {LARGEST} /dev/zero | tr '\\0' x").value.reveal()) == LARGEST
    assert "more than" in failure(f"head -c {LARGEST + 1} /dev/zero | tr '\\0' x")


def test_it_has_the_time_that_it_was_given() -> None:
    with pytest.raises(Timeout, match=r"took longer than 0\.3 s"):
        fetch("sleep 60", patience=0.3)
