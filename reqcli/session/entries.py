"""The cookies of a long document, left in the words that they stand in until somebody asks for them.

To understand thousands of cookies takes longer than all the rest of a request, which sends those of one host and
changes a few. So the text of a document's cookies is only compared with the form that `document.dump` writes: one
entry a line, the fields in their order, each of its kind, no escape that would let two spellings mean one cookie.
What has this form throughout is known to be sound without being understood, and can be written again as it is. All
else (what a person wrote, what is damaged, what is rare) is none of this module's, and is read by the rules in full.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import groupby
from operator import itemgetter

from reqcli.cookies.jar import ByDomain, Group

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from reqcli.model.cookie import Cookie

_BEGINNING: Final = b'\n  "cookies": [\n'
_END: Final = b"\n  ]\n}\n"
_BARE: Final = rb"[ !#-\[\]-~]"
"""What stands for itself in a string of an ASCII document."""

_ESCAPED: Final = rb'\\(?:["\\bfnrt]|u[0-9a-f]{4})'
_KEY: Final = rb'%(bare)s*+(?:\\(?:["\\bfnrt]|u(?!00[0-7])[0-9a-f]{4})%(bare)s*+)*+' % {b"bare": _BARE}
"""A string, where two spellings mean two strings: no character that is written in a shorter way is written by its
number, and no letter of that in upper case. That pairs of surrogates mean one character makes no two of them alike."""

_BOOL: Final = rb"(?:true|false)"
_TIME: Final = rb"(?:0|[1-9][0-9]{0,10})(?:\.[0-9]{1,17})?"
"""A time nearer than `schema.FAR_TIME`. An older one than the epoch, or one with an exponent, is rare."""

_ENTRY: Final = re.compile(
    (
        rb'    (\{"name": "(%(key)s)", "value": "%(bare)s*+(?:%(escaped)s%(bare)s*+)*+", "domain": "(%(bare)s++)", '
        rb'"path": "(/%(key)s)", "host_only": (%(bool)s), "secure": %(bool)s, "http_only": %(bool)s, '
        rb'"same_site": "%(bare)s*+", "expires": (?:null|%(time)s), "created": %(time)s\}),?\n'
    )
    % {b"bare": _BARE, b"key": _KEY, b"escaped": _ESCAPED, b"bool": _BOOL, b"time": _TIME}
)
"""A line, with the entry and what is the cookie's key; a repetition never gives back, so this takes linear time."""


class Written(Group):
    """The cookies of one domain, as they are written until they are asked for.

    Args:
        entries: of each the JSON object.
        understand: makes the cookies of them.
    """

    __slots__ = ("_entries", "_understand")

    def __init__(self, entries: list[bytes], understand: Callable[[list[bytes]], list[Cookie]]) -> None:
        self._entries: Final = entries
        self._understand: Final = understand
        self.written = None

    if not TYPE_CHECKING:  # the face of the group is the same

        def __getattr__(self, name: str) -> object:
            if name == "by_key":
                self.by_key = {cookie.key: cookie for cookie in self._understand(self._entries)}
                self.written = self.by_key, self._entries
            return super().__getattribute__(name)

    def __len__(self) -> int:
        return len(self._entries)

    def entries(self, write: Callable[[Cookie], bytes]) -> list[bytes]:
        return self._entries


def taken_apart(data: bytes, understand: Callable[[list[bytes]], list[Cookie]]) -> tuple[bytes, ByDomain] | None:
    """A document without cookies, and its cookies; None if they are not all in the form in which they are written.

    Args:
        data: the whole document.
        understand: makes the cookies of entries, when they are asked for.

    Returns:
        A document and the cookies, such that `data` is sound if the document is, and means what the two mean together.
    """
    # One JSON value stands in the place of another. That both are the member of the whole is for the reader to see:
    # with one brace after it, it is in one object, which is the whole; and the member's name stands before it.
    start, end = data.find(_BEGINNING) + len(_BEGINNING), len(data) - len(_END)
    if start < len(_BEGINNING) or not data.endswith(b"}" + _END):
        return None
    found = _ENTRY.findall(data, start, end + 1)
    if not found:
        return None
    entries, names, domains, paths, alone = zip(*found, strict=True)
    text = b",\n    ".join(entries)
    if len(text) != end - start - 4 or not data.startswith(text, start + 4):
        return None
    if len(set(zip(names, domains, paths, alone, strict=True))) < len(found):
        return None
    cookies: dict[str, Group] = {}
    for domain, group in groupby(zip(domains, entries, strict=True), itemgetter(0)):
        name = domain.decode("ascii")
        if name in cookies:
            return None
        cookies[name] = Written([entry for _, entry in group], understand)
    return data[:start].rstrip() + b"]\n}\n", ByDomain(cookies, len(found))


def fitting(cookies: Iterable[Cookie], room: int, size: Callable[[Cookie], int]) -> tuple[Cookie, ...]:
    """Those of the cookies that are kept where there is not room for all.

    Args:
        cookies: all of them.
        room: bytes.
        size: the bytes that one takes.
    """
    cookies = tuple(cookies)
    used: dict[str, int] = {}
    ranked = []
    for cookie in sorted(cookies, key=lambda cookie: cookie.created, reverse=True):
        taken = size(cookie)
        used[cookie.domain] = used.get(cookie.domain, 0) + taken
        ranked.append((used[cookie.domain], taken, cookie.key))
    kept = set()
    for _, taken, key in sorted(ranked):
        room -= taken
        if room < 0:
            break
        kept.add(key)
    return tuple(cookie for cookie in cookies if cookie.key in kept)
