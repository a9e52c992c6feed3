"""Measures contenders in turns and compares them round by round.

A machine that others use is now fast, now slow, so absolute times mean little and a long run of one contender after a
long run of another means nothing. Here every contender runs once in each of many short rounds, each round in
another order, and is compared with the others of the same round only; the median of those ratios is the result, the
quartiles around it are its spread.

The contender that all are compared with, the base, opens and closes each round. If its two times differ, something
else was running meanwhile: that round is disturbed, and another is made in its place, as long as there are some to
spare. Beside the median stands the ratio of the fastest runs: what others take away only ever makes a run slower, so
on a busy machine that is the steadier of the two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

Figures = Mapping[str, float]
"""What one run of one contender gave: `time` in seconds, and perhaps `cpu` in seconds and `memory` in bytes."""

Measure = Callable[[], Figures]


class Unavailable(Exception):
    """A contender that cannot run here; the message says why."""


@dataclass(frozen=True)
class Ratio:
    """A ratio over all rounds: the median, and the quartiles below and above it."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.2f}"

    @property
    def spread(self) -> str:
        """`1.41–1.52`."""
        return f"{self.low:.2f}–{self.high:.2f}"


@dataclass(frozen=True)
class Aim:
    """What a contender should keep to, as a multiple of another one's figure.

    Args:
        contender: whose aim it is.
        against: with whom it is compared.
        at_most: the largest ratio that is good enough.
        figure: which of the figures.
        is_alike: whether both do the same work where another aim of the table compares what is not the same.
    """

    contender: str
    against: str
    at_most: float
    figure: str = "time"
    is_alike: bool = False


@dataclass(frozen=True)
class Ceiling:
    """What a contender should keep to by itself.

    Args:
        contender: whose aim it is.
        mebibytes: of peak memory, at most.
    """

    contender: str
    mebibytes: float


@dataclass(frozen=True)
class Rounds:
    """What all rounds gave.

    Args:
        base: the contender that the others are compared with.
        figures: for each round that counts, the figures of each contender.
        disturbed: how many of these rounds were disturbed.
        repeated: how many disturbed rounds were thrown away.
    """

    base: str
    figures: Sequence[Mapping[str, Figures]]
    disturbed: int = 0
    repeated: int = 0

    @property
    def contenders(self) -> list[str]:
        return list(self.figures[0])

    def has(self, contender: str, figure: str) -> bool:
        """Whether the contender took part and gives this figure."""
        return figure in self.figures[0].get(contender, {})

    def typical(self, contender: str, figure: str = "time") -> float:
        """The median of one figure."""
        return median(each[contender][figure] for each in self.figures)

    def fastest(self, contender: str, figure: str = "time") -> float:
        """The smallest of one figure, as a multiple of the base's smallest."""
        smallest = [min(each[name][figure] for each in self.figures) for name in (contender, self.base)]
        return smallest[0] / smallest[1]

    def ratio(self, contender: str, against: str | None = None, figure: str = "time") -> Ratio:
        """One contender's figure as a multiple of another's (the base's by default), round by round."""
        other = against or self.base
        ratios = [each[contender][figure] / each[other][figure] for each in self.figures]
        if len(ratios) == 1:
            return Ratio(ratios[0], ratios[0], ratios[0])
        low, middle, high = quantiles(ratios, n=4, method="inclusive")
        return Ratio(middle, low, high)


def interleave(
    contenders: Mapping[str, Measure],
    *,
    base: str,
    rounds: int,
    tolerance: float = 0.1,
    spare: int | None = None,
    before: Callable[[], object] = lambda: None,
) -> Rounds:
    """Let all contenders run by turns, in as many rounds as are wanted.

    Args:
        contenders: each makes one short run and gives its figures, `time` among them.
        base: which of them opens and closes each round.
        rounds: how many are to count.
        tolerance: by how much the base's two times may differ in a round that was not disturbed.
        spare: how many disturbed rounds may be replaced, half as many by default. When they are used up, the
            least disturbed of all count.
        before: called before each round, to wait for a good moment.
    """
    spare = rounds // 2 if spare is None else spare
    others = [name for name in contenders if name != base]
    made: list[tuple[float, dict[str, Figures]]] = []
    calm = 0
    while calm < rounds and len(made) < rounds + spare:
        turn = len(made) % len(others) if others else 0
        before()
        opening = contenders[base]()
        measured = {name: contenders[name]() for name in others[turn:] + others[:turn]}
        closing = contenders[base]()
        measured = {base: _between(opening, closing), **{name: measured[name] for name in others}}
        disturbance = abs(opening["time"] - closing["time"]) / min(opening["time"], closing["time"])
        calm += disturbance <= tolerance
        made.append((disturbance, measured))
    counting = sorted(made, key=lambda pair: pair[0] > tolerance and pair[0])[:rounds]
    disturbed = sum(disturbance > tolerance for disturbance, _ in counting)
    return Rounds(base, [measured for _, measured in counting], disturbed, len(made) - len(counting))


