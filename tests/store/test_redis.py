"""The store in Redis, on real servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from reqcli.store.redis import RedisStore
from tests.redis import RedisServer
from tests.store.contract import StoreContract, in_threads
from tests.store.writer import new_id


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def store(server: RedisServer) -> Iterator[RedisStore]:
    server.command("FLUSHALL")
    store = RedisStore(server.url, new_id, patience=60)
    yield store
    store.close()


class TestRedis(StoreContract):
    @pytest.fixture
    def race(self, store: RedisStore) -> Callable[[str, int], None]:
        return lambda task, writers: in_threads(store, task, writers)
