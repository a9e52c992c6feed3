"""The bar that shows how far a transfer is: on standard error, for a person, and only if it takes a while.

It is drawn by a thread that looks at a count now and then, so the transfer itself does nothing for it: blocks go
straight to the file, or the kernel sends them by itself, as if nobody were watching. `rich` is loaded by that thread,
when there is something to show.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from reqcli.render.escape import escape_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Final, Self

    from rich.progress import Progress

    from reqcli.api.session import Session
    from reqcli.cli.world import World
    from reqcli.model.response import Response
    from reqcli.model.result import Result
    from reqcli.model.spec import RequestSpec

DELAY: Final = 0.5
"""Seconds of a transfer that nobody needs to be told of."""

SMALL: Final = 64 * 1024
"""Bytes of a body that go out at once."""

PERIOD: Final = 0.1
"""Seconds between two looks."""


class Bar:
    """A bar for the time of a `with` block.

    Args:
        world: the terminal to draw on; if standard error is none, nothing happens at all.
        label: what moves.
        count: bytes that have moved so far; asked by another thread.
        total: bytes to be moved, or None if that is not known.
        start: bytes that were there before, which count for the bar and not for the rate.
    """

    def __init__(
        self, world: World, label: str, count: Callable[[], int], total: int | None, *, start: int = 0
    ) -> None:
        self._world: Final = world
        self._label: Final = label
        self._count: Final = count
        self._total: Final = total
        self._start: Final = start
        self._stop: Callable[[], None] | None = None

    def __enter__(self) -> Self:
        if self._world.can_draw and not self._world.course.quiet:
            from threading import Event, Thread

            over = Event()
            thread = Thread(target=self._watch, args=(over.wait,), daemon=True)

            def stop() -> None:
                over.set()
                thread.join()

            self._stop = stop
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stop is not None:
            self._stop()

    def _watch(self, is_over: Callable[[float], bool]) -> None:
        if is_over(DELAY):
            return
        while self._count() <= self._start:
            if is_over(PERIOD):
                return
        self._draw(is_over)

    def _draw(self, is_over: Callable[[float], bool]) -> None:
        from io import TextIOWrapper

        text = TextIOWrapper(self._world.stderr, encoding="utf-8", errors="backslashreplace", write_through=True)
        try:
            progress = _progress(text, is_plain=bool(self._world.environment.get("NO_COLOR")))
            task = progress.add_task(self._label, total=self._total, completed=self._start)
            with progress:
                while True:
                    progress.update(task, completed=self._count())
                    progress.refresh()
                    if is_over(PERIOD):
                        break
        except (OSError, ValueError):
            return  # the terminal has gone; the transfer has not
        finally:
            text.detach()


def stream_with_bar(session: Session, spec: RequestSpec, world: World) -> Result:
    """`Session.stream`, with a bar while the body of the request goes out.

    None is drawn for a body that fits into one piece, nor over what a person types into it.

    Args:
        session: what sends it.
        spec: the call, with a body.
        world: the terminal to draw on.
    """
    length = 0 if spec.body is None else spec.body.length
    is_typed = length is None and world.stdin is not None and world.stdin.isatty()
    if is_typed or (length is not None and length <= SMALL):
        return session.stream(spec)
    with Bar(world, "sending", lambda: 0 if session.watch is None else session.watch.body_sent, length):
        return session.stream(spec)


def expected_length(response: Response) -> int | None:
    """Bytes that a body will have when it is written, or None if nothing says so."""
    text = response.headers.get("content-length") or ""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        return None
    return int(text) if set(response.headers.tokens("content-encoding")) <= {"identity"} else None


def write_with_bar(response: Response, path: str, world: World, write: Callable[[Response, str], int]) -> int:
    """Write a body to a file, with a bar while it comes.

    Args:
        response: whose body it is.
        path: where it goes.
        world: the terminal to draw on.
        write: writes it, and says how many bytes it was.
    """
    with Bar(world, escape_line(os.path.basename(path)), lambda: _size_of(path), expected_length(response)):
        return write(response, path)


def _size_of(path: str) -> int:
    try:
        return os.path.getsize(path)
    except OSError:
        return 0


def _progress(text: object, *, is_plain: bool) -> Progress:
    """Label, bar, bytes, rate and time left; wiped off when it ends."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    console = Console(file=text, force_terminal=True, no_color=is_plain, highlight=False)  # type: ignore[arg-type]
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        TaskProgressColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        auto_refresh=False,
        expand=True,
    )
