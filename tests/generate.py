"""Writes what is made from the tree of commands: `python -m tests.generate` brings completions/ and man/ up to date.

It does the same for the parts of README that are made of something else (see tests/readme.py).

A manual page is roff (groff_man(7)): a line that begins with a dot or a quote is an instruction, a backslash
begins an escape, and `-`, `^`, `~`, `'` and `` ` `` are typographic signs unless escaped, which would spoil what a
reader copies from the page. Pages carry no date and no version, so that they change only when a command does.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

import click

from reqcli.cli.commands.declared import RequestCommand, grouped
from reqcli.cli.completion.scripts import SHELLS, script
from reqcli.cli.help.topics import SIGNALS, TOPICS, topic
from reqcli.errors import all_errors

ROOT = Path(__file__).parent.parent
_ROFF = str.maketrans({"\\": r"\(rs", "-": r"\-", "^": r"\(ha", "~": r"\(ti", "'": r"\(aq", "`": r"\(ga", '"': r"\(dq"})


def everything(root: click.Group, program: str = "reqcli", topics: Mapping[str, str] = {}) -> dict[str, str]:
    """The text of every generated file, under its path in the project; topics are texts of `reqcli help` by name."""
    files = {f"completions/reqcli.{shell}": script(shell) for shell in SHELLS}
    context = click.Context(root, info_name=program)
    groups = [(name, command) for name, command in _commands(root, context) if isinstance(command, click.Group)]
    pages = [program, *(f"{program}-{name}" for name, _ in groups)]
    explained = [line for name, text in topics.items() if name != "file" for line in topic_section(name, text)]
    has_format = "file" in topics
    files[f"man/{program}.1"] = page(root, context, pages, explained, has_format=has_format)
    if has_format:
        files[f"man/{program}-session.5"] = format_page(topics["file"], pages)
    for name, group in groups:
        context_of_group = click.Context(group, context, name)
        files[f"man/{program}-{name}.1"] = page(group, context_of_group, pages, has_format=has_format)
    return files


def format_page(text: str, pages: list[str]) -> str:
    """The manual page of the session's file."""
    summary, _, rest = text.partition("\n")
    name = f"{pages[0]}-session"
    head = [f'.TH {escaped(name.upper())} 5 "" {escaped(pages[0])}', ".nh", ".ad l", ".SH NAME"]
    lines = [*head, f"{escaped(name)} \\- {escaped(summary[:1].lower() + summary[1:])}", ".SH DESCRIPTION"]
    return "\n".join([*lines, *_separated(topic_paragraphs(rest)), ".SH SEE ALSO", ", ".join(map(_link, pages)), ""])


def topic_section(name: str, text: str) -> list[str]:
    """A topic as a section of a page: under its name, so that the reader's search finds it."""
    summary, _, rest = text.partition("\n")
    return [f'.SH "{escaped(name.upper())}"', *_separated([f"{escaped(summary)}.", *topic_paragraphs(rest)])]


def topic_paragraphs(text: str) -> list[str]:
    """The paragraphs of a topic in roff; indented ones keep their lines."""
    found = []
    for paragraph in re.split(r"\n\s*\n", text.strip("\n")):
        if paragraph.startswith("    "):
            lines = "\n".join(escaped(line.removeprefix("    ")) for line in paragraph.split("\n"))
            found.append(f".RS 4\n.nf\n{lines}\n.fi\n.RE")
        else:
            found.append(escaped(" ".join(paragraph.split())))
    return found


def page(
    group: click.Group,
    context: click.Context,
    pages: list[str],
    explained: Sequence[str] = (),
    *,
    has_format: bool = False,
) -> str:
    """The manual page of a group of commands.

    `pages` are the names of all of them, the program's first; `explained` are sections that stand before the last;
    `has_format` tells that there is a page on the session's file to refer to.
    """
    name = context.command_path.replace(" ", "-")
    summary, *rest = paragraphs(group.help or "")
    commands = [(word, command) for word, command in _commands(group, context) if not isinstance(command, click.Group)]
    lines = [
        f'.TH {escaped(name.upper())} 1 "" {escaped(pages[0])}',
        ".nh",
        ".ad l",
        ".SH NAME",
        f"{escaped(name)} \\- {summary}",
        ".SH SYNOPSIS",
        _usage(context),
        *(section for section in [".SH DESCRIPTION"] if rest),
        *_separated(rest),
        ".SH OPTIONS",
        *_entries(group.get_params(context), context),
        *_examples([group], ".SH EXAMPLES"),
        ".SH COMMANDS",
    ]
    contexts = [click.Context(command, context, word) for word, command in commands]
    for described, alike in groupby(contexts, _description):
        lines += _command_section(list(alike), described)
    lines += [*explained, ".SH EXIT STATUS"]
    lines += _exit_statuses() if name == pages[0] else [f"See {_link(pages[0])}."]
    others = [_link(other) for other in pages if other != name]
    if has_format:
        others.append(f"{_bold(f'{pages[0]}-session')}(5)")
    return "\n".join([*lines, *([".SH SEE ALSO", ", ".join(others)] if others else []), ""])


