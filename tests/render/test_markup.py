"""XML and HTML: indented where that changes nothing, never resolved, never slow."""

from __future__ import annotations

import re
import time
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqcli.render.colour import painter
from reqcli.render.markup import markup_text

PLAIN = painter(colour=False)


def xml(text: str) -> str | None:
    return markup_text(text, PLAIN, is_html=False, layout=True)


def html(text: str) -> str | None:
    return markup_text(text, PLAIN, is_html=True, layout=True)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<a><b/><c>x</c></a>", "<a>\n  <b/>\n  <c>x</c>\n</a>\n"),
        ("<a>\r\n\t<b/></a>", "<a>\n  <b/>\n</a>\n"),
        ("<a> </a>", "<a> </a>\n"),
        ("<a></a>", "<a></a>\n"),
        ("<a>x <b>y</b></a>", "<a>x <b>y</b></a>\n"),
        ("<a>x<b><c/></b></a>", "<a>x<b><c/></b></a>\n"),
        ('<a xml:space="preserve"><b/></a>', '<a xml:space="preserve"><b/></a>\n'),
        ("<a><![CDATA[<x>]]><b/></a>", "<a><![CDATA[<x>]]><b/></a>\n"),
        ("<?xml version='1.0'?><!-- > --><a b='>'/>", "<?xml version='1.0'?>\n<!-- > -->\n<a b='>'/>\n"),
        ("<a>&lt;&x;</a>", "<a>&lt;&x;</a>\n"),
        (
            "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'><!-- ]> -->]><a><b>&x;</b></a>",
            "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'><!-- ]> -->]>\n<a>\n  <b>&x;</b>\n</a>\n",
        ),
        ("<a>\x1b[2J<b/></a>", "<a>\\x1b[2J<b/></a>\n"),
    ],
)
def test_xml_is_indented_where_no_text_is(text: str, shown: str) -> None:
    assert xml(text) == shown


@pytest.mark.parametrize(
    "text", ["", "x", "<a>", "<a></b>", "</a>", "<a", "<a b='></a>", "<!-- <a/>", "<a><b></a></b>"]
)
def test_what_is_not_well_formed_is_not_laid_out(text: str) -> None:
    assert xml(text) is None


def test_markup_that_is_nested_too_deep_is_not_laid_out() -> None:
    assert xml("<a>" * 1000 + "</a>" * 1000) is None
    deep = html("<div>" * 1000 + "x")
    assert deep is not None
    assert max(len(line) for line in deep.splitlines()) < 300


texts = st.text('ab<&;" é', max_size=4).map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;"))


@st.composite
def elements(draw: st.DrawFn, depth: int = 3) -> str:
    children = draw(st.lists(elements(depth - 1) | texts, max_size=3)) if depth else [draw(texts)]
    attribute = draw(st.sampled_from(["", " x='1'", ' y="a>b"']))
    return f"<e{attribute}>{''.join(children)}</e>"


def canonical(text: str) -> str:
    """What the document means, blanks between elements alone left out."""

    def walk(element: ElementTree.Element) -> str:
        texts = [element.text or "", *(child.tail or "" for child in element)]
        has_text = not len(element) or any(text.strip(" \t\r\n") for text in texts)
        kept = texts if has_text else [""] * len(texts)
        inner = "".join(f"{walk(child)}{text!r}" for child, text in zip(element, kept[1:], strict=True))
        return f"({element.tag}{sorted(element.attrib.items())}{kept[0]!r}{inner})"

    return walk(ElementTree.fromstring(text))


