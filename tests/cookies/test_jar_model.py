"""The jar against a model of it that has no structure at all: one list, sorted anew whenever somebody has to leave."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reqcli.cookies import jar as jars
from reqcli.cookies.jar import ALL, MAX_COOKIES, MAX_PER_DOMAIN, ByDomain, Jar
from reqcli.cookies.order import Order
from reqcli.cookies.scope import domain_matches, path_matches
from reqcli.model.cookie import Cookie
from reqcli.session.operations import SetCookie, apply
from reqcli.session.schema import new_state
from tests.calls import calls_of

NOW = 1_900_000_000.0


class Model:
    """What a jar has to be.

    Args:
        cookies: in the jar's order: those of one domain together, the domain that came first first.
        most: how many there may be of one domain, and in all.
    """

    def __init__(self, cookies: list[Cookie], most: tuple[int, int]) -> None:
        self.cookies = cookies
        self.most = most

    def put(self, new: Cookie, *, secure_origin: bool, now: float) -> bool | None:
        if not secure_origin and any(self._overlays(new, old, now) for old in self.cookies):
            return None
        before = list(self.cookies)
        old = next((cookie for cookie in self.cookies if cookie.key == new.key), None)
        if new.is_expired(now) or (old is not None and old.is_expired(now)):
            self.cookies = [cookie for cookie in self.cookies if cookie is not old]
        if not new.is_expired(now):
            self._add(new.replace(created=old.created) if old is not None and not old.is_expired(now) else new)
        of_domain = [cookie for cookie in self.cookies if cookie.domain == new.domain]
        self._leave(of_domain, len(of_domain) - self.most[0], now)
        self._leave(self.cookies, len(self.cookies) - self.most[1], now)
        return self.cookies != before

    def _overlays(self, new: Cookie, old: Cookie, now: float) -> bool:
        return (
            old.secure
            and old.name == new.name
            and not old.is_expired(now)
            and path_matches(new.path, old.path)
            and (domain_matches(old.domain, new.domain) or domain_matches(new.domain, old.domain))
        )

    def _add(self, new: Cookie) -> None:
        keys = [cookie.key for cookie in self.cookies]
        domains = [cookie.domain for cookie in self.cookies]
        if new.key in keys:
            self.cookies[keys.index(new.key)] = new
        elif new.domain in domains:
            self.cookies.insert(len(domains) - domains[::-1].index(new.domain), new)
        else:
            self.cookies.append(new)

    def _leave(self, those: list[Cookie], surplus: int, now: float) -> None:
        ranked = sorted(those, key=lambda cookie: (not cookie.is_expired(now), cookie.secure, cookie.created))
        gone = ranked[: max(0, surplus)]
        self.cookies = [cookie for cookie in self.cookies if cookie not in gone]


times = st.none() | st.integers(-3, 12).map(lambda seconds: NOW + seconds)
received = st.builds(
    lambda name, value, domain, path, host_only, secure, expires, created: Cookie(
        name, value, domain, path, host_only=host_only, secure=secure, expires=expires, created=created
    ),
    st.sampled_from("abcd"),
    st.sampled_from("12"),
    st.sampled_from(["a.example", "b.a.example", "c.example", "d.example", "1.2.3.4"]),
    st.sampled_from(["/", "/p"]),
    st.booleans(),
    st.booleans(),
    times,
    st.integers(0, 3).map(lambda seconds: NOW - seconds),
)
steps = st.lists(
    st.tuples(st.just("put"), received, st.booleans())
    | st.tuples(st.just("go"), st.sampled_from([0.0, 1.0, 5.0, 20.0, -4.0]))
    | st.tuples(st.just("remove"), st.integers(0, 9))
    | st.tuples(st.just("discard"))
    | st.tuples(st.just("clear"))
    | st.tuples(st.just("keep"))
    | st.tuples(st.just("back to"), st.integers(0, 9))
    | st.tuples(st.just("load")),
    max_size=60,
)
weights = st.lists(st.tuples(st.just("put"), received, st.just(True)), min_size=8, max_size=30)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """Jars with little room."""
    return shrunk(monkeypatch)


def shrunk(patch: pytest.MonkeyPatch) -> tuple[int, int]:
    patch.setattr(jars, "MAX_PER_DOMAIN", 4)
    patch.setattr(jars, "MAX_COOKIES", 9)
    return 4, 9


@settings(max_examples=300, deadline=None)
@given(weights, steps)
def test_a_jar_does_what_the_model_does(full: list[Any], more: list[Any]) -> None:
    """Whatever is put in, taken out, kept and gone back to; and nothing that was kept is ever another one later."""
    with pytest.MonkeyPatch.context() as patch:
        most = shrunk(patch)
        jar, model, now = Jar(), Model([], most), NOW
        kept: list[tuple[Any, list[Cookie]]] = [((), [])]
        for step in full + more:
            match step:
                case "put", cookie, secure_origin:
                    told = jar.put(cookie, secure_origin=secure_origin, now=now)
                    assert (None if isinstance(told, str) else told) == model.put(
                        cookie, secure_origin=secure_origin, now=now
                    )
                case "go", seconds:
                    now += seconds
                case "remove", index if model.cookies:
                    gone = model.cookies.pop(index % len(model.cookies))
                    assert jar.remove(gone.key)
                    assert not jar.remove(gone.key)
                case ("discard",):
                    expired = [cookie for cookie in model.cookies if cookie.is_expired(now)]
                    assert jar.discard_expired(now) == [cookie.key for cookie in expired]
                    model.cookies = [cookie for cookie in model.cookies if cookie not in expired]
                case ("clear",):
                    jar.clear()
                    model.cookies = []
                case ("keep",):
                    value = jar.kept()
                    same = tuple(model.cookies) == tuple(jar.source)
                    assert (value is None) == same, "the same cookies in the same order, and only these"
                    kept.append((jar.source if value is None else value, list(model.cookies)))
                case "back to", index:
                    source, cookies = kept[index % len(kept)]
                    jar, model = Jar(source), Model(list(cookies), most)
                case ("load",):
                    jar = Jar(tuple(jar))
            assert list(jar) == model.cookies
            assert len(jar) == len(model.cookies)
        for source, cookies in kept:
            assert list(source) == cookies
            assert len(source) == len(cookies)


operations = st.builds(lambda cookie, secure: SetCookie(cookie, secure_origin=secure), received, st.booleans())


@settings(max_examples=150, deadline=None)
@given(
    weights,
    st.lists(st.tuples(st.integers(0, 5), st.lists(operations, max_size=4), st.integers(0, 9)), max_size=12),
)
def test_states_that_branch_off_each_other_share_nothing_that_changes(full: list[Any], commits: list[Any]) -> None:
    """Each commit goes onto any state that there was before, as runs and threads may do with a value."""
    with pytest.MonkeyPatch.context() as patch:
        most = shrunk(patch)
        first = apply(new_state("0" * 32, NOW), [SetCookie(cookie, secure_origin=True) for _, cookie, _ in full], NOW)
        states = [(first, list(first.cookies))]
        for index, todo, seconds in commits:
            state, cookies = states[index % len(states)]
            model = Model(list(cookies), most)
            for operation in todo:
                model.put(operation.cookie, secure_origin=operation.secure_origin, now=NOW + seconds)
            after = apply(state, todo, NOW + seconds)
            assert list(after.cookies) == model.cookies
            assert (after is state) == (model.cookies == cookies)
            states.append((after, model.cookies))
        for state, cookies in states:
            assert list(state.cookies) == cookies


# What it is for, counted


def cookies_of(number: int, domains: int) -> Iterator[Cookie]:
    return (Cookie(f"c{n}", "v", f"host{n % domains}.example", created=NOW + n) for n in range(number))


@pytest.fixture
def orders(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How often cookies were put into order, all of a domain or all of a jar."""
    numbers = count()
    made = Order._sort

    def counted(order: Order) -> None:
        next(numbers)
        made(order)

    monkeypatch.setattr(Order, "_sort", counted)
    return lambda: next(numbers)


