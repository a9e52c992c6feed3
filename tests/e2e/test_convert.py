"""`reqcli convert curl`: both commands are run, the curl one by a real curl, and what arrives is compared."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.test_curl_command import OK, run, sent
from tests.program import Program
from tests.sockets import NastyServer, RawRequest

CURL: dict[str, str] = {
    "a url": "curl URL/x?a=1",
    "a url without a scheme": "curl HOST/x",
    "joined short options": "curl -sSLkXPOST -Hx-a:1 -dA=b URL/x",
    "headers": "curl URL/x -H 'X-A: it'\\''s' -H \"X-B: \\\"\\$5\\\" \\`\" -H 'X-C;' -H 'Accept:' --header 'X-D:1'",
    "several pieces": "curl URL/x -d a=1 --data-raw 'b=@2' --data-binary 'c= d' --data-ascii e",
    "a raw at": "curl URL/x --data-raw '@x' -H 'Content-Type: text/plain'",
    "a raw at as a form": "curl URL/x --data-raw '@x'",
    "a file": "curl URL/x --data-binary @binary",
    "a file and text": "curl URL/x --data-binary @binary -d x=1",
    "encoded": "curl URL/x --data-urlencode 'a=1&2 ü' --data-urlencode '=x y' --data-urlencode z/% --data-urlencode k=",
    "a query": "curl -G URL/x?z=0 -d a=1 --data-urlencode 'b= c'",
    "a query of its own": "curl URL/x --url-query '+raw+1' --url-query 'a=b c'",
    "a head": "curl -I URL/x",
    "json": "curl URL/x --json '{\"a\": 1}'",
    "json in two": "curl URL/x --json '{\"a\":' --json '1}' -H 'Accept: x/y'",
    "basic": "curl URL/x -u 'ali ce:won:der'",
    "bearer": "curl URL/x --oauth2-bearer to.ken",
    "cookies": "curl URL/x -b 'a=1; b=2'",
    "agent, referer, range": "curl URL/x -A 'My Agent/1' -e http://r.example/ -r 0-9",
    "no agent": "curl URL/x -A ''",
    "an upload": "curl URL/x -T binary",
    "an upload into a folder": "curl URL/dir/ -T binary",
    "an upload by post": "curl URL/x -X POST -T binary -H 'content-type: a/b'",
    "a form": "curl URL/x -F a=1 -F 'b=\"x;y\"' --form-string 'c=@d;type=e' -F 'f:g@h\\i=j=k' -F 'l==m'",
    "files in a form": (
        "curl URL/x -F 'f=@text;type=text/x-y;filename=\"a;b.txt\"' -F g=@binary -F 'h=<text' -F 'i=@\"odd,;name\"'"
    ),
    "a type with a parameter": "curl URL/x -F 'f=@text;type=text/plain;charset=utf-8'",
    "a method": "curl -X PURGE URL/x",
    "a method in small letters": "curl -X purge URL/x",
    "lines": "curl 'URL/x' \\\n  -H 'X-A: 1' \\\n  --compressed",
    "a browser's body": "curl $'URL/x' --data-raw $'a\\u0021 it\\'s \\xc3\\xa9 \\101\\n\\\\'",
    "dot segments": "curl URL/a/../b",
    "dot segments as they are": "curl --path-as-is URL/a/../b",
    "brackets": "curl -g 'URL/x?a[]=[1]'",
    "after two dashes": "curl -X DELETE -- URL/x",
}  # fmt: skip

OWN = {"user-agent", "accept-encoding", "expect", "transfer-encoding", "content-length"}
"""Fields in which the two differ by nature; the length of a body shows in the body."""


def comparable(request: RawRequest) -> object:
    method, target, fields, body = sent(request)
    return method, target, [field for field in fields if field[0] not in OWN or "Agent" in field[1]], body


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "text").write_text("line\nit's\n")
    (tmp_path / "binary").write_bytes(bytes(range(256)))
    (tmp_path / "odd,;name").write_text("odd")
    return tmp_path


def run_ours(reqcli: Program, command: str, folder: Path) -> int:
    script = f'reqcli() {{ "{sys.executable}" -m reqcli "$@"; }}\n{command}'
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    return subprocess.run(["sh", "-c", script], cwd=folder, env=reqcli.environment, timeout=60, **streams).returncode


@pytest.mark.parametrize("case", CURL)
def test_both_commands_send_the_same(reqcli: Program, folder: Path, case: str) -> None:
    with NastyServer(OK) as server:
        url = server.url("/").rstrip("/")
        command = CURL[case].replace("URL", url).replace("HOST", url.removeprefix("http://"))
        script = command if "$'" not in command else f"bash -c {subprocess.list2cmdline([command])!r}"
        if "$'" in command:
            (folder / "script").write_text(command)
            script = "bash ./script"
        assert run(script, folder).returncode == 0
        converted = reqcli("convert", "curl", command)
        assert converted.status == 0, converted
        assert run_ours(reqcli, converted.out, folder) == 0, converted
        theirs, ours = map(comparable, server.requests)
    assert ours == theirs, converted


CHROME_CMD = (
    'curl ^"http://h.example/x?a=1^&b=^%^20^" ^\r\n  -H ^"sec-ch-ua: ^\\^"Chromium^\\^";v=^\\^"128^\\^"^" ^\r\n'
    '  --data-raw ^"^{^\\^"a^\\^":^\\^"x^^y^\\^"^}^\r\n\r\nz^"'
)
OLD_CHROME_CMD = 'curl "http://h.example/x?a=1&b="%"20" -H "X-A: ""quoted""" --data-binary "{""a"":""b""}" --compressed'
FIREFOX_CMD = 'curl "http://h.example/x" --compressed ^\n-X POST ^\n-H "X-A: ""quoted""" ^\n--data-raw "a=1&b=2"'
MIDDLE_CHROME_CMD = (
    'curl "http://h.example/x" ^\n  -H "sec-ch-ua: ^\\^"Chromium^\\^"" ^\n  --data-raw "a=1&b=^%^20" ^\n'
)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        pytest.param(
            CHROME_CMD,
            ["http://h.example/x?a=1&b=%20", "-H", 'sec-ch-ua: "Chromium";v="128"', "-d", '{"a":"x^y"}\nz'],
            id="chrome",
        ),
        pytest.param(
            MIDDLE_CHROME_CMD, ["http://h.example/x", "-H", 'sec-ch-ua: "Chromium"', "-d", "a=1&b=%20"], id="2020"
        ),
        pytest.param(
            OLD_CHROME_CMD, ["http://h.example/x?a=1&b=%20", "-H", 'X-A: "quoted"', "-d", '{"a":"b"}'], id="2015"
        ),
        pytest.param(FIREFOX_CMD, ["http://h.example/x", "-H", 'X-A: "quoted"', "-d", "a=1&b=2"], id="firefox"),
    ],
)
def test_the_form_for_windows_is_read(reqcli: Program, command: str, words: list[str]) -> None:
    for given in (["convert", "curl", command], ["convert", "curl", "--dialect", "cmd", command]):
        assert shlex.split(reqcli(*given).out) == ["reqcli", "post", *words]


