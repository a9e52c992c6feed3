"""What `batch` and `serve` have in common: the options that hold for every line, where lines are sent from, the end."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NoReturn, Protocol, TypeVar

import click

from reqcli.batch.members import Defaults
from reqcli.batch.worker import Place, Places, Worker
from reqcli.cli.ask import Ask
from reqcli.cli.commands.declared import Read, clicked
from reqcli.cli.options import GROUPS, all_options, whole
from reqcli.cli.perform import open_session
from reqcli.cli.proxies import lacking
from reqcli.cli.spec import completing, spec_for_ask
from reqcli.errors import InputFailed, Interrupted, ReqcliError, Usage
from reqcli.model.route import DEFAULT_TLS
from reqcli.net.pool import Pool
from reqcli.render import formats
from reqcli.store.together import Together

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from threading import Event

    from reqcli.batch.worker import Name
    from reqcli.cli.options import Opt
    from reqcli.cli.world import World
    from reqcli.model.spec import RequestSpec
    from reqcli.session.schema import SessionState

F = TypeVar("F", bound="Callable[..., Any]")

ANY_URL: Final = "https://localhost/"
"""Stands for the URL of a line while the options that hold for all lines are read."""

_OF_ONE: Final = ("Contexts", "Body", "Without sending")
_OF_THE_LINE: Final = frozenset({"save"})
_OUTPUT: Final = frozenset({"max_output", "reveal"})
_FROM_STDIN: Final = ("auth", "proxy_auth", "cert_key_pass")
_ASKED_ONCE: Final = (*_FROM_STDIN, "auth_type", "token_env", "token_file", "token_command", "token_keyring")
"""Words whose secret is read or asked for once, for all sessions that lines may name."""

JOBS: Final = Read(whole(1, 1000))
FORMAT: Final = click.option(
    "--format", "format_", type=click.Choice(["json", "brief"]), default="json",
    help="Whole results, or how each went in a few words.  [default: json]",
)  # fmt: skip


def line_options(command: F) -> F:
    """Give a command every option of a request that can hold for all lines: those of one body or output cannot."""
    for option in reversed(list(_options())):
        command = clicked(option)(command)
    return command


def _options() -> list[Opt]:
    return [
        option
        for title, group in GROUPS
        for option in group
        if title not in _OF_ONE and option.attribute not in _OF_THE_LINE
        if title not in ("Output", "For programs") or option.attribute in _OUTPUT
    ]


def lines_of(world: World) -> BinaryIO:
    """Standard input, to read lines from; a person at a terminal is told that they are waited for.

    Raises:
        InputFailed: it is closed.
    """
    if world.stdin is None:
        raise InputFailed("standard input is closed")
    if world.stdin.isatty():
        world.say("reqcli: type a request a line: a URL, or a JSON object (Ctrl-D ends)")
    return world.stdin


class Work(Protocol):
    """Requests under way in threads of their own."""

    @property
    def ended(self) -> Event:
        """Set when nothing is under way and nothing more will begin."""

    @property
    def failure(self) -> BaseException | None:
        """What ended it before its time, or None."""

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way, after `stop`."""

    def start(self) -> None:
        """Let the threads begin."""

    def stop(self) -> None:
        """Begin nothing more."""


