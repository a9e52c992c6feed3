"""The notes that go under the tables: each finds its own, and none is lost."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from tests.benchmarks import __main__ as program
from tests.benchmarks import notes
from tests.benchmarks.harness import Report, Rounds, Unavailable

TEXT = "# Notes\n\nFor whoever writes.\n\n## The run\n\nIt rained.\n\n## A table\n\nOne.\n\nTwo.\n## Another\nThree.\n"


def titles() -> Iterator[re.Pattern[str]]:
    """What the title of a table may be: each text of the benchmarks' sources, anything in place of what it puts in."""
    for name in program.NAMES:
        for node in ast.walk(ast.parse(Path(str(import_module(f"tests.benchmarks.{name}").__file__)).read_text())):
            if isinstance(node, ast.JoinedStr):
                parts = [str(part.value) if isinstance(part, ast.Constant) else "" for part in node.values]
                if len("".join(parts)) > 10:
                    yield re.compile("".join(re.escape(part) or "(.+)" for part in parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield re.compile(re.escape(node.value))


def a_report(title: str) -> Report:
    return Report(title, "Text.", Rounds("base", [{"base": {"time": 1.0}}]))


def test_each_heading_is_a_title_and_the_text_under_it_the_note(tmp_path: Path) -> None:
    path = tmp_path / "NOTES.md"
    path.write_text(TEXT)
    assert notes.read(path) == {"The run": "It rained.", "A table": "One.\n\nTwo.", "Another": "Three."}
    assert notes.read(tmp_path / "none") == {}
    path.write_text(f"{TEXT}## A table\nFour.\n")
    with pytest.raises(ValueError, match="two notes on 'A table'"):
        notes.read(path)


def test_every_note_that_is_kept_has_a_table() -> None:
    known = list(titles())
    for title in notes.unused(notes.read(), ()):
        assert any(pattern.fullmatch(title) for pattern in known), f"NOTES.md: there is no table {title!r}"
    assert not any(pattern.fullmatch("Upload from a balloon") for pattern in known)


def test_a_whole_run_puts_every_note_in_its_place_and_names_what_has_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "NOTES.md").write_text(TEXT)

    def measured(name: str, *, quick: bool) -> list[Report]:
        assert not quick
        if name == "batch":
            raise Unavailable("no nginx")
        return [a_report("A table")] if name == "start_up" else []

    monkeypatch.setattr(program, "measured", measured)
    monkeypatch.setattr(program, "RESULTS", tmp_path / "RESULTS.md")
    monkeypatch.setattr(notes.read, "__defaults__", (tmp_path / "NOTES.md",))
    monkeypatch.setattr("sys.argv", ["benchmarks"])
    program.main()
    text = (tmp_path / "RESULTS.md").read_text()
    parts = ["It rained.\n\n## A table\n", "thrown away\n\nOne.\n\nTwo.\n\n## Left out: batch\n\nno nginx\n\nThe whole"]
    assert all(part in text for part in parts), text
    assert "Three." not in text
    assert capsys.readouterr().err == "NOTES.md: there is no table 'Another'\n"
