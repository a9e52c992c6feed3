"""The options of the table as Click's: for help, completion, and for saying what is wrong with a command line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from reqcli.cli.completion import offers
from reqcli.cli.options import GROUPS, TOKEN_OPTIONS, all_options

if TYPE_CHECKING:
    from reqcli.cli.options import Opt, Reader
    from reqcli.cli.world import World

F = TypeVar("F", bound=Callable[..., Any])


class Read(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """A type of the table, for Click: the same function reads the text."""

    def __init__(self, reader: Reader) -> None:
        self.name = reader.name
        self._reader = reader

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The value of the text; what is no text was converted before."""
        if not isinstance(value, str):
            return value
        try:
            return self._reader.read(value)
        except ValueError as error:
            self.fail(f"{value!a} {error}", param, ctx)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[click.shell_completion.CompletionItem]:
        """The words that can be given, where there is a list of them."""
        words = self._reader.choices
        return [click.shell_completion.CompletionItem(word) for word in words if word.startswith(incomplete)]


class RequestCommand(click.Command):
    """A command with the options of a request, which its help shows under their headings."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, a section for each group."""
        for title, params in grouped(self.get_params(ctx)):
            _write(formatter, title, [param.get_help_record(ctx) for param in params])


def grouped(params: Iterable[click.Parameter]) -> Iterator[tuple[str, Sequence[click.Parameter]]]:
    """The options of a command under the headings of the table: its own first, and `--help` last."""
    left = {param.name: param for param in params if isinstance(param, click.Option)}
    of_requests = [
        (title, [left.pop(option.attribute) for option in group if option.attribute in left]) for title, group in GROUPS
    ]
    asking = [param for param in left.values() if "--help" in param.opts]
    yield "Options", [param for param in left.values() if param not in asking]
    yield from of_requests
    yield "Other", asking


def _write(formatter: click.HelpFormatter, title: str, rows: Iterable[tuple[str, str] | None]) -> None:
    if shown := [row for row in rows if row is not None]:
        with formatter.section(title):
            formatter.write_dl(shown)


def offered(offer: Callable[[World, str | None, str], list[str]]) -> Callable[..., list[str]]:
    """One of `completion.offers` as Click calls it."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
        return offer(ctx.obj, ctx.params.get("name"), incomplete)

    return complete


def clicked(option: Opt) -> Callable[[F], F]:
    """The decorator that gives a command one option of the table."""
    settings: dict[str, Any] = {"count": True} if option.is_counted else {"is_flag": True} if option.is_flag else {}
    if option.multiple:
        settings["multiple"] = True
    if option.type is not None:
        settings["type"] = Read(option.type)
        settings["metavar"] = option.metavar or f"[{'|'.join(option.type.choices)}]"
    elif option.metavar is not None:
        settings["metavar"] = option.metavar
    if option.complete is not None or option.takes_file:
        settings["shell_complete"] = offered(getattr(offers, option.complete or "files"))
    return click.option(*option.names, option.attribute, help=option.help, **settings)


def token_options(command: F) -> F:
    """Give a command the options that say where the secret of a credential is."""
    for option in reversed(TOKEN_OPTIONS):
        command = clicked(option)(command)
    return command


def request_options(command: F) -> F:
    """Give a command every option of a request, in the order of the table."""
    for option in reversed(list(all_options())):
        command = clicked(option)(command)
    return command
