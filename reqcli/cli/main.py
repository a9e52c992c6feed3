"""The one boundary where every outcome of a command line becomes a message and an exit status."""

from __future__ import annotations

from reqcli.errors import Internal, Interrupted, OutputFailed, ReqcliError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from reqcli.cli.world import World


def run(args: Sequence[str], world: World) -> int:
    """Run one command line and return its exit status; nothing is raised, everything is said.

    Args:
        args: the words after the program's name.
        world: the streams and the environment to use.
    """
    if "--agent" in args:
        args = [word for word in args if word != "--agent"]  # it may stand anywhere, and concerns every command
        world = world.for_agent()
    if any("=~/" in word for word in args):
        from reqcli.cli.tilde import expanded

        args = expanded(args)
    try:
        if world.is_agent:
            from reqcli.cli.agent import check_words

            check_words(args)
        return _run(args, world)
    except BrokenPipeError:
        # The reader of our output went away: that is its right, and no message is owed.
        _discard_output(world)
        return 23
    except ReqcliError as error:
        return _fail(error, args, world)
    except KeyboardInterrupt:
        return _fail(Interrupted("interrupted"), args, world)
    except OSError as error:
        from errno import EDQUOT, EFBIG, ENOSPC

        from reqcli.model.boundary import failed

        # What the system refuses to a command is no bug; it writes to standard output and reads all else.
        phase = "output" if error.errno in (ENOSPC, EDQUOT, EFBIG) else "usage"
        return _fail(failed(error, phase), args, world)
    except Exception as error:
        if world.environment.get("REQCLI_DEBUG"):
            raise
        return _fail(Internal(f"{type(error).__name__} in {_place(error)}"), args, world)
    finally:
        for file in world.course.opened:
            file.close()


def _run(args: Sequence[str], world: World) -> int:
    if "_REQCLI_COMPLETE" in world.environment:
        from reqcli.cli.completion.answer import answer

        return answer(args, world)
    if args and args[0] == "session":
        from reqcli.cli.sessions.looks import look

        seen = look(args, world)
        if seen is not None:
            return seen
    from reqcli.cli.plain import plain_request

    words = plain_request(args)
    if words is None:
        from reqcli.cli.tree import run_command

        status = run_command(args, world)
        is_told = world.course.has_written or "--help" in args or "--version" in args
        if status == 0 and not is_told and _wants_envelope(args, world):
            from reqcli.model.result import Result
            from reqcli.render.formats.json import envelope

            world.write(envelope(Result(session=world.course.report)))
        return status
    from reqcli.cli.ask import Ask
    from reqcli.cli.perform import perform

    status = perform(Ask(**words), world)
    if words["method"] == "GET" and world.can_draw:
        from reqcli.cli.notes import note_doubts

        note_doubts(args, words, world)
    return status


def _fail(error: ReqcliError, args: Sequence[str], world: World) -> int:
    """Say what failed, in the form the caller asked for, and give the exit status."""
    # Where the output itself failed there may be a part of an object already, and no second one may follow it.
    if _wants_envelope(args, world) and not (isinstance(error, OutputFailed) and world.course.has_written):
        from reqcli.model.result import Result
        from reqcli.render.formats.json import envelope

        try:
            world.write(envelope(Result(error=error)))
        except BrokenPipeError:
            _discard_output(world)
            return OutputFailed.exit_status
        except OutputFailed as unwritten:
            error = unwritten
        else:
            return error.exit_status
    from reqcli.render.failure import failure_line

    world.say(failure_line(error))
    return error.exit_status


def _wants_envelope(args: Sequence[str], world: World) -> bool:
    """Whether the words ask for JSON; they may be such that nobody else understands them."""
    words = list(args[: args.index("--")] if "--" in args else args)
    if world.is_agent or "--envelope" in words or "--format=json" in words:
        return True
    return any(word == "--format" and words[place + 1 : place + 2] == ["json"] for place, word in enumerate(words))


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
