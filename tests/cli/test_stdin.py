from __future__ import annotations

import os
import sys

import pytest

from reqcli.cli.stdin import BLOCK, PIPE, blocks


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets pipes be widened")
def test_a_pipe_is_widened_when_much_comes_through_it() -> None:
    from fcntl import F_GETPIPE_SZ, fcntl

    near, far = os.pipe()
    with open(near, "rb") as file, open(far, "wb", buffering=0) as writer:
        pieces, narrow = blocks(file), fcntl(near, F_GETPIPE_SZ)
        for piece in (b"little", b"x" * narrow):
            writer.write(piece)
            assert fcntl(near, F_GETPIPE_SZ) == narrow
            assert next(pieces) == piece
        assert fcntl(near, F_GETPIPE_SZ) == PIPE > narrow
        writer.write(bytes(PIPE))
        assert [len(next(pieces)) for _ in range(PIPE // BLOCK)] == [BLOCK] * (PIPE // BLOCK)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets pipes be widened")
def test_a_pipe_that_is_wider_already_stays_as_wide() -> None:
    from fcntl import F_GETPIPE_SZ, F_SETPIPE_SZ, fcntl

    near, far = os.pipe()
    with open(near, "rb") as file, open(far, "wb", buffering=0) as writer:
        fcntl(far, F_SETPIPE_SZ, 2 * PIPE)
        writer.write(bytes(BLOCK))
        assert len(next(blocks(file))) == BLOCK
        assert fcntl(far, F_GETPIPE_SZ) == 2 * PIPE


def test_what_cannot_be_widened_is_read_all_the_same(tmp_path: object) -> None:
    path = os.path.join(str(tmp_path), "file")
    with open(path, "wb") as file:
        file.write(bytes(3 * BLOCK + 1))
    with open(path, "rb") as file:
        assert [len(block) for block in blocks(file)] == [BLOCK, BLOCK, BLOCK, 1]
