"""What the figures were measured on: processor, kernel, versions, no names of hosts or places; and when it is quiet."""

from __future__ import annotations

import os
import platform
import shutil
import ssl
import subprocess
import sys
import time
from importlib.metadata import PackageNotFoundError, version

PACKAGES = (*("click", "httptools", "urllib3", "requests", "httpx", "niquests", "aiohttp", "pycurl", "httpie"),)
PROGRAMS = ("curl", "xh")
FLATTERED = (
    "- **not to be published**: something is installed in editable mode here, whose hook every Python of this"
    " environment loads: bare Python is slower than it is, and so start-up looks better"
)


class Quiet:
    """Waits for moments in which nobody else uses the machine; all its waits together are bounded.

    Args:
        patience: seconds to wait in all.
        busy: the share of one processor that others may use in such a moment.
    """

    def __init__(self, patience: float, busy: float = 0.25) -> None:
        self._left = patience
        self._busy = busy

    def __call__(self) -> None:
        while self._left > 0:
            began, worked = time.monotonic(), _worked()
            time.sleep(0.1)
            seconds = time.monotonic() - began
            if worked is None or (_worked() or 0) - worked <= self._busy * seconds:
                return
            self._left -= seconds


def _worked() -> float | None:
    """Seconds that all processors together have worked, waits for the disk not counted."""
    try:
        with open("/proc/stat") as file:
            user, nice, system, _, _, irq, softirq, steal, *_ = map(int, file.readline().split()[1:])
    except (OSError, ValueError):
        return None
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def description() -> str:
    """The machine as a Markdown list."""
    lines = [
        f"- {processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release().partition('-')[0]}",
        f"- Python {platform.python_version()}, {ssl.OPENSSL_VERSION}",
        f"- {', '.join(filter(None, map(package, PACKAGES)))}",
        f"- {', '.join(filter(None, map(program, PROGRAMS)))}",
        *([f"- TCP's congestion control: {pace}"] if (pace := congestion_control()) else []),
        *([FLATTERED] if any(name.startswith("__editable__") for name in sys.modules) else []),
        f"- load before the first round: {os.getloadavg()[0]:.1f}",
    ]
    return "\n".join(line for line in lines if line != "- ") + "\n"


def processor() -> str:
    """Its model, as the kernel calls it."""
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.partition(":")[2].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()


def congestion_control() -> str:
    """Which one TCP uses here: some pace even the loopback interface."""
    try:
        with open("/proc/sys/net/ipv4/tcp_congestion_control") as file:
            return file.read().strip()
    except OSError:
        return ""


def package(name: str) -> str:
    """`click 8.5.1`, or nothing."""
    try:
        return f"{name} {version(name)}" + (f" ({libcurl()})" if name == "pycurl" else "")
    except PackageNotFoundError:
        return ""


def libcurl() -> str:
    """Which libcurl pycurl has, for it may have one of its own: `libcurl/8.23.0`."""
    import pycurl

    return str(pycurl.version).split()[1]


def program(name: str) -> str:
    """`curl 7.88.1`, or nothing."""
    if not shutil.which(name):
        return ""
    said = subprocess.run([name, "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
    return " ".join(said.split()[:2])
