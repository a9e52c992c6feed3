"""A command that gives out tokens and counts how often it was run."""

from __future__ import annotations

from pathlib import Path

from reqcli.session.schema import Held


class Counter:
    """A command that answers `token-1`, `token-2` … and knows how often it was run.

    Args:
        folder: for its script and its count.
        answer: what it prints, as the shell sees it; `$n` is the number of the run.
        before: shell commands to begin with.
    """

    def __init__(self, folder: Path, answer: str, before: str = ":") -> None:
        self._count = folder / "count"
        script = folder / "give-token"
        script.write_text(
            f"""#!/bin/bash
            {before}
            exec 9>>"{folder}/lock"; flock 9
            n=$(( $(cat "{self._count}" 2>/dev/null || echo 0) + 1 )); echo $n >"{self._count}"
            flock -u 9
            {answer}
            """
        )
        script.chmod(0o755)
        self.command = str(script)
        self.held: Held = {"command": [self.command]}

    @property
    def runs(self) -> int:
        return int(self._count.read_text()) if self._count.exists() else 0

    def forget(self) -> None:
        self._count.unlink()


LASTING = 'echo "{\\"token\\": \\"token-$n\\", \\"expires_in\\": 3600}"'
BARE = "echo token-$n"
