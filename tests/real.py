"""Programs that tests use for real: a laptop may lack one and skips the test; the CI machine may not."""

from __future__ import annotations

import os
import shutil

import pytest


def require(program: str) -> str:
    """The path of the program; without it the test is skipped by its name, and fails where CI is set."""
    path = shutil.which(program)
    if path is not None:
        return path
    reason = f"{program} is not installed"
    if os.environ.get("CI"):
        pytest.fail(f"{reason}: name its package in .ci/run")
    pytest.skip(reason)
