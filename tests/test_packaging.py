"""What an installation takes along: every file of the package, though the tests run from the checkout."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parent.parent


def left_behind(paths: Iterable[str], patterns: Iterable[str]) -> set[str]:
    """The files of the package that no installation has: in a folder that is no package, or data nobody names."""
    files = {PurePosixPath(path) for path in paths}
    left = set()
    for file in files:
        if file.suffix == ".py":
            is_taken = all(folder / "__init__.py" in files for folder in file.parents)
        else:
            is_taken = any(file.match(pattern) and len(file.parts) == pattern.count("/") + 1 for pattern in patterns)
        if not is_taken:
            left.add(str(file))
    return left


def test_an_installation_has_every_file() -> None:
    package = ROOT / "reqcli"
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    paths = {path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file()}
    paths = {path for path in paths if "__pycache__" not in path}
    assert "py.typed" in paths
    assert left_behind(paths, settings["package-data"]["reqcli"]) == set()


def test_what_would_be_left_behind_is_seen() -> None:
    paths = ["__init__.py", "cli/__init__.py", "cli/x.py", "cli/texts/a.txt", "cli/rooms/y.py", "cli/texts/deep/b.txt"]
    patterns = ["cli/texts/*.txt"]
    assert left_behind(paths, patterns) == {"cli/rooms/y.py", "cli/texts/deep/b.txt"}
    assert left_behind(paths[:4], []) == {"cli/texts/a.txt"}