def test_ten_thousand_cookies_more_than_there_is_room_for_are_sorted_once(orders: Callable[[], int]) -> None:
    jar = Jar()
    for cookie in cookies_of(MAX_COOKIES + 10_000, 100):
        assert jar.put(cookie, secure_origin=True, now=NOW)
    assert len(jar) == MAX_COOKIES
    assert orders() == 1, "once, when the room was full"


def test_ten_thousand_cookies_of_one_domain_are_sorted_as_often_as_two_hundred_leave(orders: Callable[[], int]) -> None:
    jar = Jar()
    for cookie in cookies_of(MAX_PER_DOMAIN + 10_000, 1):
        jar.put(cookie, secure_origin=True, now=NOW)
    assert [cookie.name for cookie in jar] == [f"c{n}" for n in range(10_000, 10_000 + MAX_PER_DOMAIN)]
    assert orders() <= 10_000 // MAX_PER_DOMAIN


@pytest.mark.parametrize(("number", "domains"), [(MAX_COOKIES, 25), (MAX_PER_DOMAIN, 1)], ids=["all", "a domain"])
def test_a_full_session_that_learns_one_more_each_time_is_not_sorted_each_time(
    number: int, domains: int, orders: Callable[[], int]
) -> None:
    state = new_state("0" * 32, NOW).replace(cookies=tuple(cookies_of(number, domains)))
    more = [Cookie(f"new{n}", "v", "host0.example", created=NOW + 2 * number + n) for n in range(60)]
    for cookie in more[:1]:
        state = apply(state, [SetCookie(cookie, secure_origin=True)], NOW)
    before = orders()
    for cookie in more[1:]:
        state = apply(state, [SetCookie(cookie, secure_origin=True)], NOW)
        assert len(state.cookies) == number
    assert orders() - before == 1, "only this counting itself"


