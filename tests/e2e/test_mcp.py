"""The preset `mcp` against a real server of the kind that issues sessions: the PyPI package `mcp`, as a process."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from reqcli import Session
from tests.program import Output, Program
from tests.real import require_package
from tests.sockets import unused_port

SERVER = """
import sys
from mcp.server.mcpserver import MCPServer

server = MCPServer("counter")
counts = {}

@server.tool()
def count(step: int) -> int:
    "Count on."
    counts["all"] = counts.get("all", 0) + step
    return counts["all"]

server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]), json_response=sys.argv[2] == "json")
"""


@pytest.fixture(params=["json", "events"])
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a server that answers with JSON, or with streams of events."""
    require_package("mcp")
    port = unused_port()
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(port), request.param], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield wait_for(f"http://127.0.0.1:{port}/mcp", process)
    finally:
        process.terminate()
        process.wait(30)


def wait_for(url: str, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with Session() as session:
            if session.get(url, check_status=False).ok:
                return url
        time.sleep(0.1)
    raise AssertionError("the MCP server does not come up")


class Client:
    """JSON-RPC by commands of their own, in one session."""

    def __init__(self, reqcli: Program, url: str) -> None:
        self.reqcli = reqcli
        self.url = url
        self.number = 0

    def __call__(self, method: str, params: dict[str, Any] | None = None) -> Output:
        self.number += 1
        message = {"jsonrpc": "2.0", "id": self.number, "method": method, "params": params or {}}
        return self.post(message)

    def notify(self, method: str) -> Output:
        return self.post({"jsonrpc": "2.0", "method": method})

    def post(self, message: dict[str, Any]) -> Output:
        words = ("post", self.url, "Content-Type:application/json", "-d", json.dumps(message), "--session", "mcp", "-v")
        return self.reqcli(*words)

    def initialize(self) -> Output:
        client = {"name": "test", "version": "1"}
        return self("initialize", {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client})


def captured(reqcli: Program) -> dict[str, str]:
    shown = reqcli("session", "show", "mcp", "--format", "json", "--reveal").json["captures"]
    values = [(capture["rule"], value["value"]) for capture in shown for value in capture["values"]]
    return {rule.partition(":")[0] + ":": value for rule, value in values}


def result(output: Output) -> Any:
    """The result in a JSON answer or in a stream of one event."""
    text = next((line.removeprefix("data: ") for line in output.out.splitlines() if line.startswith("data: {")), None)
    return json.loads(text or output.out)["result"]


def test_a_conversation_over_several_processes(reqcli: Program, server: str) -> None:
    client = Client(reqcli, server)
    assert reqcli("session", "create", "mcp", "--base-url", server).status == 0
    assert reqcli("session", "capture", "mcp", "--preset", "mcp").status == 0

    assert client("tools/list").status == 4, "without a session there is nothing but initialize"
    first = client.initialize()
    assert first.status == 0, first
    agreed = result(first)["protocolVersion"]
    known = captured(reqcli)
    assert known["match:"] == agreed
    assert len(known["header:"]) >= 16

    assert client.notify("notifications/initialized").status == 0
    listed = client("tools/list")
    assert [tool["name"] for tool in result(listed)["tools"]] == ["count"]
    assert f"MCP-Protocol-Version: {agreed}" in listed.err
    assert known["header:"] not in f"{listed.out}{listed.err}", "the id is a secret"
    for total in ("2", "4"):
        called = client("tools/call", {"name": "count", "arguments": {"step": 2}})
        assert result(called)["content"][0]["text"] == total

    ended = reqcli("session", "end", "mcp")
    assert (ended.status, ended.err) == (0, "")
    assert captured(reqcli) == {}


def test_a_session_that_the_server_does_not_know_any_more_is_forgotten(reqcli: Program, server: str) -> None:
    client = Client(reqcli, server)
    assert reqcli("session", "capture", "mcp", "--preset", "mcp", "--origin", server).status == 0
    assert client.initialize().status == 0
    identity = captured(reqcli)["header:"]
    accept = "Accept:application/json, text/event-stream"
    gone = reqcli("delete", server, f"Mcp-Session-Id:{identity}", accept, "--stateless")
    assert gone.status == 0, gone
    assert client("tools/list").status == 4
    assert captured(reqcli) == {}
    assert client.initialize().status == 0
    assert captured(reqcli)["header:"] != identity
