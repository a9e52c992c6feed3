"""The `session` commands that change what is stored without a request: settings, cookies, copies, what is cleared."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.e2e.terminal import on_terminal
from tests.program import Program
from tests.server import DemoServer


def stored(reqcli: Program, name: str = "work") -> dict[str, object]:
    return json.loads((reqcli.sessions / f"{name}.json").read_text())


def ok(reqcli: Program, *args: str, stdin: bytes | None = None) -> str:
    output = reqcli("session", *args, stdin=stdin)
    assert (output.status, output.err) == (0, ""), output
    return output.out


def test_a_store_that_is_named_changes_nothing_of_what_is_said(reqcli: Program) -> None:
    for words in (["create", "work", "--ttl", "12h"], ["set-cookie", "work", "sid=1", "--origin", "http://a.test"]):
        there = reqcli("session", *words, "--store", "files", "--format", "json").json
        assert (there["session"]["name"], there["session"]["saved"]) == ("work", True)
    shown = reqcli("session", "show", "work", "--store", "files", "--format", "json").json
    assert shown["name"] == "work"


@pytest.mark.parametrize("words", [["show", "no"], ["delete", "no"], ["rename", "no", "new"], ["copy", "no", "new"]])
def test_where_there_is_no_session_it_is_said_how_to_find_those_there_are(reqcli: Program, words: list[str]) -> None:
    output = reqcli("session", *words)
    assert (output.status, "`reqcli session list` names those there are" in output.err) == (101, True)
    assert "did you mean" not in output.err


@pytest.mark.parametrize("words", [["get", "{}"], ["get", "{}", "--dry-run"], ["batch"], ["serve", "--stdio"]])
def test_an_empty_name_is_not_the_default_session(
    reqcli: Program, uncalled_server: DemoServer, words: list[str]
) -> None:
    """It is what a script hands over whose variable is not set, and its secrets are not to go into another session."""
    output = reqcli(*[word.format(uncalled_server.url) for word in words], "--session", "", stdin=b"")
    assert (output.status, output.err.partition(" — ")[0]) == (2, "reqcli: error: --session is empty")


def test_a_path_cannot_be_created_but_used(reqcli: Program, tmp_path: Path) -> None:
    path = str(tmp_path / "ci.json")
    refused = reqcli("session", "create", path)
    assert (refused.status, "reqcli session set PATH base_url URL" in refused.err) == (2, True)
    assert reqcli("session", "set", path, "base_url", "http://localhost").status == 0


@pytest.mark.parametrize("words", [["show", "shp"], ["delete", "shp"], ["copy", "shp", "new"]])
def test_a_mistyped_session_is_named(reqcli: Program, words: list[str]) -> None:
    assert reqcli("session", "create", "shop").status == 0
    output = reqcli("session", *words)
    assert (output.status, "did you mean shop?" in output.err) == (101, True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["list"], "no session is stored"),
        (["prune"], "there is nothing to remove"),
        (["cookies", "work"], "session work has no cookies"),
    ],
)
def test_a_person_is_told_that_there_is_nothing(reqcli: Program, words: list[str], told: str) -> None:
    if "work" in words:
        assert reqcli("session", "create", "work").status == 0
    assert on_terminal(reqcli, "session", *words) == (0, f"reqcli: {told}\n")
    assert reqcli("session", *words).out == reqcli("session", *words).err == ""
    assert reqcli("session", *words, "--format", "json").json == []


# Settings


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("timeout", "2m", 120),
        ("connect_timeout", "1.5", 1.5),
        ("max_time", "90s", 90),
        ("ttl", "7d", 604800),
        ("idle_ttl", "2w", 1209600),
        ("follow", "Yes", True),
        ("serialize", "off", False),
        ("verify", "no", False),
        ("verify", __file__, __file__),
        ("cert", __file__, __file__),
        ("check_status", "no", False),
        ("default_scheme", "http", "http"),
        ("max_redirects", "0", 0),
        ("retry", "3", 3),
        ("tls_min", "1.3", "1.3"),
        ("no_proxy", "a.example,10.0.0.0/8", "a.example,10.0.0.0/8"),
        ("proxy", "socks5h://localhost:1080", "socks5h://localhost:1080"),
        ("proxy", "No", "no"),
        ("base_url", "api.example/v1", "https://api.example/v1"),
        ("base_url", ":3000", "http://localhost:3000/"),
    ],
)
def test_a_setting_is_stored_as_its_kind(reqcli: Program, key: str, text: str, value: object) -> None:
    ok(reqcli, "create", "work", *(["--base-url", "https://b.example"] if key == "cert" else []))
    before = stored(reqcli)["settings"]
    ok(reqcli, "set", "work", key, text)
    assert stored(reqcli)["settings"] == {**before, key: value}
    ok(reqcli, "unset", "work", key)
    assert stored(reqcli)["settings"] == before


@pytest.mark.parametrize(
    ("key", "text", "says"),
    [
        ("colour", "blue", "there is no setting 'colour' — there are base_url, "),
        ("time-out", "5", "there is no setting 'time-out' — did you mean timeout?"),
        ("BASE_URL", "x", "did you mean base_url?"),
        ("timeout", "soon", "setting timeout: 'soon' is not a duration — write it as 90"),
        ("timeout", "0", "setting timeout is a duration"),
        ("follow", "1", "setting follow is yes or no, and that is none"),
        ("follow", "yess", "did you mean yes?"),
        ("tls_min", "1.4", "setting tls_min is 1.0, 1.1, 1.2 or 1.3"),
        ("retry", "x", "setting retry is a whole number from 0 to 1000"),
        ("retry", "1001", "setting retry is a whole number from 0 to 1000"),
        ("max_redirects", "many", "setting max_redirects is a whole number"),
        ("default_scheme", "ftp", "setting default_scheme is http or https"),
        ("cert", "x.pem", "setting cert is for the server of the base URL, and the session has none"),
        ("cert_key", "x.pem", "setting cert_key is for a client certificate, and the session has none"),
        ("cert_key_pass", "hunter2", "setting cert_key_pass is env:NAME, file:PATH"),
        ("cert_key_pass", "env:", "setting cert_key_pass: '' cannot be the name"),
        ("proxy", "ftp://me:hunter2@x", "setting proxy: 'ftp' is not a kind of proxy"),
        ("proxy", "", "setting proxy is the URL of a proxy, or no"),
        ("verify", "", "setting verify is yes, no, or the path"),
        ("no_proxy", "", "setting no_proxy is a text"),
        ("base_url", "https://me:hunter2@x.example", "no user and password"),
        ("base_url", "https://", "the URL"),
    ],
)
def test_what_is_no_setting_is_refused_and_nothing_is_stored(reqcli: Program, key: str, text: str, says: str) -> None:
    output = reqcli("session", "set", "work", key, text)
    assert output.status == 2
    assert says in output.err
    assert "hunter2" not in output.err
    assert not (reqcli.sessions / "work.json").exists()


def test_a_relative_file_of_trust_is_stored_as_the_file_that_it_is_here(reqcli: Program) -> None:
    output = reqcli("session", "set", "work", "verify", "ca.pem")
    assert output.status == 0
    assert output.err == f"reqcli: warning: '{Path('ca.pem').absolute()}' does not exist yet [setting]\n"
    assert stored(reqcli)["settings"] == {"verify": str(Path("ca.pem").absolute())}


def test_settings_are_shown_as_they_are_typed(reqcli: Program) -> None:
    ok(reqcli, "create", "work", "--base-url", "https://b.example")
    for key, text in (("follow", "yes"), ("proxy", "http://me:hunter2@p.example"), ("cert", __file__)):
        ok(reqcli, "set", "work", key, text)
    ok(reqcli, "set", "work", "cert_key_pass", "env:KEY_PASS")
    lines = reqcli("session", "show", "work").out.splitlines()
    assert "setting follow = yes" in lines
    assert "setting cert_key_pass from environment variable KEY_PASS" in lines
    assert not any("hunter2" in line for line in lines)
    assert "setting proxy = http://me:hunter2@p.example" in reqcli("session", "show", "work", "--reveal").out
    shown = reqcli("session", "show", "work", "--format", "json").json["settings"]
    assert (shown["follow"], shown["cert_key_pass"]) == (True, {"env": "KEY_PASS"})


def test_a_setting_that_is_not_there_cannot_be_unset(reqcli: Program) -> None:
    ok(reqcli, "set", "work", "follow", "yes")
    output = reqcli("session", "unset", "work", "timeout")
    assert (output.status, "it has follow" in output.err) == (2, True)


def test_a_setting_takes_effect(reqcli: Program, demo_server: DemoServer) -> None:
    assert reqcli("get", f"{demo_server.url}/redirect", "--session", "work").status == 3
    ok(reqcli, "set", "work", "follow", "yes")
    assert reqcli("get", f"{demo_server.url}/redirect", "--session", "work").status == 4


def test_help_names_every_setting(reqcli: Program) -> None:
    from reqcli.session.settings import SETTINGS

    text = reqcli("session", "set", "--help").out
    assert all(f"  {name} " in text for name in SETTINGS)


# Cookies


def test_a_cookie_is_put_in_as_a_server_would_set_it(reqcli: Program, demo_server: DemoServer) -> None:
    ok(reqcli, "set-cookie", "work", "a=b; Max-Age=60; Path=/echo", "c=ü", "--origin", demo_server.url)
    ok(reqcli, "set-cookie", "work", "@-", "--origin", demo_server.url, stdin=b"secret=s3cret; HttpOnly\n")
    kept = {cookie["name"]: cookie for cookie in stored(reqcli)["cookies"]}  # type: ignore[attr-defined]
    assert kept["a"]["path"] == "/echo"
    assert 0 < kept["a"]["expires"] - time.time() <= 61
    assert kept["secret"]["http_only"] is True
    sent = dict(reqcli("get", f"{demo_server.url}/echo", "--session", "work").json["headers"])["Cookie"]
    assert sent.startswith("a=b; c=")
    assert sent.endswith("; secret=s3cret")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("a=hunter2; Secure", "it is Secure, but came from"),
        ("__Host-a=hunter2; Path=/", "its prefix asks for Secure"),
        ("a=hunter2; Domain=other.example", "does not cover"),
        (f"a=hunter2{'x' * 5000}", "refused"),
        ("a=hunter2\x01", "refused"),
        ("", "refused"),
    ],
    ids=["Secure", "prefix", "domain", "long", "control", "empty"],
)
def test_a_cookie_that_a_server_could_not_set_is_refused(reqcli: Program, line: str, says: str) -> None:
    output = reqcli("session", "set-cookie", "work", "good=1", line, "--origin", "http://api.example")
    assert output.status == 2
    assert says in output.err
    assert "hunter2" not in output.err
    assert not (reqcli.sessions / "work.json").exists()


def test_a_typed_cookie_cannot_overlay_a_secure_one_from_an_insecure_origin(reqcli: Program) -> None:
    ok(reqcli, "set-cookie", "work", "sid=1; Secure", "--origin", "https://api.example")
    output = reqcli("session", "set-cookie", "work", "sid=2", "--origin", "http://api.example")
    assert (output.status, "would overlay" in output.err) == (2, True)


def test_a_cookie_needs_to_know_whose_it_is(reqcli: Program) -> None:
    output = reqcli("session", "set-cookie", "work", "a=b")
    assert (output.status, "--origin" in output.err) == (2, True)


# Typed with a request, and saved


def test_a_typed_cookie_header_is_sent_once_and_stored_only_with_save(reqcli: Program, demo_server: DemoServer) -> None:
    call = ("get", f"{demo_server.url}/echo", "Cookie: a=b; c=d", "--session", "work")
    assert dict(reqcli(*call).json["headers"])["Cookie"] == "a=b; c=d"
    assert not (reqcli.sessions / "work.json").exists()
    assert reqcli(*call, "--save").status == 0
    assert "headers" not in stored(reqcli) or stored(reqcli)["headers"] == {}
    echo = reqcli("get", f"{demo_server.url}/echo", "--session", "work")
    assert dict(echo.json["headers"])["Cookie"] == "a=b; c=d"
    kept = stored(reqcli)["cookies"]
    assert {(cookie["domain"], cookie["path"], cookie["host_only"]) for cookie in kept} == {("127.0.0.1", "/", True)}  # type: ignore[attr-defined]


def test_a_typed_cookie_that_the_server_renewed_is_not_put_back(reqcli: Program, demo_server: DemoServer) -> None:
    output = reqcli("get", f"{demo_server.url}/cookie/a/new", "Cookie: a=old; b=kept", "--session", "work", "--save")
    assert output.status == 0
    kept = {cookie["name"]: cookie["value"] for cookie in stored(reqcli)["cookies"]}  # type: ignore[attr-defined]
    assert kept == {"a": "new", "b": "kept"}


def test_a_typed_cookie_that_is_none_is_said_and_not_saved(reqcli: Program, demo_server: DemoServer) -> None:
    output = reqcli("get", f"{demo_server.url}/echo", "Cookie: __Secure-a=hunter2; b=1", "--session", "work", "--save")
    assert output.status == 0
    assert "__Secure-a" in output.err
    assert "hunter2" not in output.err
    assert [cookie["name"] for cookie in stored(reqcli)["cookies"]] == ["b"]  # type: ignore[attr-defined]


# Clear, copy, rename


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ((), {"auth", "headers"}),
        (("--cookies",), {"auth", "headers", "values"}),
        (("--captures",), {"auth", "headers", "cookies"}),
        (("--all",), set()),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_clear_takes_what_it_is_told_to(
    reqcli: Program, demo_server: DemoServer, words: tuple[str, ...], left: set[str]
) -> None:
    ok(reqcli, "create", "work", "--base-url", demo_server.url)
    ok(reqcli, "capture", "work", "header:Content-Type -> header:X-Type")
    ok(reqcli, "set-header", "work", "X-Key: k")
    ok(reqcli, "set-auth", "work", "-A", "bearer", "-a", "@-", stdin=b"t0ken")
    assert reqcli("get", "/cookie/a/b", "--session", "work").status == 0
    assert reqcli("get", "/echo", "--session", "work").status == 0
    ok(reqcli, "clear", "work", *words)
    document = json.loads(ok(reqcli, "show", "work", "--format", "json"))
    document["values"] = [value for capture in document["captures"] for value in capture["values"]]
    assert {group for group in ("auth", "headers", "cookies", "values") if document[group]} == left
    assert document["settings"] == {"base_url": f"{demo_server.url}/"}
    assert document["captures"] != []


def test_a_copy_is_a_session_of_its_own(reqcli: Program, demo_server: DemoServer) -> None:
    assert reqcli("get", f"{demo_server.url}/cookie/a/b", "--session", "work").status == 0
    ok(reqcli, "copy", "work", "twin")
    one, two = stored(reqcli), stored(reqcli, "twin")
    assert one.pop("id") != two.pop("id")
    assert one == two
    assert reqcli("get", f"{demo_server.url}/cookie/a/c", "--session", "twin").status == 0
    assert [cookie["value"] for cookie in stored(reqcli)["cookies"]] == ["b"]  # type: ignore[attr-defined]


def test_a_copy_lives_no_longer(reqcli: Program) -> None:
    ok(reqcli, "create", "work", "--ttl", "1h")
    ok(reqcli, "copy", "work", "twin")
    assert stored(reqcli)["created"] == stored(reqcli, "twin")["created"]


def test_a_copy_can_go_to_a_file(reqcli: Program, demo_server: DemoServer, tmp_path: Path) -> None:
    assert reqcli("get", f"{demo_server.url}/cookie/a/b", "--session", "work").status == 0
    ok(reqcli, "copy", "work", str(tmp_path / "here"))
    assert (tmp_path / "here").stat().st_mode & 0o777 == 0o600
    echo = reqcli("get", f"{demo_server.url}/echo", "--session", str(tmp_path / "here"))
    assert ["Cookie", "a=b"] in echo.json["headers"]


def test_a_renamed_session_is_the_same_session(reqcli: Program, demo_server: DemoServer) -> None:
    assert reqcli("get", f"{demo_server.url}/cookie/a/b", "--session", "work").status == 0
    before = (reqcli.sessions / "work.json").read_bytes()
    ok(reqcli, "rename", "work", "play")
    assert (reqcli.sessions / "play.json").read_bytes() == before
    assert reqcli("session", "list").out.split("\t")[0] == "play"
    assert sorted(path.name for path in reqcli.sessions.iterdir()) == [".play.lock", "play.json"]


@pytest.mark.parametrize("command", ["copy", "rename"])
def test_an_existing_session_is_never_overwritten(reqcli: Program, command: str) -> None:
    for name in ("work", "play"):
        ok(reqcli, "create", name)
    before = (reqcli.sessions / "play.json").read_bytes()
    for target in ("play", "work"):
        output = reqcli("session", command, "work", target)
        assert (output.status, f"a session {target} already" in output.err) == (104, True)
    assert (reqcli.sessions / "play.json").read_bytes() == before
    assert (reqcli.sessions / "work.json").exists()


@pytest.mark.parametrize("command", ["copy", "rename", "clear", "unset", "policy"])
def test_what_is_not_there_is_not_found(reqcli: Program, command: str) -> None:
    ok(reqcli, "create", "other")
    more = {"copy": ["new"], "rename": ["new"], "unset": ["follow"]}.get(command, [])
    output = reqcli("session", command, "nosuch", *more)
    assert output.status == 101
    assert sorted(path.name for path in reqcli.sessions.iterdir()) == [".other.lock", "other.json"]


def test_a_new_name_must_be_one(reqcli: Program) -> None:
    ok(reqcli, "create", "work")
    for command in ("copy", "rename"):
        assert reqcli("session", command, "work", "a b").status == 2
    elsewhere = reqcli("session", "rename", "work", "./file")
    assert (elsewhere.status, "copy it there" in elsewhere.err) == (2, True)


# Completion


@pytest.mark.parametrize(
    ("words", "incomplete", "offered"),
    [
        (["session", "copy"], "wo", ["work"]),
        (["session", "rename"], "", ["other", "work"]),
        (["session", "clear"], "", ["other", "work"]),
        (["session", "policy"], "w", ["work"]),
        (["session", "set-cookie"], "w", ["work"]),
        (["session", "set"], "w", ["work"]),
        (["session", "set", "work"], "ser", ["serialize"]),
        (["session", "unset", "work"], "idle", ["idle_ttl"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value,
)
def test_names_are_completed(reqcli: Program, words: list[str], incomplete: str, offered: list[str]) -> None:
    for name in ("work", "other"):
        ok(reqcli, "create", name)
    output = reqcli(*words, incomplete, env={"_REQCLI_COMPLETE": "zsh"})
    assert [line.partition("\t")[0] for line in output.out.splitlines()] == offered


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["X-Api-Key:", "s3cret"],
            "the word after 'X-Api-Key:' is not a header — a header with a blank in it stands in",
        ),
        (["X-Api-Key=s3cret"], "'X-Api-Key…' is not a header — write it as Name:value"),
        (["X-Api-Key", "s3cret"], "'X-Api-Key' is not a header — write it as Name:value"),
    ],
    ids=lambda words: words[0] if isinstance(words, list) else "",
)
def test_what_cannot_be_stored_as_a_header_is_not_shown(reqcli: Program, words: list[str], said: str) -> None:
    assert reqcli("session", "create", "work", "--base-url", "http://localhost").status == 0
    output = reqcli("session", "set-header", "work", *words)
    assert output.err.startswith(f"reqcli: error: {said}"), output
    assert "s3cret" not in output.err
    assert output.status == 2
