"""`reqcli demo`: the story of a session, told with the real commands against a server of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from reqcli.cli.commands.declared import Read
from reqcli.cli.options import whole

if TYPE_CHECKING:
    from reqcli.cli.world import World
    from reqcli.demo.server import DemoServer


@click.command(short_help="Show what a session does, against an embedded server.")
@click.option("--serve", is_flag=True, help="Only start the server and leave it up, for trying things by hand.")
@click.option(
    "--port", type=Read(whole(0, 65535)), metavar="N", default=0, help="Where it listens.  [default: any free port]"
)
@click.pass_obj
def demo(world: World, serve: bool, port: int) -> int:
    """Start a small server on 127.0.0.1 and run the story of a session against it, printing each command and what
    it gave. It needs no network and no privileges, and leaves nothing behind."""
    from reqcli.demo.server import DemoServer

    with DemoServer(port) as server:
        if serve:
            return _serve(world, server)
        return _tell(world, server)


def _tell(world: World, server: DemoServer) -> int:
    """The story, in a directory of its own that goes away with it."""
    from tempfile import TemporaryDirectory

    from reqcli.demo.story import real_commands, run_story

    with TemporaryDirectory(prefix="reqcli-demo-") as home:
        environment = {**world.environment, "REQCLI_HOME": home}
        for variable in ("REQCLI_SESSION", "FORCE_COLOR"):
            environment.pop(variable, None)
        went_well = run_story(
            server.url, real_commands(environment), lambda text: world.write(f"{text}\n".encode(errors="replace"))
        )
    return 0 if went_well else 1


def _serve(world: World, server: DemoServer) -> int:
    world.write(f"The demo server is at {server.url} (Ctrl-C ends it).\n".encode())
    world.say(f"Its pages: reqcli get {server.url}/ --stateless")
    server.wait()
    return 0
