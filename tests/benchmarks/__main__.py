"""`python -m tests.benchmarks [--quick] [--output FILE] [NAME…]`: run benchmarks, print and write down their tables."""

from __future__ import annotations

import argparse
import tempfile
from importlib import import_module
from pathlib import Path

from tests.benchmarks import machine

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
    parser.add_argument("--quick", action="store_true", help="fewer rounds, smaller bodies: less than a minute")
    parser.add_argument("--output", type=Path, help="write the results here as well")
    given = parser.parse_args()
    unknown = set(given.names) - set(NAMES)
    if unknown:
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}: choose from {', '.join(NAMES)}")
    is_whole = not given.quick and not given.names
    output = given.output or (RESULTS if is_whole else None)
    pieces = [PREFACE, machine.description()]
    print(pieces[-1], flush=True)
    for name in NAMES:
        if given.names and name not in given.names:
            continue
        with tempfile.TemporaryDirectory(prefix="bench-") as directory:
            for report in import_module(f"tests.benchmarks.{name}").reports(Path(directory), quick=given.quick):
                pieces.append("\n" + report.markdown())
                print(pieces[-1], flush=True)
    if output is not None:
        output.write_text("".join(pieces))


if __name__ == "__main__":
    main()
