"""`python -m reqcli`, and the `reqcli` console script."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Run the command line and leave with its exit status."""
    # Loading the program makes some twenty thousand objects, and none of them is garbage.
    gc.set_threshold(100_000)
    try:
        from reqcli.cli.main import run
        from reqcli.cli.world import World

        status = run(sys.argv[1:], World.here())
    except KeyboardInterrupt:  # it came while the program was loaded, before anybody could take it
        status = _INTERRUPTED
        if sys.stderr is not None:
            sys.stderr.write("reqcli: error: interrupted [interrupted]\n")
    # Taking the interpreter apart object by object gives back what the end of the process gives back at once.
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except OSError:
        pass  # whoever should have read it has gone, or was told
    if status == _INTERRUPTED and os.name == "posix":
        _end_by_signal()
    os._exit(status)


_INTERRUPTED = 130
"""`reqcli.errors.Interrupted.exit_status`, which is not loaded yet when it is needed first."""


def _end_by_signal() -> None:
    """Where a person looks on, end by the signal that Ctrl-C sends, which a shell shows by the same number.

    A shell goes on with its loop if what ran in it left by itself, for then the interruption was taken care of.
    """
    if any(stream is not None and stream.isatty() for stream in (sys.stdout, sys.stderr)):
        from signal import SIG_DFL, SIGINT, signal

        signal(SIGINT, SIG_DFL)
        os.kill(os.getpid(), SIGINT)


if __name__ == "__main__":
    main()
