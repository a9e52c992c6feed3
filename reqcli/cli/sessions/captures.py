"""What `session capture` and `session end` do: put capture rules into a session, and end what they took."""

from __future__ import annotations

from time import time

from reqcli.api.session import Session
from reqcli.cli.ask import Ask
from reqcli.cli.proxies import proxies_for
from reqcli.cli.sessions.actions import change, existing, server_named
from reqcli.errors import HttpClientError, HttpRedirect, Usage
from reqcli.session import presets
from reqcli.session.captures import goodbyes
from reqcli.session.operations import ClearCookies
from reqcli.session.rule_operations import ClearValues, DeleteRule, SetRule
from reqcli.session.rules import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from reqcli.cli.world import World
    from reqcli.model.proxy import Proxies
    from reqcli.model.url import Url
    from reqcli.session.operations import Operation
    from reqcli.session.schema import SessionState


def capture(
    world: World,
    name: str,
    rules: Sequence[str],
    *,
    preset: str | None,
    origin: str | None,
    removed: Sequence[str],
    as_list: bool,
    format_: str | None,
) -> int:
    """Put rules into a session and take some out, in one transaction; without any to change, list them."""
    if as_list or not (rules or preset or removed):
        if rules or preset or removed:
            raise Usage("--list only shows the rules, and takes no other word")
        texts = existing(world, name).rules
        lines = "".join(f"{text}\n" for text in texts)
        if format_ == "json":
            from reqcli.render.json_text import dump

            lines = f"{dump(list(texts))}\n"
        world.write(lines.encode(errors="backslashreplace"))
        return 0
    state = existing(world, name) if removed else world.store_of(name).read(name)
    url = server_named(state, origin)
    operations: list[Operation] = [_removal(name, text, state) for text in removed]
    if preset is not None:
        operations += _preset(preset, url)
    operations += [SetRule(parse(text, None if url is None else str(url.origin))) for text in rules]
    return change(world, name, state, operations)


def end(world: World, name: str) -> int:
    """Say goodbye to the servers that issued something, and forget what they did; rules and credentials stay.

    When a server cannot be reached, or cannot end the session for a fault of its own, nothing is forgotten. One that
    knows nothing of the session any more, or has no way to end it, is no reason to keep it.
    """
    state, store = existing(world, name), world.store_of(name)
    with Session.open(name, store, vault=world.vault(), netrc=world.netrc(), policy=world.policy) as session:
        for method, url in goodbyes(state, time()):
            error = session.request(method, url, proxies=_proxies(url, world, state), check_status=True).error
            if isinstance(error, HttpClientError):
                world.say(f"reqcli: {error.message} to the goodbye; what it issued is forgotten all the same")
            elif error is not None and not isinstance(error, HttpRedirect):
                error.hint = "nothing was forgotten: try again, or delete the session"
                raise error
        session.commit([ClearValues(), ClearCookies()])
    return 0


def _proxies(url: Url, world: World, state: SessionState) -> Proxies | None:
    """Those of the session or the environment, as for any other request."""
    return proxies_for(Ask(proxy=None, proxy_auth=None, proxy_verify=None, noproxy=None), url, world, state)


def _preset(name: str, url: Url | None) -> list[Operation]:
    found = presets.load(name)
    if url is None:
        raise Usage(
            f"nothing says which server the preset {name} is for",
            hint="give --origin URL, or create the session with --base-url URL",
        )
    return found.operations(url)


def _removal(name: str, text: str, state: SessionState | None) -> DeleteRule:
    rules = state.rules if state is not None else {}
    rule = rules.get(text) or parse(text)
    if rule.text not in rules:
        raise Usage(f"session {name} has no such rule", hint=f"`reqcli session capture {name} --list` shows them")
    return DeleteRule(rule)
