"""Names of downloads: what is suggested, and what is left of it when it is harmless."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reqcli.model.filename import LONGEST, download_name, numbered, safe_name, suggested_name
from reqcli.model.url import Url

FIRST = Url.parse("https://api.example/files/report%20one.pdf?x=/y.txt")

DEVICES = {"con", "prn", "aux", "nul", *(f"{kind}{number}" for kind in ("com", "lpt") for number in range(10))}


@pytest.mark.parametrize(
    ("disposition", "expected"),
    [
        pytest.param('attachment; filename="a b.txt"', "a b.txt", id="quoted"),
        pytest.param("attachment; filename=a.txt; size=3", "a.txt", id="token"),
        pytest.param('attachment; FileName = "a.txt"', "a.txt", id="blanks and case"),
        pytest.param('filename="a.txt"', "a.txt", id="without a type"),
        pytest.param(r'attachment; filename="a\"b\\c.txt"', r'a"b\c.txt', id="quoted pairs"),
        pytest.param(r'attachment; filename="C:\temp\a.txt"', r"C:\temp\a.txt", id="a path that nobody escaped"),
        pytest.param('attachment; filename="a;b=c.txt"', "a;b=c.txt", id="a semicolon in quotes"),
        pytest.param('attachment; name="filename=x.txt"; filename=y', "y", id="a parameter in a parameter"),
        pytest.param("attachment; filename*=UTF-8''na%C3%AFve%20%E2%82%AC.txt", "naïve €.txt", id="extended"),
        pytest.param("attachment; filename*=iso-8859-1'en'%A3.txt", "£.txt", id="extended, latin-1"),
        pytest.param("attachment; filename=plain.txt; filename*=utf-8''b%C3%A9.txt", "bé.txt", id="extended wins"),
        pytest.param("attachment; filename*=utf-8''%ff.txt; filename=plain.txt", "plain.txt", id="broken extended"),
        pytest.param("attachment; filename*=koi8-r''%C1.txt; filename=plain.txt", "plain.txt", id="unknown charset"),
        pytest.param('attachment; filename="na\xc3\xafve.txt"', "naïve.txt", id="UTF-8 as it is"),
        pytest.param('attachment; filename="na\xefve.txt"', "naïve.txt", id="latin-1 as it is"),
        pytest.param("attachment; filename=one; filename=two", "one", id="twice"),
        pytest.param('attachment; filename="open', "open", id="not closed"),
        pytest.param("attachment", None, id="no name"),
        pytest.param("attachment; filename=", None, id="empty name"),
        pytest.param("", None, id="empty"),
    ],
)
def test_what_the_server_suggests(disposition: str, expected: str | None) -> None:
    assert suggested_name(disposition) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("../../etc/passwd", "passwd", id="a path"),
        pytest.param(r"..\..\boot.ini", "boot.ini", id="a path the other way"),
        pytest.param("/", "", id="a directory alone"),
        pytest.param("..", "", id="dots alone"),
        pytest.param(".bashrc", "bashrc", id="hidden"),
        pytest.param(". .. .profile", "profile", id="hidden behind blanks"),
        pytest.param("-rf", "_-rf", id="an option"),
        pytest.param("~root", "_~root", id="a home"),
        pytest.param("CON", "_CON", id="a device"),
        pytest.param("nul.txt", "_nul.txt", id="a device with an extension"),
        pytest.param("console.txt", "console.txt", id="no device"),
        pytest.param("a\x00b\x1b[31m\n.txt", "ab[31m.txt", id="control characters"),
        pytest.param("a\u202etxt.exe", "atxt.exe", id="turned around"),
        pytest.param('a<b>:"|?*.txt', "a_b______.txt", id="not for Windows"),
        pytest.param("a.txt. . ", "a.txt", id="dots and blanks at the end"),
        pytest.param("x.pdf.PART", "x.pdf.PART_", id="a part of another download"),
        pytest.param("x.pdf.part.json", "x.pdf.part.json_", id="the note of another download"),
        pytest.param("ok Ünï 漢字.tar.gz", "ok Ünï 漢字.tar.gz", id="harmless"),
    ],
)
def test_what_is_harmless_of_it(text: str, expected: str) -> None:
    assert safe_name(text) == expected


@given(
    st.text() | st.text(st.sampled_from("./\\ -~\x00conCONulNUL19$é漢\u202e\ud800")), st.sampled_from(["", "text/html"])
)
@example("con", "")
@example("." * 300, "text/html")
@example("漢" * 300 + ".tar.gz", "")
@example("con .txt", "")
@example("\u202e.hidden", "")
@example("-" + "x" * LONGEST, "")
@example("x" * (LONGEST - 2) + ". .", "")
def test_no_suggestion_makes_a_name_that_does_harm(text: str, media_type: str) -> None:
    quoted = text.replace("\\", "\\\\").replace('"', r"\"")
    for name in (
        download_name(f'attachment; filename="{quoted}"', FIRST, media_type),
        download_name(
            None, FIRST.join(f"/{''.join(f'%{byte:02x}' for byte in text.encode(errors='replace'))}"), media_type
        ),
        numbered(download_name(f'attachment; filename="{quoted}"', FIRST, media_type), 999),
    ):
        assert name
        assert not set(name) & set('/\\<>:"|?*\x7f')
        assert all(character.isprintable() for character in name)
        assert name[0] not in ".-~ "
        assert name[-1] not in ". "
        assert name.partition(".")[0].strip().lower() not in DEVICES
        assert len(f"{name}.part.json".encode()) <= 255


@pytest.mark.parametrize(
    ("disposition", "url", "media_type", "expected"),
    [
        pytest.param(None, "https://h/files/report%20one.pdf?x=/y.txt", "text/html", "report one.pdf", id="the URL's"),
        pytest.param(None, "https://h/dir/", "", "dir", id="a directory of the URL"),
        pytest.param(None, "https://h/", "text/html", "index.html", id="no name at all"),
        pytest.param(None, "https://h", "", "index", id="no path either"),
        pytest.param(None, "https://h/a%2f..%2fb%ff", "", "b\ufffd", id="escaped separators"),
        pytest.param(None, "https://h/v1/users", "application/json", "users.json", id="an extension by the type"),
        pytest.param(None, "https://h/v1/users", "application/octet-stream", "users", id="a type that says nothing"),
        pytest.param(None, "https://h/v1/users", "application/x-nobody-knows", "users", id="an unknown type"),
        pytest.param("attachment; filename=q3.csv", "https://h/export", "text/html", "q3.csv", id="the server's"),
        pytest.param("attachment; filename=../..", "https://h/export", "text/csv", "export.csv", id="nothing is left"),
        pytest.param("inline", "https://h/export.csv", "", "export.csv", id="no name in it"),
    ],
)
def test_the_name_of_a_download(disposition: str | None, url: str, media_type: str, expected: str) -> None:
    assert download_name(disposition, Url.parse(url), media_type) == expected


def test_a_long_name_keeps_its_extension() -> None:
    assert safe_name("é" * 300 + ".tar.gz") == "é" * 116 + ".tar.gz"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.txt", "a-2.txt"), ("a.tar.gz", "a-2.tar.gz"), ("a", "a-2"), ("v1.2 final notes", "v1.2 final notes-2")],
)
def test_another_of_the_same_name_gets_a_number_before_its_extension(name: str, expected: str) -> None:
    assert numbered(name, 0) == name
    assert numbered(name, 2) == expected
