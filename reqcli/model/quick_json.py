"""JSON text to values and back by the interpreter's own parts in C, without the package that stands before them.

To import `json` compiles six regular expressions, which takes longer than to read and write a session. What it adds to
`_json` is small: blanks around a text, and the words for what is wrong with it. So the package is asked for nothing but
these words, and for everything where an interpreter has no such parts (PyPy). Both ways give the same values, the same
text and the same errors; property tests hold them together.
"""

from __future__ import annotations

try:
    import _json as parts
except ImportError:
    parts = None  # type: ignore[assignment]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final, NoReturn

_BLANKS: Final = " \t\n\r"


class Rules:
    """How JSON is read: as `json.JSONDecoder` does it, but for three things.

    Args:
        made: makes an object's value of its members, each a pair of name and value, in their order; None for a dict.
        constant: makes the value of `NaN`, `Infinity` or `-Infinity`, or raises.
        number: makes the value of a number of its text; None for an int or a float.
        integer: the same for one without fraction and exponent; None for what `number` says.
    """

    strict = True
    object_hook = None

    def __init__(
        self,
        made: Callable[[list[tuple[str, Any]]], Any] | None,
        constant: Callable[[str], Any],
        number: Callable[[str], Any] | None = None,
        integer: Callable[[str], Any] | None = None,
    ) -> None:
        self.object_pairs_hook: Final = made
        self.parse_constant: Final = constant
        self.parse_int: Final = integer or number or int
        self.parse_float: Final = number or float


def reader(rules: Rules) -> Callable[[str], Any]:
    """What makes a value of a text that is one JSON value.

    It raises what `json.JSONDecoder.decode` raises, and what the rules do.
    """
    if parts is None:
        return _in_full(rules)
    scan = parts.make_scanner(rules)  # type: ignore[arg-type]

    def read(text: str) -> Any:
        try:
            value, end = scan(text, 0 if text[:1] == "{" else len(text) - len(text.lstrip(_BLANKS)))
        except (StopIteration, SystemError):
            # The second in Python 3.11: its parser takes the error from the package, and has none until that is loaded.
            return _in_full(rules)(text)
        return _in_full(rules)(text) if text[end:].strip(_BLANKS) else value

    return read


def checker(rules: Rules) -> Callable[[str], bool]:
    """What says whether a text is one JSON value, and nothing in it is refused by the rules, with a ValueError.

    A text that is nested too deeply for the interpreter is none.
    """
    if parts is None:
        scan = _in_full(rules)

        def check(text: str) -> bool:
            try:
                scan(text)
            except (ValueError, RecursionError):
                return False
            return True

        return check
    scan = parts.make_scanner(rules)  # type: ignore[arg-type]

    def check_quickly(text: str) -> bool:
        text = text.strip(_BLANKS)
        try:
            _, end = scan(text, 0)
        except (StopIteration, ValueError, RecursionError, SystemError):  # the last one as in `reader`
            return False
        return end == len(text)

    return check_quickly


def _in_full(rules: Rules) -> Callable[[str], Any]:
    """The same by the package, which knows what is wrong and where."""
    from json import JSONDecoder

    return JSONDecoder(
        object_pairs_hook=rules.object_pairs_hook,
        parse_constant=rules.parse_constant,
        parse_int=rules.parse_int,
        parse_float=rules.parse_float,
    ).decode


def _quoted_in_full(text: str) -> str:
    from json.encoder import encode_basestring

    return encode_basestring(text)


quoted: Final[Callable[[str], str]] = _quoted_in_full if parts is None else parts.encode_basestring
"""A text as a JSON string, with everything in it that JSON allows as it is."""


def writer(*, compact: bool = False) -> Callable[[Any], str]:
    """What makes text of a value that is a tree: nothing in it holds itself.

    It raises ValueError for a number that is infinite or none, and TypeError for what is no JSON value.

    Args:
        compact: write no blanks, and all characters that JSON allows as they are; otherwise the text is ASCII.
    """
    separators = (",", ":") if compact else (", ", ": ")
    if parts is None:
        from json import JSONEncoder

        return JSONEncoder(ensure_ascii=not compact, allow_nan=False, separators=separators).encode
    string = parts.encode_basestring if compact else parts.encode_basestring_ascii
    chunks = parts.make_encoder(None, _refused, string, None, *separators[::-1], False, False, False)  # noqa: FBT003
    return lambda value: string(value) if type(value) is str else "".join(chunks(value, 0))


def _refused(value: object) -> NoReturn:
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
