"""What a line of a batch costs, in counts: whoever has to raise one says why."""

from __future__ import annotations

from io import BytesIO

import pytest

from reqcli.api.session import Session
from reqcli.batch.crew import Crew
from reqcli.batch.members import Defaults
from reqcli.batch.source import Source
from reqcli.batch.worker import Place, Places, Worker
from reqcli.model.spec import spec_for
from reqcli.net.pool import Pool
from reqcli.render import formats
from tests.calls import calls_of
from tests.sockets import NastyServer

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: keep-alive\r\nContent-Length: 17\r\n"
ANSWER = HEAD + b'\r\n{"name": "Ann" }\n'


def a_worker(form: str, pool: Pool) -> Worker:
    """One that sends as `--stateless` has it."""
    defaults = Defaults(spec_for("GET", "https://any.example/"), lambda text: text, path_as_is=False)
    place = Place(Session(transport=pool), defaults, is_kept=False)
    return Worker(Places(None, lambda _: place), formats.load(form), flows=False, limit=None, reveal=False)


def calls_a_line(server: NastyServer, form: str, jobs: int, lines: int = 24) -> float:
    """How many functions are entered for each of some lines, in a crew whose first thread is this one."""
    urls = "\n".join(server.url(f"/{number}") for number in range(lines)).encode()
    written: list[bytes] = []
    with Pool() as pool:
        workers = [a_worker(form, pool) for _ in range(jobs)]

        def work() -> None:
            Crew(Source(BytesIO(urls), "here"), iter(workers).__next__, written.append, jobs=jobs).run()

        work()
        # The least of some: an answer may come in two parts.
        fewest = min(calls_of(work) for _ in range(5))
    assert len(b"".join(written).splitlines()) == 6 * lines
    return fewest / lines


# Of several jobs one thread has all requests out, which takes some twenty functions more. Where each thread sends and
# waits, the interpreter's lock changes hands six times a line, which costs more than all of them.
@pytest.mark.parametrize(
    ("jobs", "form", "most"), [(1, "brief", 68), (1, "json", 85), (2, "brief", 87), (2, "json", 103)]
)
def test_a_line_enters_so_many_functions(jobs: int, form: str, most: int) -> None:
    with NastyServer(ANSWER) as server:
        assert calls_a_line(server, form, jobs) <= most