class Desk:
    """What a command line says for all lines, and the places they are sent from.

    Args:
        words: the options, by their attributes.
        world: the streams and the environment.
        jobs: requests at a time.
        has_stdin: whether standard input is left for a secret (`@-`).

    Raises:
        ReqcliError: the options make no sense, or the session that they name cannot be opened.
    """

    def __init__(self, words: dict[str, Any], world: World, *, jobs: int, has_stdin: bool) -> None:
        world.course.has_written = True  # where there are no lines there is no result, and no other JSON in its place
        form = words.pop("format_")
        self._words: Final[dict[str, Any]] = {**{option.attribute: option.default for option in all_options()}, **words}
        self._world: Final = world
        self._form: Final = formats.load(form)
        self._flows: Final = jobs == 1
        self._first: RequestSpec | None = None
        self.pool: Final = Pool(per_route=max(32, jobs), total=max(128, jobs))
        if not has_stdin and any(self._words[name] == "@-" for name in _FROM_STDIN):
            raise Usage("standard input has the lines, so `@-` cannot read a secret from it", hint="put it in a file")
        if world.is_agent:
            from reqcli.cli.agent import settle

            asked = self._ask()
            settle(asked)
            self._words["max_output"] = asked.max_output
        default: Name = None if self._words["stateless"] else world.session_named(self._words["session_name"])
        self._places: Final = Places(default, self._place)
        self._places.at(default)

    def hire(self) -> Worker:
        """A worker for one thread."""
        words = self._words
        return Worker(self._places, self._form, flows=self._flows, limit=words["max_output"], reveal=words["reveal"])

    def _place(self, name: Name) -> Place:
        if name is not None and self._words["stateless"]:
            raise Usage(f"the line names the session {name!r}, and --stateless uses none")
        ask = self._ask() if self._words["stateless"] else self._ask(session_name=name)
        if name is None and not self._words["stateless"]:  # a line that wants no session, among others that do
            ask = self._ask(session_name=None, stateless=True, read_only=False, serialize=False)
        session = open_session(ask, self._world, self.pool, wrap=None if self._flows else Together)
        if session.error is not None:
            raise session.error
        defaults = Defaults(
            self._spec(session.state),
            completing(ask, session.state),
            path_as_is=self._words["path_as_is"],
        )
        return Place(session, defaults, is_kept=name is not None)

    def _spec(self, state: SessionState) -> RequestSpec:
        """The call that the options describe, in a session of this state."""
        if self._first is None:
            self._first = spec_for_ask(self._ask(), self._world, state)
            return self._first
        first = self._first
        spec = spec_for_ask(self._ask(**dict.fromkeys(_ASKED_ONCE)), self._world, state)
        tls, proxies = spec.tls, spec.proxies
        if first.tls is not None and first.tls.key_password is not None:
            tls = (tls or DEFAULT_TLS).replace(key_password=first.tls.key_password)
        if self._words["proxy_auth"] is not None and first.proxies is not None:
            if proxies is None or proxies.http is proxies.https is None:
                raise lacking()
            proxies = proxies.for_user_of(first.proxies)
        return spec.replace(auth=first.auth, proxies=proxies, tls=tls)

    def _ask(self, **changes: object) -> Ask:
        return Ask(**{**self._words, "method": "GET", "url": ANY_URL, "items": (), "format_": "json", **changes})


class Terminated(KeyboardInterrupt):
    """The process was asked to end (SIGTERM), which means here what Ctrl-C does."""

    exit_status: Final = 143
    """What a shell says of who ended so: 128 and the signal's number."""


def attend(work: Work, world: World, watch: Callable[[Event], None]) -> int:
    """Start the work, and wait until it has ended. Ctrl-C and SIGTERM let what is under way come to its end, a second
    one does not.

    Args:
        work: not started yet.
        world: where the user is told.
        watch: waits for the event, and shows meanwhile how things stand.

    Returns:
        0, or the exit status of who was interrupted.

    Raises:
        ReqcliError, BrokenPipeError: what ended the work before its time.
    """
    status = 0
    with _terminated():
        try:
            work.start()
            watch(work.ended)
        except KeyboardInterrupt as interruption:
            is_term = isinstance(interruption, Terminated)
            status = Terminated.exit_status if is_term else Interrupted.exit_status
            work.stop()
            try:
                if not work.is_idle:
                    again = "a second SIGTERM" if is_term else "Ctrl-C again"
                    world.say(f"reqcli: finishing what is under way; {again} stops at once")
                while not (work.is_idle or work.ended.wait(0.05)):
                    pass
            except KeyboardInterrupt:
                pass
    if work.failure is not None:
        if isinstance(work.failure, ReqcliError | BrokenPipeError):
            raise work.failure
        raise RuntimeError("a thread failed") from work.failure
    return status


@contextmanager
def _terminated() -> Iterator[None]:
    """Raise `Terminated` where SIGTERM would end the process; who ignores it goes on to."""

    def terminate(*_: object) -> NoReturn:
        raise Terminated

    before = signal.getsignal(signal.SIGTERM)
    if before is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        if before is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, before)
