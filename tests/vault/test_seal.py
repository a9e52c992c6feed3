"""A sealed context: only its key opens it, and nothing else ever comes out."""

from __future__ import annotations

import os
import sys
import tracemalloc
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from reqcli.errors import ContextInvalid, Usage
from reqcli.model.secret import Secret
from reqcli.session.context import MAX_CONTEXT
from reqcli.vault.seal import MAX_SEALED, is_sealed, new_key, seal, unseal

KEY, OTHER = Secret(new_key()), Secret(new_key())
TOKEN = seal(b"a context", KEY)


def forged(plain: bytes, key: Secret) -> bytes:
    """What a holder of the key could seal."""
    head = TOKEN.rpartition(b".")[0]
    nonce = os.urandom(12)
    raw = urlsafe_b64decode(key.reveal() + "=")
    sealed = nonce + AESGCM(raw).encrypt(nonce, plain, head)
    return head + b"." + urlsafe_b64encode(sealed).rstrip(b"=")


@given(st.binary(max_size=500))
def test_what_is_sealed_is_unsealed(data: bytes) -> None:
    sealed = seal(data, KEY)
    assert is_sealed(sealed)
    assert data not in sealed or len(data) < 4
    assert unseal(sealed, KEY) == data
    assert seal(data, KEY) != sealed


def test_another_key_opens_nothing() -> None:
    with pytest.raises(ContextInvalid, match="another key"):
        unseal(TOKEN, OTHER)
    swapped = seal(b"x", OTHER).rpartition(b".")[0] + b"." + TOKEN.rpartition(b".")[2]
    with pytest.raises(ContextInvalid, match="changed"):
        unseal(swapped, OTHER)


def test_a_context_that_is_not_sealed_is_refused_where_a_key_is_given() -> None:
    with pytest.raises(ContextInvalid, match="not sealed"):
        unseal(b'{"reqcli":"context"}', KEY)


@pytest.mark.parametrize("key", ["", "short", "A" * 42, "A" * 44, "é" * 43, "*" * 43])
def test_what_is_no_key_is_refused(key: str) -> None:
    for work in (seal, unseal):
        with pytest.raises(Usage, match="no key"):
            work(TOKEN, Secret(key))


def test_every_single_change_is_seen() -> None:
    text = TOKEN.rstrip()
    for place in range(len(text)):
        changed = text[:place] + (b"A" if text[place : place + 1] != b"A" else b"B") + text[place + 1 :]
        with pytest.raises(ContextInvalid):
            unseal(changed, KEY)
        with pytest.raises(ContextInvalid):
            unseal(text[:place], KEY)


def test_of_texts_that_mean_the_same_bytes_one_is_right() -> None:
    found = 0
    for length in range(3):
        token = forged(zlib.compress(b"a context") + bytes(length), KEY)
        for last in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_":
            other = token[:-1] + bytes([last])
            sealed, same = (urlsafe_b64decode(text.rpartition(b".")[2] + b"==") for text in (token, other))
            if other != token and sealed == same:
                found += 1
                with pytest.raises(ContextInvalid, match="was changed"):
                    unseal(other, KEY)
    assert found


@settings(max_examples=300)
@given(st.binary(max_size=120), st.booleans())
def test_any_bytes_are_invalid(data: bytes, is_begun: bool) -> None:
    with pytest.raises(ContextInvalid):
        unseal(TOKEN.rpartition(b".")[0] + b"." + data if is_begun else data, KEY)


def test_a_bomb_is_not_unpacked() -> None:
    bomb = forged(zlib.compress(bytes(110_000_000), 9)[:100_000], KEY)
    small = forged(zlib.compress(bytes(20_000_000), 9), KEY)
    assert len(small) < MAX_SEALED
    tracemalloc.start()
    try:
        for token in (bomb, small):
            with pytest.raises(ContextInvalid):
                unseal(token, KEY)
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()


def test_what_is_packed_wrongly_is_refused() -> None:
    whole = zlib.compress(b"a context")
    for plain in (b"", b"no zlib", whole[:-2], whole + b"more", zlib.compress(bytes(MAX_CONTEXT + 1))):
        with pytest.raises(ContextInvalid):
            unseal(forged(plain, KEY), KEY)
    assert unseal(forged(whole, KEY), KEY) == b"a context"


def test_without_the_library_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("cryptography.hazmat.primitives.ciphers.aead", "cryptography.exceptions"):
        monkeypatch.setitem(sys.modules, name, None)
    for work in (seal, unseal):
        with pytest.raises(Usage) as refused:
            work(TOKEN, KEY)
        assert refused.value.hint == "pip install 'reqcli[seal]'"
