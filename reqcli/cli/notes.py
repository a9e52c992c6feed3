"""What a person at a terminal is told after a GET that may not be the request that was meant."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from reqcli.cli.world import World


def note_doubts(args: Sequence[str], words: Mapping[str, Any], world: World) -> None:
    """Say that what was handed in was not sent, or that fields went as the body of a GET, where few servers look.

    Args:
        args: the words of the command line.
        words: the attributes of an `Ask`, made of them.
        world: whose standard input, and where to say it.
    """
    if not {"get", "GET"} & set(args):
        # In a loop over lines it is the loop's next lines: whoever writes `reqcli get` hears nothing.
        from reqcli.cli.stdin import has_unread

        if not words["ignore_stdin"] and world.stdin is not None and has_unread(world.stdin):
            world.warn("reqcli: note: standard input was not sent: @- or POST sends it; `reqcli get` if that is right")
        return
    if words["as_json"] or words["as_form"]:
        return  # whoever names the kind of the body wants one
    from reqcli.cli.items import parse_items
    from reqcli.errors import Usage

    try:
        fields = parse_items(words["items"]).fields
    except Usage:
        return  # that was said
    if fields and not any(field.is_json or field.is_file for field in fields):
        world.warn(
            f"reqcli: note: {fields[0].name}=… went as the body of a GET: == adds to the query, -j says this is meant"
        )
