"""`--context` and `--context-out`: a stateless call takes up what the one before left, and leaves it to the next.

A context comes from and goes to a file that is closed to others, a variable (`env:NAME`, in only), an open descriptor
(`fd:N`) or a standard stream (`-`); never from the command line itself, which every user of the machine can read. The
key that seals it comes from the same places.
"""

from __future__ import annotations

import os
import stat
from time import time

from reqcli.errors import ContextInvalid, InputFailed, OutputFailed, ReqcliError, SessionInsecure, Usage
from reqcli.model.result import Notice, SessionReport
from reqcli.model.secret import SEALED
from reqcli.render.failure import failure_line
from reqcli.session.context import LIFETIME, LONGEST_LIFETIME, MAX_CONTEXT, Context, dump, load, made, travelling
from reqcli.store import guard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from reqcli.api.session import Session
    from reqcli.cli.ask import Ask
    from reqcli.cli.world import World
    from reqcli.model.result import Result
    from reqcli.model.secret import Secret
    from reqcli.model.url import Url
    from reqcli.session.schema import SessionState

_LONGEST_TEXT: Final = 2 * MAX_CONTEXT
_READ: Final = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class Handover:
    """What one call takes up and leaves.

    Args:
        ask: says where from, where to, for how long, and where the key is.
        world: where these are found.

    Raises:
        Usage: that makes no sense.
        InputFailed: there is nothing to read.
        ContextInvalid: what was handed over cannot be used.
    """

    def __init__(self, ask: Ask, world: World) -> None:
        self._world: Final = world
        self._target: Final = ask.context_out
        self._lifetime: Final = lifetime_of(ask.context_ttl)
        self._key: Final = None if ask.context_key is None else read_key(ask.context_key, world)
        self._left: SessionState | None = None
        if ask.context_out in ("-", "fd:1") and (ask.output in (None, "-") or ask.format_ is not None):
            raise Usage(
                f"--context-out {ask.context_out} and the response both want standard output",
                hint="put the body into -o FILE",
            )
        if ask.context_out is not None:
            check_target(ask.context_out)
            if ask.context_out == ask.context_key:
                raise Usage("--context-out would write over the key")
        self.context: Final = None if ask.context is None else taken_up(ask.context, self._key, world)

    @property
    def state(self) -> SessionState | None:
        """What the call starts from, None for nothing.

        An agent could have written a context that is not sealed, so the policy in one gives it no leave.
        """
        state = None if self.context is None else self.context.state
        if state is None or state.policy is None or self._key is not None or not self._world.is_agent:
            return state
        return state.replace(policy=state.policy.replace(public_only=True))

    def check(self, url: Url) -> None:
        """See that the context is for this call.

        Raises:
            ContextInvalid: it is for other origins.
        """
        if self.context is not None:
            self.context.check_origin(url.origin)

    def leave(self, session: Session, url: Url, result: Result, *, is_last: bool) -> None:
        """Write what the next call takes up; where that fails, the run has failed.

        Args:
            session: with what it has learned by now.
            url: that was asked.
            result: is told where the context is.
            is_last: whether nothing more will be learned; until then only a file is written, for it can be again.
        """
        target = self._target
        if target is None or session.state is self._left or not (is_last or _is_file(target)):
            return
        origins = (str(url.origin),) if self.context is None else self.context.origins
        try:
            put(made(session.state, origins, time(), self._lifetime), target, self._key, self._world)
        except ReqcliError as error:
            result.error = result.error or error
            return
        self._left = session.state
        result.session = (result.session or SessionReport(None)).replace(context=target)
        if len(travelling(session.state).cookies) < len(session.state.cookies):
            said = Notice("context_partial", "a cookie that is called a refresh token was left out of the context")
            result.warnings = [*result.warnings, said]

    def at_end(self, session: Session, url: Url) -> Callable[[Result], None]:
        """What is to be done with the result when its body has been read."""
        return lambda result: self.leave(session, url, result, is_last=True)

    def end(self, session: Session, url: Url, result: Result) -> None:
        """The same where the result has been shown already: what fails now is said."""
        before = result.error
        self.leave(session, url, result, is_last=True)
        if result.error is not None and result.error is not before:
            self._world.say(failure_line(result.error))


def lifetime_of(seconds: float | None) -> float:
    """How long a context can be used, in seconds.

    Raises:
        Usage: that is too long.
    """
    if seconds is None:
        return LIFETIME
    if seconds > LONGEST_LIFETIME:
        raise Usage(f"a context lives {LONGEST_LIFETIME:g} s at most", hint="keep what lasts longer in a named session")
    return seconds


def taken_up(reference: str, key: Secret | None, world: World) -> Context:
    """The context that is there.

    Raises:
        InputFailed, ContextInvalid: there is none, or it cannot be used.
    """
    data = _read(reference, world, "the context")
    from reqcli.vault.seal import is_sealed, unseal

    if key is not None:
        data = unseal(data, key)
    elif is_sealed(data):
        raise ContextInvalid("the context is sealed", hint="give its key with --context-key FILE")
    return load(data, time())


