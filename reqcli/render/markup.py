"""XML and HTML for a person: indented where that changes nothing, painted, never parsed into anything else.

The text is only cut into its tokens (tags, comments, text and so on) and put together again: no entity is resolved, no
external thing is looked at, no character of a token is changed. What may change are the blanks between two tokens, and
only where they have no meaning:

- in XML, inside an element that has elements and no text of its own. An element with text (mixed content) stays as it
  is with all that is in it, and so does one with `xml:space="preserve"` and one that holds nothing but blanks;
- in HTML, beside the tags of blocks (`<p>`, `<li>`, `<td>` …), where a browser shows no blank. Everything between
  inline tags stays, and so do `<pre>`, `<textarea>`, `<script>` and `<style>`.

What cannot be cut so, because a tag does not end or (in XML) does not match another, is not laid out at all.
"""

from __future__ import annotations

import re
from collections import Counter

from reqcli.render.escape import escape_text
from reqcli.render.json_text import DEEPEST, Margin, TooWide

TYPE_CHECKING = False
if TYPE_CHECKING:
    from re import Match
    from typing import Final

    from reqcli.render.colour import Paint

INDENT: Final = "  "

_BLANK: Final = " \t\r\n\f"

_NAME: Final = r"[A-Za-z_:\u0080-\U0010ffff][^\s/>=<\"']*+"

# Possessive throughout, so that what does not match is known not to in the time of one look.
_token: Final = re.compile(
    r"(?P<comment><!--(?:(?!-->)[\s\S])*+-->)"
    r"|(?P<cdata><!\[CDATA\[(?:(?!\]\]>)[\s\S])*+\]\]>)"
    r"|(?P<instruction><\?(?:(?!\?>)[\s\S])*+\?>)"
    r"|(?P<doctype><!(?i:DOCTYPE)(?:[^\[\]<>\"']|\"[^\"]*+\"|'[^']*+')*+"
    r"(?:\[(?:[^\]\"'<]|\"[^\"]*+\"|'[^']*+'|<!--(?:(?!-->)[\s\S])*+-->|<(?!!--))*+\]\s*+)?>)"
    rf"|(?P<end></(?P<end_name>{_NAME})\s*+>)"
    rf"|(?P<start><(?P<name>{_NAME})(?P<attributes>(?:[^<>\"']|\"[^\"<]*+\"|'[^'<]*+')*+)>)"
    r"|(?P<text>[^<]++|<(?![A-Za-z/!?_:]))"
)
_attribute: Final = re.compile(r"([^\s=/\"'<>]++)(?:(\s*+=\s*+)(\"[^\"]*+\"|'[^']*+'|[^\s\"'>]++)?)?|(\s++|[\s\S])")
_preserves: Final = re.compile(r"""xml:space\s*=\s*["']preserve["']""").search

_VOID: Final = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_RAW: Final = frozenset({"pre", "script", "style", "textarea", "title"})
"""HTML elements whose content is passed over as it is."""

_BLOCKS: Final = frozenset(
    {"address", "article", "aside", "base", "blockquote", "body", "caption", "center", "col", "colgroup", "dd",
     "details", "dialog", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3",
     "h4", "h5", "h6", "head", "header", "hgroup", "hr", "html", "legend", "li", "link", "main", "menu", "meta", "nav",
     "noscript", "ol", "optgroup", "option", "p", "pre", "script", "search", "section", "style", "summary", "table",
     "tbody", "td", "template", "tfoot", "th", "thead", "title", "tr", "ul"}
)  # fmt: skip

_CLOSED_BY: Final = {
    "li": {"li"}, "dt": {"dt", "dd"}, "dd": {"dt", "dd"}, "tr": {"tr", "td", "th"}, "td": {"td", "th"},
    "th": {"td", "th"}, "option": {"option"}, "tbody": {"thead", "tbody", "tr", "td", "th"},
    "tfoot": {"tbody", "tr", "td", "th"}, "body": {"head"},
}  # fmt: skip
"""HTML elements whose end need not be written (HTML §13.1.2.4): a start tag of the key closes an open one of these."""


