"""The world as the command line finds it: environment, standard streams, where sessions live. One object, handed in.

Everything below gets values from here; a test builds a world of its own.
"""

from __future__ import annotations

import os
import sys

from reqcli.errors import OutputFailed, Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO, Final

    from reqcli.model.result import SessionReport
    from reqcli.session.policy import Policy
    from reqcli.session.schema import SessionState
    from reqcli.store.face import Store
    from reqcli.store.files import FileStore
    from reqcli.vault import Vault
    from reqcli.vault.netrc import Netrc

FILES: Final = "files"
"""What REQCLI_STORE says for files, the default."""


_ELSEWHERE: Final = frozenset({"ANDROID_DATA", "ANDROID_ROOT"})
"""Variables of a Linux whose users have their data in another place."""

USUAL_WIDTH: Final = 80
"""Columns of a terminal that does not tell."""


class Course:
    """What happens in the course of one command line, shared by all worlds that are made on the way.

    Attributes:
        has_written: whether anything went to standard output.
        opened: the files that are sent, to be closed when all is over.
        quiet: 1 when no warnings are wanted, 2 when nothing at all is to be said.
        report: what a command did to a session, for an envelope.
    """

    __slots__ = ("has_written", "opened", "quiet", "report")

    def __init__(self) -> None:
        self.has_written = False
        self.opened: Final[list[BinaryIO]] = []
        self.quiet = 0
        self.report: SessionReport | None = None


class World:
    """What a command may know of its surroundings.

    Args:
        environment: the environment variables.
        stdin: standard input, bytes.
        stdout: standard output, bytes.
        stderr: standard error, bytes.
        course: that of the world which this one is made from, or None to begin a new one.
    """

    __slots__ = ("_files", "_homes", "_stores", "course", "environment", "stderr", "stdin", "stdout")

    def __init__(
        self,
        environment: Mapping[str, str],
        stdin: BinaryIO | None,
        stdout: BinaryIO,
        stderr: BinaryIO,
        course: Course | None = None,
    ) -> None:
        self.environment: Final = environment
        self.stdin: Final = stdin
        self.stdout: Final = stdout
        self.stderr: Final = stderr
        self.course: Final = course or Course()
        self._stores: Final[dict[str, Store]] = {}
        self._homes: Final[dict[str, Store]] = {}  # of the sessions that were asked for
        self._files: FileStore | None = None

    @classmethod
    def here(cls) -> World:
        """The world of this process."""
        # A stream that the caller closed is None. Messages then go nowhere; output that is asked for would be lost, so
        # to write it fails. Both take a descriptor, lest a file or a socket become the standard stream of a child.
        return cls(
            os.environ,
            sys.stdin.buffer if sys.stdin is not None else None,
            sys.stdout.buffer if sys.stdout is not None else os.fdopen(os.open(os.devnull, os.O_RDONLY), "wb"),
            sys.stderr.buffer if sys.stderr is not None else open(os.devnull, "wb"),
        )

    @property
    def is_agent(self) -> bool:
        """Whether the caller acts on instructions that it did not write, see `reqcli.cli.agent`."""
        return self.environment.get("REQCLI_AGENT", "") not in ("", "0")

    @property
    def usual_format(self) -> str | None:
        """How commands that look at what is stored print it if no format is named; None for what suits the output."""
        return "json" if self.is_agent else None

    def for_agent(self) -> World:
        """The same world, for such a caller."""
        return World({**self.environment, "REQCLI_AGENT": "1"}, self.stdin, self.stdout, self.stderr, self.course)

    @property
    def policy(self) -> Policy | None:
        """What a session without a policy of its own may be used for, None for anything."""
        if not self.is_agent:
            return None
        from reqcli.cli.agent import PUBLIC

        return PUBLIC

    @property
    def has_terminal(self) -> bool:
        """Whether standard output is a terminal that a person looks at."""
        return self.stdout.isatty()

    @property
    def can_draw(self) -> bool:
        """Whether standard error is a terminal that more than lines of text can be put on."""
        return self.stderr.isatty() and self.environment.get("TERM") != "dumb"

    @property
    def can_ask(self) -> bool:
        """Whether there is a person to answer a prompt."""
        return self.stdin is not None and self.stdin.isatty() and self.stderr.isatty() and not self.is_agent

    @property
    def wants_colour(self) -> bool:
        """Whether what goes to standard output is painted."""
        return self.paints(self.stdout)

    def paints(self, stream: BinaryIO) -> bool:
        """Colours on a terminal, unless NO_COLOR or a dumb terminal; FORCE_COLOR wants them anywhere."""
        if self.environment.get("NO_COLOR"):
            return False
        if self.environment.get("FORCE_COLOR"):
            return True
        return stream.isatty() and self.environment.get("TERM") != "dumb"

    def width_of(self, stream: BinaryIO) -> int:
        """Columns of the terminal that a stream goes to, or the usual number."""
        try:
            return os.get_terminal_size(stream.fileno()).columns or USUAL_WIDTH
        except (OSError, ValueError):
            return USUAL_WIDTH

    @property
    def default_session(self) -> str:
        """The session that is used when none is named."""
        return self.environment.get("REQCLI_SESSION") or "default"

    def session_named(self, name: str | None) -> str:
        """The session of that name, the default one where none is named.

        Raises:
            Usage: the name is empty, which is not to say that there is none.
        """
        if name == "":
            raise Usage("--session is empty", hint="a variable of the shell that is not set leaves an empty word")
        return self.default_session if name is None else name

    def sessions(self) -> Store:
        """The store of named sessions: the one that REQCLI_STORE names, else files.

        Raises:
            Usage, StoreUnavailable: REQCLI_STORE names none that there is.
        """
        url = self.environment.get("REQCLI_STORE", FILES)
        return self.files() if url == FILES or not url else self.store_at(url)

    def store_at(self, url: str) -> Store:
        """The store at a URL; a password that is not in it is taken from REQCLI_STORE_PASSWORD.

        Values are sealed with the key that REQCLI_STORE_KEY names: a file, or `env:NAME`.
        """
        if url not in self._stores:
            from reqcli.store.redis import RedisStore

            seal = None
            if key := self.environment.get("REQCLI_STORE_KEY"):
                from reqcli.vault.seal import FieldSeal

                place = {"env": key[4:]} if key.startswith("env:") else {"file": os.path.abspath(key)}
                seal = FieldSeal(self.vault().fetch(place))
            password = self.environment.get("REQCLI_STORE_PASSWORD")
            self._stores[url] = RedisStore(url, password=password, seal=seal)
        return self._stores[url]

    def store_of(self, name: str) -> Store:
        """The store that keeps a session: files for a path; where the session's own setting says; else the default.

        Raises:
            SessionError, StoreUnavailable: the file that would say so cannot be read.
        """
        if name not in self._homes:
            store = self.first_store(name)
            linked = self.linked_store(store, store.read(name)) if store is self._files else None
            self._homes[name] = linked or store
        return self._homes[name]

    def first_store(self, name: str) -> Store:
        """Where a session is looked for: files for a path, else the default store.

        Raises:
            PolicyDenied: an agent names a file, whose content anybody may have chosen.
        """
        from reqcli.store.names import is_path

        if not is_path(name):
            return self.sessions()
        if self.is_agent and name != self.default_session:
            from reqcli.cli.agent import denied

            raise denied("a session has a name: a file could be one that a server sent")
        return self.files()

    def linked_store(self, store: Store, state: SessionState | None) -> Store | None:
        """The store that the setting of a session in a file names, if it has one; a shared store never sends on."""
        url = state.settings.get("store") if state is not None and store is self._files else None
        return self.store_at(url) if isinstance(url, str) else None

    def with_store(self, url: str) -> World:
        """The same world with another store of named sessions; `files` for the files."""
        return World({**self.environment, "REQCLI_STORE": url}, self.stdin, self.stdout, self.stderr, self.course)

    def files(self) -> FileStore:
        """The store of sessions in files: `sessions` under REQCLI_HOME, else under the user's data directory."""
        if self._files is None:
            from reqcli.store.files import FileStore

            home = self.environment.get("REQCLI_HOME") or data_directory(self.environment)
            self._files = FileStore(os.path.join(home, "sessions"))
        return self._files

    def vault(self) -> Vault:
        """What fetches the secrets that a session refers to."""
        from reqcli.vault import Vault

        return Vault(self.environment)

    @property
    def trust(self) -> str | None:
        """The file or directory of certificates that the environment says to trust, the first of the usual names."""
        names = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
        return next((value for name in names if (value := self.environment.get(name))), None)

    def netrc(self) -> Netrc | None:
        """The user's netrc: the file that NETRC names, else `.netrc` in the home directory if there is one."""
        named = self.environment.get("NETRC")
        home = self.environment.get("HOME" if os.name == "posix" else "USERPROFILE")
        path = named or (os.path.join(home, ".netrc" if os.name == "posix" else "_netrc") if home else None)
        if path is None or not (named or os.path.exists(path)):
            return None
        from reqcli.vault.netrc import Netrc

        return Netrc(path, must_exist=bool(named))

    def write(self, data: bytes) -> None:
        """Write to standard output, at once.

        Raises:
            BrokenPipeError: nobody reads any more.
            OutputFailed: the disk is full, or the like.
        """
        self.course.has_written = True
        _write(self.stdout, data, "standard output")

    def warn(self, text: str) -> None:
        """Write one warning to standard error, unless the user wants none."""
        if not self.course.quiet:
            self.say(text)

    def say(self, text: str, *, end: str = "\n") -> None:
        """Write one message to standard error; where nobody listens, or nothing is to be said, it is dropped."""
        if self.course.quiet > 1:
            return
        try:
            _write(self.stderr, f"{text}{end}".encode(errors="backslashreplace"), "standard error")
        except (BrokenPipeError, OutputFailed):
            return


def _write(stream: BinaryIO, data: bytes, name: str) -> None:
    try:
        stream.write(data)
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        from errno import EBADF

        reason = "it is closed" if error.errno == EBADF else error.strerror
        raise OutputFailed(f"cannot write to {name}: {reason}") from error


def data_directory(environment: Mapping[str, str]) -> str:
    """Where the user's data are kept: what platformdirs says, who knows every system.

    What it says on Linux when the XDG variable or else HOME is an absolute path is said here, for to load it costs a
    third as much again as all the rest of a start; a property test holds the two together.
    """
    if sys.platform == "linux" and not environment.keys() & _ELSEWHERE:
        chosen, home = environment.get("XDG_DATA_HOME", ""), environment.get("HOME", "")
        if chosen.startswith("/"):
            return os.path.join(chosen, "reqcli")
        if not chosen and home.startswith("/"):
            return f"{home.rstrip('/')}/.local/share/reqcli"
    from platformdirs import user_data_dir

    return user_data_dir("reqcli", appauthor=False)
