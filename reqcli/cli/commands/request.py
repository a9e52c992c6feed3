"""The commands that send one request: `get`, `post` and their like, and `request METHOD`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from reqcli.cli.commands.declared import RequestCommand, request_options

if TYPE_CHECKING:
    from reqcli.cli.world import World

SUMMARIES = {
    "get": "Fetch a resource.",
    "head": "Fetch a resource's headers alone.",
    "post": "Send data to a resource.",
    "put": "Store a resource.",
    "patch": "Change a resource in part.",
    "delete": "Delete a resource.",
    "options": "Ask what can be done with a resource.",
}

ITEMS_HELP = """Items are Header:value, query==value, field=value, field:=json, field@file for a file in a multipart
form, @file or @- for the body; `Header:` takes a header out and `Header;` sends it empty. `reqcli help items` tells
more."""


def method_command(name: str) -> click.Command:
    """The command for one method, called as the method in lower case."""

    @click.pass_obj
    def send(world: World, /, url: str, items: tuple[str, ...], **options: Any) -> int:
        return _perform(world, name.upper(), url, items, options)

    return _command(name, f"{SUMMARIES[name]}\n\n{ITEMS_HELP}", send)


def request_command(name: str) -> click.Command:
    """The command for any other method, its case kept."""

    @click.pass_obj
    def send(world: World, /, method: str, url: str, items: tuple[str, ...], **options: Any) -> int:
        return _perform(world, method, url, items, options)

    command = _command(name, f"Send a request with any METHOD.\n\n{ITEMS_HELP}", send)
    command.params.insert(0, click.Argument(["method"], metavar="METHOD"))
    return command


def _command(name: str, help_text: str, callback: Any) -> click.Command:
    decorated = request_options(click.argument("items", nargs=-1, metavar="[ITEM]...")(callback))
    command = click.command(name, cls=RequestCommand, help=help_text)(click.argument("url", metavar="URL")(decorated))
    command.short_help = help_text.partition("\n")[0]
    return command


def _perform(world: World, method: str, url: str, items: tuple[str, ...], options: dict[str, Any]) -> int:
    from reqcli.cli.ask import Ask
    from reqcli.cli.perform import perform

    return perform(Ask(method=method, url=url, items=items, **options), world)
