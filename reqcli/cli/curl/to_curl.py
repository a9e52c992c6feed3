"""`--curl`: the request that would be sent, as the curl command that sends it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from reqcli.interop.curl.writing import CurlCommand

if TYPE_CHECKING:
    from reqcli.cli.ask import Ask
    from reqcli.cli.world import World
    from reqcli.model.credential import Credential
    from reqcli.model.redact import Redactor
    from reqcli.model.result import Result
    from reqcli.model.route import Route
    from reqcli.model.spec import RequestSpec


def show_curl(
    ask: Ask,
    world: World,
    spec: RequestSpec,
    result: Result,
    route: Route | None,
    challenge: Credential | None,
    redactor: Redactor,
) -> None:
    """Print the command, and on standard error what it does otherwise than reqcli.

    Args:
        ask: the words, for what concerns the output.
        world: where to print.
        spec: the call, with the session's settings.
        result: of its rehearsal.
        route: how the request would go.
        challenge: a credential that waits for the server's challenge, or None.
        redactor: masks what is not to be shown.
    """
    if result.request is None:
        return
    follow = bool(spec.follow)
    command = CurlCommand(result.request, redactor, os.path.isdir)
    command.head(follow=follow, challenge=challenge)
    command.body()
    command.way(spec, route, follow=follow)
    if route is not None and route.proxy is None and ask.proxy is not None:
        command.say("--noproxy", "*")
    if ask.include:
        command.say("-i")
    if ask.output is not None:
        command.say("-o", ask.output)
    world.write(f"{command.text()}\n".encode(errors="surrogateescape"))
    if follow and not ask.stateless:
        command.remarks.append("curl does not send the cookies that redirects set; `-c FILE -b FILE` makes it")
    for remark in dict.fromkeys(command.remarks):
        world.say(f"reqcli: note: {remark}")
