"""What was meant by a command or an option that there is none of: one spelled alike, or what it is called here."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

import click

from reqcli.cli.advice.elsewhere import COMMANDS, OPTIONS
from reqcli.cli.ask import METHODS
from reqcli.cli.help.examples import epilog
from reqcli.cli.implied import method_and_place
from reqcli.cli.options import all_options
from reqcli.errors import Usage

if TYPE_CHECKING:
    from collections.abc import Iterator


class Suggesting(click.Group):
    """A group that says, of a command there is none of, which was probably meant, and gives examples in its help."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, with the examples that its help ends with."""
        return with_examples(super().get_command(ctx, cmd_name), f"{ctx.command_path} {cmd_name}")

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands, each with its whole first sentence."""
        known = [(word, self.get_command(ctx, word)) for word in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(word, command.get_short_help_str(200)) for word, command in known if command])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the words begin with.

        Raises:
            Usage: there is none of that name.
        """
        name = args[0]
        if not name.startswith("-") and name not in self.list_commands(ctx):
            raise Usage(f"there is no command {name!a}", hint=self._meant(name, args[1:], ctx))
        return super().resolve_command(ctx, args)

    def _meant(self, name: str, rest: list[str], ctx: click.Context) -> str:
        here = self.list_commands(ctx)
        is_root = ctx.parent is None
        if is_root and name.lower() in METHODS:
            return f"the URL is missing: `reqcli {name.lower()} URL`"
        if not is_root and COMMANDS.get(name) in here:
            return f"did you mean {COMMANDS[name]}?"
        if not is_root and rest and rest[0] in here:
            return f"did you mean `{ctx.command_path} {rest[0]} {name}`?"
        if f"--{name}" in _options(ctx.command):
            return f"did you mean `{ctx.command_path} --{name}`?"
        if close := get_close_matches(name.lower(), here, 1):
            return f"did you mean {close[0]}?"
        for path, _ in commands(ctx.find_root()):
            if path.rpartition(" ")[2] in (name, COMMANDS.get(name)):
                return f"did you mean `{path}`?"
        if is_root and name.isascii() and name.isalpha() and method_and_place([name.upper(), *rest]) is not None:
            return f"a method of that name: `reqcli {name.upper()} URL`"
        alone = f"; a host alone is written http://{name}" if is_root and re.fullmatch(r"[\w-]+", name) else ""
        return f"see `{ctx.command_path} --help`{alone}"


def with_examples(command: click.Command | None, path: str) -> click.Command | None:
    """The command, its help ended by the examples for what these words call."""
    if command is not None and command.epilog is None:
        command.epilog = epilog(path)
    return command


def no_option(name: str, ctx: click.Context | None) -> Usage:
    """The error for an option that a command does not have.

    Args:
        name: as typed, without a value.
        ctx: of the command, if one was found.
    """
    hint = f"see `{ctx.command_path} --help`" if ctx is not None else None
    own = list(_options(ctx.command)) if ctx is not None else []
    requests = [name for option in all_options() for name in option.names]
    if ctx is not None and ctx.parent is None:
        own += requests  # before the command they are understood too
    known = [] if ctx is None else list(commands(ctx.find_root()))
    elsewhere = {option: path for path, command in reversed(known) for option in _options(command)}  # the first counts
    if name in OPTIONS and (ctx is None or ctx.parent is None or "-H" in own):
        hint = f"here: {OPTIONS[name]}"
    elif name in elsewhere:
        hint = f"`{elsewhere[name]}` has it"
    elif "-H" in own and _is_curls(name):
        hint = "curl's option of that name has no counterpart here"
    elif close := get_close_matches(name, own, 1, 0.7) or _other_case(name, own):
        hint = f"did you mean {close[0]}?"
    elif close := get_close_matches(name, elsewhere, 1, 0.8):
        hint = f"`{elsewhere[close[0]]}` has {close[0]}"
    return Usage(f"there is no option {name!a}", hint=hint)


def commands(root: click.Context) -> Iterator[tuple[str, click.Command]]:
    """Every command below a group, with the words that call it; groups are gone into."""
    group = root.command
    if not isinstance(group, click.Group):
        return
    for word in group.list_commands(root):
        command = group.get_command(root, word)
        if command is not None:
            path = f"{root.command_path} {word}"
            yield path, command
            yield from commands(click.Context(command, root, word))


def _options(command: click.Command) -> Iterator[str]:
    for param in command.params:
        if isinstance(param, click.Option):
            yield from (*param.opts, *param.secondary_opts)


def _is_curls(name: str) -> bool:
    """Whether curl has the option; one that reqcli might have meant by it is then no help."""
    from reqcli.interop.curl.names import FLAGS, SHORT, WITH_VALUE

    long = name[2:].removeprefix("no-")
    return long in WITH_VALUE or long in FLAGS if name.startswith("--") else name[1:] in SHORT


def _other_case(name: str, options: list[str]) -> list[str]:
    """`--JSON` and `--session_name`: what differs in case or in the kind of dash alone."""
    plain = name.lower().replace("_", "-")
    return [option for option in options if len(option) > 2 and option == plain]


def no_value(error: click.BadParameter | click.BadOptionUsage) -> Usage:
    """The error for a value that makes no sense, is missing, or stands where there can be none."""
    hint = f"see `{error.ctx.command_path} --help`" if error.ctx is not None else None
    if isinstance(error, click.BadOptionUsage):
        takes_one = "requires" in error.message
        return Usage(f"{error.option_name} {'needs a' if takes_one else 'takes no'} value", hint=hint)
    option = f"{error.param.opts[-1]}: " if isinstance(error.param, click.Option) else ""
    return Usage(f"{option}{error.message.rstrip('.')}", hint=hint)


def no_argument(error: click.MissingParameter) -> Usage:
    """The error for a word that a command needs and that was left out."""
    if error.ctx is None or error.param is None:
        return Usage(error.format_message().rstrip("."))
    name = error.param.opts[-1]
    if isinstance(error.param, click.Argument):
        name = f"the {error.param.make_metavar(error.ctx).removesuffix('...')}"
    return Usage(f"{name} is missing", hint=_pattern(error.ctx))


def too_many(ctx: click.Context) -> Usage:
    """The error for words after the last that a command takes; they are not shown, for they may be secrets."""
    return Usage("there is a word more than the command takes", hint=f"{_pattern(ctx)}; options are in its --help")


def _pattern(ctx: click.Context) -> str:
    """How a command is written, without its options."""
    return " ".join(
        (ctx.command_path, *(word for word in ctx.command.collect_usage_pieces(ctx) if word != "[OPTIONS]"))
    )
