"""A plain command line is read without Click, and must be read as Click reads it."""

from __future__ import annotations

from itertools import chain

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqcli.cli.ask import METHODS
from reqcli.cli.options import COUNT, SECONDS, Opt, all_options
from reqcli.cli.plain import plain_request
from reqcli.cli.tree import cli
from reqcli.errors import Usage


def by_click(args: list[str]) -> dict[str, object] | None:
    """What Click makes of the words, None where it refuses them or would do something else with them."""
    with click.Context(cli) as parent:
        name, command, rest = cli.resolve_command(parent, args)
        assert command is not None
        try:
            words = dict(command.make_context(name, rest, parent).params)
        except (click.UsageError, click.exceptions.Exit):
            return None
    return {"method": args[0].upper(), **words}


def values_of(option: Opt) -> st.SearchStrategy[str]:
    if option.type is None:
        return st.text("a-=@é ", max_size=4) | st.sampled_from(["-", "--", "-o", "a=b", "--output", "", "=", "@-"])
    if option.type.choices:
        return st.sampled_from(option.type.choices)
    return st.sampled_from(["1", "7", "30"])


@st.composite
def spelled(draw: st.DrawFn) -> list[str]:
    """One option as a person may write it."""
    option = draw(st.sampled_from(list(all_options())))
    name = draw(st.sampled_from(option.names))
    if option.is_flag:
        return [name]
    value = draw(values_of(option))
    if name.startswith("--"):
        return [f"{name}={value}"] if draw(st.booleans()) else [name, value]
    return [f"{name}{value}"] if value and draw(st.booleans()) else [name, value]


flags = [option.names[0][1] for option in all_options() if option.is_flag and len(option.names[0]) == 2]
bundles = st.lists(st.sampled_from(flags), min_size=2, max_size=4).map(lambda letters: ["-" + "".join(letters)])
places = st.sampled_from(["http://h/", "X:1", "a=b", "q==1", "-", "@f", "", ":3000/x"]).map(lambda word: [word])
junk = st.sampled_from(
    ["--", "--nothing", "-Z", "--help", "--json=1", "--timeout", "-o", "--timeout=x", "-", "-L=", "-vZ"]
)
commands = st.sampled_from([[method] for method in METHODS] + [["request", "PURGE"]])


@given(commands, st.lists(spelled() | bundles | places, max_size=6), st.lists(spelled() | places, max_size=2))
def test_what_is_well_formed_is_read_as_click_reads_it(
    command: list[str], words: list[list[str]], more: list[list[str]]
) -> None:
    args = [*command, *chain(*words), "http://h/", *chain(*more)]
    expected = by_click(args)
    assert expected is not None
    assert plain_request(args) == expected


@given(commands, st.lists(spelled() | bundles | places | junk.map(lambda word: [word]), max_size=8))
def test_whatever_is_understood_click_understands_the_same_way(command: list[str], words: list[list[str]]) -> None:
    args = [*command, *chain(*words)]
    understood = plain_request(args)
    if understood is not None:
        assert understood == by_click(args)


@pytest.mark.parametrize(
    "args",
    [
        [], ["get"], ["--version"], ["session", "list"], ["nothing", "http://h/"], ["request", "GET"],
        ["get", "--help"],
        ["get", "http://h/", "--timeout", "0"], ["get", "http://h/", "--retry", "-1"], ["get", "http://h/", "--output"],
        ["get", "http://h/", "--jsonn"], ["get", "http://h/", "-Lz"], ["get", "http://h/", "--json=1"],
        ["get", "http://h/", "--format", "xml"],
    ],
)  # fmt: skip
def test_what_needs_an_explanation_is_left_to_click(args: list[str]) -> None:
    assert plain_request(args) is None


@pytest.mark.parametrize(
    ("args", "meant"),
    [
        (["post", "http://h/", "-form", "a=b"], "--form"), (["get", "http://h/", "-body"], "--body"),
        (["http://h/", "-auth", "u:p"], "--auth"), (["http://h/", "-output=x"], "--output"),
        (["GET", "-session", "work", "http://h/"], "--session"), (["get", "-help"], "--help"), (["-help"], "--help"),
        (["-version"], "--version"),
    ],
)  # fmt: skip
def test_a_long_name_with_one_dash_is_no_bundle_of_short_ones(args: list[str], meant: str) -> None:
    with pytest.raises(Usage, match="there is no option '-") as caught:
        plain_request(args)
    assert caught.value.hint == f"did you mean {meant}?"


def test_a_value_may_look_like_a_long_name_with_one_dash() -> None:
    words = plain_request(["get", "http://h/", "-o", "-form", "-d", "-body", "--", "-json:1"])
    assert words is not None
    assert (words["output"], words["data"], words["items"]) == ("-form", ("-body",), ("-json:1",))


def test_no_name_of_an_option_is_declared_twice() -> None:
    names = [name for option in all_options() for name in option.names]
    attributes = [option.attribute for option in all_options()]
    assert sorted(set(names)) == sorted(names)
    assert sorted(set(attributes)) == sorted(attributes)


@pytest.mark.parametrize("text", ["", "0", "-1", "nan", "inf", "1e99", "x", "1s"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number of seconds"):
        SECONDS.read(text)


@pytest.mark.parametrize("text", ["", "-1", "1.0", "x", "١", "9" * 19, " 1"])
def test_what_is_no_count_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="whole number"):
        COUNT.read(text)
