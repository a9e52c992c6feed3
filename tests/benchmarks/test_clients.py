"""What the clients that are measured send: those «in use» all the same, or their times could not be compared."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import pytest

from tests.benchmarks.clients import CLIENTS, COOKIES, HEADERS, TOKEN
from tests.benchmarks.processes import HERE, ROOT
from tests.benchmarks.server import SMALL
from tests.sockets import NastyServer, RawRequest

RAW = "raw socket, the same request"
OURS = "reqcli, session in use"
IN_USE = [name for name in CLIENTS if "in use" in name or name == RAW]


def sent_by(name: str) -> RawRequest:
    """The last request of a client that runs as it does when it is measured."""
    package = name.partition(",")[0]
    if package not in ("raw socket", "http.client") and find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    with NastyServer(SMALL) as server:
        words = [sys.executable, str(HERE / "clients.py"), name, server.url().rstrip("/"), ""]
        done = subprocess.run(words, input="3\n", capture_output=True, text=True, timeout=60, cwd=ROOT, check=False)
        assert done.stdout.splitlines()[0] == "ready", done
        assert (server.connections, len(server.requests)) == (1, 23 + name.startswith("raw socket"))
    return server.requests[-1]


@pytest.mark.parametrize("name", IN_USE)
def test_every_client_in_use_sends_the_same_fields(name: str) -> None:
    fields = {key.lower(): value for key, value in sent_by(name).fields}
    assert set(fields.pop("cookie").split("; ")) == {f"{key}={value}" for key, value in COOKIES.items()}
    assert {key: fields.pop(key.lower()) for key in HEADERS} == HEADERS
    assert fields.pop("authorization") == f"Bearer {TOKEN}"
    fields.pop("connection", None)  # some say that they keep it, which goes without saying
    assert set(fields) == {"host", "user-agent", "accept", "accept-encoding"}


@pytest.mark.parametrize("name", [name for name in CLIENTS if name not in IN_USE])
def test_a_bare_client_sends_none_of_them(name: str) -> None:
    fields = {key.lower() for key, _ in sent_by(name).fields}
    assert fields <= {"host", "user-agent", "accept", "accept-encoding", "connection"}


def test_the_bare_socket_sends_our_request_to_the_byte() -> None:
    ours, raw = (sent_by(name).head.decode() for name in (OURS, RAW))
    assert len(ours) == len(raw)
    different = [(one, other) for one, other in zip(ours.split("\r\n"), raw.split("\r\n"), strict=True) if one != other]
    assert [one.partition(":")[0] for one, _ in different] == ["Host", "User-Agent"]
