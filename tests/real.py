"""Programs that tests use for real: a laptop may lack one and skips the test; the CI machine may not."""

from __future__ import annotations

import importlib.util
import os
import shutil
from typing import NoReturn

import pytest


def require(program: str) -> str:
    """The path of the program; without it the test is skipped by its name, and fails where CI is set."""
    path = shutil.which(program)
    if path is None:
        _miss(program, "name its package in .ci/run")
    return path


def require_package(name: str) -> None:
    """Skip the test by the name of a Python package that is not installed, and fail where CI is set."""
    if importlib.util.find_spec(name) is None:
        _miss(name, "it belongs to the extra `servers`")


def _miss(name: str, remedy: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(f"{name} is not installed: {remedy}")
    pytest.skip(f"{name} is not installed")
