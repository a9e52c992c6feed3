r"""Names of JSON fields that say where in the body a value goes, as HTTPie has them.

    a[b][c]=v      objects in objects            {"a": {"b": {"c": "v"}}}
    a[]=1 a[]=2    an array, appended to         {"a": ["1", "2"]}
    a[2]=v         a place in one, from 0 on     {"a": [null, null, "v"]}; later items may fill the gaps
    a[][b]=v       an object, appended           {"a": [{"b": "v"}]}
    [0]=v  []=v    the body itself is an array   ["v"]

    name  := first step*          first := text | "[" number "]" | "[]"
    step  := "[" text "]" | "[" number "]" | "[]"

A backslash takes the meaning from `[`, `]` and itself, and makes a number a text: `a[\1]=v` is {"a": {"1": "v"}}.
A value stands where it was put last; what it holds can be added to, if it is an object or an array. What cannot be
added to is an error that points at the step. Gaps and depth are bounded: an item of a few bytes makes no large body.
"""

from __future__ import annotations

from reqcli.errors import Usage
from reqcli.model.fields import shown
from reqcli.model.quick_json import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final, NoReturn, TypeAlias

MAX_GAPS: Final = 10_000
"""Empty places that all the arrays of one body may have before they are filled."""

MAX_DEPTH: Final = 100
"""Steps that one name may have."""


class JsonText(str):
    """A value as JSON writes it: numbers stay the text that was typed, `1.10` or thirty digits."""

    __slots__ = ()


Node: TypeAlias = "dict[str, Node] | list[Node] | JsonText | str | bool | None"
Step: TypeAlias = "tuple[str | int | None, int, int]"
"""A key, an index, or None to append; and where in the name it begins and ends."""

# Compiled when a name has a bracket or a backslash: most have neither.
_PIECE: Final = r"(?:[^\[\]\\]|\\[\[\]\\]|\\)+"
_NUMBER: Final = r"-?[0-9]+"
_LITERALLY: Final = r"a bracket that is a part of the name is written \[ or \]"


class Tree:
    """The JSON body that fields make, one after the other."""

    def __init__(self) -> None:
        self._holder: Final[dict[str, Node]] = {}
        self._gaps = 0

    def put(self, name: str, value: JsonText) -> None:
        """Put a value where the name says.

        Raises:
            Usage: the name is malformed, or what stands there already is of another kind; `details` say where in it.
        """
        steps = path_of(name)
        at: Any = self._holder  # an object or an array
        place: str | int = ""  # in it, of what the next step leads into
        for index, (key, start, end) in enumerate(steps):
            kind = dict if isinstance(key, str) else list
            node = _opened(at, place, kind)
            if type(node) is not kind:
                where = name[: steps[index - 1][2]] if index else ""
                _point(name, start, end, _clash(node, kind, where), "give one of them another name")
            at = node
            place = key if isinstance(key, str) else self._room(name, at, (key, start, end))
        at[place] = value

    def text(self) -> str:
        """The body.

        Raises:
            Usage: a value that was added to is nested too deeply.
        """
        try:
            return _dump(self._holder.get("", {}))
        except RecursionError as error:
            raise Usage("the JSON body is nested too deeply") from error

    def _room(self, name: str, array: list[Node], step: tuple[int | None, int, int]) -> int:
        """The index that the step means, the array made long enough for it."""
        index, start, end = step
        if index is None:
            index = len(array)
        missing = index + 1 - len(array)
        if missing > 0:
            self._gaps += missing - 1
            if self._gaps > MAX_GAPS:
                problem = f"that leaves more than {MAX_GAPS} places of arrays empty"
                _point(name, start, end, problem, "send such an array as JSON: name:='[…]' or name:=@FILE")
            array += [None] * missing
        return index


def _opened(at: Any, place: Any, kind: type) -> Node:
    """What stands at a place: made if nothing does yet, taken apart if it is the JSON text of something to add to."""
    node: Any = at[place] if isinstance(at, list) or place in at else kind()
    is_text = isinstance(node, JsonText)
    if isinstance(at, list) and (node is None or (is_text and node == "null")):
        node = kind()  # a gap is there to be filled
    elif is_text and node[:1] in ("{", "["):
        import json

        node = json.loads(node, parse_int=JsonText, parse_float=JsonText)
    at[place] = node
    return node  # type: ignore[no-any-return]


def path_of(name: str) -> list[Step]:
    """The steps of a name, the first one into the body itself.

    Raises:
        Usage: it is malformed; `details` say where.
    """
    if "[" not in name and "]" not in name:
        return [(_text(name), 0, len(name))]
    import re

    match_piece = re.compile(_PIECE).match
    steps: list[Step] = []
    first = match_piece(name)
    place = 0
    if first is not None:
        place = first.end()
        steps.append((_text(first[0]), 0, place))
    while place < len(name):
        if name[place] != "[":
            _point(name, place, place + 1, "a [ is expected here", _LITERALLY)
        inner = match_piece(name, place + 1)
        end = inner.end() if inner is not None else place + 1
        key = None if inner is None else _accessor(name, place + 1, inner[0], is_first=not steps)
        if name[end : end + 1] != "]":
            _point(name, end, end + 1, "a ] is missing here", _LITERALLY)
        steps.append((key, place, end + 1))
        place = end + 1
        if len(steps) > MAX_DEPTH:
            _point(name, steps[-1][1], place, f"that is more than {MAX_DEPTH} levels deep")
    return steps


def _accessor(name: str, start: int, inner: str, *, is_first: bool) -> str | int:
    import re

    end = start + len(inner)
    if not re.fullmatch(_NUMBER, inner):
        if is_first:
            problem = "a number or ] is expected here"
            _point(name, start, end, problem, "the name of a field stands before its brackets: a[b]=…")
        return _text(inner)
    if inner.startswith("-"):
        problem = "the places of an array are counted from 0"
        _point(name, start, end, problem, rf"as a name it is written \{inner}")
    return int(inner.lstrip("0")[:12] or "0")  # more digits make no difference: it is refused for its size


def _text(written: str) -> str:
    if "\\" not in written:
        return written
    import re

    if re.fullmatch(_NUMBER, written[1:]) and written.startswith("\\"):
        return written[1:]
    return re.sub(r"\\([\[\]\\])", r"\1", written)


def _clash(node: Node, kind: type, where: str) -> str:
    name = f"{shown(where)} is" if where else "the body is"
    return f"{name} {_kind(node)} already, and this needs {'an object' if kind is dict else 'an array'}"


def _kind(node: Node) -> str:
    if isinstance(node, dict):
        return "an object"
    if isinstance(node, list):
        return "an array"
    if isinstance(node, JsonText):
        if node[:1] == '"':
            return "a text"
        return node if node in ("true", "false", "null") else "a number"
    return "null" if node is None else str(node).lower() if isinstance(node, bool) else "a text"


def _point(name: str, start: int, end: int, problem: str, hint: str | None = None) -> NoReturn:
    """Refuse a name, and tell where in it the trouble is."""
    raise Usage(
        f"field {shown(name)}, character {start + 1}: {problem}",
        hint=hint,
        details={"pointer": {"text": name, "start": start, "end": max(end, start + 1)}},
    )


def _dump(node: Node) -> str:
    if isinstance(node, JsonText):
        return node
    if isinstance(node, dict):
        members = (f"{quoted(key)}:{_dump(value)}" for key, value in node.items())
        return f"{{{','.join(members)}}}"
    if isinstance(node, list):
        return f"[{','.join(map(_dump, node))}]"
    if isinstance(node, str):
        return quoted(node)
    return "null" if node is None else "true" if node else "false"
