"""The keyring: the library's own backends that keep nothing, and rings of ours with every bad habit."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import keyring
import keyring.backend
import pytest
from keyring.backends import fail, null

from reqcli.errors import SecretUnavailable, Timeout
from reqcli.model.secret import Secret
from reqcli.vault.sources.keyring import SOURCE, holds, keep
from tests.vault.rings import ForgetfulRing, LockedRing, MemoryRing, PlaintextRing, WaitingRing

ENTRY = {"service": "api", "user": "alice"}
SECRET = Secret("hunter2")


@pytest.fixture(autouse=True)
def ring() -> Iterator[MemoryRing]:
    """A ring that works, in the place of this machine's own."""
    before, mine = keyring.get_keyring(), MemoryRing()
    keyring.set_keyring(mine)
    yield mine
    keyring.set_keyring(before)


def fetch(patience: float = 10.0) -> str:
    return SOURCE.fetch(ENTRY, {}, patience).value.reveal()


def refused(ring: keyring.backend.KeyringBackend, patience: float = 10.0) -> list[str]:
    """What is said when the ring is asked, and when it is to keep something."""
    keyring.set_keyring(ring)
    said = []
    for ask in (fetch, lambda patience: keep(ENTRY, SECRET, patience)):
        with pytest.raises((SecretUnavailable, Timeout)) as caught:
            ask(patience)
        said.append(f"{caught.value.message} — {caught.value.hint}")
    assert "hunter2" not in "".join(said)
    return said


def test_what_is_kept_can_be_fetched() -> None:
    assert not holds(ENTRY, 10.0)
    keep(ENTRY, SECRET, 10.0)
    assert holds(ENTRY, 10.0)
    assert fetch() == "hunter2"
    keep(ENTRY, Secret("hunter3"), 10.0)
    assert fetch() == "hunter3"


def test_an_entry_that_is_not_there_is_named_with_the_way_to_make_it() -> None:
    with pytest.raises(SecretUnavailable, match="holds nothing for api:alice") as caught:
        fetch()
    assert "--token-keyring api:alice" in str(caught.value.hint)


def test_a_ring_that_does_not_keep_what_it_took_is_found_out() -> None:
    assert "did not keep the secret" in refused(ForgetfulRing())[1]
    assert "did not keep the secret" in refused(null.Keyring())[1]


def test_a_ring_that_keeps_plain_text_is_not_written_to() -> None:
    ring = PlaintextRing()
    assert "plain text" in refused(ring)[1]
    assert ring.entries == {}


def test_where_there_is_no_ring_other_ways_are_named() -> None:
    for said in refused(fail.Keyring()):  # type: ignore[no-untyped-call]
        assert "there is no keyring" in said
        assert "--token-file" in said


def test_a_locked_ring_says_so() -> None:
    for said in refused(LockedRing()):
        assert "refused (KeyringLocked)" in said
        assert "unlock it" in said


def test_a_ring_that_waits_for_a_person_is_not_waited_for() -> None:
    for said in refused(WaitingRing(), 0.2):
        assert "no answer in 0.2 s" in said


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(SecretUnavailable, match="not installed") as caught:
        fetch()
    assert "reqcli[keyring]" in str(caught.value.hint)
