"""The story: how it is told, and that it comes true."""

from __future__ import annotations

import pytest

from reqcli.demo.server import DemoServer
from reqcli.demo.story import Completed, Step, real_commands, run_story
from tests.program import Program


def test_each_command_is_said_with_what_it_gave() -> None:
    said: list[str] = []
    story = [Step("Look.", "get {url}/x?a=1&b=2", status=4, shows="nobody")]
    assert run_story("http://h", lambda arguments: Completed(4, "nobody\nis here\n"), said.append, story)
    assert said[:2] == ["1. Look.\n   $ reqcli get 'http://h/x?a=1&b=2'", "   nobody\n   is here\n   → exit 4"]


def test_a_command_is_quoted_as_for_a_shell() -> None:
    commands: list[list[str]] = []

    def run(arguments: list[str]) -> Completed:
        commands.append(arguments)
        return Completed(0, "")

    assert run_story("http://h", run, lambda text: None, [Step("", "session capture demo 'a -> b' {url}/x")])
    assert commands == [["session", "capture", "demo", "a -> b", "http://h/x"]]


@pytest.mark.parametrize(
    ("step", "complaint"),
    [
        pytest.param(Step("", "get", status=4), "expected exit 4", id="status"),
        pytest.param(Step("", "get", shows="ruddy"), "expected to read ruddy", id="text"),
    ],
)
def test_a_step_that_goes_wrong_is_said_and_the_story_goes_on(step: Step, complaint: str) -> None:
    said: list[str] = []
    assert not run_story("", lambda arguments: Completed(0, "pale"), said.append, [step, Step("After.", "get")])
    assert f"   ✗ {complaint}" in said
    assert "2. After.\n   $ reqcli get" in said


def test_the_story_comes_true(demo_server: DemoServer, reqcli: Program) -> None:
    said: list[str] = []
    assert run_story(demo_server.url, real_commands(reqcli.environment), said.append), "\n".join(said)