def _commands(group: click.Group, context: click.Context) -> Iterator[tuple[str, click.Command]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is not None and not command.hidden:
            yield name, command


def _description(context: click.Context) -> tuple[str, ...]:
    """All that is said of a command but its summary; neighbours of whom the same is said share one section."""
    command = context.command
    said = tuple(_separated(paragraphs(command.help or "")[1:]))
    if not isinstance(command, RequestCommand):
        return (*said, *_entries(command.params, context))
    options: list[str] = []
    own, *of_requests = grouped(command.params)
    if own[1]:  # it sends many requests: what holds for one is explained where one is sent
        names = [_bold(param.opts[-1]) for _, params in of_requests for param in params]
        alike = f"As for one request: {', '.join(names)}."
        return (*said, ".PP", _bold(own[0]), *_entries(own[1], context), ".PP", alike)
    for title, params in of_requests:
        if entries := list(_entries(params, context)):
            options += [".PP", _bold(title), *entries]
    return (*said, *options)


def _command_section(alike: list[click.Context], described: tuple[str, ...]) -> Iterator[str]:
    yield f'.SS "{escaped(", ".join(str(context.info_name) for context in alike))}"'
    for context in alike:
        yield from (".TP", _usage(context), *paragraphs(context.command.help or "")[:1])
    yield from (".PP", *described) if described else ()
    yield from _examples([context.command for context in alike], ".PP", _bold("Examples"))


def _examples(commands: list[click.Command], *heading: str) -> list[str]:
    """The commands that end the help of these, under a heading."""
    shown = [line[2:] for command in commands for line in (command.epilog or "").splitlines() if line[:4] == "  $ "]
    return [*heading, ".RS 4", ".nf", *map(escaped, shown), ".fi", ".RE"] if shown else []


def _usage(context: click.Context) -> str:
    pieces = context.command.collect_usage_pieces(context)
    return f"{_bold(context.command_path)} {escaped(' '.join(pieces))}"


def _entries(params: Sequence[click.Parameter], context: click.Context) -> Iterator[str]:
    """What has a help text; an argument without one is named in the synopsis and explained in the description."""
    for param in params:
        record = param.get_help_record(context)
        if record is not None and record[1]:
            names = " ".join(_bold(word) if word.startswith("-") else escaped(word) for word in record[0].split())
            yield from (".TP", names, *_separated(paragraphs(record[1]), ".IP"))


def _exit_statuses() -> Iterator[str]:
    yield from (".TP", "0", "Everything went well.")
    for status, errors in groupby(all_errors(), lambda error: error.exit_status):
        sentences = [f"{_bold(error.code)}: {escaped(error.sentence)}." for error in errors]
        yield from (".TP", str(status), *_separated(sentences, ".br"))
    yield from (".PP", escaped(" ".join(SIGNALS)))


def _link(name: str) -> str:
    return f"{_bold(name)}(1)"


def _bold(text: str) -> str:
    return f"\\fB{escaped(text)}\\fP"


def _separated(texts: list[str], by: str = ".PP") -> Iterator[str]:
    for number, text in enumerate(texts):
        yield from (by, text) if number else (text,)


def paragraphs(text: str) -> list[str]:
    """Help as Click reads it, in roff: blank lines part paragraphs, one that begins with \\b keeps its lines."""
    found = []
    for paragraph in re.split(r"\n\s*\n", inspect.cleandoc(text).partition("\f")[0].strip()):
        if paragraph.startswith("\b"):
            lines = "\n".join(escaped(line) for line in paragraph.removeprefix("\b").strip("\n").split("\n"))
            found.append(f".nf\n{lines}\n.fi")
        else:
            found.append(escaped(" ".join(paragraph.split())))
    return found


def escaped(text: str) -> str:
    """Text that roff prints as it is, on one line of its own or inside quotes."""
    inside = "".join(char if char.isascii() else f"\\[u{ord(char):04X}]" for char in text.translate(_ROFF))
    return f"\\&{inside}" if inside.startswith(".") else inside


def texts() -> dict[str, str]:
    """The topics of `reqcli help` that the pages explain; exit statuses have a section of their own."""
    return {name: topic(name) for name in TOPICS if name != "exit"}


def write(root: Path, files: dict[str, str]) -> None:
    """Make the folders of generated files hold these and no others."""
    for path in _generated(root):
        path.unlink()
    for name, text in files.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)


def read(root: Path) -> dict[str, str]:
    """The generated files as they are, under their paths."""
    return {path.relative_to(root).as_posix(): path.read_text() for path in _generated(root)}


def _generated(root: Path) -> list[Path]:
    return [path for folder in ("completions", "man") for path in (root / folder).glob("*")]


if __name__ == "__main__":
    from reqcli.cli.tree import cli
    from tests.readme import README, up_to_date

    write(ROOT, everything(cli, topics=texts()))
    README.write_text(up_to_date(README.read_text()))
