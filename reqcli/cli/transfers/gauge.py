"""How a batch stands, on a terminal: a bar where the end is known, how many are done, how fast, how many failed."""

from __future__ import annotations

from collections import deque
from io import TextIOWrapper
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event
    from typing import Final

    from reqcli.batch.sink import Tally
    from reqcli.cli.world import World

STEP: Final = 0.2
"""Seconds between two looks."""

SPAN: Final = 15
"""Looks over which the rate is taken."""


def watch_on_terminal(ended: Event, tally: Tally, position: Callable[[], int], size: int | None, world: World) -> None:
    """Show how the batch stands until it has ended.

    Args:
        ended: set at the end.
        tally: of the batch.
        position: bytes of the input read so far.
        size: bytes that the input has, None if nobody knows.
        world: the terminal.
    """
    text = TextIOWrapper(world.stderr, encoding="utf-8", errors="replace", write_through=True)
    columns = [BarColumn(), TimeRemainingColumn()] if size else [TimeElapsedColumn()]
    looks: deque[tuple[float, int]] = deque(maxlen=SPAN)
    try:
        with Progress(
            *columns, TextColumn("{task.description}"), console=Console(file=text), auto_refresh=False, transient=True
        ) as shown:
            task = shown.add_task("", total=size)
            while not ended.wait(STEP):
                looks.append((monotonic(), tally.done))
                shown.update(task, completed=position(), description=_said(tally, _rate(looks)), refresh=True)
    finally:
        text.detach()


def _rate(looks: deque[tuple[float, int]]) -> float:
    (began, before), (now, done) = looks[0], looks[-1]
    return (done - before) / (now - began) if now > began else 0.0


def _said(tally: Tally, rate: float) -> str:
    skipped = f", {tally.skipped} left out" if tally.skipped else ""
    return f"{tally.done} done, {tally.failed} failed{skipped}, {rate:.0f}/s"