def present(entries: Mapping[str, Callable[[], Measure]]) -> tuple[dict[str, Measure], list[str]]:
    """The contenders that can run here, and who cannot and why.

    Args:
        entries: each gives its contender, or raises Unavailable.
    """
    contenders: dict[str, Measure] = {}
    missing: list[str] = []
    for name, entry in entries.items():
        try:
            contenders[name] = entry()
        except Unavailable as error:
            missing.append(f"{name}: {error}")
    return contenders, missing


def _between(opening: Figures, closing: Figures) -> Figures:
    return {figure: (opening[figure] + closing[figure]) / 2 for figure in opening}


@dataclass
class Report:
    """One table of the results.

    Args:
        title: what was measured.
        text: how, in a sentence or two.
        rounds: the figures.
        aims: what should hold; those whose contenders did not take part are left out.
        missing: who did not take part, and why.
        unit: how to show the base's time: a factor and a word, `(1e6, "µs a request")`.
        columns: which figures to show.
        note: what somebody found out about the figures, under all else.
    """

    title: str
    text: str
    rounds: Rounds
    aims: Sequence[Aim] = ()
    missing: Sequence[str] = ()
    ceilings: Sequence[Ceiling] = ()
    unit: tuple[float, str] = (1e3, "ms")
    columns: Sequence[str] = ("time",)
    note: str = ""

    def markdown(self) -> str:
        """The table, the aims under it, and how calm the machine was."""
        rounds, (factor, word) = self.rounds, self.unit
        heads = {"time": ("time", "spread", "fastest"), "cpu": ("CPU of the process",), "memory": ("peak memory",)}
        columns = [head for column in self.columns for head in heads[column]]
        lines = [
            f"## {self.title}",
            "",
            self.text,
            "",
            f"| | {' | '.join(columns)} |",
            f"|---|{'---:|' * len(columns)}",
            *(f"| {name} | {' | '.join(self._cells(name))} |" for name in rounds.contenders),
            "",
        ]
        for aim in self.aims:
            if rounds.has(aim.contender, aim.figure) and rounds.has(aim.against, aim.figure):
                ratio = rounds.ratio(aim.contender, aim.against, aim.figure)
                verdict = "kept" if ratio.median <= aim.at_most else "**missed**"
                verdict += ", like for like" if aim.is_alike else ""
                what = "" if aim.figure == "time" else f"{aim.figure} of "
                wanted = f"{what}{aim.contender} at most {aim.at_most:.3g} × {aim.against}"
                lines.append(f"- {verdict}: {wanted}: {ratio} ({ratio.spread})")
        for ceiling in self.ceilings:
            if rounds.has(ceiling.contender, "memory"):
                peak = rounds.typical(ceiling.contender, "memory") / 2**20
                verdict = "kept" if peak <= ceiling.mebibytes else "**missed**"
                lines.append(f"- {verdict}: {ceiling.contender} in {ceiling.mebibytes:.3g} MiB: {peak:.1f}")
        lines.append(
            f"- 1.00 is {rounds.typical(rounds.base) * factor:.3g} {word}; {len(rounds.figures)} rounds,"
            f" {rounds.disturbed} of them disturbed, {rounds.repeated} thrown away"
        )
        lines += [f"- left out: {reason}" for reason in self.missing]
        if self.note:
            lines += ["", self.note]
        return "\n".join(lines) + "\n"

    def _cells(self, name: str) -> list[str]:
        cells: list[str] = []
        for column in self.columns:
            ratio = self.rounds.ratio(name, figure=column)
            if column == "time":
                cells += [str(ratio), ratio.spread, f"{self.rounds.fastest(name):.2f}"]
            elif column == "memory":
                cells.append(f"{self.rounds.typical(name, column) / 2**20:.1f} MiB")
            else:
                cells.append(str(ratio))
        return cells
