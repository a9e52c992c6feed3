"""br: one stream and nothing behind it."""

from __future__ import annotations

import brotli
import pytest

from reqcli.errors import DecodeFailed
from tests.decode.test_decode import cuts, decoded


def test_bytes_behind_the_stream_are_an_error_however_they_come() -> None:
    for pieces in cuts(brotli.compress(b"hello") + b"x"):
        with pytest.raises(DecodeFailed, match="not valid br"):
            decoded(pieces, "br")
