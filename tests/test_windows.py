"""What Windows lacks is not needed there: every module loads without it, and a request with a session goes through.

This is a simulation on another system: names and modules that Windows does not have are taken away. What Windows does
otherwise (paths, locks, what is open and cannot be renamed) is not seen here.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from tests.program import Program
from tests.server import DemoServer

ROOT = Path(__file__).parent.parent

MODULES = ("crypt", "curses", "fcntl", "grp", "nis", "posix", "pty", "pwd", "readline", "resource", "spwd", "syslog",
           "termios", "tty")  # fmt: skip
NAMES = {
    "os": "O_CLOEXEC O_DIRECTORY O_DSYNC O_NOCTTY O_NOFOLLOW O_NONBLOCK O_SYNC chown chroot copy_file_range environb"
    " fchdir fchmod fchown fdatasync fork forkpty getegid getenvb geteuid getgid getgroups getloadavg getpgid getuid"
    " killpg lchown lockf memfd_create mkfifo nice openpty pipe2 posix_fadvise posix_fallocate posix_spawn pread preadv"
    " pwrite pwritev readv register_at_fork sched_getaffinity sched_yield sendfile set_blocking setgid setpgid setsid"
    " setuid splice statvfs sync sysconf tcgetpgrp ttyname uname wait3 wait4 writev",
    "select": "devpoll epoll kqueue poll",
    "signal": "SIGALRM SIGCHLD SIGCONT SIGHUP SIGKILL SIGPIPE SIGQUIT SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGUSR1 SIGUSR2"
    " SIGWINCH alarm pthread_kill pthread_sigmask setitimer sigwait",
    "socket": "AF_UNIX MSG_DONTWAIT MSG_ERRQUEUE MSG_NOSIGNAL SCM_RIGHTS SO_BINDTODEVICE SO_REUSEPORT TCP_CORK"
    " TCP_DEFER_ACCEPT TCP_QUICKACK TCP_USER_TIMEOUT",
}
"""What CPython 3.11 has elsewhere and not on Windows."""

GUARDED = {
    "cli/stdin.py": {"fcntl", "termios"},
    "net/dial.py": {"socket.AF_UNIX"},
    "net/readiness.py": {"select.poll"},
    "net/stock.py": {"os.register_at_fork"},
    "net/stream.py": {"os.sendfile", "os.set_blocking"},
    "store/files.py": {"fcntl"},
    "store/guard.py": {"os.geteuid", "os.getegid"},
    "store/locks.py": {"fcntl"},
    "vault/child.py": {"os.killpg", "signal.SIGKILL"},
}
"""Where such a name is used after it was asked whether there is one."""

WITHOUT = f"""
import importlib, os, pkgutil, select, signal, socket, sys, types
import reqcli
names = [module.name for module in pkgutil.walk_packages(reqcli.__path__, "reqcli.") if "__main__" not in module.name]
for name in names:
    importlib.import_module(name)  # so that what they need of others is loaded, and only they are loaded without
for name in [name for name in sys.modules if name.partition(".")[0] == "reqcli"]:
    del sys.modules[name]
sys.platform = "win32"
msvcrt = sys.modules["msvcrt"] = types.ModuleType("msvcrt")
msvcrt.LK_NBLCK, msvcrt.LK_UNLCK, msvcrt.locking = 2, 0, lambda *_: None
for name in {MODULES!r}:
    sys.modules[name] = None
for module, lacking in {NAMES!r}.items():
    for name in lacking.split():
        if hasattr(sys.modules[module], name):
            delattr(sys.modules[module], name)
"""


def without(then: str, *args: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program in a Python that has lost what Windows lacks."""
    command = [sys.executable, "-c", WITHOUT + then, *args]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False)


def test_every_module_loads() -> None:
    done = without("for name in names: importlib.import_module(name)\nprint('loaded', len(names) > 200)")
    assert done.stdout == "loaded True\n", done.stderr


def test_a_session_is_used(reqcli: Program, demo_server: DemoServer) -> None:
    main = "from reqcli.__main__ import main\nsys.exit(main())"
    for _ in range(2):
        words = ("get", f"{demo_server.url}/cookie/a/b", "--session", "work")
        done = without(main, *words, env=reqcli.environment)
        assert done.returncode == 0, done.stderr
    shown = reqcli("session", "cookies", "work", "--format", "json", "--reveal").json
    assert [(cookie["name"], cookie["value"]) for cookie in shown] == [("a", "b")]


def test_what_windows_lacks_is_asked_for_before_it_is_used() -> None:
    package = ROOT / "reqcli"
    files = {path.relative_to(package).as_posix(): path.read_text() for path in package.rglob("*.py")}
    used = {path: set(lacking(ast.parse(text))) for path, text in files.items()}
    assert {path: names for path, names in used.items() if names} == GUARDED
    assert lacking(ast.parse("import os, pty\nfrom signal import SIGHUP\nos.fork(), os.path")) == [
        "pty", "signal.SIGHUP", "os.fork",
    ]  # fmt: skip


def lacking(tree: ast.AST) -> list[str]:
    """The names in a file that Windows does not have."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found.append(f"{node.value.id}.{node.attr}")
        elif isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [f"{node.module}.{alias.name}" for alias in node.names] + [str(node.module)]
    names = {f"{module}.{name}" for module, lost in NAMES.items() for name in lost.split()}
    return [name for name in found if name in names or name in MODULES]
