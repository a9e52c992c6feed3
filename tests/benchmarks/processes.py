"""The processes that a benchmark needs: the server, the launcher, clients that wait to be told. All end with it."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Self

from tests.benchmarks.harness import Figures, Unavailable

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PATIENCE = 120.0
"""Seconds that no single run comes near to."""


class Child:
    """A process that answers lines with lines, and ends when its input does."""

    def __init__(self, *words: str, environment: Mapping[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT
        )
        self._input = _given(self.process.stdin)
        self._output = _given(self.process.stdout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._input.close()
            self.process.wait(5)
        except (subprocess.TimeoutExpired, BrokenPipeError):
            self.process.kill()
            self.process.wait()
        self._output.close()

    def stay_on(self, processors: set[int]) -> None:
        """Run on these processors only, with every thread there is and will be."""
        for thread in os.listdir(f"/proc/{self.process.pid}/task"):
            os.sched_setaffinity(int(thread), processors)

    def ask(self, line: str) -> str:
        """The line that answers this one.

        Raises:
            RuntimeError: there is none.
        """
        self._input.write(f"{line}\n")
        self._input.flush()
        return self.hear()

    def hear(self) -> str:
        """The next line; children write no second one before they are asked, so nothing is left in a buffer."""
        ready = select.select([self._output], [], [], PATIENCE)[0]
        line = self._output.readline() if ready else ""
        if not line:
            raise RuntimeError(f"{self.process.args!r} did not answer")
        return line.rstrip("\n")


class Loopback:
    """The running server, and what a client needs to trust it."""

    def __init__(self, child: Child, authority: Path | None) -> None:
        self.child = child
        ports = [int(port) for port in child.hear().split()]
        self.url = f"http://127.0.0.1:{ports[0]}"
        self.secure_url = f"https://127.0.0.1:{ports[1]}" if len(ports) > 1 else ""
        self.authority = str(authority) if authority else ""


@contextmanager
def serving(directory: Path) -> Iterator[Loopback]:
    """The server in a process of its own; with TLS where trustme is installed."""
    words = [sys.executable, str(HERE / "server.py")]
    authority = certificate(directory)
    if authority:
        words.append(str(directory / "server.pem"))
    with Child(*words) as child:
        yield Loopback(child, authority)


def certificate(directory: Path) -> Path | None:
    """A new authority's certificate, with one of its own for the server beside it."""
    try:
        import trustme
    except ImportError:
        return None
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(directory / "ca.pem"))
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_and_cert_chain_pem.write_to_path(str(directory / "server.pem"))
    return directory / "ca.pem"


class Launcher(Child):
    """Runs whole programs, one at a time."""

    def __init__(self) -> None:
        super().__init__(sys.executable, "-I", "-S", str(HERE / "launcher.py"))

    def run(
        self,
        words: Sequence[str],
        environment: Mapping[str, str],
        *,
        source: Sequence[str] = (),
        target: str | None = None,
        gives: int | None = None,
    ) -> Figures:
        """One run: its time, CPU and peak memory.

        Args:
            words: the program's path and arguments.
            environment: all of it.
            source: standard input: a file; or `|` and a program's path and arguments; nothing for none.
            target: the file for standard output.
            gives: how many bytes have to come on standard output when it is no file.

        Raises:
            RuntimeError: the program failed, or its output is not what it has to be.
        """
        answer = self.ask(repr((list(words), dict(environment), list(source), target)))
        seconds, cpu, peak, status, size = answer.split()
        if status != "0" or (gives is not None and int(size) != gives):
            raise RuntimeError(f"{' '.join(words)} left with {status} and {size} bytes of output")
        return {"time": float(seconds), "cpu": float(cpu), "memory": float(peak) * 1024}


def found(program: str) -> str:
    """The program's path: beside this Python, else on the PATH.

    Raises:
        Unavailable: there is none.
    """
    path = shutil.which(program, path=str(Path(sys.executable).parent)) or shutil.which(program)
    if path is None:
        raise Unavailable("not installed")
    return path


def surroundings(home: Path, **more: str) -> dict[str, str]:
    """The environment of every program that is measured: a home of its own, and this tree of reqcli."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "REQCLI_HOME": str(home / "sessions-of-reqcli"),
        "HTTPIE_CONFIG_DIR": str(home / "httpie"),
        **more,
    }


def reqcli_script(directory: Path) -> list[str]:
    """The words that start reqcli as its installed script does, whether or not it is installed."""
    script = directory / "reqcli"
    script.write_text(
        "import sys\nfrom reqcli.__main__ import main\nif __name__ == '__main__':\n    sys.exit(main())\n"
    )
    return [sys.executable, str(script)]


def _given(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream
