from __future__ import annotations

from mimetypes import MimeTypes

import pytest

from reqcli.cli.media_types import UNKNOWN, USUAL, type_by_name


@pytest.mark.parametrize("ending", USUAL)
def test_what_is_known_at_once_is_what_the_standard_library_says(ending: str) -> None:
    kind, coding = MimeTypes(filenames=()).guess_type(f"a{ending}")
    assert USUAL[ending] == {None: kind, "gzip": "application/gzip"}.get(coding, UNKNOWN)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a.json"], "application/json"),
        (["A.JSON"], "application/json"),
        (["a.json.gz"], "application/gzip"),
        (["a.tgz"], "application/gzip"),
        (["a.json.bz2"], UNKNOWN),
        (["a.tiff"], "image/tiff"),
        (["a.no-such-thing"], UNKNOWN),
        (["plain"], UNKNOWN),
        ([".json"], UNKNOWN),
        (["dir.json/plain"], UNKNOWN),
        (["avatar", "cat.png"], "image/png"),
        (["avatar.bin", "cat.png"], UNKNOWN),
        (["cat.xz", "cat.png"], UNKNOWN),
        (["a.no-such-thing", "cat.png"], "image/png"),
    ],
)
def test_the_first_name_that_tells_a_type_tells_it(names: list[str], expected: str) -> None:
    assert type_by_name(*names) == expected
