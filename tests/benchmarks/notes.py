"""What people found out about the figures, kept in NOTES.md, and put under the tables that it belongs to.

A heading of the second level is the title of a table, or `The run` for what is said before the first one; the text
under it goes into every RESULTS.md that is made from then on, until somebody takes it out. What stands above the first
heading is for whoever writes there.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

NOTES = Path(__file__).parent / "NOTES.md"
RUN = "The run"


def read(path: Path = NOTES) -> dict[str, str]:
    """The notes by title; none where there is no file.

    Raises:
        ValueError: a title stands there twice.
    """
    notes: dict[str, str] = {}
    text = path.read_text() if path.exists() else ""
    for part in f"\n{text}".split("\n## ")[1:]:
        title, _, note = part.partition("\n")
        if title.strip() in notes:
            raise ValueError(f"{path.name} has two notes on {title.strip()!r}")
        notes[title.strip()] = note.strip()
    return notes


def unused(notes: Iterable[str], titles: Iterable[str]) -> list[str]:
    """The notes that no table has the title of."""
    return [title for title in notes if title not in {RUN, *titles}]
