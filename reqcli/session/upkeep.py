"""Operations that keep a session in order: its policy, its lifetime, what has run out in it."""

from __future__ import annotations

from reqcli.errors import Usage
from reqcli.model.result import SessionChange
from reqcli.session.lifetime import is_expired, use_is_due
from reqcli.session.operations import Operation
from reqcli.session.policy import Policy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from reqcli.session.operations import Draft
    from reqcli.session.schema import SessionState


class Expire(Operation):
    """Empty the session if its time is up; it begins anew then. It stands before all else in a commit.

    Whether it is is judged by what is stored at the moment of the commit: where two runs find a session expired,
    the later one leaves alone what the other has learned since.
    """

    __slots__ = ()

    def describe(self) -> SessionChange:
        return SessionChange("del", "var", "expired")

    def change(self, draft: Draft) -> None:
        if is_expired(draft.before, draft.now):
            draft.empty()
            draft.created = draft.used = draft.now


class NoteUse(Operation):
    """Write down that the session is in use."""

    __slots__ = ()

    def describe(self) -> SessionChange:
        return SessionChange("set", "var", "used")

    def change(self, draft: Draft) -> None:
        draft.used = max(draft.used, draft.now)


def noted_use(state: SessionState, now: float) -> list[Operation]:
    """What is to be written down of a use at `now` (seconds since the epoch): nothing, most of the time."""
    return [NoteUse()] if use_is_due(state, now) else []


class Empty(Operation):
    """Take out everything but what the user arranged: settings, policy and capture rules stay."""

    __slots__ = ()

    def describe(self) -> SessionChange:
        return SessionChange("del", "var", "*")

    def change(self, draft: Draft) -> None:
        draft.empty()


class DiscardExpired(Operation):
    """Take out the cookies and captured values whose time is up. They were not sent any more, and took up room."""

    __slots__ = ()

    def describe(self) -> SessionChange:
        return SessionChange("del", "cookie", "expired")

    def change(self, draft: Draft) -> None:
        if any(cookie.is_expired(draft.now) for cookie in draft.before.cookies):
            draft.jar.discard_expired(draft.now)
        for key in [key for key, stored in draft.values.items() if stored.is_expired(draft.now)]:
            del draft.values[key]


class ExtendPolicy(Operation):
    """Add to what the policy names. The first entry of a list closes it to all else.

    Args:
        more: what to add; its `public_only` does not count.
        public_only: whether public addresses alone are allowed from now on; None leaves that as it is.

    Raises:
        Usage: an entry can never come true.
    """

    __slots__ = ("more", "public_only")

    def __init__(self, more: Policy, *, public_only: bool | None = None) -> None:
        if more.unsound is not None:
            raise Usage(
                f"one of the {more.unsound} to allow can match no request",
                hint="an origin is https://host[:port], a method one word of letters, a path begins with /",
            )
        self.more: Final = more
        self.public_only: Final = public_only

    def describe(self) -> SessionChange:
        return SessionChange("set", "var", "policy")

    def change(self, draft: Draft) -> None:
        old, more = draft.policy or Policy(), self.more
        policy = Policy(
            origins=old.origins + more.origins,
            methods=old.methods + more.methods,
            paths=old.paths + more.paths,
            public_only=old.public_only if self.public_only is None else self.public_only,
        )
        draft.policy = None if policy.allows_everything else policy


class ClearPolicy(Operation):
    """Allow everything again."""

    __slots__ = ()

    def describe(self) -> SessionChange:
        return SessionChange("del", "var", "policy")

    def change(self, draft: Draft) -> None:
        draft.policy = None