class _Token:
    """A piece of the text, as it is."""

    __slots__ = ("kind", "name", "text")

    def __init__(self, kind: str, text: str, name: str = "") -> None:
        self.kind = kind
        self.text = text
        self.name = name

    @property
    def is_blank(self) -> bool:
        return self.kind == "text" and not self.text.strip(_BLANK)


class _Element:
    """An XML element: its two tags, and what is between them."""

    __slots__ = ("children", "end", "start")

    def __init__(self, start: _Token) -> None:
        self.start = start
        self.children: list[_Token | _Element] = []
        self.end: _Token | None = None


def markup_text(text: str, paint: Paint, *, is_html: bool, layout: bool) -> str | None:
    """Markup safe for a terminal, or None if it cannot be laid out without a doubt.

    Args:
        text: the document.
        paint: gives each part its colour.
        is_html: whether the rules of HTML hold, else those of XML.
        layout: whether to indent it; otherwise it is painted and that is all.
    """
    text = escape_text(text)
    tokens = _tokens(text, is_html=is_html)
    if tokens is None:
        return None
    try:
        if layout and is_html:
            return _html(tokens, paint, Margin(text, INDENT))
        if layout:
            root = _tree(tokens)
            return None if root is None else _xml(root, paint, Margin(text, INDENT))
    except TooWide:
        pass
    return "".join(_painted(token, paint) for token in tokens)


def _tokens(text: str, *, is_html: bool) -> list[_Token] | None:
    tokens: list[_Token] = []
    position = 0
    while position < len(text):
        match = _token.match(text, position)
        if match is None or (match[0] == "<" and not is_html):
            return None
        position = match.end()
        token = _token_of(match, is_html=is_html)
        tokens.append(token)
        if is_html and token.kind == "start" and token.name in _RAW:
            end = re.compile(rf"</{token.name}\s*>", re.IGNORECASE).search(text, position)
            if end is None:
                return None
            tokens.append(_Token("raw", text[position : end.start()]))
            position = end.start()
    return tokens


def _token_of(match: Match[str], *, is_html: bool) -> _Token:
    kind = match.lastgroup or ""
    if match["start"]:
        name = match["name"]
        is_empty = match["attributes"].endswith("/") if not is_html else name.lower() in _VOID
        return _Token("empty" if is_empty else "start", match[0], name.lower() if is_html else name)
    if match["end"]:
        return _Token("end", match[0], match["end_name"].lower() if is_html else match["end_name"])
    return _Token(kind, match[0])


# XML


def _tree(tokens: list[_Token]) -> _Element | None:
    """The document as an element without tags; None if its tags do not match or it has no element."""
    root = _Element(_Token("start", ""))
    inside = [root]
    for token in tokens:
        if token.kind == "start":
            element = _Element(token)
            inside[-1].children.append(element)
            inside.append(element)
            if len(inside) > DEEPEST:
                return None
        elif token.kind == "end":
            if len(inside) == 1 or inside[-1].start.name != token.name:
                return None
            inside.pop().end = token
        else:
            inside[-1].children.append(token)
    has_element = any(isinstance(child, _Element) or child.kind == "empty" for child in root.children)
    return root if len(inside) == 1 and has_element and _has_room(root) else None


def _has_room(element: _Element) -> bool:
    """Whether blanks may be put between the children: there are some, and none of them is text."""
    if _preserves(element.start.text):
        return False
    kinds = [child.kind for child in element.children if isinstance(child, _Token) and not child.is_blank]
    is_empty = not kinds and not any(isinstance(child, _Element) for child in element.children)
    return not is_empty and "text" not in kinds and "cdata" not in kinds


def _xml(root: _Element, paint: Paint, margin: Margin) -> str:
    pieces: list[str] = []
    _add_children(pieces, root, paint, margin, 0)
    return "".join(pieces).removeprefix("\n") + "\n"


def _add_children(pieces: list[str], element: _Element, paint: Paint, margin: Margin, depth: int) -> None:
    for child in element.children:
        if isinstance(child, _Token):
            if not child.is_blank:
                pieces.append(f"\n{margin.at(depth)}{_painted(child, paint)}")
            continue
        pieces.append(f"\n{margin.at(depth)}")
        if _has_room(child):
            pieces.append(_painted(child.start, paint))
            _add_children(pieces, child, paint, margin, depth + 1)
            pieces.append(f"\n{margin.at(depth)}")
            if child.end is not None:
                pieces.append(_painted(child.end, paint))
        else:
            _add_as_it_is(pieces, child, paint)


