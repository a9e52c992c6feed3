"""The generated files are those that the tree of commands gives, and the programs they are for can read them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import click
import pytest

from reqcli.cli.completion.scripts import SHELLS, script
from reqcli.cli.help.topics import topic
from reqcli.cli.tree import cli
from tests.generate import ROOT, everything, paragraphs, read, texts, write
from tests.real import require

NASTY = [
    ".SH not an instruction",
    "'br nor this",
    r"C:\new\fBold \(em \n[x]",
    'it\'s --dry-run, `x`, a^b, ~/x and "quoted"',
    "naïve – 10 × 10",
]


@pytest.fixture
def small_tree() -> click.Group:
    @click.group(help="A small tree.\n\n" + "\n\n".join(NASTY))
    @click.option("--loud/--quiet", help="Loud, or not.")
    def root() -> None: ...

    @click.group(help="Pots and pans.")
    def pot() -> None: ...

    params = [
        click.Argument(["url"]),
        click.Option(["-f", "--force"], is_flag=True, help="'Force' it.\n\n\b\n.a\n  b"),
        click.Option(["--depth"], type=click.IntRange(min=0), default=3, show_default=True, help="How deep."),
        click.Option(["--secret"], hidden=True, help="Never shown."),
    ]
    root.add_command(click.Command("get", params=params, help="Get it.\n\nBoth say this."))
    root.add_command(click.Command("head", params=params, help="Get its head.\n\nBoth say this."))
    root.add_command(click.Command("other", params=params, hidden=True))
    pot.add_command(click.Command("stir", params=params, help="Stir it."))
    root.add_command(pot)
    return root


def rendered(page: str) -> str:
    """The page as its reader sees it; groff must have nothing to complain of."""
    done = subprocess.run(
        [require("groff"), "-ww", "-man", "-Tutf8", "-P-cbou", "-rLL=300n"], input=page, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_generated_files_are_up_to_date() -> None:
    assert read(ROOT) == everything(cli, topics=texts()), "run `python -m tests.generate`"


def test_every_group_has_a_page_and_every_shell_a_script(small_tree: click.Group) -> None:
    files = everything(small_tree, "small")
    assert sorted(files) == [
        *("completions/reqcli.bash", "completions/reqcli.fish", "completions/reqcli.zsh"),
        *("man/small-pot.1", "man/small.1"),
    ]


def test_a_page_says_what_the_commands_say(small_tree: click.Group) -> None:
    page = rendered(everything(small_tree, "small")["man/small.1"])
    for text in ("small - A small tree.", "--loud / --quiet", "get, head", "small head [OPTIONS] URL", "default: 3"):
        assert text in page
    assert page.count("Both say this.") == 1
    for text in ("session_not_found: there is no session of that name.", "small-pot(1)"):
        assert text in page
    assert "Never shown." not in page
    assert "small other" not in page
    assert "stir" not in page


def test_the_page_of_a_group_has_its_commands_and_refers_to_the_first(small_tree: click.Group) -> None:
    page = rendered(everything(small_tree, "small")["man/small-pot.1"])
    for text in ("small-pot - Pots and pans.", "small pot stir [OPTIONS] URL", "See small(1)."):
        assert text in page


@pytest.mark.parametrize("text", NASTY)
def test_text_that_looks_like_roff_is_read_as_it_was_written(small_tree: click.Group, text: str) -> None:
    assert text in rendered(everything(small_tree, "small")["man/small.1"])


def test_a_paragraph_may_keep_its_lines(small_tree: click.Group) -> None:
    assert paragraphs("one\ntwo\n\n\b\n.a\n  b\n\nthree\fnever shown") == ["one two", ".nf\n\\&.a\n  b\n.fi", "three"]
    lines = [line.strip() for line in rendered(everything(small_tree, "small")["man/small.1"]).splitlines()]
    assert lines.index("b") == lines.index(".a") + 1


def test_writing_takes_away_what_is_no_longer_generated(tmp_path: Path) -> None:
    write(tmp_path, {"man/old.1": "old", "completions/x.bash": "x"})
    write(tmp_path, {"man/new.1": "new"})
    assert read(tmp_path) == {"man/new.1": "new"}


@pytest.mark.parametrize("shell", SHELLS)
def test_the_shell_can_read_its_script(shell: str, tmp_path: Path) -> None:
    file = tmp_path / "script"
    file.write_text(script(shell))
    done = subprocess.run([require(shell), "-n", file], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_groff_can_read_every_page() -> None:
    pages = {name: text for name, text in everything(cli, topics=texts()).items() if name.startswith("man/")}
    assert {"man/reqcli.1", "man/reqcli-session.1", "man/reqcli-session.5"} <= pages.keys()
    for name, text in pages.items():
        assert ("EXIT STATUS" if name.endswith(".1") else "DESCRIPTION") in rendered(text)
    for told in (topic("exit"), rendered(pages["man/reqcli.1"])):
        assert "that SIGTERM ended leave with 143" in " ".join(told.split())


@pytest.mark.parametrize("text", NASTY)
def test_a_topic_is_read_as_it_was_written(small_tree: click.Group, text: str) -> None:
    topics = {"one": f"Title\n\n{text}\n\n    {text}\n      more\n", "file": f"The file\n\n{text}\n"}
    files = everything(small_tree, "small", topics)
    lines = [line.strip() for line in rendered(files["man/small.1"]).splitlines()]
    assert lines[lines.index("ONE") + 1 :].count(text) == 2
    assert text in rendered(files["man/small-session.5"])
