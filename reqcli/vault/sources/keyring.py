"""The system's keyring: `{"keyring": {"service": "…", "user": "…"}}`, by the library keyring (`reqcli[keyring]`).

A keyring that is locked may wait for a person for ever, and its library offers no limit. So it is asked in a thread
that is not waited for beyond one. What is written is read back: a keyring may lose a secret and say nothing (the null
backend does), and one that keeps it in plain text is no keyring. Nothing is ever kept somewhere else instead.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

from reqcli.errors import SecretUnavailable, Timeout
from reqcli.vault.answer import Answer
from reqcli.vault.sources import Source, malformed

if TYPE_CHECKING:
    from reqcli.model.secret import Secret

T = TypeVar("T")

OTHER_WAYS: Final = "use --token-env, --token-file or --token-command instead"


class Keyring:
    """See the top of the file."""

    may_change = False

    def describe(self, where: object) -> str:
        service, user = _entry(where)
        return f"keyring entry {service}:{user}"

    def fetch(self, where: object, environment: Mapping[str, str], patience: float) -> Answer:
        service, user = _entry(where)
        value = _asked(lambda ring: ring.get_password(service, user), patience)
        if not value:
            raise SecretUnavailable(
                f"the keyring holds nothing for {service}:{user}",
                hint=f"store it: `reqcli session set-auth NAME --token-keyring {service}:{user} -a @-`",
            )
        return Answer.of(value)


def holds(where: object, patience: float) -> bool:
    """Whether the keyring has a secret there.

    Raises:
        SecretUnavailable: there is no keyring to ask.
        Timeout: it did not answer in so many seconds.
    """
    service, user = _entry(where)
    return bool(_asked(lambda ring: ring.get_password(service, user), patience))


def keep(where: object, secret: Secret, patience: float) -> None:
    """Write a secret, and read it back.

    Args:
        where: as it stands in the reference.
        secret: what to keep.
        patience: seconds it may take.

    Raises:
        SecretUnavailable: it is not kept there, or not safely.
        Timeout: the keyring did not answer in time.
    """
    service, user = _entry(where)

    def write(ring: Any) -> str | None:
        if any("plaintext" in type(each).__name__.lower() for each in getattr(ring, "backends", [ring])):
            raise SecretUnavailable("the keyring that is set up would keep the secret in plain text", hint=OTHER_WAYS)
        ring.set_password(service, user, secret.reveal())
        found: str | None = ring.get_password(service, user)
        return found

    if _asked(write, patience) != secret.reveal():
        raise SecretUnavailable(f"the keyring did not keep the secret for {service}:{user}", hint=OTHER_WAYS)


def _entry(where: object) -> tuple[str, str]:
    if isinstance(where, dict) and where.keys() == {"service", "user"}:
        service, user = where["service"], where["user"]
        if isinstance(service, str) and isinstance(user, str) and service and user:
            return service, user
    raise malformed("keyring", '{"keyring": {"service": "…", "user": "…"}}')


def _asked(question: Callable[[Any], T], patience: float) -> T:
    """What the keyring says, if it does so in time."""
    said: list[T] = []
    failed: list[Exception] = []

    def ask() -> None:
        try:
            import keyring

            said.append(question(keyring.get_keyring()))
        except Exception as error:  # noqa: BLE001 - each of its backends has errors of its own
            failed.append(error)

    asking = threading.Thread(target=ask, name="keyring", daemon=True)
    asking.start()
    asking.join(patience)
    if said:
        return said[0]
    if not failed:
        raise Timeout(
            f"the keyring gave no answer in {patience:g} s", phase="secret", hint="it may be locked: unlock it first"
        )
    if isinstance(failed[0], SecretUnavailable):
        raise failed[0]
    raise _explained(failed[0]) from failed[0]


def _explained(error: Exception) -> SecretUnavailable:
    if isinstance(error, ImportError):
        return SecretUnavailable(
            "the library that asks the keyring is not installed", hint="pip install 'reqcli[keyring]'"
        )
    name = type(error).__name__
    if name == "NoKeyringError":
        return SecretUnavailable("there is no keyring on this system", hint=OTHER_WAYS)
    return SecretUnavailable(f"the keyring refused ({name})", hint=f"it may be locked: unlock it, or {OTHER_WAYS}")


SOURCE: Final[Source] = Keyring()
