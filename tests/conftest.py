"""What every test shares: nothing but plain servers and a home of its own."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.program import Program
from tests.server import demo_server as demo_server
from tests.server import uncalled_server as uncalled_server

# Whoever runs the tests in the background has them ignore Ctrl-C, and every program they start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says more of the machine than of the program.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


@pytest.fixture
def reqcli(tmp_path: Path) -> Program:
    """The program, with an empty home."""
    return Program(tmp_path / "home")
