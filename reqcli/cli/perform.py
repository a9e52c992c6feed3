"""Do what was asked: open the session, send, show what came, keep what is to be kept."""

from __future__ import annotations

from reqcli.api.session import Session
from reqcli.cli.show import Destination, Shown
from reqcli.cli.spec import refuse_contradictions, spec_for_ask
from reqcli.errors import OutputFailed, ReqcliError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from reqcli.cli.ask import Ask
    from reqcli.cli.transfers.download import Download
    from reqcli.cli.world import World
    from reqcli.client.run import Passing
    from reqcli.model.exchange import Transport
    from reqcli.model.result import Notice, Result
    from reqcli.model.spec import RequestSpec
    from reqcli.session.schema import SessionState
    from reqcli.store.face import Store

ALWAYS_SAID: Final = frozenset({"session_expired", "withheld", "plain_credential", "body_forwarded", "retry"})
"""Notices that concern a secret or a wait are said unasked; the others with -v."""


def perform(ask: Ask, world: World) -> int:
    """Send one request and show the outcome.

    Returns:
        The exit status.

    Raises:
        ReqcliError: the session cannot be opened or the request cannot be made; nothing was sent.
    """
    _settle(ask, world)
    if ask.dry_run or ask.curl:
        from reqcli.cli.rehearse import rehearse_ask

        return rehearse_ask(ask, world)
    report = None
    if ask.timing or ask.write_out is not None:
        from reqcli.cli.transfers.report import Report

        report = Report(ask, world)
    handover = None
    if ask.context is not None or ask.context_out is not None:
        from reqcli.cli.handover import Handover

        handover = Handover(ask, world)
    printed = None
    if ask.format_ is None and (ask.verbose or ask.all_hops):
        from reqcli.cli.printing import Printed

        printed = Printed(ask, world)
    passing = None if printed is None else printed.passing
    with open_session(ask, world, state=None if handover is None else handover.state, passing=passing) as session:
        spec = spec_for_ask(ask, world, session.state)
        if handover is not None:
            handover.check(spec.url)
        download = None
        if ask.download or ask.continue_:
            download = _download(spec, session, ask, world)
            spec = download.spec
        result = _sent(spec, session, world)
        if handover is not None:
            handover.leave(session, spec.url, result, is_last=False)
        if ask.save:
            try:
                _save(spec, session, result, world)
            except ReqcliError as error:
                result.error = result.error or error  # the answer is worth showing all the same
        _explain(result, session, ask, world)
        destination = Destination(result, ask, world, download)
        if ask.format_ is None:
            Shown(result, ask, world, session.state, destination, printed).show()
            if handover is not None:
                handover.end(session, spec.url, result)
        else:
            from reqcli.cli.envelope import show_envelope

            leave = None if handover is None else handover.at_end(session, spec.url)
            show_envelope(result, ask, world, ask.format_, destination, leave)
        if report is not None:
            try:
                report.give(result, spec.url, destination.path)
            except OutputFailed:
                if not isinstance(result.error, OutputFailed):  # else it was said of the body already
                    raise
    return result.exit_status


def _settle(ask: Ask, world: World) -> None:
    """Settle, before anything is done, what the words say of the output."""
    if world.is_agent:
        from reqcli.cli.agent import settle

        settle(ask)
    if not ask.prints_nothing_else:
        from reqcli.cli.parts import check_output

        check_output(ask)
        world.course.quiet = ask.quiet


def _download(spec: RequestSpec, session: Session, ask: Ask, world: World) -> Download:
    """What takes the body of a download, and goes on by itself where the call may be tried again."""
    if spec.retry is None and "retry" not in session.state.settings:
        from reqcli.cli.transfers.download import Download

        return Download(ask, world, spec)
    from reqcli.cli.transfers.persistent import Persistent

    return Persistent(ask, world, spec, session)


def _sent(spec: RequestSpec, session: Session, world: World) -> Result:
    if spec.body is None or not world.can_draw:
        return session.stream(spec)
    from reqcli.cli.transfers.progress import stream_with_bar

    return stream_with_bar(session, spec, world)


def _explain(result: Result, session: Session, ask: Ask, world: World) -> None:
    """Add to an error what only the command line knows: whose rule it was, or which credential there is none of."""
    if world.is_agent:
        from reqcli.cli.agent import explain

        explain(result, session)
    elif result.response is not None and result.response.status == 401:
        from reqcli.cli.credentials import explain_lack

        explain_lack(result, None if ask.stateless else world.session_named(ask.session_name))


def open_session(
    ask: Ask,
    world: World,
    transport: Transport | None = None,
    state: SessionState | None = None,
    wrap: Callable[[Store], Store] | None = None,
    passing: Passing | None = None,
) -> Session:
    """The session that was asked for; one that cannot be opened says why in `error`.

    Args:
        ask: the words.
        world: where sessions live.
        transport: a shared pool, or None.
        state: what a stateless call starts from, or None.
        wrap: puts another store around the one that keeps the session, or None.
        passing: is given each request as it sets out, or None.

    Raises:
        Usage: the words contradict each other.
    """
    refuse_contradictions(ask)
    if ask.store is not None:
        world = world.with_store(ask.store)
    netrc = None if ask.ignore_netrc else world.netrc()
    heard = _listener(ask, world)
    policy = world.policy
    if ask.stateless:
        return Session(
            state,
            transport=transport,
            vault=world.vault(),
            netrc=netrc,
            heard=heard,
            policy=policy,
            passing=passing,
        )
    name = world.session_named(ask.session_name)

    def opened(store: Store) -> Session:
        return Session.open(
            name,
            store if wrap is None else wrap(store),
            read_only=ask.read_only,
            transport=transport,
            vault=world.vault(),
            netrc=netrc,
            heard=heard,
            serialize=ask.serialize or None,
            policy=policy,
            passing=passing,
        )

    first = world.first_store(name)
    session = opened(first)
    linked = world.linked_store(first, session.state) if session.error is None else None
    if linked is None:
        return session
    session.close()
    return opened(linked)


def _listener(ask: Ask, world: World) -> Callable[[Notice], None] | None:
    """What says each notice on standard error as it arises; in an envelope they stand at the end."""

    def say(notice: Notice) -> None:
        if ask.verbose or notice.code in ALWAYS_SAID:
            from reqcli.render.failure import notice_line

            world.warn(notice_line(notice))

    return None if ask.format_ == "json" else say


def _save(spec: RequestSpec, session: Session, result: Result, world: World) -> None:
    """Keep the call's own headers, credential and cookies, bound to where they were sent, if that was accepted there.

    A typed cookie that the server has set or taken away in its answers is left as the server wants it.
    """
    from time import time

    from reqcli.session.keep import kept

    if result.response is None or result.response.status >= 400:
        world.warn("reqcli: warning: nothing was saved in the session, for the request failed")
        return
    changes = result.session.changed if result.session is not None else ()
    operations, refusals = kept(spec, time(), {change.name for change in changes if change.kind == "cookie"})
    for refusal in refusals:
        world.warn(f"reqcli: warning: {refusal}, and not saved")
    if operations:
        session.commit(operations)
