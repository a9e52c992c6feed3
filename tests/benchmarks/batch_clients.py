"""Programs that fetch every URL of a file, so many at a time, and write a line of JSON for each answer.

As a script (`batch_clients.py NAME FILE JOBS`) this is one such program, whole: its start is measured as well.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from threading import Lock, Thread
from typing import Any

URLS = Iterator[str]


def told(url: str, status: int, body: bytes) -> None:
    """One answer as a line, at once."""
    if status != 200 or body[:6] != b'{"id":':
        raise RuntimeError(f"a wrong answer: {status} {body[:60]!r}")
    sys.stdout.write(json.dumps({"url": url, "status": status, "bytes": len(body)}) + "\n")
    sys.stdout.flush()


def threads(urls: URLS, jobs: int, get: Callable[[], Callable[[str], tuple[int, bytes]]]) -> None:
    """Threads that take the next URL when they have done with the last; `get` makes each its client."""
    lock = Lock()
    failures: list[threading.ExceptHookArgs] = []
    threading.excepthook = failures.append

    def work() -> None:
        fetch = get()
        while True:
            with lock:
                url = next(urls, None)
            if url is None:
                return
            told(url, *fetch(url))

    crew = [Thread(target=work) for _ in range(jobs)]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()
    if failures:
        raise RuntimeError(f"{failures[0].exc_value!r}")


def httptools_threads(urls: URLS, jobs: int) -> None:
    """A bare socket and llhttp: the least that a client in Python can do."""
    import socket

    import httptools

    class Answer:
        done = False
        body = b""

        def on_body(self, data: bytes) -> None:
            self.body += data

        def on_message_complete(self) -> None:
            self.done = True

    def client() -> Callable[[str], tuple[int, bytes]]:
        connection: socket.socket | None = None

        def fetch(url: str) -> tuple[int, bytes]:
            nonlocal connection
            authority, _, path = url.removeprefix("http://").partition("/")
            if connection is None:
                host, port = authority.split(":")
                connection = socket.create_connection((host, int(port)))
            connection.sendall(f"GET /{path} HTTP/1.1\r\nHost: {authority}\r\n\r\n".encode())
            answer = Answer()
            parser = httptools.HttpResponseParser(answer)
            while not answer.done:
                parser.feed_data(connection.recv(65536))
            return parser.get_status_code(), answer.body

        return fetch

    threads(urls, jobs, client)


def requests_threads(urls: URLS, jobs: int) -> None:
    """A session for each thread."""
    import requests

    def client() -> Callable[[str], tuple[int, bytes]]:
        session = requests.Session()
        session.trust_env = False

        def fetch(url: str) -> tuple[int, bytes]:
            response = session.get(url)
            return response.status_code, response.content

        return fetch

    threads(urls, jobs, client)


def httpx_threads(urls: URLS, jobs: int) -> None:
    """A client for each thread."""
    import httpx

    def client() -> Callable[[str], tuple[int, bytes]]:
        session = httpx.Client(trust_env=False, verify=False)

        def fetch(url: str) -> tuple[int, bytes]:
            response = session.get(url)
            return response.status_code, response.content

        return fetch

    threads(urls, jobs, client)


def tasks(urls: URLS, jobs: int, run: Callable[[Callable[[Any], Any]], Any], get: Callable[[Any, str], Any]) -> None:
    """The same with tasks in place of threads."""
    import asyncio

    async def work(session: Any) -> None:
        for url in urls:
            told(url, *await get(session, url))

    async def all_of_them(session: Any) -> None:
        await asyncio.gather(*(work(session) for _ in range(jobs)))

    asyncio.run(run(all_of_them))


def aiohttp(urls: URLS, jobs: int) -> None:
    """One session, a task for each job."""
    import aiohttp

    async def run(work: Callable[[Any], Any]) -> None:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=jobs)) as session:
            await work(session)

    async def get(session: Any, url: str) -> tuple[int, bytes]:
        async with session.get(url) as response:
            return response.status, await response.read()

    tasks(urls, jobs, run, get)


def httpx_async(urls: URLS, jobs: int) -> None:
    """One client, a task for each job."""
    import httpx

    async def run(work: Callable[[Any], Any]) -> None:
        async with httpx.AsyncClient(trust_env=False, verify=False) as session:
            await work(session)

    async def get(session: Any, url: str) -> tuple[int, bytes]:
        response = await session.get(url)
        return response.status_code, response.content

    tasks(urls, jobs, run, get)


def pycurl_multi(urls: URLS, jobs: int) -> None:
    """libcurl's own concurrency, a handle for each job."""
    import pycurl

    multi = pycurl.CurlMulti()
    bodies: dict[Any, tuple[str, list[bytes]]] = {}

    def begin(handle: Any) -> None:
        url = next(urls, None)
        if url is not None:
            bodies[handle] = (url, [])
            handle.setopt(pycurl.URL, url)
            handle.setopt(pycurl.WRITEFUNCTION, bodies[handle][1].append)
            multi.add_handle(handle)

    for _ in range(jobs):
        begin(pycurl.Curl())
    while bodies:
        multi.perform()
        multi.select(1.0)
        _, done, failed = multi.info_read()
        if failed:
            raise RuntimeError(f"{failed}")
        for handle in done:
            url, body = bodies.pop(handle)
            told(url, handle.getinfo(pycurl.RESPONSE_CODE), b"".join(body))
            multi.remove_handle(handle)
            begin(handle)


CLIENTS: dict[str, Callable[[URLS, int], None]] = {
    "threads over httptools": httptools_threads,
    "pycurl, multi": pycurl_multi,
    "aiohttp": aiohttp,
    "httpx, async": httpx_async,
    "httpx, threads": httpx_threads,
    "requests, threads": requests_threads,
}
"""Every program under the name it has in the results."""


def main(name: str, path: str, jobs: str) -> None:
    """Be one of them."""
    with Path(path).open() as file:
        CLIENTS[name]((line.rstrip("\n") for line in islice(file, None)), int(jobs))


if __name__ == "__main__":
    main(*sys.argv[1:])
