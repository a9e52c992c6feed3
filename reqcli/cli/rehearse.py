"""`--dry-run` and `--curl`: the request that would be sent, made as always, shown, and not sent.

Nothing is written, and no secret is fetched unless `--reveal` asks to see them: a stand-in takes its place, which is
masked like the secret itself. On a terminal the request is text that is safe to look at; in a pipe it is its bytes.
"""

from __future__ import annotations

from itertools import chain

from reqcli.api.rehearsal import Stage, open_for_rehearsal, rehearse
from reqcli.api.session import Session
from reqcli.cli.spec import refuse_contradictions, spec_for_ask
from reqcli.cli.world import World
from reqcli.errors import Usage
from reqcli.model.redact import Redactor
from reqcli.render.failure import failure_line, notice_line
from reqcli.session.bend import revealed, with_settings
from reqcli.store.names import new_id
from reqcli.vault.unfetched import UnfetchedVault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

    from reqcli.cli.ask import Ask
    from reqcli.model.credential import Credential
    from reqcli.model.request import Request
    from reqcli.model.result import Result
    from reqcli.model.spec import RequestSpec
    from reqcli.vault import Vault

LONGEST_SHOWN: Final = 1024 * 1024
"""Bytes of a body in which secrets are known by the names of their fields; in what follows by their value alone."""


class _Rehearsing(World):
    """The world as it is, but with a vault of our choice."""

    __slots__ = ("_vault",)

    def __init__(self, world: World, vault: Vault) -> None:
        super().__init__(world.environment, world.stdin, world.stdout, world.stderr, world.course)
        self._vault: Final = vault

    def vault(self) -> Vault:
        return self._vault


def rehearse_ask(ask: Ask, world: World) -> int:
    """Show the request, or the curl command for it.

    Returns:
        The exit status; what the session's policy forbids fails as it would if it were sent.

    Raises:
        ReqcliError: the session cannot be read or the request cannot be made.
    """
    refuse_contradictions(ask)
    if ask.curl and ask.format_ is not None:
        raise Usage("--curl and --format contradict each other")
    unfetched = None if ask.reveal else UnfetchedVault(new_id)
    vault = unfetched or world.vault()
    staged = _Rehearsing(world, vault)
    stage = Stage()
    with _opened(ask, staged, stage) as session:
        spec = spec_for_ask(ask, staged, session.state)
        if ask.download or ask.continue_:
            from reqcli.cli.transfers.download import Download

            spec = Download(ask, world, spec).spec
        result = rehearse(session, stage, spec)
        digest = _digest(spec, result, session, vault)
        settled = with_settings(spec, session.state, vault.fetch) if result.error is None else spec
    redactor = Redactor.for_request(
        result.request, (*result.secrets, *(digest.secrets() if digest is not None else ())), reveal=ask.reveal
    )
    for notice in result.warnings if ask.format_ is None else ():
        world.say(notice_line(notice, redactor))
    for place in unfetched.places() if unfetched is not None else ():
        world.say(f"reqcli: nothing was fetched from {place}: a stand-in is in its place, and --reveal fetches it")
    if ask.format_ is not None:
        from reqcli.render.formats import load

        world.write(load(ask.format_)(result, redactor))
    elif result.error is not None:
        world.say(failure_line(result.error, redactor))
    elif ask.curl:
        from reqcli.cli.curl.to_curl import show_curl

        show_curl(ask, world, settled, result, stage.route, digest, redactor)
    elif result.request is not None:
        _say_how(stage, digest, result.request, world)
        _show(ask, result, result.request, redactor, world)
    return result.exit_status


def _opened(ask: Ask, world: World, stage: Stage) -> Session:
    netrc = None if ask.ignore_netrc else world.netrc()
    if ask.stateless:
        state = None
        if ask.context is not None:
            from reqcli.cli.handover import Handover

            state = Handover(ask, world).state
        return Session(state, transport=stage, vault=world.vault(), netrc=netrc, policy=world.policy)
    name = world.session_named(ask.session_name)
    there = world if ask.store is None else world.with_store(ask.store)
    return open_for_rehearsal(
        name,
        there.store_of(name),
        stage,
        must_exist=ask.read_only,
        vault=world.vault(),
        netrc=netrc,
        policy=world.policy,
    )


