from __future__ import annotations

import os
import sys
from unittest import mock

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from platformdirs import user_data_dir

from reqcli.cli.world import data_directory

PATHS = st.none() | st.sampled_from(["", " ", "/", "//", "~", "~/data", "relative", "/home/me", "/home/me/", " /x"])
PATHS |= st.text("/.~ aé$", max_size=8)


@given(home=PATHS, chosen=PATHS, android=st.sampled_from([None, "/data"]))
@example(home="/home/me", chosen=None, android=None)
@example(home="/home/me", chosen="", android=None)
@example(home=None, chosen="/data", android=None)
def test_data_are_where_platformdirs_puts_them(home: str | None, chosen: str | None, android: str | None) -> None:
    named = {"HOME": home, "XDG_DATA_HOME": chosen, "ANDROID_DATA": android}
    environment = {name: value for name, value in named.items() if value is not None}
    with mock.patch.dict(os.environ, environment, clear=True):
        try:
            expected = user_data_dir("reqcli", appauthor=False)
        except RuntimeError:
            with pytest.raises(RuntimeError):
                data_directory(environment)
        else:
            assert data_directory(environment) == expected


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere platformdirs is asked")
def test_the_usual_place_is_known_without_platformdirs() -> None:
    with mock.patch.dict(sys.modules, {"platformdirs": None}):
        assert data_directory({"HOME": "/home/me"}) == "/home/me/.local/share/reqcli"
        assert data_directory({"HOME": "/home/me", "XDG_DATA_HOME": "/data"}) == "/data/reqcli"
        with pytest.raises(ImportError):
            data_directory({"HOME": "here"})
