"""The items after the URL, as HTTPie and xh know them: each one a header, a query parameter, a field or the body.

    Header:value  Header:  Header;      set, take out, send empty        Header:@FILE    its value from a file
    name==value                         query parameter                  name==@FILE
    name=value    name:=json            field: text, or any JSON value   name=@FILE  name:=@FILE
    name@FILE  name@-                   file part of a multipart form; ;type=… and ;filename=… may follow
    @FILE  @-                           the whole body
    a[b][]=value                        field of an object, appended to an array, in JSON (`reqcli.cli.nested`)

The first separator that is not escaped decides, and of those that begin there the longest. A backslash takes the
meaning from a separator's character (`a\\=b=c` names the field `a=b`); two of them before one are a backslash.
Anywhere else a backslash is just that, so `path=C:\\temp` needs no thought.

Parsing opens no file: what is to be read is a `FileRef`, and `text_of` and `body_of` are handed a reader.
"""

from __future__ import annotations

from reqcli.errors import InputFailed, Usage
from reqcli.model.body import BytesBody, form_body
from reqcli.model.fields import shown
from reqcli.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from re import Match
    from typing import Final, NoReturn

    Reader = Callable[[str], bytes]
    """Gives the content of the file of this name, `-` for standard input; raises `InputFailed`."""

_OF_SEPARATORS: Final = ":;=@"
_SEPARATORS: Final = (":=@", "==@", ":=", ":@", "=@", "==", ":", ";", "=", "@")
"""Of those that begin at the same place the first one here counts."""

_ESCAPED: Final = ("\\", *_OF_SEPARATORS)

_URLS: Final = ("http:", "https:")
# Compiled when there is a backslash.
_ESCAPES_IN_NAME: Final = r"(\\+)([:;=@]|\Z)"
_ESCAPES_IN_VALUE: Final = r"(\\+)([:;=@])"


class FileRef(Value):
    """A file that is still to be read.

    Args:
        path: as typed; `-` is standard input.
        media_type: what `;type=…` said, or None.
        filename: what `;filename=…` said, or None.
    """

    __slots__ = ("filename", "media_type", "path")

    def __init__(self, path: str, *, media_type: str | None = None, filename: str | None = None) -> None:
        self.path: Final = path
        self.media_type: Final = media_type
        self.filename: Final = filename


Text = str | FileRef
"""A text as typed, or the file that holds it."""


class Field(Value):
    """A field of the body: its value is text, JSON text when `is_json`, or when `is_file` the file itself."""

    __slots__ = ("is_file", "is_json", "name", "value")

    def __init__(self, name: str, value: Text, *, is_json: bool = False, is_file: bool = False) -> None:
        self.name: Final = name
        self.value: Final = value
        self.is_json: Final = is_json
        self.is_file: Final = is_file

    def __repr__(self) -> str:
        """Its name, never its value."""
        return f"Field({self.name!r})"


class ItemSet(Value):
    """What a list of items asks for, each kind in the order it was typed.

    Args:
        headers: names and values; None takes the header out.
        query: to be appended to the URL's query.
        fields: of a JSON object or a form; if one of them is a file, of a multipart form.
        body: the file that is the whole body, or None.
    """

    __slots__ = ("body", "fields", "headers", "query")

    def __init__(
        self,
        headers: Sequence[tuple[str, Text | None]] = (),
        query: Sequence[tuple[str, Text]] = (),
        fields: Sequence[Field] = (),
        body: FileRef | None = None,
    ) -> None:
        self.headers: Final = tuple(headers)
        self.query: Final = tuple(query)
        self.fields: Final = tuple(fields)
        self.body: Final = body

    @property
    def reads_stdin(self) -> int:
        """How often standard input is to be read for it."""
        return sum(file.path == "-" for file in _files(self))

    def __repr__(self) -> str:
        """Names, never values."""
        names = [name for name, _ in (*self.headers, *self.query)] + [field.name for field in self.fields]
        return f"ItemSet({', '.join(map(repr, names))})"