@given(elements())
def test_xml_means_what_it_meant(text: str) -> None:
    shown = xml(text)
    assert shown is not None
    assert canonical(shown) == canonical(text)
    assert xml(shown) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<!doctype html><html><body><p>a <b>b</b></p></body></html>",
         "<!doctype html>\n<html>\n  <body>\n    <p>a <b>b</b></p>\n  </body>\n</html>\n"),
        ("<ul><li>a<li>b</ul>", "<ul>\n  <li>\n    a\n  <li>\n    b\n</ul>\n"),
        ("<p>a<p>b", "<p>\n  a\n<p>\n  b\n"),
        ("<p>a<ul></ul>", "<p>\n  a\n<ul></ul>\n"),
        ("<div><br>x<img src=a></div>", "<div><br>x<img src=a></div>\n"),
        ("<div><p>x</p></div></span>", "<div>\n  <p>x</p>\n</div>\n</span>\n"),
        ("<pre>  a\n <b>c\n</pre><p>x</p>", "<pre>  a\n <b>c\n</pre>\n<p>x</p>\n"),
        ("<head><script>if (a<b) x='</p>'</script></head>",
         "<head>\n  <script>if (a<b) x='</p>'</script>\n</head>\n"),
        ("<p>1 < 2 & 3</p>", "<p>1 < 2 & 3</p>\n"),
        ("<p>a<!-- c --> b</p>", "<p>\n  a<!-- c --> b\n</p>\n"),
        ("<P>x</p>", "<P>x</p>\n"),
    ],
)  # fmt: skip
def test_html_is_indented_beside_blocks(text: str, shown: str) -> None:
    assert html(text) == shown


@pytest.mark.parametrize("text", ["<script>x", "<p", "<a b='>", "<!-- x"])
def test_html_that_cannot_be_cut_is_not_laid_out(text: str) -> None:
    assert html(text) is None


PIECES = (
    "<p>", "</p>", "<b>", "</b>", "<ul>", "</ul>", "<li>", "<br>", "a", " ", "&x;", "<!--c-->", "<pre> x\n</pre>",
    "<div a='1'>", "</div>", "<script>1<2</script>", "\n",
)  # fmt: skip


@given(st.lists(st.sampled_from(PIECES)))
def test_html_keeps_every_token_and_its_order(pieces: list[str]) -> None:
    text = "".join(pieces)
    shown = html(text)
    assert shown is not None
    assert re.sub(r"\s", "", shown) == re.sub(r"\s", "", text)
    inline = [piece for piece in pieces if piece in ("a", " ", "<b>", "</b>", "<br>", "&x;")]
    if inline == pieces:
        assert shown.strip("\n ") == text.strip("\n ")


def test_colours_alone_change_nothing_else() -> None:
    text = '<?xml version="1.0"?>\n<a b="1"  c=\'x\'><!-- n -->t</a>\n'
    painted = markup_text(text, painter(colour=True), is_html=False, layout=False)
    assert painted is not None
    assert "\x1b[1;34ma\x1b[0m" in painted
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == text


@pytest.mark.parametrize(
    "text",
    ["<" * 100_000, "<a " + "b" * 100_000, "<a " + "b=" * 50_000, "<a>" * 30_000, "<!--" * 30_000,
     "<!DOCTYPE [" * 10_000, "<p>" * 30_000, "<p>x</p>" * 15_000, "<a b='" * 20_000, "<script>" * 15_000,
     "<b>x" * 25_000, "<div>" * 40_000 + "</li>" * 40_000, "<!DOCTYPE [" + "<!--" * 50_000],
)  # fmt: skip
@pytest.mark.parametrize("is_html", [False, True])
def test_hostile_markup_takes_no_longer_than_friendly_markup(text: str, is_html: bool) -> None:
    began = time.process_time()
    markup_text(text, painter(colour=True), is_html=is_html, layout=True)
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    ("text", "is_html"), [("<a>" * 99 + "<b/>" * 99_000 + "</a>" * 99, False), ("<div>" * 99 + "<hr>" * 99_000, True)]
)
def test_deep_and_dense_markup_does_not_swell_beyond_measure(text: str, is_html: bool) -> None:
    assert markup_text(text, painter(colour=False), is_html=is_html, layout=True) == text
