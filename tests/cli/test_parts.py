"""Which parts of a run are printed where."""

from __future__ import annotations

import pytest

from reqcli.cli.ask import Ask
from reqcli.cli.options import all_options
from reqcli.cli.parts import Parts, check_output
from reqcli.cli.plain import plain_request
from reqcli.errors import Usage


def asked(words: str) -> Ask:
    """What these words ask for."""
    read = plain_request(["get", "http://h/", *words.split()])
    assert read is not None
    return Ask(**read)


@pytest.mark.parametrize(
    ("words", "on_terminal", "in_pipe", "said"),
    [
        ("", "hb", "b", ""),
        ("-h", "h", "h", ""),
        ("-b", "b", "b", ""),
        ("-hb", "hb", "hb", ""),
        ("-i", "hb", "hb", ""),
        ("-p HBhbm", "HBhbm", "HBhbm", ""),
        ("-p B -h", "Bh", "Bh", ""),
        ("-v", "HBhb", "b", "HBh"),
        ("-vv", "HBhbm", "b", "HBhm"),
        ("-v -p b", "HBhb", "b", "HBh"),
        ("-v -p HB", "HBhb", "HB", "h"),
        ("-q", "", "", ""),
        ("-qq", "", "", ""),
        ("-o F", "", "", ""),
        ("-o F -h", "h", "h", ""),
        ("-o F -i", "h", "h", ""),
        ("-o F -v", "HBh", "", "HBh"),
        ("--select /a", "", "", ""),
    ],
)
def test_parts(words: str, on_terminal: str, in_pipe: str, said: str) -> None:
    ask = asked(words)
    seen = Parts(ask, on_terminal=True, is_saved=ask.output is not None)
    assert (seen.out, seen.err) == (set(on_terminal), set())
    piped = Parts(ask, on_terminal=False, is_saved=ask.output is not None)
    assert (piped.out, piped.err) == (set(in_pipe), set(said))


def test_hops_and_details() -> None:
    shown = {
        words: (parts.hops, parts.details)
        for words in ("-v", "-vv", "--all")
        for parts in [Parts(asked(words), on_terminal=True)]
    }
    assert shown == {"-v": (True, False), "-vv": (True, True), "--all": (True, False)}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("-p hX", "'X' is no part"),
        ("-q -v", "--quiet and --verbose contradict"),
        ("-q -p h", "--quiet and --print contradict"),
        ("-qq --select /a", "--quiet and --select contradict"),
        ("--select a", "did you mean '/a'"),
        ("--select /a~2", "~0"),
        ("--select /a -o F", "--select and --output contradict"),
        ("--select /a -i", "--select and --include contradict"),
        ("--select /a --format json", "--select and --format contradict"),
        ("--response-charset klingon", "no charset"),
        ("--response-charset idna", "no charset"),
        ("--response-mime json", "no media type"),
    ],
)
def test_what_makes_no_sense_is_told_before_anything_is_sent(words: str, message: str) -> None:
    with pytest.raises(Usage) as caught:
        check_output(asked(words))
    assert message in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize("words", ["", "-L --session work -o F", "-m", "-w x"])
def test_a_call_that_says_nothing_of_its_output_is_plain(words: str) -> None:
    assert asked(words).prints_nothing_else


@pytest.mark.parametrize(
    "words",
    [
        "-v", "-q", "-h", "-b", "-i", "-p b", "--all", "--pretty none", "--sorted", "-S", "--select /a",
        "--response-charset utf-8", "--response-mime text/plain",
    ],
)  # fmt: skip
def test_a_call_that_says_anything_of_it_is_not(words: str) -> None:
    assert not asked(words).prints_nothing_else


def test_every_option_of_the_output_is_explained() -> None:
    assert [option.attribute for option in all_options() if not option.help] == []
