"""What becomes of a session when a run opens it after its time was up."""

from __future__ import annotations

from reqcli.model.result import Notice
from reqcli.session.lifetime import is_expired
from reqcli.session.operations import apply
from reqcli.session.upkeep import Expire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqcli.session.schema import SessionState
    from reqcli.store.face import Store


def alive(name: str, state: SessionState, store: Store | None, now: float) -> tuple[SessionState, list[Notice]]:
    """The state that a run begins with, emptied if its time is up, and what the user should know of that.

    Args:
        name: of the session.
        state: as it was read.
        store: where it is emptied too, None for a run that only reads.
        now: seconds since the epoch.

    Raises:
        SessionConflict: the session was deleted or made anew meanwhile.
        SessionError, StoreUnavailable: it could not be emptied.
    """
    if not is_expired(state, now):
        return state, []
    # What is stored may be what another run has learned since it emptied the session.
    empty = apply(state, [Expire()], now) if store is None else store.commit(name, state.id, [Expire()], now)
    return empty, [Notice("session_expired", f"session {name} had expired, and was emptied")]
