"""Where the time of a run went: drawn as a waterfall for a person, in lines of seconds for a program.

    dns      █                                        0.31 ms
    connect   ██                                      1.20 ms
    wait        ███████████████████████████████      12.40 ms
    receive                                    ███    1.02 ms
    total                                            14.93 ms

A step begins where the one before it ended. What no step accounts for (loading certificates, say) is in the total, so
the bars may end before the line does. The lines for programs are always the same ones, in the same order.
"""

from __future__ import annotations

from reqcli.render.colour import painter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from reqcli.model.timing import Timing

STEPS: Final = ("before", "dns", "connect", "tls", "send", "wait", "receive")

_NAME: Final = 9
"""Columns for a step's name and the space behind it."""

_FIGURE: Final = 12
"""Columns for a duration and the space before it."""

_SHORTEST: Final = 10
"""Columns of the bars where the terminal is too narrow for more."""


def timing_lines(timing: Timing) -> str:
    """One line for each step, `name: seconds`, with `-` for a step that did not happen; and whether it was reused.

    Args:
        timing: of a run that ended, well or not.
    """
    figures = [(step, getattr(timing, step)) for step in (*STEPS, "total")]
    lines = [f"{name}: {'-' if seconds is None else f'{seconds:.6f}'}\n" for name, seconds in figures]
    return "".join([*lines, f"reused: {'yes' if timing.reused else 'no'}\n"])


def waterfall(timing: Timing, width: int, *, colour: bool = False) -> str:
    """The steps as bars, one below the other, each from where the one before it ended.

    Args:
        timing: of a run that ended, well or not.
        width: columns of the terminal.
        colour: whether to paint it.
    """
    paint = painter(colour=colour)
    columns = max(width - _NAME - _FIGURE - 1, _SHORTEST)
    lines = []
    if timing.reused:
        lines.append(paint("notice", "the connection was open already") + "\n")
    begins = 0.0
    for step in STEPS:
        seconds: float | None = getattr(timing, step)
        if seconds is None or (step == "before" and seconds * columns < timing.total):
            continue
        bar = _bar(begins, seconds, timing.total, columns)
        lines.append(f"{paint('name', step.ljust(_NAME))}{paint('number', bar)}{_duration(seconds).rjust(_FIGURE)}\n")
        begins += seconds
    total = _duration(timing.total).rjust(columns + _FIGURE)
    return "".join([*lines, f"{paint('name', 'total'.ljust(_NAME))}{total}\n"])


def _bar(begins: float, seconds: float, total: float, columns: int) -> str:
    """A bar of at least one cell in a row of so many columns."""
    scale = columns / total if total > 1e-9 else 0.0  # no clock is finer
    first = min(int(begins * scale), columns - 1)
    last = min(max(round((begins + seconds) * scale), first + 1), columns)
    return f"{' ' * first}{'█' * (last - first)}".ljust(columns)


def _duration(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms" if seconds < 1 else f"{seconds:.3f} s"