def parse_items(items: Iterable[str]) -> ItemSet:
    """Sort items into what they ask for.

    Raises:
        Usage: one is no item, or they contradict each other; what follows a separator is never in the message.
    """
    headers: list[tuple[str, Text | None]] = []
    query: list[tuple[str, Text]] = []
    fields: list[Field] = []
    bodies: list[FileRef] = []
    items = tuple(items)
    for place, item in enumerate(items):
        name, separator, rest = _split(item, items, place)
        match separator:
            case ":" | ";":
                headers.append((name, _header_value(name, separator, rest)))
            case ":@":
                headers.append((name, _file(rest)))
            case "==":
                query.append((name, rest))
            case "==@":
                query.append((name, _file(rest)))
            case "=" | ":=":
                fields.append(Field(name, rest, is_json=separator == ":="))
            case "=@" | ":=@":
                fields.append(Field(name, _file(rest), is_json=separator == ":=@"))
            case _ if name:
                fields.append(Field(name, _file(rest, with_options=True), is_file=True))
            case _:
                bodies.append(_file(rest, with_options=True))
    if len(bodies) > 1 or (bodies and fields):
        raise Usage("a request has one body: give @FILE once, or fields, but not both")
    made = ItemSet(headers, query, fields, bodies[0] if bodies else None)
    if made.reads_stdin > 1:
        raise Usage("standard input can be read only once: it is asked for more than once")
    return made


def parse_header(text: str) -> tuple[str, str | None]:
    """One header as `-H` takes it: `Name: value`, `Name:` to take it out (None), `Name;` to send it empty.

    Nothing in it is escaped, and no other separator counts.

    Raises:
        Usage: it is none of these.
    """
    name, colon, value = text.partition(":")
    if colon:
        return name, value.strip(" \t") or None
    if text.endswith(";"):
        return text[:-1], ""
    from reqcli.cli.advice.mistakes import no_header

    raise no_header(text)


def text_of(value: Text, read: Reader) -> str:
    """The text itself, read from its file if need be, less the line break at a file's end; for headers and queries.

    Raises:
        InputFailed: the file cannot be read.
    """
    if isinstance(value, str):
        return value
    return read(value.path).decode(errors="surrogateescape").removesuffix("\n").removesuffix("\r")


def body_of(items: ItemSet, read: Reader, *, as_form: bool = False) -> BytesBody | None:
    """The body that the fields make: a JSON object, or a form; None when there are none.

    Args:
        items: none of their fields is a file; their whole-body file is left to the caller, who can stream it.
        read: reads the files that fields refer to.
        as_form: make a form of them.

    Raises:
        Usage: a JSON value is malformed, or has no place in a form.
        InputFailed: a file cannot be read.
    """
    if not items.fields:
        return None
    if as_form:
        return form_body([_form_pair(field, read) for field in items.fields])
    from reqcli.cli.nested import JsonText, Tree

    tree = Tree()
    for field in items.fields:
        tree.put(field.name, JsonText(_json_value(field, read)))
    return BytesBody(tree.text().encode(errors="surrogateescape"), "application/json")


def part_of(field: Field, read: Reader) -> BytesBody:
    """What a field that is no file becomes in a multipart form: its text, as in any form; an array or object stays
    JSON and says so, as an API described by OpenAPI expects it (3.1, §4.8.14.4).

    Raises:
        Usage: a JSON value is malformed.
        InputFailed: a file cannot be read.
    """
    text = _field_text(field, read)
    value = _form_value(field, text)
    if value is None:
        return BytesBody(text.encode(errors="surrogateescape"), "application/json")
    return BytesBody(value.encode(errors="surrogateescape"))


def _split(item: str, items: Sequence[str], place: int) -> tuple[str, str, str]:
    """Name, separator and value of an item, escapes resolved; those around it help to tell what was meant."""
    name, separator, rest = _cut(item)
    if separator:
        is_item = (name or separator == "@") and not (rest.startswith("//") and item.lower().startswith(_URLS))
        if place and items[place - 1].endswith(":") and _is_rest_of_header(items[place - 1], name, separator):
            is_item = False
        if is_item and not (separator in ":;" and name[:1] in "{["):
            if "\\" in item:
                import re  # most items have none, and to load it takes longer than to read them

                name = re.sub(_ESCAPES_IN_NAME, _unescaped, name)
                rest = re.sub(_ESCAPES_IN_VALUE, _unescaped, rest)
            return name, separator, rest
    from reqcli.cli.advice.mistakes import no_item

    raise no_item(items, place)


