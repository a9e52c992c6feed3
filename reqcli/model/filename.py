"""The name under which a download is stored: what the server or the URL suggests, made harmless.

A server must not choose where its answer lands: no directories, no hidden files, no names of devices, nothing that a
shell or a terminal would act on (CVE-2019-10751, CVE-2020-8177). So a suggestion is cut to what follows its last slash,
either way it leans, loses its control and format characters and its dots at the ends, and gets an underscore before a
leading `-` or `~` and for characters that Windows does not take. Nor may it be the part of another download, or the
note beside one: what is continued later would begin with what this server sent.

A suggestion is `filename*` or `filename` of Content-Disposition (RFC 6266 §4.3, RFC 8187 §3.2), else the last part of
the URL that was asked for at first: where redirects led is the server's choice as well.
"""

from __future__ import annotations

import re
import unicodedata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from reqcli.model.url import Url

LONGEST: Final = 240
"""Bytes of a name at most. File systems take 255, and a number and `.part.json` may follow."""

NAMELESS: Final = "index"
"""The name where nothing suggests one."""

_parameters: Final = re.compile(r'(?:^|;)\s*([\w!#$%&*+.^`|~-]+)\s*=\s*("(?:[^"\\]|\\.)*"?|[^;]*)', re.DOTALL).findall
_extended: Final = re.compile(r"(utf-8|iso-8859-1)'[^']*'([\x21-\x7e]*)", re.IGNORECASE).fullmatch
_percent: Final = re.compile(rb"%([0-9A-Fa-f]{2})")
_device: Final = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\.|$)", re.IGNORECASE).match
_unfit: Final = re.compile(r'[<>:"|?*]')


def download_name(disposition: str | None, url: Url, media_type: str) -> str:
    """A harmless name for a download; never empty, hidden, or with a separator in it, and `LONGEST` bytes at most.

    Args:
        disposition: the value of Content-Disposition, viewed as latin-1, or None.
        url: what was asked for at first.
        media_type: lower case, without parameters; the extension of a name that has none follows it.
    """
    suggested = suggested_name(disposition) if disposition is not None else None
    name = safe_name(suggested or "") or safe_name(_last_part(url)) or NAMELESS
    return name if "." in name else safe_name(f"{name}{extension_of(media_type)}")


def suggested_name(disposition: str) -> str | None:
    """The file name in a Content-Disposition, not yet harmless; None if there is none that can be read.

    Args:
        disposition: the field's value, viewed as latin-1.
    """
    found: dict[str, str] = {}
    for name, value in _parameters(disposition):
        found.setdefault(name.lower(), value)
    extended = _extended(found.get("filename*", "").strip())
    if extended is not None:
        try:
            return _unescaped(extended[2]).decode(extended[1])
        except UnicodeDecodeError:
            pass  # the plain one is there for readers who cannot read this one
    plain = found.get("filename", "").strip()
    if plain.startswith('"'):
        # A backslash before another character is more likely one of a path that nobody escaped.
        plain = re.sub(r'\\(["\\])', r"\1", plain[1:].removesuffix('"'))
    return _as_utf8(plain) or None


def safe_name(text: str) -> str:
    """The harmless part of a suggested name; empty if there is none.

    Args:
        text: any.
    """
    name = re.split(r"[/\\]", text)[-1]
    name = "".join(character for character in name if unicodedata.category(character) not in _INVISIBLE)
    name = _unfit.sub("_", re.sub(r"\s", " ", name)).strip(". ")
    if name.startswith(("-", "~")) or _device(name):
        name = f"_{name}"
    name = _shortened(name)
    return f"{name}_" if name.lower().endswith((".part", ".part.json")) else name


_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Control, format, surrogate, private and unassigned characters, line and paragraph separators."""


def numbered(name: str, number: int) -> str:
    """The name with a number before its extension, `report-1.pdf`; as it is for 0."""
    if not number:
        return name
    stem, extension = _split(name)
    return f"{stem}-{number}{extension}"


def extension_of(media_type: str) -> str:
    """The usual extension of a media type, with its dot; empty if there is none."""
    if media_type in ("", "application/octet-stream"):
        return ""
    from mimetypes import MimeTypes

    # The table that Python brings along, and not what this machine's files add: a name should not depend on them.
    return MimeTypes().guess_extension(media_type) or ""


def _last_part(url: Url) -> str:
    return _unescaped(url.path.rstrip("/").rpartition("/")[2]).decode(errors="replace")


def _unescaped(text: str) -> bytes:
    return _percent.sub(lambda match: bytes([int(match[1], 16)]), text.encode())


def _as_utf8(value: str) -> str:
    """A field value as the text that its bytes spell in UTF-8, else in latin-1."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value


def _split(name: str) -> tuple[str, str]:
    """Stem and extension; `.tar.gz` and its like are one extension, a long word behind a dot is none."""
    match = re.fullmatch(r"(.+?)((?:\.tar)?\.[A-Za-z0-9]{1,8})", name, re.DOTALL)
    return (match[1], match[2]) if match is not None else (name, "")


def _shortened(name: str) -> str:
    """The name in `LONGEST` bytes of UTF-8, its extension kept."""
    if len(name.encode()) <= LONGEST:
        return name
    stem, extension = _split(name)
    room = LONGEST - len(extension.encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip(". ") + extension