def _digest(spec: RequestSpec, result: Result, session: Session, vault: Vault) -> Credential | None:
    """The credential that waits for the server's challenge, if that is what the call has."""
    if result.request is None or "authorization" in result.request.headers:
        return None
    if spec.auth is not None:
        return spec.auth if spec.auth.scheme == "digest" else None
    stored = session.state.auth.get(str(spec.url.origin))
    if stored is None or stored.scheme != "digest" or any(name.lower() == "authorization" for name, _ in spec.headers):
        return None
    return revealed(stored, vault.fetch)


def _say_how(stage: Stage, digest: Credential | None, request: Request, world: World) -> None:
    """What the request itself does not show."""
    if digest is not None:
        world.say(
            "reqcli: Digest needs the server's challenge: the request goes without a credential first, then again"
        )
    route = stage.route
    if route is not None and route.proxy is not None:
        way = "handed to" if route.is_forwarded else "sent through"
        world.say(f"reqcli: it would be {way} the proxy {route.proxy}")
    if route is not None and route.dialling.unix_socket is not None:
        world.say(f"reqcli: it would be sent to the Unix socket {route.dialling.unix_socket}")
    elif request.url.scheme == "https":
        world.say(f"reqcli: it would be sent over TLS to {request.url.origin}")


def _show(ask: Ask, result: Result, request: Request, redactor: Redactor, world: World) -> None:
    """The parts of the request that were asked for, all of it unless -p says otherwise; in a pipe their bytes."""
    from reqcli.render.message import request_head

    parts = "HB" if ask.print_ is None else ask.print_
    if not world.has_terminal and ask.pretty in (None, "none") and not ask.sort:
        for block in _wire(request, redactor, parts):
            world.write(block)
    elif ask.print_ is ask.pretty is None and not ask.sort:
        world.write(request_head(request, redactor, colour=world.wants_colour).encode(errors="backslashreplace"))
        world.write(_body_text(request, redactor).encode(errors="backslashreplace"))
    else:
        from reqcli.cli.printing import Printed

        ask.print_ = parts
        Printed(ask, world).heads(result, redactor, is_saved=False)


def _wire(request: Request, redactor: Redactor, parts: str) -> Iterator[bytes]:
    """The request's bytes as a server gets them over a direct connection, less what is masked; a body without its
    head is not cut into chunks.
    """
    from reqcli.wire.http1.writer import LAST_CHUNK, write_chunk

    if "H" in parts:
        lines = [f"{request.method} {redactor.url(request.url.target)} HTTP/1.1"]
        lines += [f"{name}: {redactor.header(name, value)}" for name, value in request.headers]
        yield "\r\n".join([*lines, "", ""]).encode(errors="surrogateescape")
    if request.body is None or "B" not in parts:
        return
    first, rest = _beginning(request.body.chunks())
    blocks = _masked(redactor.body_data(first, _media_type(request)), rest, redactor)
    if not request.is_chunked or "H" not in parts:
        yield from blocks
        return
    yield from map(write_chunk, blocks)
    yield LAST_CHUNK


def _body_text(request: Request, redactor: Redactor) -> str:
    """The body for a person."""
    from reqcli.render.escape import escape_text

    if request.body is None:
        return ""
    first, rest = _beginning(request.body.chunks())
    more = sum(map(len, rest))
    try:
        text = first.decode("utf-8", "strict" if not more else "ignore")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        return f"[{len(first) + more} bytes of binary data]\n"
    text = escape_text(redactor.body(text, _media_type(request)))
    text += f"\n[{more} bytes more]" if more else ""
    return f"{text}\n" if text else ""


def _masked(first: bytes, rest: Iterator[bytes], redactor: Redactor) -> Iterator[bytes]:
    """The body with every known secret masked, wherever in it."""
    from reqcli.render.excerpt import MaskedBlocks

    stream = MaskedBlocks(redactor)
    for block in chain([first], rest):
        if masked := stream.feed(block):
            yield masked
    if masked := stream.finish():
        yield masked


def _media_type(request: Request) -> str:
    return request.headers.get("content-type") or ""


def _beginning(blocks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """What a body begins with, and the rest of it."""
    first = bytearray()
    for block in blocks:
        first += block
        if len(first) >= LONGEST_SHOWN:
            break
    return bytes(first), blocks
