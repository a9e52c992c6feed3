"""No secret in any output: every kind of secret, sent to servers that give it back in every way they can think of.

The one exception is the body's exact bytes, in a pipe or a file: who asks for what the server sent gets it.
"""

from __future__ import annotations

import base64
import os
import pty
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.program import Output, Program
from tests.sockets import NastyServer, Peer

SECRET = "s3cr3t-hunter2-t0ken"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
ROOT = str(Path(__file__).parent.parent.parent)


def forms(text: str) -> list[str]:
    """The forms in which the secret stands in a text: as it is, encoded, within base64."""
    found = [form for form in (SECRET, quote(SECRET, safe="")) if form in text]
    for offset in range(3):
        core = base64.b64encode(b"x" * offset + SECRET.encode()).decode()[4:-4]
        found += [core] if core in text else []
    return found


def test_the_detector_sees_what_it_must() -> None:
    for user in ("", "a", "al", "alice"):
        assert forms(base64.b64encode(f"{user}:{SECRET}".encode()).decode())
    assert forms(f"x{SECRET}y")
    assert not forms("hunter2")


# The kinds of secrets

Prepare = Callable[[Program, str, Path], tuple[list[str], dict[str, str]]]
"""Stores what is to be stored for a URL, and gives the words and the environment of the request."""


def one_off(*words: str, **env: str) -> Prepare:
    return lambda reqcli, url, folder: ([*words, "--session", "work"], env)


def stored(*words: str, stdin: bytes = SECRET.encode(), **env: str) -> Prepare:
    def prepare(reqcli: Program, url: str, folder: Path) -> tuple[list[str], dict[str, str]]:
        (folder / "secret").write_text(SECRET)
        (folder / "secret").chmod(0o600)
        given = [word.replace("FOLDER", str(folder)) for word in words]
        ring = {
            "PYTHON_KEYRING_BACKEND": "tests.vault.rings.FileRing",
            "TEST_RING": str(folder / "ring"),
            "PYTHONPATH": f"{ROOT}:{reqcli.environment['PYTHONPATH']}",
        }
        output = reqcli("session", given[0], "work", *given[1:], "--origin", url, stdin=stdin, env=ring)
        assert output.status == 0, output
        return ["--session", "work"], {**ring, **env}

    return prepare


def in_a_cookie(reqcli: Program, url: str, folder: Path) -> tuple[list[str], dict[str, str]]:
    answer = f"HTTP/1.1 200 OK\r\nSet-Cookie: sid={SECRET}\r\nContent-Length: 0\r\n\r\n".encode()
    with NastyServer(answer) as server:
        assert reqcli("get", server.url("/"), "--session", "work").status == 0
    return ["--session", "work"], {}


def in_netrc(reqcli: Program, url: str, folder: Path) -> tuple[list[str], dict[str, str]]:
    (folder / "netrc").write_text(f"machine 127.0.0.1 login alice password {SECRET}")
    (folder / "netrc").chmod(0o600)
    return ["--session", "work"], {"NETRC": str(folder / "netrc")}


def in_a_stored_header_by_reference(reqcli: Program, url: str, folder: Path) -> tuple[list[str], dict[str, str]]:
    import json

    assert reqcli("session", "set-header", "work", "X-Team:a", "--origin", url).status == 0
    path = reqcli.sessions / "work.json"
    document = json.loads(path.read_text())
    for headers in document["headers"].values():
        headers["X-Team"] = {"env": "TEAM"}
    path.write_text(json.dumps(document))
    return ["--session", "work"], {"TEAM": SECRET}


