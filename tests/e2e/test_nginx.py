"""The same story against nginx over https, with a certificate authority of our own."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme

from tests.daemons import running
from tests.program import Program
from tests.real import require
from tests.sockets import unused_port

CONFIGURATION = """
worker_processes 1;
daemon off;
master_process off;
pid {directory}/nginx.pid;
error_log {directory}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log {directory}/access.log;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {directory}/server.pem;
        ssl_certificate_key {directory}/server.pem;
        gzip on;
        gzip_types application/json;
        gzip_min_length 1;
        location = /login {{
            if ($request_method != POST) {{ return 405; }}
            add_header Set-Cookie "sid=s3cret; Path=/; Secure; HttpOnly" always;
            return 303 /account;
        }}
        location = /account {{
            default_type application/json;
            if ($cookie_sid != "s3cret") {{ return 401 '{{"error": "log in first"}}'; }}
            return 200 '{{"user": "alice"}}';
        }}
        location = /basic {{
            default_type application/json;
            if ($http_authorization != "Basic YWxpY2U6d29uZGVybGFuZA==") {{ return 401; }}
            return 200 '{{"auth": "basic"}}';
        }}
        location = /bearer {{
            default_type application/json;
            if ($http_authorization != "Bearer t0ken") {{ return 401; }}
            return 200 '{{"auth": "bearer"}}';
        }}
        location /big {{ root {directory}; }}
        location /slow/ {{ alias {directory}/big/; limit_rate 1m; }}
    }}
}}
"""


class Nginx:
    """A running nginx: where it is, and the certificate authority that signed for it."""

    def __init__(self, url: str, authority: Path, directory: Path) -> None:
        self.url = url
        self.authority = str(authority)
        self.directory = directory


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    program = require("nginx")
    directory = tmp_path_factory.mktemp("nginx")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(directory / "ca.pem"))
    authority.issue_cert("localhost", "127.0.0.1").private_key_and_cert_chain_pem.write_to_path(
        str(directory / "server.pem")
    )
    port = unused_port()
    configuration = directory / "nginx.conf"
    configuration.write_text(CONFIGURATION.format(directory=directory, port=port))
    (directory / "big").mkdir()
    (directory / "big" / "file").write_bytes(os.urandom(3_000_000))
    command = [program, "-p", str(directory), "-c", str(configuration), "-e", str(directory / "error.log")]
    with running(command, [port], directory):
        yield Nginx(f"https://localhost:{port}", directory / "ca.pem", directory)


def test_a_login_over_https_opens_the_page_in_the_next_process(reqcli: Program, nginx: Nginx) -> None:
    trust = ("--verify", nginx.authority)
    assert reqcli("get", f"{nginx.url}/account", "--session", "work", *trust).status == 4
    login = reqcli("post", f"{nginx.url}/login", "-f", "user=alice", "--session", "work", *trust, "-L")
    assert (login.status, login.json) == (0, {"user": "alice"}), login
    account = reqcli("get", f"{nginx.url}/account", "--session", "work", *trust)
    assert (account.status, account.json) == (0, {"user": "alice"}), account
    assert reqcli("get", f"{nginx.url}/account", "--stateless", *trust).status == 4


def test_the_secure_cookie_does_not_leave_https(reqcli: Program, nginx: Nginx) -> None:
    trust = ("--verify", nginx.authority)
    reqcli("post", f"{nginx.url}/login", "--session", "work", "--no-check-status", *trust)
    stored = reqcli("session", "cookies", "work", "--format", "json").json
    assert [cookie["secure"] for cookie in stored] == [True]


def test_without_the_authority_the_certificate_is_refused_and_the_reason_said(reqcli: Program, nginx: Nginx) -> None:
    output = reqcli("get", f"{nginx.url}/account", "--session", "work")
    assert (output.status, output.out) == (60, "")
    assert output.err.count("\n") == 1
    assert "certificate" in output.err
    assert "--verify" in output.err
    assert not (reqcli.sessions / "work.json").exists()


def test_unverified_only_when_asked(reqcli: Program, nginx: Nginx) -> None:
    output = reqcli("get", f"{nginx.url}/basic", "-k", "-a", "alice:wonderland", "-v")
    assert output.json == {"auth": "basic"}
    assert "[unverified]" in output.err


def test_stored_credentials_reach_nginx(reqcli: Program, nginx: Nginx) -> None:
    trust = ("--verify", nginx.authority)
    assert reqcli("session", "create", "work", "--base-url", nginx.url).status == 0
    assert reqcli("session", "set-auth", "work", "-a", "@-", stdin=b"alice:wonderland").status == 0
    assert reqcli("get", "/basic", "--session", "work", *trust).json == {"auth": "basic"}
    assert reqcli("session", "set-auth", "work", "-A", "bearer", "-a", "@-", stdin=b"t0ken\n").status == 0
    assert reqcli("get", "/bearer", "--session", "work", *trust).json == {"auth": "bearer"}


def test_a_download_is_byte_for_byte(reqcli: Program, nginx: Nginx, tmp_path: Path) -> None:
    target = tmp_path / "file"
    output = reqcli("get", f"{nginx.url}/big/file", "--verify", nginx.authority, "-o", str(target))
    assert output.status == 0, output
    assert target.read_bytes() == (nginx.directory / "big" / "file").read_bytes()


def test_a_download_that_was_killed_goes_on_and_one_that_changed_starts_over(
    reqcli: Program, nginx: Nginx, tmp_path: Path
) -> None:
    def download(place: str, *words: str) -> subprocess.Popen[bytes]:
        return reqcli.start("get", f"{nginx.url}{place}", "--verify", nginx.authority, *words, cwd=tmp_path)

    original, part = nginx.directory / "big" / "file", tmp_path / "file.part"
    for changes in (False, True):
        process = download("/slow/file", "--download", "-o", "file")
        wait_for(lambda: part.exists() and part.stat().st_size > 500_000)
        process.kill()
        process.communicate(timeout=60)
        kept = part.read_bytes()
        assert original.read_bytes().startswith(kept)
        if changes:
            original.write_bytes(os.urandom(3_000_000))
            os.utime(original, (1_700_000_000, 1_700_000_000))  # nginx's ETag is made of time and length
        process = download("/big/file", "--continue", "-o", "file", "-w", "%{http_code} %{size_download}")
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        assert out.decode() == ("200 3000000" if changes else f"206 {3_000_000 - len(kept)}")
        assert (tmp_path / "file").read_bytes() == original.read_bytes()
        again = download("/big/file", "--continue", "-o", "file")
        assert b"complete already" in again.communicate(timeout=60)[1]
        assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("file")) == ["file"]


def wait_for(is_so: Callable[[], bool]) -> None:
    """Until it is so; 20 seconds at most."""
    pause = threading.Event()
    for _ in range(2000):
        if is_so():
            return
        pause.wait(0.01)
    raise AssertionError("it never came to be so")


def test_a_trust_file_that_is_none_is_named(reqcli: Program, nginx: Nginx, tmp_path: Path) -> None:
    nonsense = tmp_path / "ca.pem"
    nonsense.write_text("no certificate")
    for path in (str(nonsense), str(tmp_path / "missing.pem")):
        output = reqcli("get", f"{nginx.url}/account", "--verify", path)
        assert output.status == 77
        assert path in output.err
