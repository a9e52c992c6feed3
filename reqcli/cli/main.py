"""The tree of commands, and the one boundary where every outcome becomes a message and an exit status."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

import click

from reqcli import __version__
from reqcli.errors import Internal, Interrupted, ReqcliError, Usage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reqcli.cli.world import World

METHODS: Final = ("get", "head", "post", "put", "patch", "delete", "options")


class LazyGroup(click.Group):
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
        return made

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in self.homes and not name.startswith("-"):
            from difflib import get_close_matches

            close = get_close_matches(name, self.homes, 1)
            raise Usage(
                f"there is no command {name!r}",
                hint=f"did you mean {close[0]}?" if close else f"see `{ctx.command_path} --help`",
            )
        return super().resolve_command(ctx, args)


cli: Final = LazyGroup(
    name="reqcli",
    homes={
        **dict.fromkeys(METHODS, "reqcli.cli.request:method_command"),
        "request": "reqcli.cli.request:request_command",
        "session": "reqcli.cli.sessions:session",
        "demo": "reqcli.cli.demonstration:demo",
    },
    help="HTTP requests with named sessions: cookies, headers and credentials are kept between runs.",
    epilog="Exit statuses, items and the session file are described in reqcli(1).",
    context_settings={"help_option_names": ["--help"], "max_content_width": 100},
)
click.version_option(__version__, prog_name="reqcli", message="%(prog)s %(version)s")(cli)


def run(args: Sequence[str], world: World) -> int:
    """Run one command line and return its exit status; nothing is raised, everything is said.

    Args:
        args: the words after the program's name.
        world: the streams and the environment to use.
    """
    try:
        status = cli.main(list(args), prog_name="reqcli", standalone_mode=False, obj=world)
    except BrokenPipeError:
        # The reader of our output went away: that is its right, and no message is owed.
        _discard_output(world)
        return 23
    except ReqcliError as error:
        return _fail(error, args, world)
    except click.exceptions.NoArgsIsHelpError as error:
        world.say(error.format_message())
        return Usage.exit_status
    except click.UsageError as error:
        where = f"see `{error.ctx.command_path} --help`" if error.ctx is not None else None
        return _fail(Usage(error.format_message().rstrip("."), hint=where), args, world)
    except click.ClickException as error:
        return _fail(Usage(error.format_message()), args, world)
    except (KeyboardInterrupt, click.Abort):
        return _fail(Interrupted("interrupted"), args, world)
    except Exception as error:
        if world.environment.get("REQCLI_DEBUG"):
            raise
        return _fail(Internal(f"{type(error).__name__} in {_place(error)}"), args, world)
    return int(status or 0)


def _fail(error: ReqcliError, args: Sequence[str], world: World) -> int:
    """Say what failed, in the form the caller asked for, and give the exit status."""
    if "--format=json" in args or ("json" in args and "--format" in args):
        from reqcli.model.result import Result
        from reqcli.render.formats.json import envelope

        world.write(envelope(Result(error=error)))
    else:
        from reqcli.render.failure import failure_line

        world.say(failure_line(error))
    return error.exit_status


def _place(error: BaseException) -> str:
    """The file and line where a bug showed, without any value that was at hand there."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "an unknown place"
    return f"{trace.tb_frame.f_code.co_filename.rpartition('reqcli')[2]}:{trace.tb_lineno}"


def _discard_output(world: World) -> None:
    """Keep the interpreter from complaining, at exit, of output that nobody reads."""
    import os

    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, world.stdout.fileno())
    except OSError:
        return
    finally:
        os.close(null)