def _cut(item: str) -> tuple[str, str, str]:
    """Name, separator and value of an item as typed; the last two are empty where it has no separator."""
    place = 0
    while place < len(item):
        if item[place] in _OF_SEPARATORS:
            separator = next(one for one in _SEPARATORS if item.startswith(one, place))
            return item[:place], separator, item[place + len(separator) :]
        is_escape = item[place] == "\\" and item.startswith(_ESCAPED, place + 1)
        place += 2 if is_escape else 1
    return item, "", ""


def _is_rest_of_header(before: str, name: str, separator: str) -> bool:
    """Whether an item after `Name:` is the value that was meant for it: a time, a host with its port, a cookie."""
    if separator == ":":
        return name[:1].isdigit() or "." in name or name == "localhost"
    return separator == "=" and before.lower() == "cookie:"


def _unescaped(run: Match[str]) -> str:
    return run[1][: len(run[1]) // 2] + run[2]


def _header_value(name: str, separator: str, value: str) -> str | None:
    if separator == ":":
        return value or None
    if value:
        raise Usage(
            f"the item beginning with {shown(name + ';')} is not one",
            hint=f"`{name};` sends an empty header, and has nothing after the semicolon",
        )
    return ""


def _file(rest: str, *, with_options: bool = False) -> FileRef:
    options = {}
    if with_options and ";" in rest:
        import re

        rest, *words = re.split(r";(type|filename)=", rest)
        options = dict(zip(words[::2], words[1::2], strict=True))
    if not rest:
        raise Usage("a file name is missing after @", hint="`@-` reads standard input")
    return FileRef(rest, media_type=options.get("type"), filename=options.get("filename"))


def _files(items: ItemSet) -> list[FileRef]:
    values: list[Text | None] = [value for _, value in (*items.headers, *items.query)]
    values += [*(field.value for field in items.fields), items.body]
    return [value for value in values if isinstance(value, FileRef)]


def _field_text(field: Field, read: Reader) -> str:
    """The text of a field; unlike a header's, a file's text is taken whole."""
    if isinstance(field.value, str):
        return field.value
    path = field.value.path
    try:
        return read(path).decode()
    except UnicodeDecodeError as error:
        raise InputFailed(
            f"{shown(path)}, for the field {shown(field.name)}, is not UTF-8 text",
            hint="send it as a file part with name@FILE, or as the whole body with @FILE",
        ) from error
    except InputFailed as error:
        if error.hint is None and not field.is_json:
            error.hint = rf"to send the text itself, take the meaning from its @: '{field.name}=\@{path}'"
        raise


def _json_value(field: Field, read: Reader) -> str:
    from reqcli.model.quick_json import quoted

    text = _field_text(field, read)
    if not field.is_json:
        return quoted(text)
    _check_json(field, text)
    return text.strip(" \t\r\n")


def _form_pair(field: Field, read: Reader) -> tuple[str, str]:
    value = _form_value(field, _field_text(field, read))
    if value is None:
        raise Usage(
            f"the field {shown(field.name)} is an array or object, which has no place in a form",
            hint="leave -f out to send JSON, or send it as a part with --multipart",
        )
    return field.name, value


def _form_value(field: Field, text: str) -> str | None:
    """How a form writes the value; None for an array or object, for which it has no way."""
    if not field.is_json:
        return text
    value = _check_json(field, text)
    if isinstance(value, list | dict):
        return None
    return value if isinstance(value, str) and text.strip(" \t\r\n").startswith('"') else text.strip(" \t\r\n")


def _check_json(field: Field, text: str) -> object:
    """The value, its numbers as text."""
    from reqcli.model.quick_json import Rules, reader

    try:
        return reader(Rules(None, _refuse, number=str))(text)
    except (ValueError, RecursionError) as error:
        from reqcli.cli.advice.mistakes import no_json

        raise no_json(field.name, text, error) from error


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")
