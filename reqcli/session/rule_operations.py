"""Operations on capture rules and on what they took; a session without rules never loads them.

A value is forgotten by compare and set: only the one that the server rejected goes. When another run was quicker and
has stored a newer one, that stands, and the caller finds it in the state that comes back.
"""

from __future__ import annotations

from reqcli.model.result import SessionChange
from reqcli.session.operations import Draft, Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from reqcli.session.rules import Rule
    from reqcli.session.schema import StoredValue

MOST_VALUES: Final = 100
"""Origins that one rule keeps a value of; the oldest value leaves first."""


class SetRule(Operation):
    """Store a rule; what it took already stays."""

    __slots__ = ("rule",)

    def __init__(self, rule: Rule) -> None:
        self.rule: Final = rule

    def describe(self) -> SessionChange:
        return SessionChange("set", "capture", self.rule.text)

    def change(self, draft: Draft) -> None:
        draft.rules[self.rule.text] = self.rule


class DeleteRule(Operation):
    """Forget a rule and all that it took."""

    __slots__ = ("rule",)

    def __init__(self, rule: Rule) -> None:
        self.rule: Final = rule

    def describe(self) -> SessionChange:
        return SessionChange("del", "capture", self.rule.text)

    def change(self, draft: Draft) -> None:
        draft.rules.pop(self.rule.text, None)
        for key in [key for key in draft.values if key[0] == self.rule.text]:
            del draft.values[key]


class SetValue(Operation):
    """Store what a rule took; nothing if the rule was taken out meanwhile.

    Args:
        rule: the rule.
        origin: that issued it, as `str(Origin)`.
        stored: the value.
    """

    __slots__ = ("origin", "rule", "stored")

    def __init__(self, rule: Rule, origin: str, stored: StoredValue) -> None:
        self.rule: Final = rule
        self.origin: Final = origin
        self.stored: Final = stored

    def describe(self) -> SessionChange:
        return SessionChange("set", "capture", self.rule.taken_from, self.origin, self.stored.expires)

    def change(self, draft: Draft) -> None:
        text = self.rule.text
        if text not in draft.rules:
            return
        draft.values[text, self.origin] = self.stored
        of_this_rule = [(stored.issued, key) for key, stored in draft.values.items() if key[0] == text]
        if len(of_this_rule) > MOST_VALUES:
            del draft.values[min(of_this_rule)[1]]


class DropValue(Operation):
    """Forget a value, if it still is the one that was rejected (compare and set).

    Args:
        rule: the rule.
        origin: that issued it, as `str(Origin)`.
        value: the one that is of no use any more.
    """

    __slots__ = ("origin", "rule", "value")

    def __init__(self, rule: Rule, origin: str, value: str) -> None:
        self.rule: Final = rule
        self.origin: Final = origin
        self.value: Final = value

    def __repr__(self) -> str:
        """Names the rule, never the value."""
        return f"DropValue({self.rule.text!r} for {self.origin})"

    def describe(self) -> SessionChange:
        return SessionChange("del", "capture", self.rule.taken_from, self.origin)

    def change(self, draft: Draft) -> None:
        key = (self.rule.text, self.origin)
        stored = draft.values.get(key)
        if stored is not None and stored.value == self.value:
            del draft.values[key]


class ClearValues(Operation):
    """Forget all that the rules took; the rules stay."""

    __slots__ = ()

    def describe(self) -> SessionChange:
        return SessionChange("del", "capture", "*")

    def change(self, draft: Draft) -> None:
        draft.values.clear()
