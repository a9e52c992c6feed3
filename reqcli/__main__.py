"""`python -m reqcli`, and the `reqcli` console script."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Run the command line and leave with its exit status."""
    # Loading the program makes some twenty thousand objects, and none of them is garbage.
    gc.set_threshold(100_000)
    from reqcli.cli.main import run
    from reqcli.cli.world import World

    status = run(sys.argv[1:], World.here())
    # Taking the interpreter apart object by object gives back what the end of the process gives back at once.
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except OSError:
        pass  # whoever should have read it has gone, or was told
    os._exit(status)


if __name__ == "__main__":
    main()
