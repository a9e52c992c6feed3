"""The demo server as fixtures: a real server on loopback that asserts, at the end of the test, that it was called."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reqcli.demo.server import DemoServer


@pytest.fixture
def demo_server() -> Iterator[DemoServer]:
    """A running server that the test must call: `.url`, `.connections`, `.requests`."""
    with DemoServer() as server:
        yield server
        assert server.requests, "the test never called its server"
        assert not server.failures, server.failures


@pytest.fixture
def uncalled_server() -> Iterator[DemoServer]:
    """A running server that nothing in the test may connect to."""
    with DemoServer() as server:
        yield server
        assert not server.connections, "the test called a server that it must leave alone"
