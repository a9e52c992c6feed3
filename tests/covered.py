"""Tables of claims, each with the tests that show it, and the check that those tests exist.

A table is a text file. A line that is not indented begins a claim with its names; what is indented belongs to it: the
claim in plain words, then the tests, one on a line, or `not here:` and the reason why there is none.

    CVE-2025-43859
        Two bytes behind a chunk were taken for its line end, whatever they were.
        tests/wire/http1/test_both_ways.py::test_a_response_comes_to_what_the_table_says[CVE-2025-43859 two bytes …]

In the brackets stands the id of one parameter, where a test has several and not all of them show the claim.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NOT_HERE = "not here: "


@dataclass
class Claim:
    """One entry of a table."""

    names: list[str]
    words: str = ""
    tests: list[str] = field(default_factory=list)
    not_here: str = ""


def claims(table: str) -> list[Claim]:
    """The entries of a table in this folder."""
    found: list[Claim] = []
    for line in Path(__file__).with_name(table).read_text(encoding="utf-8").splitlines():
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if not line.startswith(" "):
            found.append(Claim(text.split()))
        elif text.startswith("tests/"):
            found[-1].tests.append(text)
        elif text.startswith(NOT_HERE):
            found[-1].not_here = text.removeprefix(NOT_HERE)
        else:
            found[-1].words = f"{found[-1].words} {text}".strip()
    return found


def source_of(test: str) -> str:
    """The text of a test with its decorators, and the ids of its parameters; of the one in brackets alone, if any.

    Raises:
        LookupError: there is no such test, or it has no such parameter.
    """
    path, _, rest = test.partition("::")
    name, bracket, parameter = rest.partition("[")
    try:
        function: Any = importlib.import_module(path.removesuffix(".py").replace("/", "."))
        for part in name.split("::"):
            function = getattr(function, part)
    except (ImportError, AttributeError) as error:
        raise LookupError(f"there is no test {path}::{name}") from error
    ids = list(_ids(function))
    if bracket:
        if parameter.removesuffix("]") not in ids:
            raise LookupError(f"{name} has no parameter {parameter.removesuffix(']')!r}")
        ids = [parameter]
    return "\n".join([inspect.getsource(function), *ids])


def _ids(function: Any) -> Iterator[str]:
    """The ids of a test's parameters, as far as they were given or are plain texts."""
    for mark in getattr(function, "pytestmark", ()):
        if mark.name != "parametrize":
            continue
        given = mark.kwargs.get("ids")
        values = list(mark.args[1])
        names = list(given) if given is not None and not callable(given) else [None] * len(values)
        for value, name in zip(values, names, strict=True):
            if getattr(value, "id", None) is not None:
                yield str(value.id)
            elif name is not None:
                yield str(name)
            elif callable(given):
                yield str(given(value))
            elif isinstance(value, str):
                yield value