def _add_as_it_is(pieces: list[str], element: _Element, paint: Paint) -> None:
    pieces.append(_painted(element.start, paint))
    for child in element.children:
        if isinstance(child, _Token):
            pieces.append(_painted(child, paint))
        else:
            _add_as_it_is(pieces, child, paint)
    if element.end is not None:
        pieces.append(_painted(element.end, paint))


# HTML


class _Page:
    """Lines under way, each indented by the blocks that are open around it."""

    def __init__(self, margin: Margin) -> None:
        self.lines: list[str] = []
        self.is_in_line = False
        self._margin: Final = margin
        self._line: list[str] = []
        self._open: list[str] = []
        self._count: Final[Counter[str]] = Counter()  # of those that are open, by name

    def add(self, text: str) -> None:
        self._line.append(text)
        self.is_in_line = self.is_in_line or bool(text.strip(_BLANK))

    def end_line(self) -> None:
        if self.is_in_line:
            self.lines.append(self._margin.at(len(self._open)) + "".join(self._line).strip(_BLANK))
        self._line.clear()
        self.is_in_line = False

    def enter(self, name: str) -> None:
        self._open.append(name)
        self._count[name] += 1

    def leave(self, name: str) -> None:
        """Close the innermost element of this name and all that is open in it; nothing if there is none."""
        if self._count[name]:
            while self._close() != name:
                pass

    def end_before(self, name: str) -> None:
        """Close what a start tag of this name ends without a word; a paragraph ends where any block begins."""
        ends = _CLOSED_BY.get(name, frozenset()) | ({"p"} if name in _BLOCKS else set())
        while self._open and self._open[-1] in ends:
            self._close()

    def _close(self) -> str:
        name = self._open.pop()
        self._count[name] -= 1
        return name


def _html(tokens: list[_Token], paint: Paint, margin: Margin) -> str:
    """A line of its own for each tag of a block, and one line for a block without another one in it."""
    page = _Page(margin)
    is_short = False
    for place, token in enumerate(tokens):
        painted = _painted(token, paint)
        if token.kind == "end" and token.name in _BLOCKS:
            if not is_short:
                page.end_line()
                page.leave(token.name)
            is_short = False
            page.add(painted)
            page.end_line()
        elif _stands_alone(token) and not (token.kind == "comment" and page.is_in_line):
            page.end_line()
            page.end_before(token.name)
            page.add(painted)
            is_short = token.kind == "start" and _is_short(tokens, place)
            if not is_short:
                page.end_line()
                if token.kind == "start":
                    page.enter(token.name)
        else:
            page.add(painted)
    page.end_line()
    return "\n".join(page.lines) + "\n"


def _stands_alone(token: _Token) -> bool:
    return token.kind in ("doctype", "comment") or (token.name in _BLOCKS and token.kind in ("start", "empty"))


def _is_short(tokens: list[_Token], place: int) -> bool:
    """Whether the element that starts here holds no other block, so that it stays as it is."""
    for later in range(place + 1, len(tokens)):
        token = tokens[later]
        if token.name in _BLOCKS or token.kind in ("doctype", "comment"):
            return token.kind == "end" and token.name == tokens[place].name
    return False


def _painted(token: _Token, paint: Paint) -> str:
    if token.kind in ("comment", "doctype", "instruction"):
        return paint("notice", token.text)
    if token.kind == "end":
        return f"</{paint('key', token.text[2:-1])}>"
    if token.kind not in ("start", "empty"):
        return token.text
    match = _token.match(token.text)
    if match is None or not match["name"]:
        return token.text
    attributes = _attribute.sub(lambda found: _painted_attribute(found, paint), match["attributes"])
    return f"<{paint('key', match['name'])}{attributes}>"


def _painted_attribute(match: Match[str], paint: Paint) -> str:
    name, sign, value, other = match.groups()
    if other is not None:
        return other
    return f"{paint('name', name)}{sign or ''}{paint('string', value) if value else ''}"
