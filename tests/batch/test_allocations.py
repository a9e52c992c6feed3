"""What a line of a batch takes of memory, in blocks: whoever has to raise a number says why.

One job at a time, for where several answers come at once the number depends on which.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.allocations import allocations
from tests.batch.test_counts import ANSWER
from tests.sockets import NastyServer

LINES = """
from io import BytesIO
from reqcli.batch.crew import Crew
from reqcli.batch.source import Source
from reqcli.net.pool import Pool
from tests.batch.test_counts import a_worker
url, form = sys.argv[1:]
pool, written = Pool(), []
worker = a_worker(form, pool)
def work(lines):
    urls = "\\n".join(f"{url}{number:03}" for number in range(lines)).encode()
    Crew(Source(BytesIO(urls), "here"), lambda: worker, written.append, jobs=1).run()
    assert len(b"".join(written).splitlines()) == lines
    written.clear()
count(work)
"""


@pytest.mark.parametrize(("form", "most"), [("brief", 95), ("json", 139)])
def test_a_line_takes_so_many_blocks_of_memory_and_gives_all_back(form: str, most: int, tmp_path: Path) -> None:
    with NastyServer(ANSWER) as server:
        made, kept = allocations(tmp_path, LINES, server.url("/a"), form)
    assert abs(kept) < 0.5
    assert made <= most
