"""Rows for people and for programs: an aligned table on a terminal, tab-separated in a pipe, JSON when asked for."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


def plain_rows(rows: Iterable[Sequence[str]]) -> str:
    """One line a row, cells separated by tabs and no heading, as `cut`, `sort` and `while read` like it.

    A cell never holds a raw tab or line break, so columns stay columns.
    """
    rows = list(rows)
    text = "".join([cell for row in rows for cell in row])
    if not (text.isascii() and text.isprintable()):  # one look for all of the cells
        from reqcli.render.escape import escape_line

        rows = [[*map(escape_line, row)] for row in rows]
    return "\n".join([*map("\t".join, rows), ""])


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, width: int, colour: bool = False) -> str:
    """A table with a heading, its columns aligned, long cells folded.

    The first column names things: its cells stay whole as long as half of the width is enough for them.

    Args:
        headings: one word for each column.
        rows: as many cells each as there are headings.
        width: columns of the terminal.
        colour: whether to paint it.
    """
    from io import StringIO

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from reqcli.render.escape import escape_line

    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading in headings:
        made.add_column(heading.upper(), overflow="fold")
    longest = 0
    for row in rows:
        cells = [Text(escape_line(cell)) for cell in row]
        longest = max(longest, cells[0].cell_len)
        made.add_row(*cells)
    made.columns[0].no_wrap = longest <= width // 2
    # What the terminal is like was decided by the caller: the console gets an environment without a word on it.
    console = Console(
        file=StringIO(),
        width=width,
        force_terminal=True,
        color_system="standard" if colour else None,
        legacy_windows=False,
        force_jupyter=False,
        _environ={},
    )
    with console.capture() as captured:
        console.print(made)
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def json_rows(records: Sequence[Mapping[str, object]]) -> str:
    """The records as one JSON array on one line.

    Raises:
        TypeError, ValueError: a value is no JSON value.
    """
    from reqcli.render.json_text import dump

    return dump([dict(record) for record in records]) + "\n"