JSON_COMMAND = f'echo {{\\"token\\":\\"{SECRET}\\",\\"expires_in\\":3600}}'
KINDS: dict[str, Prepare] = {
    "one-off basic": one_off("-a", f"alice:{SECRET}"),
    "one-off bearer": one_off("-A", "bearer", "-a", SECRET),
    "one-off digest": one_off("-A", "digest", "-a", f"alice:{SECRET}"),
    "one-off key in a header": one_off("-A", "apikey", "-a", f"X-Plain:{SECRET}"),
    "one-off key in the query": one_off("-A", "apikey", "-a", f"?plain:{SECRET}"),
    "one-off from a variable": one_off("--token-env", "T", T=SECRET),
    "one-off from a command": one_off("--token-command", f"echo {SECRET}"),
    "typed Authorization": one_off(f"Authorization:Bearer {SECRET}"),
    "typed header": one_off(f"X-Api-Key:{SECRET}"),
    "typed cookie": one_off(f"Cookie:sid={SECRET}"),
    "typed query": one_off(f"access_token=={SECRET}"),
    "netrc": in_netrc,
    "stored basic": stored("set-auth", "-a", f"alice:{SECRET}"),
    "stored bearer": stored("set-auth", "-A", "bearer", "-a", "@-"),
    "stored digest": stored("set-auth", "-A", "digest", "-a", f"alice:{SECRET}"),
    "stored key": stored("set-auth", "-A", "apikey", "-a", f"X-Plain:{SECRET}"),
    "stored header": stored("set-header", "X-Api-Key:@-"),
    "stored header by reference": in_a_stored_header_by_reference,
    "stored cookie": in_a_cookie,
    "by variable": stored("set-auth", "--token-env", "T", T=SECRET),
    "by file": stored("set-auth", "-a", "alice", "--token-file", "FOLDER/secret"),
    "by command": stored("set-auth", "--token-command", f"echo {SECRET}"),
    "by command, kept": stored("set-auth", "--token-command", JSON_COMMAND),
    "by keyring": stored("set-auth", "-A", "bearer", "-a", "@-", "--token-keyring", "api"),
}

# What servers do with it

ENCODED = base64.b64encode(f"alice:{SECRET}".encode()).decode()
TEXT = f"you sent {SECRET}, {quote(SECRET, safe='')} and Basic {ENCODED}"
JSON = f'{{"{SECRET}": "{SECRET}", "list": ["{ENCODED}", 1], "url": "https://h/?a={SECRET}"}}'


def answer(start: str, *fields: str, body: str = "", type: str = "text/plain") -> bytes:  # noqa: A002
    lines = [start, *fields, f"Content-Type: {type}", f"Content-Length: {len(body)}", "", body]
    return "\r\n".join(lines).encode()


ECHOES = {
    "a refusal": answer(f"HTTP/1.1 403 {TEXT}", f"X-Echo: {TEXT}", f"Set-Cookie: got={SECRET}", body=TEXT),
    "JSON": answer("HTTP/1.1 200 OK", f'WWW-Authenticate: X r="{SECRET}"', body=JSON, type="application/json"),
    "a problem": answer("HTTP/1.1 422 No", body=JSON, type="application/problem+json"),
    "a page": answer("HTTP/1.1 500 No", body=f"<b>{TEXT}</b>", type="text/html"),
    "an unknown coding": answer("HTTP/1.1 200 OK", f"Content-Encoding: {SECRET}", body=TEXT),
    "a broken status line": f"HTTP/1.1 {SECRET} OK\r\n\r\n".encode(),
    "a broken field": f"HTTP/1.1 200 OK\r\n{SECRET} : x\r\n\r\n".encode(),
    "a broken length": f"HTTP/1.1 200 OK\r\nContent-Length: {SECRET}\r\n\r\n".encode(),
    "a broken chunk": f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{SECRET}\r\n".encode(),
    "no HTTP": f"{SECRET}\r\n".encode(),
    "a field's name": answer("HTTP/1.1 200 OK", f"X-{SECRET}: x", body="ok"),
    "a refused cookie": answer("HTTP/1.1 200 OK", f"Set-Cookie: {SECRET}=x; Domain={SECRET}.example", body="ok"),
    "a redirect": answer("HTTP/1.1 302 Found", f"Location: /{SECRET}?q={SECRET}#{SECRET}"),
    "a redirect nowhere": answer("HTTP/1.1 302 Found", f"Location: telnet://{SECRET}.example/"),
    "another redirect nowhere": answer("HTTP/1.1 302 Found", f"Location: http://a:{SECRET}@{SECRET}:x/"),
    "a kept cookie": answer("HTTP/1.1 200 OK", f"Set-Cookie: session={SECRET}; Path=/{SECRET}", body="ok"),
}


def asking(reqcli: Program, server: NastyServer, kind: str, folder: Path) -> Callable[..., Output]:
    """Stores what is to be stored, and gives what makes the request with some options more."""
    words, env = KINDS[kind](reqcli, server.url("/"), folder)
    return lambda *views: reqcli("get", server.url("/x"), *words, "-L", "--max-redirects", "1", *views, env=env)


