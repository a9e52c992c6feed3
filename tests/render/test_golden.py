"""What real calls print, on a terminal and in a pipe, kept as files that a person can read through.

Each file of `golden` has one command, what it showed on a terminal (`␛` stands for an escape) and what it gave to a
pipe, on standard output and on standard error. `python -m tests.render.test_golden` writes them anew; what changed is
then to be looked at.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from reqcli.demo.server import DemoServer
from tests.e2e.terminal import on_terminal
from tests.program import Program

FOLDER = Path(__file__).parent / "golden"

CALLS = {
    "basic": "get /basic -a alice:wonderland -v",
    "challenge": "get /account",
    "events": "get '/events?lines=2&delay=0'",
    "events-formatted": "get '/events?lines=2&delay=0' -b --pretty format",
    "feed": "get /feed -b",
    "feed-formatted": "get /feed -b --pretty format",
    "form": "post /login -f user=alice password=wonderland -v",
    "head": "get /gzip -h --sorted",
    "image": "get /image",
    "json-colours": "post /login -j a:=1.10 token=hush 'b:=[true,null,{}]' -p B --pretty colors",
    "login": "post /login -f user=alice password=wonderland -L -vv",
    "lines": "get '/ndjson?lines=2&delay=0'",
    "page": "get /page -b",
    "page-formatted": "get /page -b --pretty format",
    "quiet": "get /status/404 -q",
    "redirect": "get /redirect -L --all -h",
    "select": "get /bearer -A bearer -a demo-token-123 --select /user --select '' --select /nothing",
    "slow": "get '/slow?lines=2&delay=0' -p Hhb",
    "very-quiet": "get /status/404 -qq",
}

FIGURES = re.compile(r"(before|dns|connect|tls|send|wait|receive|total|reused)\b[ :]")


def seen(name: str, home: Path, server: DemoServer) -> str:
    """What one call shows, without what is another thing each time."""
    shown = [f"$ reqcli {CALLS[name]}\n"]
    for place in ("terminal", "pipe"):
        reqcli = Program(home / place)
        method, path, *options = shlex.split(CALLS[name])
        words = [method, f"{server.url}{path}", *options]
        if place == "terminal":
            status, screen = on_terminal(reqcli, *words)
            streams = {"terminal": screen}
        else:
            output = reqcli(*words)
            status, streams = output.status, {"stdout": output.out, "stderr": output.err}
        shown += [f"--- {stream}\n{normal(text, server)}" for stream, text in streams.items()]
        shown.append(f"--- exit {status}\n")
    return "".join(shown)


def normal(text: str, server: DemoServer) -> str:
    """The text with ports, dates, versions and times left out, and escapes that can be seen."""
    text = text.replace("\x1b", "␛").replace(server.url.rpartition(":")[2], "PORT")
    text = re.sub(r"(Date\S*: ).*", r"\1…", text)
    text = re.sub(r"(Accept-Encoding\S*: ).*", r"\1…", text)
    text = re.sub(r"reqcli/[0-9.]+\w*", "reqcli/…", text)
    lines = [
        line
        for line in text.removesuffix("\n").split("\n")
        if text and not FIGURES.match(re.sub("␛\\[[0-9;]*m", "", line))
    ]
    text = "".join(f"{line}\n" for line in lines)
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f\ufffd]", lambda found: found[0].encode("unicode_escape").decode(), text)


@pytest.mark.parametrize("name", CALLS)
def test_a_call_shows_what_it_has_always_shown(name: str, tmp_path: Path) -> None:
    with DemoServer() as server:
        assert seen(name, tmp_path, server) == (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


def test_no_file_is_left_of_a_call_that_is_gone() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == CALLS.keys()


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for call in CALLS:
        with TemporaryDirectory() as folder, DemoServer() as running:
            (FOLDER / f"{call}.txt").write_text(seen(call, Path(folder), running), encoding="utf-8")
