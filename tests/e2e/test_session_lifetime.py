"""Sessions end: so long after their creation or their last use, and are emptied before they are used again."""

from __future__ import annotations

import json
import time

import pytest

from reqcli import FileStore, Session
from tests.program import Program
from tests.server import DemoServer


def age(reqcli: Program, name: str, seconds: float, *fields: str) -> None:
    """Make a stored session older, in all its times or in those named."""
    path = reqcli.sessions / f"{name}.json"
    document = json.loads(path.read_text())
    for field in fields or ("created", "updated", "used"):
        document[field] -= seconds
    path.write_text(json.dumps(document))


def stored(reqcli: Program, name: str = "work") -> dict[str, object]:
    return json.loads((reqcli.sessions / f"{name}.json").read_text())


def filled(reqcli: Program, server: DemoServer, *lifetime: str) -> None:
    """A session with a setting, a policy, a cookie, a credential and headers."""
    assert reqcli("session", "create", "work", "--base-url", server.url, *lifetime).status == 0
    assert reqcli("session", "policy", "work", "--allow-origin", server.url).status == 0
    assert reqcli("session", "set-header", "work", "X-Key: k").status == 0
    assert reqcli("session", "set-header", "work", "X-Team: blue", "--any-origin").status == 0
    assert reqcli("session", "set-auth", "work", "-A", "bearer", "-a", "@-", stdin=b"t0ken").status == 0
    assert reqcli("get", "/cookie/a/b", "--session", "work").status == 0


@pytest.mark.parametrize("lifetime", [("--ttl", "12h"), ("--idle-ttl", "30m")], ids=lambda words: words[0])
def test_an_expired_session_is_emptied_before_it_is_used_with_a_word_on_stderr(
    reqcli: Program, demo_server: DemoServer, lifetime: tuple[str, str]
) -> None:
    filled(reqcli, demo_server, *lifetime)
    age(reqcli, "work", 12 * 3600 + 1)
    echo = reqcli("get", "/echo", "--session", "work")
    assert echo.status == 0
    assert echo.err == "reqcli: warning: session work had expired, and was emptied [session_expired]\n"
    names = {name for name, _ in echo.json["headers"]}
    assert names & {"Cookie", "Authorization", "X-Key", "X-Team"} == {"X-Team"}
    left = stored(reqcli)
    assert (left["cookies"], left["auth"], left["headers"]) == ([], {}, {"*": {"X-Team": "blue"}})
    assert left["policy"] is not None
    assert left["settings"]["base_url"] == f"{demo_server.url}/"  # type: ignore[index]
    assert time.time() - left["created"] < 60  # type: ignore[operator]
    assert reqcli("get", "/echo", "--session", "work").err == ""
    age(reqcli, "work", 12 * 3600 + 1)
    assert reqcli("get", "/echo", "--session", "work", "-q", "--store", "files").err == ""


def test_before_its_time_a_session_keeps_everything(reqcli: Program, demo_server: DemoServer) -> None:
    filled(reqcli, demo_server, "--ttl", "12h", "--idle-ttl", "30m")
    age(reqcli, "work", 25 * 60)
    echo = reqcli("get", "/echo", "--session", "work")
    assert echo.err == ""
    assert {"Cookie", "Authorization", "X-Key"} <= {name for name, _ in echo.json["headers"]}


def test_a_run_that_only_reads_takes_an_expired_session_for_empty_and_writes_nothing(
    reqcli: Program, demo_server: DemoServer
) -> None:
    filled(reqcli, demo_server, "--ttl", "12h")
    age(reqcli, "work", 13 * 3600)
    before = (reqcli.sessions / "work.json").read_bytes()
    echo = reqcli("get", "/echo", "--session", "work", "--read-only")
    assert "[session_expired]" in echo.err
    assert "Cookie" not in {name for name, _ in echo.json["headers"]}
    assert (reqcli.sessions / "work.json").read_bytes() == before


def test_an_envelope_names_the_expiry_among_its_warnings(reqcli: Program, demo_server: DemoServer) -> None:
    filled(reqcli, demo_server, "--ttl", "12h")
    age(reqcli, "work", 13 * 3600)
    envelope = reqcli("get", "/echo", "--session", "work", "--format", "json")
    assert [warning["code"] for warning in envelope.json["warnings"]] == ["session_expired"]
    assert envelope.err == ""


