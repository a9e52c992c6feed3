"""A download that goes on by itself when its body breaks off, as often as `--retry` says.

The layer of the client that makes attempts again ends where a body begins, for whoever reads it has seen a part of it.
A download has the part in a file, and asks for the rest as `--continue` would: the same file, or from the start.
"""

from __future__ import annotations

import os
from random import random
from time import monotonic, sleep

from reqcli.cli.transfers.download import Download
from reqcli.cli.transfers.partial import PART
from reqcli.errors import ReqcliError
from reqcli.model.result import Notice
from reqcli.model.retry import Retry
from reqcli.render.escape import escape_line
from reqcli.render.failure import notice_line
from reqcli.session.bend import timeouts_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from reqcli.api.session import Session
    from reqcli.cli.ask import Ask
    from reqcli.cli.world import World
    from reqcli.model.response import Response
    from reqcli.model.result import Result
    from reqcli.model.spec import RequestSpec


class Persistent(Download):
    """One download, made of as many calls as it takes and the policy allows.

    Args:
        ask: what was asked for.
        world: the terminal for the bar.
        spec: the call; the policy is its own, else the session's.
        session: makes the further calls.

    Raises:
        Usage: as for every download.
    """

    def __init__(self, ask: Ask, world: World, spec: RequestSpec, session: Session) -> None:
        super().__init__(ask, world, spec)
        limit = session.state.settings.get("retry")
        self._policy: Final = spec.retry or Retry(limit if isinstance(limit, int) else 0)
        self._timeouts: Final = spec.timeouts or timeouts_of(session.state)
        self._session: Final = session
        self._began: Final = monotonic()
        self._can_go_on: Final = spec.method == "GET" and all(name.lower() != "range" for name, _ in spec.headers)

    def save(self, result: Result, write_to_device: Callable[[Response, str], int]) -> int:
        """Write the body out, and what it lacks after it."""
        first, attempt = result, 0
        while True:
            try:
                size = super().save(result, write_to_device)
            except ReqcliError as error:
                attempt += 1
                pause = self._pause(error, attempt)
                if pause is None:
                    raise
                self._tell(first, f"the download broke off ({error.message}); going on in {pause:.1f} s")
                sleep(pause)
                result = self._further(error)
            else:
                first.error = result.error
                return size

    def _pause(self, error: ReqcliError, attempt: int) -> float | None:
        """Seconds to wait before going on; None if that is not to be, or of no use."""
        if not (self._can_go_on and error.retryable and "partial_file" in error.details):
            return None
        spent, total = monotonic() - self._began, self._timeouts.total
        pause = self._policy.wait(attempt, None, random(), spent)  # noqa: S311 - no secret is made of it
        return None if pause is None or (total is not None and spent + pause >= total) else pause

    def _further(self, broken: ReqcliError) -> Result:
        """The answer of the next call.

        Raises:
            ReqcliError: it is none that the file could be made of.
        """
        path = str(broken.details["partial_file"]).removesuffix(PART)
        self.ask_for(path if os.path.isfile(f"{path}{PART}") else None)
        spec = self.spec
        if self._timeouts.total is not None:
            left = max(self._timeouts.total - (monotonic() - self._began), 0.001)
            spec = spec.replace(timeouts=self._timeouts.replace(total=left))
        result = self._session.stream(spec)
        if result.error is not None and not self.takes(result):
            result.error.hint = broken.hint
            result.error.details.setdefault("partial_file", broken.details["partial_file"])
            raise result.error
        return result

    def _tell(self, result: Result, text: str) -> None:
        notice = Notice("retry", escape_line(text))
        if self._ask.format_ is None:
            self._world.warn(notice_line(notice))
        else:
            result.warnings = [*result.warnings, notice]
