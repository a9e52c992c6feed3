"""`reqcli help`, and what `--help` shows."""

from __future__ import annotations

import json
import re

import pytest

from reqcli.batch.members import MEMBERS
from reqcli.cli.help.topics import TOPICS, summary, topic
from reqcli.cli.options import GROUPS
from reqcli.errors import all_errors
from reqcli.session import presets
from tests.generate import ROOT
from tests.program import Program
from tests.readme import README


def test_without_a_word_it_lists_the_topics(reqcli: Program) -> None:
    listed = reqcli("help").out
    for name in TOPICS:
        assert f"  {name:<13}{summary(name)}\n" in listed


@pytest.mark.parametrize("name", TOPICS)
def test_a_topic_is_printed_and_what_it_refers_to_is_there(name: str, reqcli: Program) -> None:
    assert reqcli("help", name).out == topic(name)
    referred = {words.split()[2] for words in topic(name).split("`") if words.startswith("reqcli help ")}
    assert referred <= {*TOPICS, "TOPIC"}


def test_the_readme_names_every_topic() -> None:
    assert f"({', '.join(TOPICS)})" in " ".join(README.read_text().split())


def test_the_topic_on_the_file_names_the_members_that_it_has(reqcli: Program) -> None:
    assert reqcli("session", "create", "work").status == 0
    document = json.loads((reqcli.sessions / "work.json").read_text())
    assert re.findall(r"^    ([a-z]+) {2,}", topic("file"), re.MULTILINE) == list(document)


def test_the_topic_on_captures_names_every_preset() -> None:
    named = re.search(r"for known protocols: ([^.]+)\.", topic("captures"))
    assert named is not None
    assert sorted(re.split(r",\s+", named[1])) == presets.names()


def test_the_topic_on_batches_names_every_member_of_a_line() -> None:
    text = topic("batch").partition("The members of a line:")[2].partition("A result is")[0]
    assert {member for member in MEMBERS if not re.search(rf"\b{member}\b", text)} == set()


def test_the_topic_on_the_environment_names_every_variable_that_is_read() -> None:
    """Those of ours, and others where they are looked up by name in the world's environment."""
    texts = [path.read_text() for path in (ROOT / "reqcli").rglob("*.py")]
    read = {name for text in texts for name in re.findall(r'environment\.get\("([A-Z_]+)"', text)}
    read |= {name for text in texts for name in re.findall(r"\bREQCLI_[A-Z_]+\b", text)}
    assert read
    assert {name for name in read if not re.search(rf"\b{name}\b", topic("environment"))} == set()


@pytest.mark.parametrize("command", ["get", "session", "session set", "convert curl", "context keygen"])
def test_the_help_of_a_command_is_the_same_by_both_ways(command: str, reqcli: Program) -> None:
    done = reqcli("help", *command.split())
    assert done.out == reqcli(*command.split(), "--help").out
    assert done.out.startswith(f"Usage: reqcli {command} ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sesions"], "did you mean sessions?"),
        (["session", "sett"], "did you mean set"),
        (["qqqq"], "topics are items, output"),
        (["get", "more"], "there is no topic or command 'get more'"),
    ],
)
def test_what_there_is_no_help_for_is_said(words: list[str], said: str, reqcli: Program) -> None:
    done = reqcli("help", *words)
    assert (done.status, done.out) == (2, "")
    assert said in done.err


def test_options_stand_under_their_headings_and_a_commands_own_come_first(reqcli: Program) -> None:
    text = reqcli("batch", "--help").out
    places = [text.index(f"\n{title}:\n") for title in ("Options", "Session", "TLS", "Output", "Other")]
    assert places == sorted(places)
    assert text.index("--resume") < text.index("--session")
    text = reqcli("get", "--help").out
    places = [text.index(f"\n{title}:\n") for title, _ in GROUPS]
    assert places == sorted(places)


def test_a_commands_summary_is_not_cut(reqcli: Program) -> None:
    assert "..." not in reqcli("session", "--help").out.partition("Commands:")[2].partition("Examples:")[0]


def test_every_failure_stands_in_three_columns(reqcli: Program) -> None:
    rows = [re.split(r" {2,}", line.strip()) for line in reqcli("help", "exit").out.splitlines() if line[:4] == "    "]
    assert [row[:2] for row in rows] == [["0", "(ok)"], *([str(e.exit_status), e.code] for e in all_errors())]
    assert {len(row) for row in rows} == {3}