def test_a_command_does_not_bring_an_expired_session_back_to_life(reqcli: Program, demo_server: DemoServer) -> None:
    """Setting something is a change, and would prolong an idle session with all that is in it."""
    filled(reqcli, demo_server, "--idle-ttl", "30m")
    age(reqcli, "work", 3600)
    changed = reqcli("session", "set-header", "work", "X-New: 1")
    assert (changed.status, "[session_expired]" in changed.err) == (0, True)
    assert stored(reqcli)["headers"] == {"*": {"X-Team": "blue"}, demo_server.url: {"X-New": "1"}}
    assert stored(reqcli)["cookies"] == []


def test_a_use_is_noted_once_in_a_tenth_of_the_idle_time(reqcli: Program, demo_server: DemoServer) -> None:
    filled(reqcli, demo_server, "--idle-ttl", "1000")
    path = reqcli.sessions / "work.json"
    for seconds, is_noted in ((50, False), (60, True), (0, False)):
        age(reqcli, "work", seconds)
        before = path.read_bytes()
        assert reqcli("get", "/echo", "--session", "work").status == 0
        assert (path.read_bytes() != before) is is_noted
    assert time.time() - stored(reqcli)["used"] < 60  # type: ignore[operator]
    age(reqcli, "work", 800)
    assert reqcli("get", "/echo", "--session", "work").err == ""
    age(reqcli, "work", 800)
    assert reqcli("get", "/echo", "--session", "work").err == "", "every use prolongs it"


def test_without_an_idle_time_a_use_writes_nothing(reqcli: Program, demo_server: DemoServer) -> None:
    filled(reqcli, demo_server, "--ttl", "12h")
    age(reqcli, "work", 11 * 3600)
    before = (reqcli.sessions / "work.json").read_bytes()
    assert reqcli("get", "/echo", "--session", "work").status == 0
    assert (reqcli.sessions / "work.json").read_bytes() == before


def test_of_two_runs_that_find_a_session_expired_neither_loses_what_the_other_learns(
    reqcli: Program, demo_server: DemoServer
) -> None:
    filled(reqcli, demo_server, "--ttl", "12h")
    age(reqcli, "work", 13 * 3600)
    running = [reqcli.start("get", f"/cookie/c{number}/v", "--session", "work") for number in range(8)]
    for process in running:
        process.communicate(timeout=60)
        assert process.returncode == 0
    assert sorted(cookie["name"] for cookie in stored(reqcli)["cookies"]) == [f"c{n}" for n in range(8)]  # type: ignore[index, attr-defined]


def test_the_library_says_it_too(reqcli: Program, demo_server: DemoServer) -> None:
    filled(reqcli, demo_server, "--ttl", "12h")
    age(reqcli, "work", 13 * 3600)
    heard = []
    with Session.open("work", FileStore(str(reqcli.sessions)), heard=heard.append) as session:
        first, second = (session.get(f"{demo_server.url}/echo") for _ in range(2))
    assert [notice.code for notice in heard] == ["session_expired"]
    assert [[notice.code for notice in result.warnings] for result in (first, second)] == [["session_expired"], []]


# What a person sees of it


def test_list_and_show_tell_the_end(reqcli: Program, demo_server: DemoServer) -> None:
    filled(reqcli, demo_server, "--ttl", "7d")
    assert reqcli("session", "create", "endless").status == 0
    age(reqcli, "work", 90000)
    rows = {row["name"]: row for row in reqcli("session", "list", "--format", "json").json}
    assert rows["endless"]["expires"] is None
    assert rows["work"]["expired"] is False
    assert 6 * 86400 - 90000 < rows["work"]["expires"] - time.time() < 7 * 86400 - 90000
    assert 90000 <= rows["work"]["age"] < 90060
    assert rows["endless"]["bytes"] == (reqcli.sessions / "endless.json").stat().st_size
    plain = [line.split("\t") for line in reqcli("session", "list").out.splitlines()]
    assert [row[0] for row in plain] == ["endless", "work"]
    assert plain[0][4:] == ["-", "-"]  # an empty cell would vanish where `read` splits the line
    assert plain[1][3:5] == ["1", f"*, {demo_server.url}"]
    assert "expires 20" in reqcli("session", "show", "work").out
    age(reqcli, "work", 7 * 86400)
    assert "expired, to be emptied" in reqcli("session", "show", "work").out
    assert reqcli("session", "list").out.splitlines()[1].endswith("\texpired")