def test_it_reads_standard_input_and_words(reqcli: Program, tmp_path: Path) -> None:
    expected = "reqcli get http://h.example/ -H 'A: b'\n"
    command = "curl http://h.example/ -H 'A: b'"
    (tmp_path / "copied").write_text(f"$ {command}\n")
    assert reqcli("convert", "curl", stdin=command.encode()).out == expected
    assert reqcli("convert", "curl", "@-", stdin=command.encode()).out == expected
    assert reqcli("convert", "curl", f"@{tmp_path / 'copied'}").out == expected
    assert reqcli("convert", "curl", "curl", "-s", "http://h.example/", "-H", "A: b").out == expected


@pytest.mark.parametrize(
    ("command", "named"),
    [
        ("", "no command"),
        ("wget http://h/", "'wget'"),
        ("curl", "no URL"),
        ("curl http://a/ http://b/", "several URLs"),
        ("curl http://a/ --next http://b/", "second request"),
        ("curl http://a/ | jq .", "line 1, column 16"),
        ("curl http://a/\ncurl http://b/", "second command"),
        ("curl http://a/ -H \"A: $TOKEN\"", "line 1, column 23"),
        ("curl http://a/ -H 'A: b", "line 1, column 19"),
        ("curl http://a/$(id)", "line 1, column 15"),
        ("curl \\\n `id`", "line 2, column 2"),
        ("curl http://a/ --nope x", "--nope"),
        ("curl http://a/ -sWx", "-W"),
        ("curl http://a/ -H", "-H"),
        ("curl http://a/ --data=x", "--data"),
        ("curl http://a/{1,2}", "several requests"),
        ("curl http://a/ -d x -F a=b", "two bodies"),
        ("curl http://a/ -K file", "--config"),
        ("curl http://a/ -H @file", "reads headers"),
        ("curl http://a/ --data-urlencode a@file", "--data-urlencode"),
        ("curl -G http://a/ -d @file", "-G"),
        ("curl http://a/ -F a", "no ="),
        ("curl http://a/ $'\\x00'", "NUL"),
        ('curl ^"http://a/^" | more', "cmd.exe"),
        ('curl ^"http://a/^" -H ^"a', "not closed"),
    ],
)  # fmt: skip
def test_what_cannot_be_converted_is_said(reqcli: Program, command: str, named: str) -> None:
    output = reqcli("convert", "curl", command)
    assert (output.status, output.out) == (2, ""), output
    assert named in output.err
    assert output.err.count("\n") == 1


