"""The books of the pool: tables for the rules, and a state machine for everything that can happen in any order."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from reqcli.net.ledger import Decision, Ledger

FOR_EVER = float("inf")


def ledger(per_key: int = 2, total: int = 3, idle: float = 10.0) -> Ledger:
    return Ledger(per_key=per_key, total=total, idle=idle)


def test_a_first_request_opens_and_the_next_uses_the_same() -> None:
    books = ledger()
    first = books.reserve("a", 0.0)
    assert first.action == "open"
    assert books.release(first.number, 1.0, keep=FOR_EVER) == (True, [])
    assert books.reserve("a", 2.0) == Decision("use", first.number)


def test_a_connection_is_never_lent_to_another_key() -> None:
    books = ledger()
    books.release(books.reserve("a", 0.0).number, 0.0, keep=FOR_EVER)
    assert books.reserve("b", 0.0).action == "open"


def test_the_last_used_goes_first() -> None:
    books = ledger()
    first, second = books.reserve("a", 0.0).number, books.reserve("a", 0.0).number
    books.release(second, 1.0, keep=FOR_EVER)
    books.release(first, 2.0, keep=FOR_EVER)
    assert books.reserve("a", 3.0).number == first


def test_what_cannot_be_used_again_is_forgotten() -> None:
    books = ledger()
    number = books.reserve("a", 0.0).number
    assert books.release(number, 0.0, keep=0.0) == (False, [])
    assert books.reserve("a", 0.0).number != number
    assert repr(books) == "<Ledger reserved=1 idle=0 waiting=0>"


def test_an_idle_connection_expires_and_is_to_be_closed() -> None:
    books = ledger(idle=10.0)
    number = books.reserve("a", 0.0).number
    books.release(number, 5.0, keep=FOR_EVER)
    decision = books.reserve("b", 15.0)
    assert decision.close == (number,)


def test_a_server_that_keeps_it_shorter_is_obeyed() -> None:
    books = ledger(idle=10.0)
    number = books.reserve("a", 0.0).number
    books.release(number, 0.0, keep=4.0)
    decision = books.reserve("a", 4.0)
    assert (decision.action, decision.close) == ("open", (number,))


def test_the_limit_of_a_key_makes_the_next_wait_until_one_is_free() -> None:
    books = ledger(per_key=1)
    number = books.reserve("a", 0.0).number
    waiting = books.reserve("a", 0.0)
    assert waiting.action == "wait"
    assert books.release(number, 1.0, keep=FOR_EVER) == (True, [(waiting.number, Decision("use", number))])


def test_a_waiter_gets_a_new_one_when_the_old_one_died() -> None:
    books = ledger(per_key=1)
    number = books.reserve("a", 0.0).number
    waiting = books.reserve("a", 0.0)
    kept, served = books.release(number, 1.0, keep=0.0)
    assert not kept
    assert [(ticket, decision.action) for ticket, decision in served] == [(waiting.number, "open")]


def test_room_under_the_total_is_made_by_the_longest_idle_of_another_key() -> None:
    books = ledger(per_key=3, total=2)
    first, second = books.reserve("a", 0.0).number, books.reserve("b", 0.0).number
    books.release(second, 1.0, keep=FOR_EVER)
    books.release(first, 2.0, keep=FOR_EVER)
    assert books.reserve("c", 3.0).close == (second,)


def test_a_waiter_of_another_key_takes_the_place_of_a_connection_that_goes_idle() -> None:
    books = ledger(total=1)
    number = books.reserve("a", 0.0).number
    waiting = books.reserve("b", 0.0)
    _, served = books.release(number, 1.0, keep=FOR_EVER)
    assert [(ticket, decision.action, decision.close) for ticket, decision in served] == [
        (waiting.number, "open", (number,))
    ]


def test_a_fresh_one_is_opened_though_another_is_idle() -> None:
    books = ledger()
    number = books.reserve("a", 0.0).number
    books.release(number, 0.0, keep=FOR_EVER)
    decision = books.reserve("a", 0.0, fresh=True)
    assert (decision.action, decision.close) == ("open", ())


def test_a_fresh_one_at_the_limit_replaces_an_idle_one() -> None:
    books = ledger(per_key=1)
    number = books.reserve("a", 0.0).number
    books.release(number, 0.0, keep=FOR_EVER)
    assert books.reserve("a", 0.0, fresh=True).close == (number,)


def test_who_leaves_the_queue_is_not_served() -> None:
    books = ledger(per_key=1)
    number = books.reserve("a", 0.0).number
    ticket = books.reserve("a", 0.0).number
    assert books.withdraw(ticket)
    assert books.release(number, 1.0, keep=FOR_EVER) == (True, [])


def test_who_was_served_cannot_leave_the_queue() -> None:
    books = ledger(per_key=1)
    number = books.reserve("a", 0.0).number
    ticket = books.reserve("a", 0.0).number
    books.release(number, 1.0, keep=FOR_EVER)
    assert not books.withdraw(ticket)


def test_after_retiring_nothing_is_kept() -> None:
    books = ledger()
    idle, used = books.reserve("a", 0.0).number, books.reserve("a", 0.0).number
    books.release(idle, 0.0, keep=FOR_EVER)
    assert books.retire() == (idle,)
    assert books.release(used, 0.0, keep=FOR_EVER) == (False, [])
    assert books.retire() == ()


class Pooling(RuleBasedStateMachine):
    """A model beside the books: who is reserved, idle (with its time of release) and waiting, by our own count."""

    PER_KEY, TOTAL, IDLE = 2, 3, 10.0

    def __init__(self) -> None:
        super().__init__()
        self.books = Ledger(per_key=self.PER_KEY, total=self.TOTAL, idle=self.IDLE)
        self.now = 0.0
        self.reserved: dict[int, str] = {}
        self.idle: dict[int, tuple[str, float]] = {}  # key and expiry, in the order of release
        self.waiting: dict[int, tuple[str, bool]] = {}

    def accept(self, decision: Decision, key: str, fresh: bool) -> None:
        """Check a decision against the model and carry it out there."""
        for number in decision.close:
            _, expiry = self.idle.pop(number)
            if expiry > self.now:  # closed before its time: only to make room for a new one
                assert decision.action == "open"
                full = sum(1 for k in self.keys() if k == key) >= self.PER_KEY - 1
                assert full or len(self.keys()) >= self.TOTAL - 1
        if decision.action == "use":
            assert not fresh
            mine = [number for number, (k, _) in self.idle.items() if k == key]
            assert decision.number == mine[-1], "the last used goes first"
            del self.idle[decision.number]
            self.reserved[decision.number] = key
        elif decision.action == "open":
            assert fresh or not any(k == key for k, _ in self.idle.values())
            assert decision.number not in self.reserved
            assert decision.number not in self.idle
            self.reserved[decision.number] = key
        else:
            self.waiting[decision.number] = (key, fresh)

    def keys(self) -> list[str]:
        return [*self.reserved.values(), *(key for key, _ in self.idle.values())]

    @rule(key=st.sampled_from("abc"), fresh=st.booleans())
    def reserve(self, key: str, fresh: bool) -> None:
        self.accept(self.books.reserve(key, self.now, fresh=fresh), key, fresh)

    @rule(key=st.sampled_from("abc"))
    def reuse(self, key: str) -> None:
        """What it finds is what `reserve` would find; it may find nothing only where that is none or too old."""
        number = self.books.reuse(key, self.now)
        if number:
            assert self.idle[number][1] > self.now
            self.accept(Decision("use", number), key, fresh=False)
            assert all(expiry > self.now for _, expiry in self.idle.values()), "nothing is left to be closed"

    @precondition(lambda self: self.reserved)
    @rule(data=st.data(), keep=st.sampled_from([0.0, 3.0, FOR_EVER]))
    def release(self, data: st.DataObject, keep: float) -> None:
        number = data.draw(st.sampled_from(sorted(self.reserved)))
        key = self.reserved.pop(number)
        kept, served = self.books.release(number, self.now, keep=keep)
        assert kept == (keep > 0)
        if kept:
            self.idle[number] = (key, self.now + min(keep, self.IDLE))
        tickets = [ticket for ticket, _ in served]
        assert tickets == sorted(tickets), "first come, first served"
        for ticket, decision in served:
            waiting_key, fresh = self.waiting.pop(ticket)
            assert decision.action != "wait"
            self.accept(decision, waiting_key, fresh)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def give_up_waiting(self, data: st.DataObject) -> None:
        ticket = data.draw(st.sampled_from(sorted(self.waiting)))
        assert self.books.withdraw(ticket)
        del self.waiting[ticket]

    @rule(seconds=st.sampled_from([0.5, 3.0, 11.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @invariant()
    def the_limits_hold(self) -> None:
        keys = self.keys()
        assert len(keys) <= self.TOTAL
        assert all(keys.count(key) <= self.PER_KEY for key in keys)

    @invariant()
    def no_number_is_in_two_states(self) -> None:
        assert not self.reserved.keys() & self.idle.keys()

    @invariant()
    def nobody_waits_for_what_is_free(self) -> None:
        keys = self.keys()
        for key, fresh in self.waiting.values():
            idle_here = any(k == key for k, _ in self.idle.values())
            if keys.count(key) >= self.PER_KEY:
                assert not idle_here
            else:
                assert len(keys) >= self.TOTAL
                assert not self.idle
            assert fresh or not idle_here

    @invariant()
    def the_books_agree_with_our_count(self) -> None:
        counts = f"reserved={len(self.reserved)} idle={len(self.idle)} waiting={len(self.waiting)}"
        assert repr(self.books) == f"<Ledger {counts}>"


Pooling.TestCase.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
TestPooling = Pooling.TestCase
