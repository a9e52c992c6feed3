"""What every test shares: nothing but plain servers and a home of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.program import Program
from tests.server import demo_server as demo_server
from tests.server import uncalled_server as uncalled_server


@pytest.fixture
def reqcli(tmp_path: Path) -> Program:
    """The program, with an empty home."""
    return Program(tmp_path / "home")
