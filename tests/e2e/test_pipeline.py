"""Sessions in a pipeline of a shell: `set -euo pipefail`, jq, eight processes at once, two sessions."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.program import Program
from tests.real import require
from tests.server import DemoServer

SCRIPT = r"""
set -euo pipefail
reqcli() { "$PYTHON" -m reqcli "$@"; }

# Two sessions, each logged in for itself.
for name in one two; do
  reqcli post "$URL/login" -f user=alice password="$(cat secret)" --session "$name" -L >/dev/null
done

# Eight processes at a time use both; each leaves a cookie, and none is lost.
seq 40 | xargs -P 8 -I{} sh -c '
  set -eu
  name=one; [ $(({} % 2)) -eq 0 ] && name=two
  "$PYTHON" -m reqcli get "$URL/cookie/c{}/{}" --session "$name" --format json
' | jq -er 'select(.ok) | .session.name' | sort | uniq -c | awk '{print $1, $2}' >counts

# What one command prints is what the next one reads.
seq 20 | jq -c --arg url "$URL" '{id: ., url: "\($url)/echo", query: {n: .}}' |
  reqcli batch -j 8 --session one |
  jq -ec 'select(.ok) | {id, n: (.response.body.value.query[0][1] | tonumber)}' |
  jq -es 'length == 20 and all(.[]; .id == .n)' >echoed

# A failure in the middle of a pipe is not lost.
if printf '%s\n' "$URL/status/200" "$URL/status/404" | reqcli batch --stateless --format brief |
  jq -r .status >statuses; then
  exit 99
else
  echo "${PIPESTATUS[*]}" >failed
fi

# A reader that has enough is no failure of the others.
seq 200 | jq -r --arg url "$URL" '"\($url)/echo?n=\(.)"' >many
reqcli batch many -j 4 | head -n 3 | jq -r .ok >three || [ $? -eq 23 ]
"""


def test_a_pipeline_of_a_shell(reqcli: Program, demo_server: DemoServer, tmp_path: Path) -> None:
    bash = require("bash")
    require("jq")
    require("xargs")
    (tmp_path / "secret").write_text("wonderland")
    environment = {**reqcli.environment, "PYTHON": sys.executable, "URL": demo_server.url, "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [bash, "-c", SCRIPT], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr

    def said(name: str) -> list[str]:
        return (tmp_path / name).read_text().splitlines()

    assert said("counts") == ["20 one", "20 two"]
    assert said("echoed") == ["true"]
    assert said("statuses") == ["200", "404"]
    assert said("failed") == ["0 4 0"]
    assert said("three") == ["true"] * 3
    for name, wanted in (("one", range(1, 41, 2)), ("two", range(2, 41, 2))):
        stored = json.loads((reqcli.sessions / f"{name}.json").read_bytes())
        assert {f"c{number}" for number in wanted} <= {cookie["name"] for cookie in stored["cookies"]}
