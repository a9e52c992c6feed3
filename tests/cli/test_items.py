"""Items: what each form asks for, and what is said of one that is none."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reqcli.cli.items import Field, FileRef, ItemSet, _cut, body_of, parse_header, parse_items, part_of, text_of
from reqcli.errors import InputFailed, Usage
from reqcli.model.fields import shown

FILES = {"note.txt": "één\n".encode(), "data.json": b' {"n": 1.10}\n', "bad": b"\xff", "-": b"typed\r\n"}


def read(path: str) -> bytes:
    try:
        return FILES[path]
    except KeyError as error:
        raise InputFailed(f"cannot read {path}") from error


def body(*items: str, as_form: bool = False) -> str | None:
    made = body_of(parse_items(items), read, as_form=as_form)
    return None if made is None else made.data.decode()


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("X-A:b", ItemSet(headers=[("X-A", "b")])),
        ("X-A: b=c", ItemSet(headers=[("X-A", " b=c")])),
        ("X-A:", ItemSet(headers=[("X-A", None)])),
        ("X-A;", ItemSet(headers=[("X-A", "")])),
        ("X-A:@note.txt", ItemSet(headers=[("X-A", FileRef("note.txt"))])),
        ("q==v", ItemSet(query=[("q", "v")])),
        ("q==", ItemSet(query=[("q", "")])),
        ("q==a=b:c@d", ItemSet(query=[("q", "a=b:c@d")])),
        ("q==@note.txt", ItemSet(query=[("q", FileRef("note.txt"))])),
        ("f=v", ItemSet(fields=[Field("f", "v")])),
        ("f=", ItemSet(fields=[Field("f", "")])),
        ("f=a;b", ItemSet(fields=[Field("f", "a;b")])),
        ("f:=1", ItemSet(fields=[Field("f", "1", is_json=True)])),
        ("f=@note.txt", ItemSet(fields=[Field("f", FileRef("note.txt"))])),
        ("f:=@data.json", ItemSet(fields=[Field("f", FileRef("data.json"), is_json=True)])),
        ("p@note.txt", ItemSet(fields=[Field("p", FileRef("note.txt"), is_file=True)])),
        ("p@-", ItemSet(fields=[Field("p", FileRef("-"), is_file=True)])),
        (
            "p@a.csv;type=text/csv;charset=utf-8;filename=b.csv",
            ItemSet(
                fields=[
                    Field("p", FileRef("a.csv", media_type="text/csv;charset=utf-8", filename="b.csv"), is_file=True)
                ]
            ),
        ),
        ("@data.json", ItemSet(body=FileRef("data.json"))),
        ("@data;type=text/plain", ItemSet(body=FileRef("data", media_type="text/plain"))),
        ("@-", ItemSet(body=FileRef("-"))),
    ],
)
def test_each_form_of_item(item: str, expected: ItemSet) -> None:
    assert parse_items([item]) == expected


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        pytest.param(r"a\=b=c", ItemSet(fields=[Field("a=b", "c")]), id="separator in the name"),
        pytest.param(r"a\:b=c", ItemSet(fields=[Field("a:b", "c")]), id="another separator in the name"),
        pytest.param(r"f:\=x", ItemSet(headers=[("f", "=x")]), id="half a separator"),
        pytest.param(r"f=\@home", ItemSet(fields=[Field("f", "@home")]), id="separator in the value"),
        pytest.param(r"path=C:\temp\new", ItemSet(fields=[Field("path", r"C:\temp\new")]), id="backslash"),
        pytest.param(r"unc=\\host\x", ItemSet(fields=[Field("unc", r"\\host\x")]), id="two backslashes"),
        pytest.param(r"a\\=b", ItemSet(fields=[Field("a\\", "b")]), id="escaped backslash before a separator"),
        pytest.param("f=a\nb=c", ItemSet(fields=[Field("f", "a\nb=c")]), id="line break"),
    ],
)
def test_backslashes_take_the_meaning_from_separators_alone(item: str, expected: ItemSet) -> None:
    assert parse_items([item]) == expected


def quoted(text: str, *, is_name: bool) -> str:
    """The text with everything escaped that an item would take for something else."""
    ends = "(?=[:;=@]|\\Z)" if is_name else "(?=[:;=@])"
    return re.sub("[:;=@]", r"\\\g<0>", re.sub(rf"\\+{ends}", lambda run: run[0] * 2, text))


TEXTS = st.text(st.one_of(st.sampled_from("\\:;=@ab"), st.characters()), max_size=12)


@settings(max_examples=300, deadline=None)
@given(TEXTS.filter(bool), TEXTS)
def test_any_name_and_any_value_can_be_written(name: str, value: str) -> None:
    item = f"{quoted(name, is_name=True)}={quoted(value, is_name=False)}"
    assert parse_items([item]) == ItemSet(fields=[Field(name, value)])


def named_in(word: str, message: str) -> bool:
    """Whether a message quotes the item, or what of it may be shown, or says what is missing in it."""
    name = re.split("[;:=@]", word, maxsplit=1)[0]
    said = ("has no name", "after @", "an empty word", "is none")
    return shown(word) in message or shown(f"{name};") in message or any(words in message for words in said)


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_any_word_is_an_item_or_refused(word: str) -> None:
    try:
        made = parse_items([word])
    except Usage as error:
        refusal = error.message
    else:
        assert len(made.headers) + len(made.query) + len(made.fields) + (made.body is not None) == 1
        return
    assert named_in(word, refusal)


@pytest.mark.parametrize(
    "items",
    [["X-A:", "X-B:5"], ["X-A:", "a=12:30"], ["X-A:", "a:=3"], ["Cookie:", "X-B:1"], ["a=", "b=1"], ["{a}=1"],
     ["[]:=1"], ["[0][a]=1"]],
)  # fmt: skip
def test_what_could_be_mistaken_and_makes_sense_is_taken_as_it_stands(items: list[str]) -> None:
    made = parse_items(items)
    assert len(made.headers) + len(made.fields) == len(items)


def test_items_keep_their_order_within_their_kind() -> None:
    made = parse_items(["a=1", "X:1", "p@f", "b:=2", "q==1", "a=3", "X:2", "q==2"])
    assert [field.name for field in made.fields] == ["a", "p", "b", "a"]
    assert made.headers == (("X", "1"), ("X", "2"))
    assert made.query == (("q", "1"), ("q", "2"))


@pytest.mark.parametrize(
    ("items", "message", "hint"),
    [
        (["foo"], "'foo' is not an item", "did you mean foo==… (query), foo=… (field) or foo:… (header)?"),
        ([""], "an empty word stands among the items", "a variable of the shell that is not set leaves one"),
        (["a b\x1b"], r"'a b\x1b' is not an item", "an item is Header:value"),
        ([r"a\=b"], r"'a\\=b' is not an item", "an item is Header:value"),
        ([";"], "an item that begins with ; has no name", "a header is written name;"),
        (["=s3cret"], "an item that begins with = has no name", "a field is written name=…"),
        ([":=1"], "an item that begins with := has no name", "a field is written name:=…"),
        (["==x"], "an item that begins with == has no name", "a parameter is written name==…"),
        ([":3000"], "an item that begins with : has no name", "a header is written name:…"),
        (["=@f"], "an item that begins with =@ has no name", "a field is written name=@…"),
        (["5"], "'5' is not an item", "if it is seconds: -m shows the time here"),
        (["POST"], "'POST' is not an item", "a method stands before the URL: `reqcli post URL`"),
        (["a=1", "Delete"], "'Delete' is not an item", "a method stands before the URL: `reqcli delete URL`"),
        (["Authorization:", "Bearer", "x"], "the word after 'Authorization:' is not an item", "a header with a blank"),
        (["Accept:", "text/html"], "the word after 'Accept:' is not an item", "a header with a blank in it stands"),
        (["Referer:", "http://a/"], "the word after 'Referer:' is not an item", "a header with a blank in it stands"),
        (["Date:", "12:30"], "the word after 'Date:' is not an item", "a header with a blank in it stands in quotes"),
        (["Host:", "a.example:80"], "the word after 'Host:' is not an item", "a header with a blank in it stands"),
        (["Host:", "localhost:80"], "the word after 'Host:' is not an item", "a header with a blank in it stands"),
        (["Cookie:", "a=s3cret"], "the word after 'Cookie:' is not an item", "a header with a blank in it stands"),
        (
            ["name=", "alice"],
            "the word after 'name=' is not an item",
            "a value with a blank in it stands in quotes: 'name=…'",
        ),
        (
            ["q==", "alice"],
            "the word after 'q==' is not an item",
            "a value with a blank in it stands in quotes: 'q==…'",
        ),
        (["a[b]:=", "3"], "the word after 'a[b]:=' is not an item", "a value with a blank in it stands in quotes"),
        (["name", "=", "alice"], "'name' is not an item", "it is written without blanks around the sign: name=…"),
        (["name", ":=", "3"], "'name' is not an item", "it is written without blanks around the sign: name:=…"),
        (
            ["q==hello", "world"],
            "'world' is not an item",
            "if it is the rest of a value, that stands in quotes: 'q==…'; el",
        ),
        (
            ["bearer", "s3cret"],
            "'bearer' is not an item",
            "a header with a blank in it stands in quotes: 'Authorization",
        ),
        (['{"a":"s3cret"}'], "an item that begins with { is none", "JSON as it is: --raw '{…}'"),
        (
            ["{a:s3cret}"],
            "an item that begins with { is none",
            "JSON as it is, in single quotes for the shell: --raw '{…}'",
        ),
        (['[{"a":1}]'], "an item that begins with [ is none", "JSON as it is: --raw '[…]'"),
        (["[1,2]"], "an item that begins with [ is none", "JSON as it is"),
        (["a=1", "http://u:pw@a.example/x"], "a URL, http://…, stands where an item belongs", "a request has one URL"),
        (["HTTPS://a"], "a URL, HTTPS://…, stands where an item belongs", "a request has one URL"),
        ([__file__.replace("=", "")], f"'{__file__[:20]}", f"did you mean @{__file__}, which sends the file?"),
        (["X;s3cret"], "the item beginning with 'X;' is not one", "`X;` sends an empty header"),
        (["f=@"], "a file name is missing after @", "`@-` reads standard input"),
        (["@"], "a file name is missing after @", ""),
        (["@a", "@b"], "a request has one body", ""),
        (["@a", "f=1"], "a request has one body", ""),
        (["@a", "p@f"], "a request has one body", ""),
        (["p@-", "p@-"], "standard input can be read only once", ""),
        (["f=@-", "X:@-"], "standard input can be read only once", ""),
    ],
)
def test_what_is_no_item_is_named_with_the_way_out(items: list[str], message: str, hint: str) -> None:
    with pytest.raises(Usage) as caught:
        parse_items(items)
    assert caught.value.message.startswith(message)
    assert (caught.value.hint or "").startswith(hint)


@pytest.mark.parametrize(
    "items",
    [
        ["X;s3cret"], ["f:=s3cret"], ["f:=[s3cret"], ["f:={'s3cret':1}"], ["=s3cret"], [":s3cret"], ["X:", "s3cret"],
        ["Cookie:", "a=s3cret"], ['{"a":"s3cret"}'], ["{a:s3cret}"], ["a=s3cret", "word"], ["bearer", "s3cret"],
        ["http://u:s3cret@a/"], ["a:=1", "a[s3]=cret", "a[]=s3cret"],
    ],
)  # fmt: skip
def test_no_message_shows_a_value(items: list[str]) -> None:
    with pytest.raises(Usage) as caught:
        body(*items)
    assert "s3cret" not in f"{caught.value.message} {caught.value.hint}"


def test_values_are_not_in_the_repr() -> None:
    assert "s3cret" not in repr(parse_items(["X:s3cret", "f=s3cret", "q==s3cret"]))


@pytest.mark.parametrize(
    ("items", "text"),
    [
        ((), None),
        (("X:1", "q==2"), None),
        (("a=1", "b:=[1, 2.50]"), '{"a":"1","b":[1, 2.50]}'),
        (("n:=12345678901234567890.10", "e:=1e400"), '{"n":12345678901234567890.10,"e":1e400}'),
        (("a=1", "b=2", "a:=null"), '{"a":null,"b":"2"}'),
        (("quote=\"\\", "é=ü"), '{"quote":"\\"\\\\","é":"ü"}'),
        (("t=@note.txt", "d:=@data.json"), '{"t":"één\\n","d":{"n": 1.10}}'),
    ],
    ids=["nothing", "no fields", "text and JSON", "exact numbers", "again", "escapes", "files"],
)  # fmt: skip
def test_fields_make_a_json_object(items: tuple[str, ...], text: str | None) -> None:
    assert body(*items) == text


@pytest.mark.parametrize(
    ("items", "text"),
    [
        (("a=1 2", "b=é&=", "a=3"), "a=1+2&b=%C3%A9%26%3D&a=3"),
        (("t=@note.txt",), "t=%C3%A9%C3%A9n%0A"),
        (('n:=1.50', 's:="x y"', "b:=true", "z:=null"), "n=1.50&s=x+y&b=true&z=null"),
    ],
    ids=["encoded, repeated", "file", "JSON scalars"],
)  # fmt: skip
def test_fields_make_a_form(items: tuple[str, ...], text: str) -> None:
    assert body(*items, as_form=True) == text


def test_bodies_say_their_media_type() -> None:
    made = [body_of(parse_items(["a=1"]), read, as_form=as_form) for as_form in (False, True)]
    assert [one.content_type for one in made if one] == ["application/json", "application/x-www-form-urlencoded"]


@pytest.mark.parametrize(
    ("value", "where", "hint"),
    [
        ("", "it is empty", "`=` instead of `:=` sends it as text"),
        ("x", "expecting value at character 1", "`=` instead of `:=` sends it as text"),
        ("NaN", "NaN is no JSON number", "`=` instead of `:=` sends it as text"),
        ("-Infinity", "-Infinity is no JSON number", "`=` instead of `:=` sends it as text"),
        ("1 2", "extra data at character 3", "`=` instead of `:=` sends it as text"),
        ("[1,\n2,,]", "at line 2, character 3", "`=` instead of `:=` sends it as text"),
        ("[" * 100_000, "it is nested too deeply", "`=` instead of `:=` sends it as text"),
        ("True", "expecting value at character 1", "JSON writes it true"),
        ("None", "expecting value at character 1", "JSON writes it null"),
        ("{'a':1}", "at character 2", "JSON has double quotes"),
        ("{a:1}", "at character 2", "the double quotes are missing"),
    ],
)
def test_a_json_value_that_is_none_is_refused_with_the_place(value: str, where: str, hint: str) -> None:
    with pytest.raises(Usage, match="the value of the field 'f' is not JSON") as caught:
        body(f"f:={value}")
    assert caught.value.message.endswith(where)
    assert (caught.value.hint or "").startswith(hint)


def test_a_text_that_begins_with_an_at_sign_and_is_no_file_is_explained() -> None:
    with pytest.raises(InputFailed, match="cannot read alice") as caught:
        body("user=@alice")
    hint = caught.value.hint or ""
    assert hint.endswith(r"'user=\@alice'")
    assert body(hint.rpartition("its @: ")[2].strip("'")) == '{"user":"@alice"}'


def test_an_array_has_no_place_in_a_form() -> None:
    with pytest.raises(Usage, match="no place in a form"):
        body("a:=[1]", as_form=True)


def test_a_file_that_is_no_text_is_refused_as_a_field() -> None:
    with pytest.raises(InputFailed, match="'bad', for the field 'f', is not UTF-8 text"):
        body("f=@bad")


@pytest.mark.parametrize(
    ("item", "data", "content_type"),
    [
        ("a=é 1", "é 1", None),
        ("a=\udcff", "\udcff", None),
        ("a=@note.txt", "één\n", None),
        ("a:= 1.50 ", "1.50", None),
        ('a:="x y"', "x y", None),
        ("a:=[1, 2.50]", "[1, 2.50]", "application/json"),
        ('a:={"n": null}', '{"n": null}', "application/json"),
    ],
    ids=["text", "bytes", "file", "number", "string", "array", "object"],
)
def test_a_field_makes_a_part_of_a_multipart_form(item: str, data: str, content_type: str | None) -> None:
    (field,) = parse_items([item]).fields
    part = part_of(field, read)
    assert (part.data.decode(errors="surrogateescape"), part.content_type) == (data, content_type)


def test_undecodable_bytes_of_the_command_line_are_sent_as_they_were() -> None:
    made = body_of(parse_items(["f=\udcff"]), read)
    assert made is not None
    assert made.data == b'{"f":"\xff"}'


@pytest.mark.parametrize(
    ("value", "text"), [("plain\n", "plain\n"), (FileRef("-"), "typed"), (FileRef("note.txt"), "één")]
)
def test_the_text_of_a_header_or_parameter(value: str | FileRef, text: str) -> None:
    assert text_of(value, read) == text


def test_the_json_of_fields_is_json() -> None:
    text = body("a=\x1b\u2028", "b:=[true]")
    assert text is not None
    assert json.loads(text) == {"a": "\x1b\u2028", "b": [True]}


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("A: b", ("A", "b")),
        ("A:b=@c\\:d", ("A", "b=@c\\:d")),
        ("A:", ("A", None)),
        ("A;", ("A", "")),
        ("A: x; y", ("A", "x; y")),
        ("Cookie: a=b", ("Cookie", "a=b")),
    ],
)
def test_a_header_option(text: str, header: tuple[str, str | None]) -> None:
    assert parse_header(text) == header


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("@h.txt", "-H takes no file of headers", "give each with a -H of its own"),
        ("A=s3cret", "-H 'A…' is not a header", "write it as 'A: value', or 'A;' to send it empty"),
        ("Bearer s3cret", "-H 'Bearer…' is not a header", "write it as 'Bearer: value'"),
        ("X-Token", "-H 'X-Token' is not a header", "write it as 'X-Token: value', or 'X-Token;' to send it empty"),
        ("eyJhbGciOiJIUzI1NiJ9.s3cret", "-H 'eyJhbGci…' is not a header", "write it as 'Name: value'"),
    ],
)
def test_a_header_option_that_is_none_is_refused(text: str, message: str, hint: str) -> None:
    with pytest.raises(Usage) as caught:
        parse_header(text)
    assert caught.value.message == message
    assert (caught.value.hint or "").startswith(hint)


AS_A_PATTERN = re.compile(r"(?s)((?:[^\\:;=@]|\\[\\:;=@]|\\(?![\\:;=@]))*)(:=@|==@|:=|:@|=@|==|[:;=@])(.*)")


@given(st.text("ab\\:;=@\n", max_size=12))
def test_an_item_is_cut_at_its_first_separator_that_is_not_escaped(item: str) -> None:
    match = AS_A_PATTERN.fullmatch(item)
    assert _cut(item) == (match.groups() if match else (item, "", ""))
