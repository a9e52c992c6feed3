"""A look at sessions that is said in the fewest words needs no Click, and must show what Click would have it show."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest

from reqcli.cli import tree
from reqcli.cli.main import run
from reqcli.cli.sessions.looks import look
from reqcli.cli.tree import run_command
from reqcli.cli.world import World
from reqcli.errors import ReqcliError
from reqcli.model.cookie import Cookie
from reqcli.session.operations import SetAuth, SetCookie, SetHeader, SetSetting
from reqcli.session.schema import StoredAuth, StoredHeader
from reqcli.store.files import FileStore
from tests.calls import calls_of

LOOKS = (["list"], ["show", "work"], ["cookies", "work"])


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Two sessions and one that cannot be read."""
    store = FileStore(str(tmp_path / "sessions"))
    learned = [
        SetCookie(Cookie("sid", "hunter2", "a.example", created=5.0), secure_origin=True),
        SetHeader(StoredHeader("X-Key", "hunter2", "https://a.example")),
        SetAuth("https://a.example", StoredAuth("basic", {"user": "me", "password": {"env": "PW"}})),
        SetSetting("ttl", 10**6),
    ]
    store.commit("work", None, learned, 5.0)
    store.commit("play", None, learned[:1], 6.0)
    (tmp_path / "sessions" / "torn.json").write_text("{")
    (tmp_path / "sessions" / "torn.json").chmod(0o600)
    return tmp_path


class Seen:
    """What a command gave."""

    def __init__(self, home: Path, environment: dict[str, str]) -> None:
        self.out, self.err = BytesIO(), BytesIO()
        self.world = World({"REQCLI_HOME": str(home), **environment}, None, self.out, self.err)

    def by_click(self, words: list[str]) -> tuple[object, ...]:
        try:
            outcome: object = run_command(words, self.world)
        except ReqcliError as error:
            outcome = str(error)
        return outcome, self.out.getvalue(), self.err.getvalue()

    def at_once(self, words: list[str]) -> tuple[object, ...]:
        try:
            outcome: object = look(words, self.world)
        except ReqcliError as error:
            outcome = str(error)
        return outcome, self.out.getvalue(), self.err.getvalue()


@pytest.mark.parametrize("environment", [{}, {"REQCLI_AGENT": "1"}, {"REQCLI_STORE": "files"}], ids=str)
@pytest.mark.parametrize(
    "words",
    [
        *LOOKS, ["show", "play"], ["cookies", "play"], ["show", "torn"], ["show", "none"], ["cookies", "none"],
        ["show", "no name"], ["show", ""], ["show", "./torn.json"], ["cookies", "../x"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_it_shows_what_click_would_have_it_show(
    home: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], environment: dict[str, str]
) -> None:
    monkeypatch.chdir(home / "sessions")
    monkeypatch.setattr("reqcli.cli.sessions.views.time", lambda: 1000.0)
    expected = Seen(home, environment).by_click(["session", *words])
    assert Seen(home, environment).at_once(["session", *words]) == expected
    assert expected[0] is not None


@pytest.mark.parametrize("words", LOOKS, ids=" ".join)
def test_it_is_done_at_once(home: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
    monkeypatch.delattr(tree, "run_command")
    seen = Seen(home, {})
    assert run(["session", *words], seen.world) == (103 if words == ["list"] else 0)
    assert seen.out.getvalue()


@pytest.mark.parametrize(
    "words",
    [
        [], ["list", "x"], ["list", "--help"], ["show"], ["show", "--reveal"], ["show", "work", "--reveal"],
        ["show", "work", "more"], ["cookies", "-x"], ["show", "--"], ["lists"], ["clear", "work"], ["prune"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_more_words_are_left_to_click(home: Path, words: list[str]) -> None:
    assert Seen(home, {}).at_once(["session", *words]) == (None, b"", b"")


def test_each_session_of_a_list_enters_few_functions(tmp_path: Path) -> None:
    def calls(number: int) -> int:
        store = FileStore(str(tmp_path / str(number) / "sessions"))
        cookie = SetCookie(Cookie("sid", "hunter2", "a.example", created=5.0), secure_origin=True)
        for count in range(number):
            store.commit(f"work-{count}", None, [cookie], 5.0)
        seen = Seen(tmp_path / str(number), {})
        return calls_of(lambda: seen.at_once(["session", "list"]))

    calls(1)  # imports what is to be imported
    each = (calls(30) - calls(10)) / 20
    assert each <= 52, each