def test_prune_empties_what_has_expired_and_keeps_the_session(reqcli: Program, demo_server: DemoServer) -> None:
    filled(reqcli, demo_server, "--ttl", "12h")
    age(reqcli, "work", 13 * 3600)
    dry = reqcli("session", "prune", "--dry-run", "--format", "json").json
    assert dry == [{"session": "work", "removed": "1 cookie, 1 credential, 1 header", "expired": True}]
    assert stored(reqcli)["cookies"] != []
    assert reqcli("session", "prune").out == "work\t1 cookie, 1 credential, 1 header\n"
    assert (stored(reqcli)["cookies"], stored(reqcli)["policy"] is not None) == ([], True)
    assert reqcli("session", "prune").out == ""


def test_prune_takes_expired_cookies_and_what_killed_processes_left(reqcli: Program, demo_server: DemoServer) -> None:
    filled(reqcli, demo_server)
    assert reqcli("session", "set-cookie", "work", "short=1; Max-Age=1000", "long=1; Max-Age=1000").status == 0
    document = stored(reqcli)
    document["cookies"][1]["expires"] = 1.0  # type: ignore[index]
    (reqcli.sessions / "work.json").write_text(json.dumps(document))
    for name in (".work.tmp", ".gone.tmp", ".gone.lock", ".gone.serial"):
        (reqcli.sessions / name).touch(0o600)
    dry = [row["removed"] for row in reqcli("session", "prune", "--dry-run", "--format", "json").json]
    assert len(dry) == 5
    rows = reqcli("session", "prune", "--format", "json").json
    assert [row["removed"] for row in rows] == dry
    assert dry[0] == "1 cookie"
    assert all(f".{name}" in " ".join(dry) for name in ("work.tmp", "gone.tmp", "gone.lock", "gone.serial"))
    assert sorted(path.name for path in reqcli.sessions.iterdir()) == [".work.lock", "work.json"]
    assert [cookie["name"] for cookie in stored(reqcli)["cookies"]] == ["a", "long"]  # type: ignore[index, attr-defined]


def test_prune_says_what_it_cannot_read_and_goes_on(reqcli: Program, demo_server: DemoServer) -> None:
    filled(reqcli, demo_server, "--ttl", "12h")
    age(reqcli, "work", 13 * 3600)
    (reqcli.sessions / "broken.json").touch(0o600)
    output = reqcli("session", "prune")
    assert (output.status, output.out.startswith("work\t")) == (103, True)
    assert "broken" in output.err


def test_prune_says_what_it_cannot_take_away_and_goes_on(reqcli: Program, demo_server: DemoServer) -> None:
    filled(reqcli, demo_server, "--ttl", "12h")
    age(reqcli, "work", 13 * 3600)
    for name in (".gone.serial", ".gone.tmp", ".later.tmp"):
        (reqcli.sessions / name).touch(0o600)
    (reqcli.sessions / ".gone.lock").mkdir()  # which no process can take, be it root's
    output = reqcli("session", "prune", "--format", "json")
    assert (output.status, output.err.count("\n")) == (110, 1), output
    assert str(reqcli.sessions / ".gone.lock") in output.err
    later = f"the file {reqcli.sessions / '.later.tmp'}"
    assert [row["removed"] for row in output.json] == ["1 cookie, 1 credential, 1 header", later]
    assert not (reqcli.sessions / ".later.tmp").exists()


@pytest.mark.parametrize("text", ["", "soon", "-5", "1y", "1h30m", "0", "1e9", "nan", "inf", "99999999999d"])
def test_what_is_no_duration_is_refused(reqcli: Program, text: str) -> None:
    output = reqcli("session", "create", "work", "--ttl", text)
    assert (output.status, output.out) == (2, ""), output
    assert not (reqcli.sessions / "work.json").exists()
