"""Rows for people and programs."""

from __future__ import annotations

import json

from reqcli.render.tables import json_rows, plain_rows, table


def test_rows_in_a_pipe_are_lines_of_cells_between_tabs() -> None:
    assert plain_rows([("work", "3"), ("a\tb\nc", "\x1b[2J")]) == "work\t3\na\\tb\\nc\t\\x1b[2J\n"


def test_a_table_is_aligned_by_what_a_terminal_shows() -> None:
    text = table(("name", "cookies"), [("work", "3"), ("日本", "12"), ("[b]\x1b", "")], width=40)
    assert text == "NAME     COOKIES\nwork     3\n日本     12\n[b]\\x1b\n"


def test_a_long_cell_is_folded_and_not_cut() -> None:
    text = table(("name", "value"), [("a", "x" * 50)], width=30)
    assert text.count("x") == 50
    assert max(map(len, text.splitlines())) <= 30


def test_a_name_stays_whole_where_the_other_cells_are_long() -> None:
    text = table(("code", "sentence", "advice"), [("tls_handshake_failed", "word " * 40, "word " * 40)], width=60)
    assert "tls_handshake_failed  word" in text
    assert text.count("word") == 80
    assert max(map(len, text.splitlines())) <= 60


def test_a_table_is_painted_only_when_asked() -> None:
    assert "\x1b" not in table(("name",), [("a",)], width=40)
    assert "\x1b[" in table(("name",), [("a",)], width=40, colour=True)


def test_the_environment_changes_no_table(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    plain = table(("name", "value"), [("a", "x" * 50)], width=30)
    for name, value in (("COLUMNS", "10"), ("FORCE_COLOR", "1"), ("TERM", "dumb")):
        monkeypatch.setenv(name, value)
    assert table(("name", "value"), [("a", "x" * 50)], width=30) == plain


def test_records_are_one_line_of_json() -> None:
    text = json_rows([{"name": "é\u202e", "cookies": 3, "expires": None}])
    assert text == '[{"name":"é\\u202e","cookies":3,"expires":null}]\n'
    assert json.loads(text)[0]["name"] == "é\u202e"
