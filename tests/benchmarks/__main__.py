"""`python -m tests.benchmarks [--quick] [--output FILE] [NAME…]`: run benchmarks, print and write down their tables."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from importlib import import_module
from pathlib import Path

from tests.benchmarks import machine, notes
from tests.benchmarks.harness import Report, Unavailable

NAMES = ("start_up", "sessions", "sequential", "batch", "download", "upload", "shared_store")
RESULTS = Path(__file__).parent / "RESULTS.md"
PREFACE = """# How fast it is, beside others

Made by `python -m tests.benchmarks`; what is measured and how is said in that folder. Figures are multiples of the one
that is 1.00, compared within each of many short rounds in which all run by turns: the median, and the quartiles
around it.

"""


def main() -> None:
    """Run what was asked for; a whole run writes RESULTS.md."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of {', '.join(NAMES)}; all by default")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, smaller bodies: two minutes")
    parser.add_argument("--output", type=Path, help="write the results here as well")
    given = parser.parse_args()
    chosen = given.names or NAMES
    if strange := set(chosen) - set(NAMES):
        parser.error(f"there is no benchmark {', '.join(sorted(strange))}: choose from {', '.join(NAMES)}")
    is_whole = not given.quick and not given.names
    output = given.output or (RESULTS if is_whole else None)
    pieces = []
    for piece in results(chosen, quick=given.quick):
        print(piece, flush=True)
        pieces.append(piece)
    if output is not None:
        output.write_text(PREFACE + "\n".join(pieces))


def results(names: Collection[str], *, quick: bool) -> Iterator[str]:
    """The machine, each table with its note as soon as it is there, and how long it took."""
    started, titles, said = time.monotonic(), [], notes.read()
    yield machine.description()
    if notes.RUN in said:
        yield said[notes.RUN] + "\n"
    for name in NAMES:
        if name not in names:
            continue
        try:
            made = measured(name, quick=quick)
        except (Unavailable, RuntimeError, OSError) as error:  # the others took long enough not to be lost with it
            yield f"## Left out: {name}\n\n{error}\n"
            continue
        for report in made:
            titles.append(report.title)
            report.note = said.get(report.title, "")
            yield report.markdown()
    yield f"The whole run took {(time.monotonic() - started) / 60:.0f} minutes.\n"
    if len(names) == len(NAMES) and not quick:
        for title in notes.unused(said, titles):
            print(f"{notes.NOTES.name}: there is no table {title!r}", file=sys.stderr)


def measured(name: str, *, quick: bool) -> list[Report]:
    """The tables of one benchmark.

    Raises:
        Unavailable: it needs what is not here.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        made: list[Report] = import_module(f"tests.benchmarks.{name}").reports(Path(directory), quick=quick)
        return made


if __name__ == "__main__":
    main()
