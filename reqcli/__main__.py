"""`python -m reqcli`, and the `reqcli` console script."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and leave with its exit status."""
    from reqcli.cli.main import run
    from reqcli.cli.world import World

    sys.exit(run(sys.argv[1:], World.here()))


if __name__ == "__main__":
    main()