@pytest.mark.parametrize(
    ("option", "words", "note"),
    [
        ("-L --max-redirs 3 -m 9 --connect-timeout 2", ["-L", "--max-redirects", "3", "--max-time", "9"], ""),
        ("-x socks5h://p:1 -U u:p --noproxy a,b", ["--proxy", "socks5h://p:1", "--proxy-auth", "u:p"], ""),
        ("--socks5-hostname p:1080", ["--proxy", "socks5h://p:1080"], ""),
        ("--resolve h:443:[::1],2.2.2.2", ["--resolve", "h:443:[::1],2.2.2.2"], ""),
        ("--resolve -h:443", [], "--resolve"),
        ("-E 'a\\:b.pem:pass' --key k --cacert ca --tlsv1.2", ["--cert", "a:b.pem", "--cert-key", "k"], "passphrase"),
        ("--digest -u a:b", ["-A", "digest", "-a", "a:b"], ""),
        ("--ntlm -u a:b", ["-a", "a:b"], "--ntlm"),
        ("-b jar.txt -c jar.txt", [], "reqcli session import NAME jar.txt"),
        ("-sI", ["reqcli", "head", "https://h/", "-h"], ""),
        ("-sSLO", ["-L", "--download"], "never overwrites a file"),
        ("-OJC -", ["--continue"], "never overwrites a file"),
        ("-o f -C -", ["-o", "f", "--continue"], ""),
        ("-C 100", [], "--continue-at"),
        ("-D - -o /dev/null", ["-i", "-o", "/dev/null"], ""),
        ("-D f", [], "--dump-header"),
        ("--retry 3 --retry-connrefused --retry-all-errors", ["--retry", "3"], ""),
        ("--retry 3 --retry-all-errors -d x", ["--retry", "3", "--retry-all"], ""),
        ("--http2 -O -# --limit-rate 1k", [], "--limit-rate"),
        ("-sSfN --compressed --http1.1", [], ""),
        ("--pinnedpubkey sha256//abc=", ["--pin", "sha256//abc="], ""),
        ("--pinnedpubkey key.pem", [], "--pinnedpubkey"),
        ("--location-trusted", ["-L"], "--location-trusted"),
    ],
)
def test_the_other_options_are_kept_or_named(reqcli: Program, option: str, words: list[str], note: str) -> None:
    output = reqcli("convert", "curl", f"curl https://h/ {option}")
    assert output.status == 0
    assert " ".join(words) in " ".join(shlex.split(output.out))
    assert note in output.err
    assert bool(output.err) is bool(note)


def test_the_other_way_round_is_the_same_as_curl(reqcli: Program) -> None:
    command = "reqcli post http://h.example/ a=1 -a alice:wonder"
    for reveal in ([], ["--reveal"]):
        printed = reqcli("convert", "reqcli", *reveal, command)
        assert printed.out == reqcli(*command.split()[1:], "--curl", *reveal).out
        assert printed.out.startswith("curl http://h.example/")
    for nonsense in ("reqcli session list", "rm -rf /", "reqcli"):
        assert reqcli("convert", "reqcli", nonsense).status == 2