def test_a_commit_to_a_large_session_looks_at_the_cookies_of_one_domain_only() -> None:
    state = new_state("0" * 32, NOW).replace(cookies=tuple(cookies_of(2500, 25)))
    state = apply(state, [SetCookie(Cookie("c", "0", "host3.example"), secure_origin=True)], NOW)
    states = [state]

    def commit() -> None:
        cookie = Cookie("c", f"{len(states)}", "host3.example")
        states.append(apply(states[-1], [SetCookie(cookie, secure_origin=True)], NOW))

    assert calls_of(commit) <= 40
    before, after = states[-2].cookies, states[-1].cookies
    assert isinstance(before, ByDomain)
    assert isinstance(after, ByDomain)
    assert [name for name in after.domains if after.domains[name] is not before.domains[name]] == ["host3.example"]


def test_cookies_that_changed_places_are_not_as_they_were_given() -> None:
    jar = Jar(tuple(cookies_of(2, 1)))
    first, second = jar
    assert jar.remove(first.key)
    assert jar.put(first, secure_origin=True, now=NOW)
    assert jar.kept() == (second, first)


def test_a_jar_that_goes_on_after_it_was_kept_leaves_the_order_to_the_next(small: tuple[int, int]) -> None:
    jar = Jar(tuple(cookies_of(9, 3)))
    jar.put(Cookie("x", "1", "host0.example", created=NOW), secure_origin=True, now=NOW)
    kept = jar.kept()
    assert kept is not None
    assert kept.spare
    following = Jar(kept)
    for name in "abc":
        for goes_on in (jar, following):
            model = Model(list(goes_on), small)
            cookie = Cookie(name, "1", f"host-{name}.example", created=NOW + 50, secure=goes_on is jar)
            assert goes_on.put(cookie, secure_origin=True, now=NOW) == model.put(cookie, secure_origin=True, now=NOW)
            assert list(goes_on) == model.cookies


def test_an_order_belongs_to_one_jar(small: tuple[int, int]) -> None:
    """Two jars of one state do not change the same order, be they of two threads."""
    state = new_state("0" * 32, NOW).replace(cookies=tuple(cookies_of(9, 3)))
    state = apply(state, [SetCookie(Cookie("x", "1", "host0.example", created=NOW), secure_origin=True)], NOW)
    assert isinstance(state.cookies, ByDomain)
    assert state.cookies.spare
    assert list(state.cookies.spare[0]) == [ALL]
    one, other = Jar(state.cookies), Jar(state.cookies)
    assert one.put(Cookie("y", "1", "host1.example", created=NOW + 99), secure_origin=True, now=NOW)
    assert not state.cookies.spare
    assert other.put(Cookie("z", "1", "host2.example", created=NOW + 99), secure_origin=True, now=NOW)
    assert len(one) == len(other) == small[1]
    assert {cookie.name for cookie in one} ^ {cookie.name for cookie in other} == {"y", "z"}
