"""TAB, in the real shells, and the answers that the program gives them."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqcli.cli.completion.answer import _words
from reqcli.cli.completion.scripts import SHELLS, script
from tests.e2e.test_start_up import imported_by
from tests.program import Program
from tests.real import require


@pytest.fixture
def stored(reqcli: Program) -> Program:
    """The program, with two sessions, in one of which there are a header and a cookie."""
    for name in ("work", "weekend"):
        assert reqcli("session", "create", name, "--base-url", "http://127.0.0.1:1").status == 0
    assert reqcli("session", "set-header", "work", "X-Tenant:acme").status == 0
    assert reqcli("session", "set-cookie", "work", "sid=1; Path=/").status == 0
    return reqcli


def offered(reqcli: Program, *words: str, shell: str = "zsh") -> list[str]:
    """The words that TAB offers after these, the last one being typed; descriptions left out."""
    done = reqcli(*words, env={"_REQCLI_COMPLETE": shell})
    assert (done.status, done.err) == (0, "")
    return [line.partition("\t")[0] for line in done.out.splitlines()]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["get", "--session", "w"], ["weekend", "work"]),
        (["get", "--session=wo"], ["--session=work"]),
        (["get", "http://h/", "--session", "nothing"], []),
        (["session", "show", "wo"], ["work"]),
        (["get", "--session", "work", "http://h/", "x-"], ["X-Tenant:"]),
        (["get", "--session=work", "http://h/", "X"], ["X-Tenant:"]),
        (["get", "--session", "weekend", "http://h/", "X"], []),
        (["--session", "work", "http://h/", "X"], ["X-Tenant:"]),
        (["session", "unset-header", "work", ""], ["X-Tenant"]),
        (["session", "set-cookie", "work", "s"], ["sid="]),
        (["get", "--allow-d"], ["--allow-downgrade"]),
        (["http://h/", "--allow-d"], ["--allow-downgrade"]),
        (["GET", "h", "--allow-d"], ["--allow-downgrade"]),
        (["-v", "--allow-d"], ["--allow-downgrade"]),
        (["get", "--tls-min", "1."], ["1.0", "1.1", "1.2", "1.3"]),
        (["get", "--tls-min=1.3"], ["--tls-min=1.3"]),
        (["get", "-o", ""], [":file"]),
        (["get", "--cert=x"], [":file"]),
        (["pat"], ["patch"]),
        (["completion", "f"], ["fish"]),
        (["session", "set", "work", "base"], ["base_url"]),
        (["session", "capture", "work", "--preset", "dj"], ["django"]),
        (["get", ""], []),
        (["get", "-A", "b"], ["basic", "bearer"]),
        (["session", "set-auth", "work", "-A", "d"], ["digest"]),
        (["ba"], ["batch"]),
        (["s"], ["serve", "session", "schema"]),
        (["batch", ""], [":file"]),
        (["batch", "--resume", ""], [":file"]),
        (["batch", "--cert", ""], [":file"]),
        (["batch", "--format", ""], ["json", "brief"]),
        (["batch", "--session", "wo"], ["work"]),
        (["serve", "--st"], ["--stdio", "--store", "--stateless"]),
        (["serve", "--session", "we"], ["weekend"]),
        (["context", ""], ["export", "import", "keygen", "show"]),
        (["context", "show", ""], [":file"]),
        (["context", "export", "wo"], ["work"]),
        (["context", "export", "work", ""], [":file"]),
        (["context", "import", "work", ""], [":file"]),
        (["context", "show", "--context-key", ""], [":file"]),
        (["get", "--context", ""], [":file"]),
        (["convert", ""], ["curl", "reqcli"]),
        (["convert", "curl", "--dialect", "p"], ["posix"]),
        (["errors", "--format", ""], ["json"]),
        (["session", "import", "work", "--from", "h"], ["har", "httpie"]),
        (["session", "import", "work", ""], [":file"]),
        (["session", "export", "work", "-o", ""], [":file"]),
        (["help", "ba"], ["batch"]),
        (["help", "con"], ["contexts", "context", "convert"]),
    ],
)
def test_what_is_offered(stored: Program, words: list[str], expected: list[str]) -> None:
    assert offered(stored, *words) == expected


def test_options_are_described(reqcli: Program) -> None:
    done = reqcli("get", "--allow-d", env={"_REQCLI_COMPLETE": "fish"})
    assert done.out == "--allow-downgrade\tFollow redirects from https to http too.\n"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("reqcli get --session=w", ["weekend", "work"]),
        ("reqcli get --session 'w", ["weekend", "work"]),
        ('reqcli get "http://h/?a b" --session ', ["weekend", "work"]),
        ("reqcli session show wo", ["work"]),
        ("reqcli pat", ["patch"]),
    ],
)
def test_bash_gives_the_line_and_wants_what_follows_the_last_sign_at_which_it_cuts(
    stored: Program, line: str, expected: list[str]
) -> None:
    assert offered(stored, line, shell="bash") == expected


@given(st.lists(st.text("ab'\"\\ =:\t", max_size=8), max_size=4).map(" ".join))
def test_any_line_has_words(line: str) -> None:
    assert all(isinstance(word, str) for word in _words(line))


def test_a_store_that_cannot_be_read_offers_nothing(reqcli: Program) -> None:
    assert reqcli("session", "create", "work").status == 0
    reqcli.sessions.chmod(0o777)
    assert offered(reqcli, "get", "--session", "") == []


def test_the_name_of_a_session_is_offered_without_loading_click(
    stored: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(stored.environment, "_REQCLI_COMPLETE", "zsh")
    loaded = imported_by(stored, "get", "--session", "w")
    assert loaded & {"click", "rich", "json", "socket", "reqcli.api.session"} == set()


class Shell:
    """A real shell at a pseudo-terminal, with `reqcli` among its commands."""

    def __init__(self, words: list[str], environment: dict[str, str]) -> None:
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.execvpe(words[0], words, environment)
        self.seen = ""

    def type(self, text: str) -> None:
        os.write(self.terminal, text.encode())

    def wait_for(self, text: str, seconds: float = 60.0) -> None:
        """Read until the text has appeared; what was seen until its end is taken as read."""
        ends = time.monotonic() + seconds
        while text not in self.seen:
            left = ends - time.monotonic()
            assert select.select([self.terminal], [], [], max(left, 0))[0], f"no {text!r} in {self.seen!r}"
            self.seen += os.read(self.terminal, 4096).decode(errors="replace")
        self.seen = self.seen.partition(text)[2]

    def close(self) -> None:
        os.close(self.terminal)
        os.waitpid(self.pid, 0)


READY = {
    "bash": ["--norc", "--noprofile", "-i"],
    "zsh": ["-f", "-i"],
    "fish": ["--no-config", "-i"],
}
LOADING = {
    "bash": "source {file}; bind 'set enable-bracketed-paste off'; PS1='ready'\"> \"\n",
    "zsh": "autoload -U compinit; compinit -u -D; source {file}; PS1='ready'\"> \"\n",
    "fish": "source {file}; function fish_prompt; echo -n ready'> '; end\n",
}


@pytest.mark.parametrize("shell", SHELLS)
def test_tab_completes_the_name_of_a_session(stored: Program, shell: str, tmp_path: Path) -> None:
    shim = tmp_path / "bin" / "reqcli"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec {sys.executable} -m reqcli "$@"\n')
    shim.chmod(0o755)
    file = tmp_path / f"script.{shell}"
    file.write_text(script(shell))
    environment = {
        **stored.environment,
        "PATH": f"{shim.parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "TERM": "xterm",
    }
    process = Shell([require(shell), *READY[shell]], environment)
    try:
        process.type(LOADING[shell].format(file=file))
        process.wait_for("ready> ")
        process.type("reqcli session path wo\t")
        process.wait_for("work")
        process.type("\n")
        process.wait_for(str(stored.sessions / "work.json"))
    finally:
        process.close()


@pytest.mark.parametrize(
    ("shell", "path"),
    [
        ("bash", ".local/share/bash-completion/completions/reqcli"),
        ("zsh", ".local/share/zsh/site-functions/_reqcli"),
        ("fish", ".config/fish/completions/reqcli.fish"),
    ],
)
def test_a_script_is_installed_where_its_shell_looks_for_it(
    reqcli: Program, tmp_path: Path, shell: str, path: str
) -> None:
    done = reqcli("completion", "install", env={"HOME": str(tmp_path), "SHELL": f"/bin/{shell}"})
    assert (done.status, done.out) == (0, "")
    assert f"wrote {tmp_path / path}\n" in done.err
    assert (tmp_path / path).read_text() == script(shell) == reqcli("completion", shell).out


def test_fish_finds_the_installed_script_by_itself(stored: Program, tmp_path: Path) -> None:
    fish = require("fish")
    assert stored("completion", "install", "fish", env={"HOME": str(tmp_path)}).status == 0
    shim = tmp_path / "reqcli"
    shim.write_text(f'#!/bin/sh\nexec {sys.executable} -m reqcli "$@"\n')
    shim.chmod(0o755)
    environment = {**stored.environment, "HOME": str(tmp_path), "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(
        [fish, "-c", 'complete -C "reqcli get --session w"'], env=environment, capture_output=True, text=True
    )
    assert done.stdout.split() == ["weekend", "work"]


@pytest.mark.parametrize(
    ("words", "env", "said"),
    [
        (
            ["install"],
            {"SHELL": "/bin/tcsh"},
            "SHELL names 'tcsh', which has no completion here — say which: bash, zsh, fish",
        ),
        (["install"], {"SHELL": ""}, "SHELL names no shell — say which: bash, zsh, fish"),
        (["bash", "zsh"], {}, "only `install`"),
        (["tcsh"], {}, "bash"),
        (["install", "fish"], {"HOME": ""}, "neither XDG_CONFIG_HOME nor HOME"),
    ],
)
def test_what_cannot_be_installed_is_said(reqcli: Program, words: list[str], env: dict[str, str], said: str) -> None:
    done = reqcli("completion", *words, env=env)
    assert (done.status, done.out) == (2, "")
    assert said in done.err


def test_a_place_that_cannot_be_written_is_named(reqcli: Program, tmp_path: Path) -> None:
    (tmp_path / ".config").write_text("a file")
    done = reqcli("completion", "install", "fish", env={"HOME": str(tmp_path)})
    assert done.status == 23
    assert f"{tmp_path}/.config/fish/completions/reqcli.fish" in done.err
