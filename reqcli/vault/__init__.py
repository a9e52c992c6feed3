"""Where secret values come from: in the session's document itself, or from a place that it refers to.

A stored value is the secret itself, or an object whose one key says what kind of place it is in (`vault.sources`):

    {"env": "NAME"}   {"file": "/path"}   {"command": ["program", "arg"]}   {"keyring": {"service": "s", "user": "u"}}

A place is asked when a request needs its secret and at no other time; within a run once, and once more when the server
answers 401, for some places may know a newer secret by then. What a command answers with an expiry is kept in the
session until then (`session.memo`); nothing else that was fetched is ever stored.
"""

from __future__ import annotations

from reqcli.model.secret import Secret
from reqcli.session.bend import PATIENCE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Final

    from reqcli.session.schema import SessionState
    from reqcli.vault.answer import Answer
    from reqcli.vault.fetching import Fetching, Reference
    from reqcli.vault.turns import Shared


class Vault:
    """The secrets that a run has fetched, and the environment it fetches them from.

    Args:
        environment: the environment variables: for references to one, and for the commands that are run.
        known: where what was fetched is remembered; a dictionary of its own by default.
    """

    __slots__ = ("environment", "known")

    def __init__(
        self, environment: Mapping[str, str] | None = None, *, known: dict[Reference, Answer] | None = None
    ) -> None:
        self.environment: Final[Mapping[str, str]] = {} if environment is None else environment
        self.known: Final[dict[Reference, Answer]] = {} if known is None else known

    def fetch(self, stored: object, patience: float = PATIENCE) -> Secret:
        """The secret that a stored value is or refers to, for a call that shares it with no other.

        Args:
            stored: the secret, or a reference to it.
            patience: seconds it may take.

        Raises:
            SecretUnavailable: it is not to be had.
            Timeout: not in that time.
        """
        return Errand(self, patience=lambda: patience).fetch(stored)


class Errand:
    """What one call fetches from the vault, hop by hop.

    Args:
        vault: of the run.
        state: the session's, which may know what commands answered before.
        patience: gives the seconds that a place may take from now on.
        shared: gives the stored session, if this run may write there.
        secrets: where to put what it fetches; a list of its own by default.

    Attributes:
        secrets: everything it fetched, to be masked wherever it turns up.
    """

    __slots__ = ("_asked_again", "_fetching", "_patience", "_shared", "_state", "_used", "_vault", "secrets")

    def __init__(
        self,
        vault: Vault,
        state: SessionState | None = None,
        *,
        patience: Callable[[], float],
        shared: Callable[[], Shared | None] = lambda: None,
        secrets: list[Secret] | None = None,
    ) -> None:
        self._vault: Final = vault
        self._state: Final = state
        self._patience: Final = patience
        self._shared: Final = shared
        self._fetching: Fetching | None = None
        self._used: Final[set[Reference]] = set()
        self._asked_again: Final[set[Reference]] = set()
        self.secrets: Final[list[Secret]] = [] if secrets is None else secrets

    @property
    def has_asked(self) -> bool:
        """Whether anything came from outside of the session's document."""
        return self._fetching is not None

    def begin_hop(self) -> None:
        """Forget which references the hop before needed."""
        self._used.clear()

    def fetch(self, stored: object) -> Secret:
        """The secret that a stored value is or refers to.

        Raises:
            SecretUnavailable: it is not to be had.
            Timeout: not in time.
        """
        if isinstance(stored, str):
            return Secret(stored)
        from reqcli.vault.fetching import Fetching, Reference

        reference = Reference.of(stored)
        if self._fetching is None:
            vault = self._vault
            self._fetching = Fetching(vault.environment, vault.known, self._state, self._patience, self._shared())
        self._used.add(reference)
        secret = self._fetching.first(reference).value
        self.secrets.append(secret)
        return secret

    def renew(self) -> bool:
        """Ask again for what the last hop used, each place once in a call; True if a secret is another one now.

        Raises:
            SecretUnavailable: a place does not give it any more.
            Timeout: not in time.
        """
        if self._fetching is None:
            return False
        to_ask = self._used - self._asked_again
        self._asked_again.update(to_ask)
        changed = [self._fetching.again(reference) for reference in to_ask]
        return any(changed)