def seen(output: Output, *, body: bool = False) -> str:
    """What a person sees of it; without the body's own bytes, if they are in it."""
    return output.err + ("" if body else output.out)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("echo", ["a refusal", "JSON", "a broken status line"])
def test_no_kind_of_secret_is_shown(reqcli: Program, tmp_path: Path, kind: str, echo: str) -> None:
    with NastyServer(ECHOES[echo]) as server:
        ask = asking(reqcli, server, kind, tmp_path)
        for views in (["-v"], ["-v", "--format", "json"]):
            output = ask(*views)
            assert forms(seen(output, body="json" not in views)) == [], output
        assert server.requests
    for words in (["show", "work"], ["show", "work", "--format", "json"], ["list"], ["cookies", "work"]):
        output = reqcli("session", *words)
        assert forms(seen(output)) == [], output


@pytest.mark.parametrize("kind", ["by command, kept", "one-off basic", "typed header"])
@pytest.mark.parametrize("echo", ECHOES)
def test_no_server_gets_it_shown(reqcli: Program, tmp_path: Path, kind: str, echo: str) -> None:
    with NastyServer(ECHOES[echo]) as server:
        ask = asking(reqcli, server, kind, tmp_path)
        for views in (["-v"], ["--format", "json"], ["-v", "-i", "-o", str(tmp_path / "body")]):
            output = ask(*views)
            assert forms(seen(output, body=views == ["-v"])) == [], output


@pytest.mark.parametrize(
    "kind", ["typed Authorization", "typed header", "typed cookie", "typed query", "stored header", "stored cookie"]
)
def test_what_stayed_behind_at_a_redirect_is_not_shown_either(reqcli: Program, tmp_path: Path, kind: str) -> None:
    with NastyServer(answer("HTTP/1.1 403 No", body=TEXT)) as other:
        location = f"Location: {other.url(f'/{SECRET}')}".replace("127.0.0.1", "localhost")
        with NastyServer(answer("HTTP/1.1 302 Found", location, f"X-Echo: {TEXT}")) as server:
            ask = asking(reqcli, server, kind, tmp_path)
            for views in (["-vv"], ["--format", "json"], ["-o", "/dev/null", "-w", "%{json}%{stderr}%{url_effective}"]):
                output = ask(*views)
                assert forms(seen(output, body=views == ["-vv"])) == [], output
        assert not any(SECRET in value for request in other.requests for _, value in request.fields)


def test_a_head_in_a_pipe_is_masked_and_the_body_is_exact(reqcli: Program, tmp_path: Path) -> None:
    with NastyServer(ECHOES["a refusal"]) as server:
        ask = asking(reqcli, server, "stored bearer", tmp_path)
        plain = ask()
        assert plain.out == TEXT
        with_head = ask("-i")
        head, _, body = with_head.out.replace("\r\n", "\n").partition("\n\n")
        assert body == TEXT
        assert forms(head + with_head.err) == []
        ask("-o", str(tmp_path / "body"))
        assert (tmp_path / "body").read_text() == TEXT


@pytest.mark.parametrize("echo", ["a refusal", "JSON", "a page", "a broken status line"])
@pytest.mark.parametrize("views", [[], ["-v"], ["-i"]], ids=" ".join)
def test_on_a_terminal_the_body_is_masked_too(reqcli: Program, tmp_path: Path, echo: str, views: list[str]) -> None:
    for reveal in (False, True):
        with NastyServer(ECHOES[echo]) as server:
            words, env = KINDS["stored bearer"](reqcli, server.url("/"), tmp_path)
            words += ["--reveal"] if reveal else []
            text = on_a_terminal(reqcli, env, "get", server.url("/x"), *words, *views)
        assert bool(forms(text)) is reveal, text


def on_a_terminal(reqcli: Program, env: dict[str, str], *args: str) -> str:
    """What appears on the screen."""
    ours, theirs = pty.openpty()
    environment = {**reqcli.environment, "TERM": "xterm", **env}
    process = subprocess.Popen(
        reqcli.command(*args), stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, env=environment
    )
    os.close(theirs)
    screen = b""
    try:
        while block := os.read(ours, 65536):
            screen += block
    except OSError:  # the other side is closed
        pass
    os.close(ours)
    process.wait(60)
    return screen.decode(errors="replace")


