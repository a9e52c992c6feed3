"""Secrets that a session refers to and does not hold: real files, variables, commands and rings, real processes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.counting import BARE, LASTING, Counter
from tests.program import Output, Program
from tests.sockets import NastyServer, Peer

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
NO = b"HTTP/1.1 401 No\r\nContent-Length: 6\r\n\r\ndenied"
TOKEN = "t0ken-of-the-place"
ROOT = str(Path(__file__).parent.parent.parent)


def wants(*tokens: str) -> Callable[[Peer], None]:
    """A server that knows these bearer tokens and denies every other."""

    def script(peer: Peer) -> None:
        while True:
            request = peer.read_request()
            peer.send(OK if request.get("authorization") in [f"Bearer {token}" for token in tokens] else NO)

    return script


def ring(reqcli: Program, name: str = "FileRing") -> dict[str, str]:
    """The environment in which the program finds a keyring of ours."""
    path = f"{ROOT}:{reqcli.environment['PYTHONPATH']}"
    ring_file = str(reqcli.home.parent / "ring.json")
    return {"PYTHON_KEYRING_BACKEND": f"tests.vault.rings.{name}", "TEST_RING": ring_file, "PYTHONPATH": path}


def place(kind: str, folder: Path, secret: str = TOKEN) -> tuple[str, str, dict[str, str]]:
    """An option that names a place, with the secret put there, and the environment it takes."""
    if kind == "env":
        return "--token-env", "API_TOKEN", {"API_TOKEN": secret}
    if kind == "file":
        (folder / "secret").write_text(f"{secret}\n")
        (folder / "secret").chmod(0o600)
        return "--token-file", str(folder / "secret"), {}
    return "--token-command", f"{Counter(folder, f'echo {secret}').command} --for 'some one'", {}


def document(reqcli: Program, name: str = "work") -> str:
    return (reqcli.sessions / f"{name}.json").read_text()


def done(output: Output) -> Output:
    assert output.status == 0, output
    return output


@pytest.mark.parametrize("kind", ["env", "file", "command"])
def test_a_session_keeps_the_place_and_sends_what_is_there(reqcli: Program, tmp_path: Path, kind: str) -> None:
    option, value, env = place(kind, tmp_path)
    with NastyServer(wants(TOKEN)) as server:
        done(reqcli("session", "set-auth", "work", option, value, "--origin", server.url("/")))
        assert TOKEN not in document(reqcli)
        assert done(reqcli("get", server.url("/"), "--session", "work", env=env)).out == "ok"
    assert TOKEN not in document(reqcli)


@pytest.mark.parametrize("kind", ["env", "file", "command"])
def test_one_call_may_name_a_place_and_save_keeps_the_place_and_not_the_secret(
    reqcli: Program, tmp_path: Path, kind: str
) -> None:
    option, value, env = place(kind, tmp_path)
    with NastyServer(wants(TOKEN)) as server:
        assert done(reqcli("get", server.url("/"), "--stateless", option, value, env=env)).out == "ok"
        done(reqcli("get", server.url("/"), "--session", "work", option, value, "--save", env=env))
        assert TOKEN not in document(reqcli)
        assert done(reqcli("get", server.url("/"), "--session", "work", env=env)).out == "ok"
        assert reqcli("get", server.url("/"), "--session", "other", env=env).status == 4


@pytest.mark.parametrize(
    ("words", "header"),
    [
        (["-a", "alice"], ("authorization", "Basic YWxpY2U6dDBrZW4tb2YtdGhlLXBsYWNl")),
        (["-A", "basic", "-a", "alice"], ("authorization", "Basic YWxpY2U6dDBrZW4tb2YtdGhlLXBsYWNl")),
        (["-A", "apikey", "-a", "X-Key"], ("x-key", TOKEN)),
        (["-A", "bearer"], ("authorization", f"Bearer {TOKEN}")),
    ],
    ids=["a user means basic", "basic", "apikey", "bearer"],
)
def test_the_one_secret_of_every_scheme_can_be_elsewhere(
    reqcli: Program, words: list[str], header: tuple[str, str]
) -> None:
    with NastyServer(OK) as server:
        done(reqcli("session", "set-auth", "work", *words, "--token-env", "T", "--origin", server.url("/")))
        done(reqcli("get", server.url("/"), "--session", "work", env={"T": TOKEN}))
        done(reqcli("get", server.url("/"), "--stateless", *words, "--token-env", "T", env={"T": TOKEN}))
        assert [request.get(header[0]) for request in server.requests] == [header[1]] * 2


def test_a_relative_path_is_found_from_everywhere(reqcli: Program, tmp_path: Path) -> None:
    place("file", tmp_path)
    Counter(tmp_path, f"echo {TOKEN}")
    origin = ("--origin", "https://a.example")
    for option, value in (("--token-file", "secret"), ("--token-command", "./give-token x")):
        process = reqcli.start("session", "set-auth", "work", option, value, *origin, cwd=tmp_path)
        assert process.communicate(timeout=60) == (b"", b"")
        assert str(tmp_path) in document(reqcli)


def test_a_pipe_of_the_shell_can_be_the_file(reqcli: Program) -> None:
    import subprocess

    with NastyServer(wants(TOKEN)) as server:
        command = " ".join([*reqcli.command("get", server.url("/"), "--stateless"), f"--token-file <(echo {TOKEN})"])
        made = subprocess.run(["bash", "-c", command], capture_output=True, env=reqcli.environment, timeout=60)
        assert (made.returncode, made.stdout) == (0, b"ok"), made


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--token-env", "A", "--token-file", "b"], "--token-env and --token-file contradict"),
        (["-a", "alice:pw", "--token-env", "A"], "password is given twice"),
        (["-A", "bearer", "-a", "tok", "--token-file", "b"], "token is given twice"),
        (["--token-env", ""], "cannot be the name"),
        (["--token-env", "A=b"], "cannot be the name"),
        (["--token-file", ""], "needs the path"),
        (["--token-command", ""], "needs a command"),
        (["--token-command", "a 'b"], "quote is not closed"),
        (["--token-command", "a | b"], "without a shell"),
        (["--token-keyring", ":user"], "needs the name of a service"),
        (["-A", "telepathy", "--token-env", "A"], "no authentication scheme 'telepathy'"),
        (["-A", "s3cr3t-hunter2", "--token-env", "A"], "no authentication scheme 's3…'"),
        (["-a", "a:b:c", "-A", "basic", "--token-env", "A"], "given twice"),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, list) else "",
)
def test_words_that_make_no_sense_are_refused_and_nothing_is_stored(
    reqcli: Program, words: list[str], said: str
) -> None:
    for command in (["session", "set-auth", "work", "--origin", "http://127.0.0.1:1"], ["get", "http://127.0.0.1:1"]):
        output = reqcli(*command, *words)
        assert output.status == 2, output
        assert said in output.err
    assert not reqcli.sessions.exists() or not list(reqcli.sessions.iterdir())


def test_without_a_terminal_and_a_place_a_credential_is_required(reqcli: Program) -> None:
    output = reqcli("session", "set-auth", "work", "-A", "bearer", "--origin", "http://127.0.0.1:1")
    assert output.status == 105
    assert "--token-env" in output.err
    assert reqcli("get", "http://127.0.0.1:1", "-A", "basic", "--token-env", "A").status == 105


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--token-env", "NO_SUCH"], "NO_SUCH"),
        (["--token-file", "/no/such"], "/no/such"),
        (["--token-command", "no-such-program"], "no-such-program"),
        (["--token-command", "sh -c 'echo sorry >&2; exit 3'"], "exit status 3: sorry"),
        (["--token-command", "true"], "printed nothing"),
    ],
    ids=lambda words: words[1] if isinstance(words, list) else "",
)
def test_a_secret_that_is_not_to_be_had_is_exit_107_and_nothing_is_sent(
    reqcli: Program, words: list[str], said: str
) -> None:
    url = "http://127.0.0.1:1/"
    done(reqcli("session", "set-auth", "work", *words, "--origin", url))
    for command in (["get", url, "--session", "work"], ["get", url, "--stateless", *words]):
        output = reqcli(*command)
        assert output.status == 107, output
        assert said in output.err
        assert output.err.rstrip().endswith("[secret_unavailable]")
        envelope = reqcli(*command, "--format", "json").json
        assert (envelope["exit_code"], envelope["error"]["phase"]) == (107, "secret")


def test_a_place_that_gives_no_answer_in_time_is_a_timeout_of_its_own_phase(reqcli: Program) -> None:
    url, slow = "http://127.0.0.1:1/", ["--token-command", "sleep 300"]
    done(reqcli("session", "set-auth", "work", *slow, "--origin", url))
    for command in (["get", url, "--session", "work"], ["get", url, "--stateless", *slow]):
        began = time.monotonic()
        output = reqcli(*command, "--max-time", "1", "--format", "json").json
        assert time.monotonic() - began < 25
        assert (output["exit_code"], output["error"]["phase"]) == (28, "secret")


def test_the_session_may_give_a_command_less_time(reqcli: Program) -> None:
    url = "http://127.0.0.1:1/"
    done(reqcli("session", "set-auth", "work", "--token-command", "sleep 300", "--origin", url))
    path = reqcli.sessions / "work.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "settings": {"secret_timeout": 0.5}}))
    output = reqcli("get", url, "--session", "work")
    assert (output.status, "longer than 0.5 s" in output.err) == (28, True), output


# What is kept, and what is asked again


def test_an_answer_with_an_expiry_is_kept_and_told(reqcli: Program, tmp_path: Path) -> None:
    counter = Counter(tmp_path, LASTING)
    with NastyServer(wants("token-1")) as server:
        done(reqcli("session", "set-auth", "work", "--token-command", counter.command, "--origin", server.url("/")))
        first = done(reqcli("get", server.url("/"), "--session", "work", "--format", "json")).json["session"]
        assert [(change["op"], change["kind"], change["name"]) for change in first["changed"]] == [
            ("set", "auth", "command")
        ]
        assert (first["saved"], first["rev"]) == (True, json.loads(document(reqcli))["rev"])
        second = done(reqcli("get", server.url("/"), "--session", "work", "--format", "json")).json["session"]
        assert second["changed"] == []
    assert counter.runs == 1


def test_after_401_a_command_is_run_once_more_and_the_request_made_again(reqcli: Program, tmp_path: Path) -> None:
    counter = Counter(tmp_path, LASTING)
    with NastyServer(wants("token-2")) as server:
        done(reqcli("session", "set-auth", "work", "--token-command", counter.command, "--origin", server.url("/")))
        output = done(reqcli("post", server.url("/"), "a=1", "--session", "work"))
        assert output.out == "ok"
        assert [json.loads(request.body) for request in server.requests] == [{"a": "1"}] * 2
        done(reqcli("get", server.url("/"), "--session", "work"))
    assert counter.runs == 2


@pytest.mark.parametrize("answer", [LASTING, "echo always"], ids=["another token", "the same token"])
def test_a_second_401_is_final(reqcli: Program, tmp_path: Path, answer: str) -> None:
    counter = Counter(tmp_path, answer)
    with NastyServer(NO) as server:
        done(reqcli("session", "set-auth", "work", "--token-command", counter.command, "--origin", server.url("/")))
        output = reqcli("get", server.url("/"), "--session", "work")
        assert (output.status, output.out) == (4, "denied"), output
        assert len(server.requests) == (2 if answer == LASTING else 1)
    assert counter.runs == 2


def test_a_command_that_fails_after_401_is_a_failed_renewal(reqcli: Program, tmp_path: Path) -> None:
    counter = Counter(tmp_path, f"[ $n = 1 ] || {{ echo signed out >&2; exit 1; }}; {LASTING}")
    with NastyServer(NO) as server:
        done(reqcli("session", "set-auth", "work", "--token-command", counter.command, "--origin", server.url("/")))
        output = reqcli("get", server.url("/"), "--session", "work", "--format", "json").json
        assert (output["exit_code"], output["error"]["code"]) == (106, "auth_refresh_failed")
        assert output["error"]["phase"] == "auth"
        assert output["request"]["sent"] == "yes"
        assert "signed out" in output["error"]["message"]
        assert len(server.requests) == 1


def test_a_body_that_cannot_be_sent_again_is_not_and_the_next_call_has_the_new_token(
    reqcli: Program, tmp_path: Path
) -> None:
    counter = Counter(tmp_path, LASTING)
    with NastyServer(wants("token-2")) as server:
        done(reqcli("session", "set-auth", "work", "--token-command", counter.command, "--origin", server.url("/")))
        output = reqcli("post", server.url("/"), "@-", "--session", "work", stdin=b"x" * 3_000_000)
        assert output.status == 4, output
        assert done(reqcli("get", server.url("/"), "--session", "work")).out == "ok"
    assert counter.runs == 2


def test_a_file_that_was_renewed_since_serves_after_401(reqcli: Program, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("old")
    path.chmod(0o600)

    def script(peer: Peer) -> None:
        assert peer.read_request().get("authorization") == "Bearer old"
        path.write_text("new")
        peer.send(NO)
        assert peer.read_request().get("authorization") == "Bearer new"
        peer.send(OK)

    with NastyServer(script) as server:
        done(reqcli("session", "set-auth", "work", "--token-file", str(path), "--origin", server.url("/")))
        assert done(reqcli("get", server.url("/"), "--session", "work")).out == "ok"


def test_a_digest_password_can_be_elsewhere_and_its_challenge_is_no_refusal(reqcli: Program, tmp_path: Path) -> None:
    counter = Counter(tmp_path, "echo secret")

    def script(peer: Peer) -> None:
        peer.answer(b'HTTP/1.1 401 X\r\nWWW-Authenticate: Digest realm="r", nonce="n"\r\nContent-Length: 0\r\n\r\n')
        peer.answer(OK)

    with NastyServer(script) as server:
        words = ["-A", "digest", "-a", "alice", "--token-command", counter.command, "--origin", server.url("/")]
        done(reqcli("session", "set-auth", "work", *words))
        assert done(reqcli("get", server.url("/"), "--session", "work")).out == "ok"
    assert counter.runs == 1


def test_twenty_processes_with_an_expired_token_run_the_command_once_and_lose_nothing(
    reqcli: Program, tmp_path: Path
) -> None:
    counter = Counter(tmp_path, LASTING, before="sleep 0.5")

    def script(peer: Peer) -> None:
        request = peer.read_request()
        token = (request.get("authorization") or "").removeprefix("Bearer ")
        cookie = f"Set-Cookie: c{peer.number}={token}\r\n"
        peer.send(f"HTTP/1.1 200 OK\r\n{cookie}Content-Length: 2\r\n\r\nok".encode())

    with NastyServer(script) as server:
        done(reqcli("session", "set-auth", "work", "--token-command", counter.command, "--origin", server.url("/")))
        done(reqcli("get", server.url("/"), "--session", "work"))
        path = reqcli.sessions / "work.json"
        state = json.loads(path.read_text())
        state["auth"][server.url("/").rstrip("/")]["params"]["token"]["memo"]["until"] = 1.0
        path.write_text(json.dumps(state))
        processes = [reqcli.start("get", server.url("/"), "--session", "work") for _ in range(20)]
        for process in processes:
            out, err = process.communicate(timeout=120)
            assert (process.returncode, out) == (0, b"ok"), err
    after = json.loads(path.read_text())
    assert {cookie["name"]: cookie["value"] for cookie in after["cookies"]} == {
        "c1": "token-1",
        **{f"c{number}": "token-2" for number in range(2, 22)},
    }
    memo = after["auth"][server.url("/").rstrip("/")]["params"]["token"]["memo"]
    assert (memo["answer"], memo["run"]) == ("token-2", "")
    assert counter.runs == 2


def test_what_was_fetched_for_one_origin_goes_to_no_other(reqcli: Program) -> None:
    with NastyServer(OK, address="127.0.0.2") as other:
        redirect = f"HTTP/1.1 302 X\r\nLocation: {other.url('/')}\r\nContent-Length: 0\r\n\r\n".encode()
        with NastyServer(redirect) as server:
            done(reqcli("session", "set-auth", "work", "--token-env", "T", "--origin", server.url("/")))
            done(reqcli("get", server.url("/"), "-L", "--session", "work", env={"T": TOKEN}))
            one_off = done(reqcli("get", server.url("/"), "-L", "--stateless", "--token-env", "T", env={"T": TOKEN}))
            assert "withheld" in one_off.err
            assert [request.get("authorization") for request in server.requests] == [f"Bearer {TOKEN}"] * 2
        assert [request.get("authorization") for request in other.requests] == [None] * 2


# What is shown


def test_show_says_where_a_secret_is_and_asks_nobody(reqcli: Program, tmp_path: Path) -> None:
    counter = Counter(tmp_path, f"echo {TOKEN}")
    origin = ("--origin", "https://a.example")

    def shown(*words: str) -> str:
        done(reqcli("session", "set-auth", "work", *words, *origin))
        return done(reqcli("session", "show", "work", env={"API_TOKEN": TOKEN})).out

    assert "credential bearer token from environment variable API_TOKEN  (for" in shown("--token-env", "API_TOKEN")
    assert "password from file /run/token" in shown("-a", "alice", "--token-file", "/run/token")
    assert f"token from command {counter.command}  (for" in shown("--token-command", f"{counter.command} hunter2")
    for words in ([], ["--reveal"], ["--format", "json"], ["--reveal", "--format", "json"]):
        output = done(reqcli("session", "show", "work", *words))
        assert TOKEN not in output.out
        assert ("hunter2" in output.out) is ("--reveal" in words)
    assert counter.runs == 0


def test_show_tells_of_a_kept_answer_until_when_it_holds(reqcli: Program, tmp_path: Path) -> None:
    counter = Counter(tmp_path, LASTING)
    with NastyServer(OK) as server:
        done(reqcli("session", "set-auth", "work", "--token-command", counter.command, "--origin", server.url("/")))
        done(reqcli("get", server.url("/"), "--session", "work"))
    hidden, shown = done(reqcli("session", "show", "work")).out, done(reqcli("session", "show", "work", "--reveal")).out
    assert ", kept until 20" in hidden
    assert "token-1" not in hidden
    assert "token-1" in shown
    record = done(reqcli("session", "show", "work", "--format", "json")).json["auth"][0]["params"]["token"]
    assert record["command"] == [counter.command]
    assert record["memo"]["answer"] == "••••"


# The keyring


def test_a_secret_can_be_put_into_the_keyring_and_taken_from_there(reqcli: Program) -> None:
    env = ring(reqcli)
    with NastyServer(wants(TOKEN)) as server:
        words = ["session", "set-auth", "work", "-A", "bearer", "--token-keyring", "api", "--origin", server.url("/")]
        absent = reqcli(*words, env=env)
        assert absent.status == 105, absent
        done(reqcli(*words, "-a", "@-", stdin=TOKEN.encode(), env=env))
        assert TOKEN not in document(reqcli)
        assert json.loads(Path(env["TEST_RING"]).read_text()) == {"api token": TOKEN}
        assert done(reqcli("get", server.url("/"), "--session", "work", env=env)).out == "ok"
        assert "token from keyring entry api:token" in done(reqcli("session", "show", "work")).out
        done(reqcli(*[word.replace("work", "again") for word in words], env=env))
        assert done(reqcli("get", server.url("/"), "--session", "again", env=env)).out == "ok"
        one_off = ["get", server.url("/"), "--stateless", "--token-keyring"]
        assert done(reqcli(*one_off, "api:token", env=env)).out == "ok"
        assert reqcli(*one_off, "api:nobody", env=env).status == 107


def test_the_user_of_basic_is_the_user_of_the_entry(reqcli: Program) -> None:
    env = ring(reqcli)
    words = ["session", "set-auth", "work", "--token-keyring", "api", "--origin", "https://a.example"]
    done(reqcli(*words, "-a", "alice:pass:word", env=env))
    assert json.loads(Path(env["TEST_RING"]).read_text()) == {"api alice": "pass:word"}


@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        ("ForgetfulRing", 107, "did not keep"),
        ("PlaintextRing", 107, "plain text"),
        ("LockedRing", 107, "unlock it"),
        ("keyring.backends.null.Keyring", 107, "did not keep"),
        ("keyring.backends.fail.Keyring", 107, "there is no keyring"),
    ],
)
def test_a_keyring_that_does_not_keep_the_secret_is_never_replaced_by_the_session(
    reqcli: Program, name: str, status: int, said: str
) -> None:
    env = ring(reqcli, name)
    if "." in name:
        env["PYTHON_KEYRING_BACKEND"] = name
    words = ["-A", "bearer", "-a", "@-", "--token-keyring", "api", "--origin", "https://a.example"]
    output = reqcli("session", "set-auth", "work", *words, stdin=TOKEN.encode(), env=env)
    assert output.status == status, output
    assert said in output.err
    assert TOKEN not in output.err
    assert not (reqcli.sessions / "work.json").exists()


def test_a_locked_keyring_does_not_hang(reqcli: Program) -> None:
    env = ring(reqcli, "WaitingRing")
    began = time.monotonic()
    output = reqcli("get", "http://127.0.0.1:1/", "--token-keyring", "api:me", "--max-time", "1", env=env)
    assert output.status == 28, output
    assert time.monotonic() - began < 25


def test_bare_answers_are_asked_for_by_each_run(reqcli: Program, tmp_path: Path) -> None:
    counter = Counter(tmp_path, BARE)
    with NastyServer(wants("token-1", "token-2")) as server:
        done(reqcli("session", "set-auth", "work", "--token-command", counter.command, "--origin", server.url("/")))
        for _ in range(2):
            done(reqcli("get", server.url("/"), "--session", "work"))
    assert counter.runs == 2
    assert '"token-' not in document(reqcli)
