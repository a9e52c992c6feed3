"""The beginning of a body that is too long to be shown whole: cut between two characters, and never within a secret.

Half a secret is no value that the redactor knows, so it would be shown. Therefore whoever keeps only the beginning
of a body keeps `LOOK_AHEAD` bytes more than may be shown, and a secret that would be cut in two is left out whole.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from reqcli.model.redact import Redactor

LOOK_AHEAD: Final = 64 * 1024
"""Bytes; no secret is longer than this in any of its spellings."""


def text_beginning(content: bytes, charset: str, limit: int, mask: Redactor) -> tuple[str, int] | None:
    """The beginning of a body as text, secrets masked, and how many of its bytes that is; None if it is no text.

    Args:
        content: the body, or its first `limit + LOOK_AHEAD` bytes.
        charset: as `Response.charset` gives it.
        limit: bytes to show at most.
        mask: knows the secrets.
    """
    shown = _text(content[:limit], charset)
    further = _text(content[: limit + LOOK_AHEAD], charset)
    if shown is None or further is None or "\0" in shown[0]:
        return None
    text, size = shown
    cut = mask.whole(further[0], len(text))
    if cut < len(text):
        text = text[:cut]
        size = len(text.encode(charset))
    return mask.text(text), size


def bytes_beginning(content: bytes, limit: int, mask: Redactor) -> tuple[bytes, int]:
    """The same of a body that is no text, taken for UTF-8 as far as it is."""
    shown, further = (_text(content[:end], "utf-8", "surrogateescape") for end in (limit, limit + LOOK_AHEAD))
    assert shown is not None, "surrogateescape takes all bytes"
    assert further is not None, "surrogateescape takes all bytes"
    kept = further[0][: mask.whole(further[0], len(shown[0]))].encode(errors="surrogateescape")
    return mask.data(kept), len(kept)


def _text(content: bytes, charset: str, errors: str = "strict") -> tuple[str, int] | None:
    """The whole characters at the beginning, and how many bytes they take."""
    from codecs import getincrementaldecoder

    decoder = getincrementaldecoder(charset)(errors)
    try:
        text = decoder.decode(content)
    except UnicodeError:
        return None
    return text, len(content) - len(decoder.getstate()[0])


class MaskedBlocks:
    """A stream of bytes in which every known secret is masked, wherever one block ends and the next begins.

    Args:
        mask: knows the secrets.

    Attributes:
        has_masked: whether there was one so far.
    """

    def __init__(self, mask: Redactor) -> None:
        from codecs import getincrementaldecoder

        self._mask: Final = mask
        self._decoder: Final = getincrementaldecoder("utf-8")("surrogateescape")
        self._held = ""
        self.has_masked = False

    def feed(self, block: bytes) -> bytes:
        """What is safe to pass on by now."""
        text = self._held + self._decoder.decode(block)
        return self._passed(text, max(0, len(text) - LOOK_AHEAD))

    def finish(self) -> bytes:
        """The rest."""
        text = self._held + self._decoder.decode(b"", final=True)
        return self._passed(text, len(text))

    def _passed(self, text: str, end: int) -> bytes:
        cut = self._mask.whole(text, end)
        self._held = text[cut:]
        masked = self._mask.text(text[:cut])
        self.has_masked = self.has_masked or masked != text[:cut]
        return masked.encode(errors="surrogateescape")
