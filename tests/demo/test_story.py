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


def test_what_a_step_keeps_is_known_to_the_next() -> None:
    commands: list[list[str]] = []

    def run(arguments: list[str]) -> Completed:
        commands.append(arguments)
        return Completed(0, "X-Id: 4-2\n")

    story = [Step("", "get {url}/issue", keeps=r"X-Id: (\S+)"), Step("", "get {url} Id:{kept}"), Step("", "get {kept}")]
    assert run_story("http://h", run, lambda text: None, story)
    assert commands == [["get", "http://h/issue"], ["get", "http://h", "Id:4-2"], ["get", "4-2"]]


@pytest.mark.parametrize(
    ("step", "complaint"),
    [
        pytest.param(Step("", "get", status=4), "expected exit 4", id="status"),
        pytest.param(Step("", "get", shows="ruddy"), "expected to read ruddy", id="text"),
        pytest.param(Step("", "get", keeps="(x+)"), "expected to find (x+)", id="kept"),
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
