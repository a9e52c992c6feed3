"""Keyrings for tests, as the library finds them by name (PYTHON_KEYRING_BACKEND=tests.vault.rings.FileRing).

A real one (Secret Service, Keychain, Credential Locker) needs a desktop and a person; these have the same face.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked


class MemoryRing(KeyringBackend):
    """Keeps secrets as long as the process lives."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[str, str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[f"{service} {username}"] = password


class PlaintextRing(MemoryRing):
    """By its name one of those that keep secrets in plain text."""


class ForgetfulRing(MemoryRing):
    """Takes a secret and keeps another."""

    def set_password(self, service: str, username: str, password: str) -> None:
        super().set_password(service, username, password[:-1])


class LockedRing(MemoryRing):
    """Refuses, because it is locked; its message holds what it must not."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("hunter2")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked(password)


class WaitingRing(MemoryRing):
    """Waits for a person to unlock it."""

    def get_password(self, service: str, username: str) -> str | None:
        time.sleep(60)
        return "too late"

    def set_password(self, service: str, username: str, password: str) -> None:
        time.sleep(60)


class FileRing(KeyringBackend):
    """Keeps secrets in the file that TEST_RING names, so that processes can share it."""

    priority = 1  # type: ignore[assignment]

    def get_password(self, service: str, username: str) -> str | None:
        found: str | None = self._entries().get(f"{service} {username}")
        return found

    def set_password(self, service: str, username: str, password: str) -> None:
        self._path.write_text(json.dumps({**self._entries(), f"{service} {username}": password}))

    @property
    def _path(self) -> Path:
        return Path(os.environ["TEST_RING"])

    def _entries(self) -> dict[str, str]:
        entries: dict[str, str] = json.loads(self._path.read_text()) if self._path.exists() else {}
        return entries