def check_target(target: str) -> None:
    """See that a context can be written there, before a request is sent in vain.

    Raises:
        OutputFailed: it cannot.
        Usage: that is no place for a context.
    """
    if target.startswith("env:"):
        raise Usage("a process cannot set its caller's variables", hint="write the context to a file, fd:N or -")
    try:
        if target.startswith("fd:"):
            os.fstat(_number(target))
        elif target != "-":
            directory = os.path.dirname(target) or "."
            os.stat(directory)
            if os.path.isdir(target) or not os.access(directory, os.W_OK):
                raise OutputFailed(f"cannot write a context to {target}: it is a directory, or in one that is closed")
            if os.path.lexists(target) and not stat.S_ISREG(os.lstat(target).st_mode):
                raise OutputFailed(
                    f"cannot write a context to {target}: it is a link, a device or a pipe, which a file would replace",
                    hint="name a file, fd:N or -",
                )
    except OSError as error:
        raise OutputFailed(f"cannot write a context to {target}: {error.strerror}") from error


def put(context: Context, target: str, key: Secret | None, world: World) -> None:
    """Write a context, sealed if there is a key.

    Raises:
        ContextInvalid: it is too large.
        OutputFailed: it cannot be written.
    """
    data = dump(context)
    if key is not None:
        from reqcli.vault.seal import seal

        data = seal(data, key)
    if target == "-":
        world.write(data)
    elif target.startswith("fd:"):
        _write_descriptor(_number(target), data, target)
    else:
        write_closed_file(target, data)


def read_key(reference: str, world: World) -> Secret:
    """The key that is there.

    Raises:
        InputFailed: there is none.
        ContextInvalid: others can read it.
    """
    from reqcli.model.secret import Secret

    return Secret(_read(reference, world, "the key").decode("ascii", "replace").strip())


def write_closed_file(path: str, data: bytes, *, replaces: bool = True) -> None:
    """Write a whole file at once, closed to others from its first moment.

    Args:
        path: of the file.
        data: what it is to hold.
        replaces: whether there may be one already.

    Raises:
        OutputFailed: it cannot be written; what was there is untouched.
    """
    if not replaces and os.path.lexists(path):
        raise OutputFailed(f"{path} is there already, and is not replaced")
    from tempfile import mkstemp

    try:
        descriptor, part = mkstemp(prefix=".reqcli-", dir=os.path.dirname(path) or ".")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, path)
        except BaseException:
            os.unlink(part)
            raise
    except OSError as error:
        raise OutputFailed(f"cannot write {path}: {error.strerror}") from error


def _read(reference: str, world: World, what: str) -> bytes:
    """What a reference leads to, and no more of it than a context may have and a little."""
    if reference.lstrip().startswith(("{", SEALED)) or "\n" in reference:
        raise Usage(
            f"{what} is never given on the command line, where others can read it",
            hint="name where it is: FILE, env:NAME, fd:N or -",
        )
    try:
        if reference == "-":
            return _from_stdin(world, what)
        if reference.startswith("env:"):
            value = world.environment.get(reference[4:])
            if value is None:
                raise InputFailed(f"there is no variable {reference[4:]!a} to read {what} from")
            return os.fsencode(value)
        if reference.startswith("fd:"):
            with os.fdopen(_number(reference), "rb", closefd=False) as file:
                return file.read(_LONGEST_TEXT + 1)
        with os.fdopen(os.open(reference, _READ), "rb") as file:
            guard.check_file(os.fstat(file.fileno()), reference, guard.user())
            return file.read(_LONGEST_TEXT + 1)
    except SessionInsecure as error:
        raise ContextInvalid(f"{what} cannot be trusted: {error.message}", hint=error.hint) from error
    except OSError as error:
        hint = "a first call has no --context" if what == "the context" else None
        raise InputFailed(f"cannot read {what} from {reference}: {error.strerror}", hint=hint) from error


def _from_stdin(world: World, what: str) -> bytes:
    from reqcli.cli.stdin import patiently

    data = b""
    for block in patiently(world, what):
        data += block
        if len(data) > _LONGEST_TEXT:
            break
    return data


def _number(reference: str) -> int:
    text = reference[3:]
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise Usage(f"{reference!a} is no descriptor", hint="write it as fd:3")
    return int(text)


def _is_file(target: str) -> bool:
    return target != "-" and not target.startswith("fd:")


def _write_descriptor(number: int, data: bytes, name: str) -> None:
    try:
        with os.fdopen(number, "wb", closefd=False) as file:
            file.write(data)
    except OSError as error:
        raise OutputFailed(f"cannot write to {name}: {error.strerror}") from error
