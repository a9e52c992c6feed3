"""The tree of commands, as Click has it: loaded for all but a plain request, and for whatever is to be explained."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

import click

from reqcli import __version__
from reqcli.cli.advice.suggestions import Suggesting, no_argument, no_option, no_value, too_many, with_examples
from reqcli.cli.ask import METHODS
from reqcli.cli.help.examples import epilog
from reqcli.cli.implied import explained
from reqcli.cli.options import all_options
from reqcli.errors import Interrupted, Usage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reqcli.cli.world import World


class ReaderGone(Exception):
    """A BrokenPipeError on its way past Click."""


class LazyGroup(Suggesting):
    """A group whose commands are loaded when they are called: `homes` says where each one lives."""

    def __init__(self, *, homes: dict[str, str], **settings: object) -> None:
        super().__init__(**settings)  # type: ignore[arg-type]
        self.homes: Final = homes

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.homes)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        home = self.homes.get(cmd_name)
        if home is None:
            return None
        module, _, attribute = home.partition(":")
        command = getattr(import_module(module), attribute)
        made: click.Command = command if isinstance(command, click.Command) else command(cmd_name)
        return with_examples(made, f"{ctx.command_path} {cmd_name}")

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; that nobody reads its output is kept from Click, which would end the process itself."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise ReaderGone from error


cli: Final = LazyGroup(
    name="reqcli",
    homes={
        **dict.fromkeys(METHODS, "reqcli.cli.commands.request:method_command"),
        "request": "reqcli.cli.commands.request:request_command",
        "batch": "reqcli.cli.commands.batch:batch",
        "serve": "reqcli.cli.commands.serve:serve",
        "session": "reqcli.cli.commands.session:session",
        "context": "reqcli.cli.commands.context:context",
        "convert": "reqcli.cli.commands.convert:convert",
        "completion": "reqcli.cli.commands.completion:completion",
        "schema": "reqcli.cli.commands.schema:schema",
        "errors": "reqcli.cli.commands.errors:errors",
        "demo": "reqcli.cli.commands.demo:demo",
        "help": "reqcli.cli.commands.help:help_",
    },
    help="""HTTP requests with named sessions: cookies, headers and credentials are kept between runs.

    `reqcli [METHOD] URL [ITEM]...` sends a request too; `reqcli help items` tells what may follow the URL.""",
    epilog=f"{epilog('reqcli')}\n\n`reqcli help` lists the topics that are explained: items, output, sessions …",
    context_settings={"help_option_names": ["--help"], "max_content_width": 100},
)
click.version_option(__version__, prog_name="reqcli", message="%(prog)s %(version)s")(cli)


def run_command(args: Sequence[str], world: World) -> int:
    """Run one command line and return its exit status.

    Args:
        args: the words after the program's name.
        world: the streams and the environment to use.

    Raises:
        Usage: Click does not understand the words.
        ReqcliError, KeyboardInterrupt, BrokenPipeError: what the command raises.
    """
    try:
        words = explained(args, {name for option in all_options() for name in option.names})
        status = cli.main(words, prog_name="reqcli", standalone_mode=False, obj=world)
    except ReaderGone as error:
        raise BrokenPipeError from error
    except click.exceptions.NoArgsIsHelpError as error:
        if world.is_agent:
            raise Usage("the command is missing", hint="see `reqcli --help`") from error
        world.say(error.format_message())
        return Usage.exit_status
    except click.NoSuchOption as error:
        raise no_option(error.option_name, error.ctx) from error
    except click.MissingParameter as error:
        raise no_argument(error) from error
    except (click.BadParameter, click.BadOptionUsage) as error:
        raise no_value(error) from error
    except click.UsageError as error:
        if error.ctx is not None and error.message.startswith("Got unexpected extra argument"):
            raise too_many(error.ctx) from None
        where = f"see `{error.ctx.command_path} --help`" if error.ctx is not None else None
        message = error.format_message().rstrip(".")
        raise Usage(message[:1].lower() + message[1:], hint=where) from error
    except click.ClickException as error:
        raise Usage(error.format_message()) from error
    except click.Abort as error:
        raise Interrupted("interrupted") from error
    return int(status or 0)
