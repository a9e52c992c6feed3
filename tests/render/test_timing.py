"""Where the time went, as bars and as lines."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from reqcli.model.timing import Timing
from reqcli.render.timing import STEPS, timing_lines, waterfall

FIRST = Timing(dns=0.01, connect=0.02, tls=0.03, send=0.0, wait=0.02, receive=0.02, total=0.1, before=0.0001)
REUSED = Timing(send=0.001, wait=0.009, receive=0.0, total=0.1, reused=True, before=0.09)


def test_a_first_call_is_drawn_step_below_step() -> None:
    assert waterfall(FIRST, 52) == (
        "dns      ███                               10.00 ms\n"
        "connect     ██████                         20.00 ms\n"
        "tls               █████████                30.00 ms\n"
        "send                       █                0.00 ms\n"
        "wait                       ██████          20.00 ms\n"
        "receive                          ██████    20.00 ms\n"
        "total                                     100.00 ms\n"
    )


def test_of_a_reused_connection_it_is_said_and_what_was_before_is_shown() -> None:
    assert waterfall(REUSED, 52) == (
        "the connection was open already\n"
        "before   ███████████████████████████       90.00 ms\n"
        "send                                █       1.00 ms\n"
        "wait                                ███     9.00 ms\n"
        "receive                               █     0.00 ms\n"
        "total                                     100.00 ms\n"
    )


def test_a_program_gets_the_same_lines_every_time() -> None:
    assert timing_lines(FIRST) == (
        "before: 0.000100\ndns: 0.010000\nconnect: 0.020000\ntls: 0.030000\nsend: 0.000000\nwait: 0.020000\n"
        "receive: 0.020000\ntotal: 0.100000\nreused: no\n"
    )
    assert timing_lines(Timing(reused=True)) == (
        "before: 0.000000\ndns: -\nconnect: -\ntls: -\nsend: -\nwait: -\nreceive: -\ntotal: 0.000000\nreused: yes\n"
    )


@given(
    st.fixed_dictionaries({step: st.none() | st.floats(0, 10_000) for step in STEPS if step != "before"}),
    st.floats(0, 100),
    st.floats(0, 100),
    st.integers(1, 300),
)
def test_every_line_fits_and_every_step_that_happened_has_a_bar(
    steps: dict[str, float | None], before: float, more: float, width: int
) -> None:
    total = before + more + sum(seconds or 0.0 for seconds in steps.values())
    *lines, last = waterfall(Timing(**steps, before=before, total=total), width).splitlines()  # type: ignore[arg-type]
    assert {len(line) for line in (*lines, last)} == {max(width - 1, 31)}
    drawn = {line.split()[0] for line in lines if re.match(r"\w+ +█+ +[0-9.]+ m?s$", line)}
    assert len(drawn) == len(lines)
    assert drawn - {"before"} == {step for step, seconds in steps.items() if seconds is not None}


def test_colours_change_nothing_but_the_colours() -> None:
    painted = waterfall(FIRST, 52, colour=True)
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == waterfall(FIRST, 52) != painted
