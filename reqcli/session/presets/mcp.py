"""Model Context Protocol, Streamable HTTP with sessions (revisions 2025-03-26 to 2025-11-25).

The answer to `initialize` issues `Mcp-Session-Id`, which goes with every further request, and names the revision that
was agreed on, which goes along as `MCP-Protocol-Version`. A 404 means that the session is gone: `initialize` again,
without the id. DELETE to the same URL ends it. The answer may be JSON or a stream of events, so the revision is looked
for as text. POST needs an Accept with both types. Later revisions know no sessions.
"""

from __future__ import annotations

from reqcli.session.presets import Preset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

# The members of the result come in any order; the other one keeps what a tool says from being taken for it.
_REVISION: Final = r'\A(?=[\s\S]*"serverInfo"\s*:)[\s\S]*?"protocolVersion"\s*:\s*"(\d{4}-\d\d-\d\d)"'

PRESET: Final = Preset(
    (
        "header:Mcp-Session-Id -> header:Mcp-Session-Id at=POST:{base}/ path={base}/ drop=404 goodbye=DELETE",
        rf"match:{_REVISION} -> header:MCP-Protocol-Version "
        "at=POST:{base}/ path={base}/ drop=404 public",
    ),
    (("Accept", "application/json, text/event-stream"),),
)