@pytest.mark.parametrize("kind", KINDS)
def test_reveal_shows_what_was_sent_and_what_came(reqcli: Program, tmp_path: Path, kind: str) -> None:
    with NastyServer(ECHOES["a refusal"]) as server:
        ask = asking(reqcli, server, kind, tmp_path)
        sent_head, _, came = ask("-v", "--reveal").err.partition("HTTP/1.1 403")
        assert forms(came)
        if "digest" not in kind:
            assert forms(sent_head)
        assert forms(ask("--format", "json", "--reveal").out)


@pytest.mark.parametrize(
    "kind", ["stored basic", "stored bearer", "stored key", "stored header", "stored cookie", "by command, kept"]
)
def test_session_reveal_shows_what_is_stored_and_nothing_else(reqcli: Program, tmp_path: Path, kind: str) -> None:
    with NastyServer(OK) as server:
        asking(reqcli, server, kind, tmp_path)()
    for views in ([], ["--format", "json"]):
        assert forms(reqcli("session", "show", "work", "--reveal", *views).out)


@pytest.mark.parametrize("kind", ["by variable", "by file", "by keyring", "stored header by reference"])
def test_session_reveal_fetches_nothing(reqcli: Program, tmp_path: Path, kind: str) -> None:
    _, env = KINDS[kind](reqcli, "http://127.0.0.1:1/", tmp_path)
    for views in ([], ["--format", "json"]):
        assert forms(seen(reqcli("session", "show", "work", "--reveal", *views, env=env))) == []


@pytest.mark.parametrize(
    "script",
    ["echo SECRET >&2; echo SECRET; exit 1", "echo SECRET; echo SECRET", "exec SECRET", "printf 'SECRET\\377'"],
)
def test_a_command_that_fails_shows_nothing_that_it_printed_as_its_answer(reqcli: Program, script: str) -> None:
    words = ["--token-command", f'sh -c "{script.replace("SECRET", SECRET)}"']
    url = "http://127.0.0.1:1/"
    assert reqcli("session", "set-auth", "work", *words, "--origin", url).status == 0
    for call in (["get", url, "--session", "work"], ["get", url, "--stateless", *words]):
        for views in ([], ["-v"], ["--format", "json"]):
            output = reqcli(*call, *views)
            assert output.status == 107
            if not script.startswith("exec"):
                assert forms(seen(output)) == [], output


def test_a_refused_credential_is_not_shown_either(reqcli: Program) -> None:
    def script(peer: Peer) -> None:
        peer.answer(answer("HTTP/1.1 401 No", f"X-Echo: {SECRET}", body=TEXT))

    with NastyServer(script) as server:
        words = ["--token-command", f"sh -c 'test -e once && {{ echo {SECRET} is bad >&2; exit 1; }}; echo {SECRET}'"]
        assert reqcli("session", "set-auth", "work", *words, "--origin", server.url("/")).status == 0
        for views in (["-v"], ["-v", "--format", "json"]):
            output = reqcli("get", server.url("/"), "--session", "work", *views)
            assert forms(seen(output, body="json" not in views)) == [], output


@pytest.mark.parametrize(
    "words",
    [
        "", "-v", "-q", "--format json", "--format json -L --max-redirects 0", "-L --max-redirects 1",
        "-w %{errormsg}", "-L --max-redirects 1 -w %{json}",
    ],
)  # fmt: skip
def test_a_secret_in_the_target_of_a_redirect_is_not_shown_by_what_is_said_of_it(reqcli: Program, words: str) -> None:
    def script(peer: Peer) -> None:
        number = 0
        while True:  # each time another one, which no request had in it when it is told of
            number += 1
            target = f"http://eve:pw-{SECRET}@127.0.0.1:{server.port}/?access_token={number}-{SECRET}#id_token={SECRET}"
            peer.answer(
                f"HTTP/1.1 307 Go\r\nRetry-After: 1\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode()
            )

    with NastyServer(script) as server:
        output = reqcli("get", server.url("/"), "--stateless", *words.split())
        lines = f"{server.url('/')}\n".encode()
        results = [reqcli("batch", "--stateless", "--format", form, stdin=lines) for form in ("json", "brief")]
        revealed = reqcli("get", server.url("/"), "--stateless", "--reveal")
    for each in (output, *results):
        assert each.status in (3, 47), each
        assert "access_token=••••" in each.out + each.err, each
        assert not forms(each.out + each.err), each
    assert f"#id_token={SECRET}" in revealed.err, revealed
