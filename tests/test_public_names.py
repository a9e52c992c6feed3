"""What `import reqcli` offers, what it costs, and that the examples of the README's library section hold."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import reqcli
from tests.server import DemoServer


def test_every_public_name_is_there() -> None:
    assert sorted(reqcli.__all__) == sorted(reqcli._HOMES)
    for name in reqcli.__all__:
        assert getattr(reqcli, name) is getattr(import_module(reqcli._HOMES[name]), name)


def test_a_name_that_is_none_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        reqcli.nonsense  # noqa: B018


def test_importing_the_package_loads_nothing_else() -> None:
    code = "import sys, reqcli; print([name for name in sys.modules if name.startswith('reqcli.')])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_the_library_section_of_the_readme_runs(demo_server: DemoServer, tmp_path: Path) -> None:
    readme = (Path(__file__).parent.parent / "README.md").read_text()
    (example,) = re.findall(r"```python\n(.*?)```", readme.partition("## The library")[2], re.DOTALL)
    example = example.replace("https://api.example/v1/me", f"{demo_server.url}/echo")
    example = example.replace("https://api.example/health", f"{demo_server.url}/account")
    done = subprocess.run(
        [sys.executable, "-c", f"{example}\nprint(result.exit_status)"], capture_output=True, text=True, cwd=tmp_path
    )
    assert (done.returncode, done.stderr) == (0, "")
    first, last = done.stdout.splitlines()
    assert "'path': '/echo'" in first
    assert last == "4"
