"""A download on its way: the file that grows, and the note beside it that says what it is a part of.

    report.pdf.part         what has come so far
    report.pdf.part.json    {"url": "sha256 of the URL", "validator": "\\"etag\\"", "length": 123456}

Under its own name the file appears when it is complete, at once and whole. Until then the note makes it possible to go
on safely: the validator (a strong ETag, else a Last-Modified that is strong, RFC 9110 §8.8.2.2) goes into If-Range, so
that a server whose file has changed sends it whole. Without a validator nothing can be continued, and no note is
written. The URL is kept as a digest, for it may hold a secret; by it the part is found again when the server chose the
name. Who writes to a part holds a lock on it, so that two never do.
"""

from __future__ import annotations

import os
import stat
from hashlib import sha256
from io import FileIO

from reqcli.cookies.dates import parse_cookie_date
from reqcli.errors import OutputFailed
from reqcli.model.fields import as_text
from reqcli.model.filename import numbered
from reqcli.model.value import Value
from reqcli.store.locks import is_ours_alone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from reqcli.model.response import ResponseHead
    from reqcli.model.url import Url

PART: Final = ".part"
NOTE: Final = ".part.json"

_LONGEST_NOTE: Final = 64 * 1024
_NONBLOCK: Final = getattr(os, "O_NONBLOCK", 0)


class Note(Value):
    """What a part is a part of.

    Args:
        url: the digest of the URL that was asked for.
        validator: names the version, as If-Range takes it.
        length: bytes of the whole, or None if they were not said.
    """

    __slots__ = ("length", "url", "validator")

    def __init__(self, url: str, validator: str, length: int | None) -> None:
        self.url: Final = url
        self.validator: Final = validator
        self.length: Final = length


def digest(url: Url) -> str:
    """What a URL is known by in a note."""
    return sha256(str(url).encode(errors="surrogatepass")).hexdigest()


def validator_of(head: ResponseHead) -> str | None:
    """What names the version of a response beyond doubt, so that a part of it can be continued; or None.

    A weak ETag is none, and where there is any ETag the date does not count (RFC 9110 §13.1.5). A date is strong if the
    answer was made at least a second after it: within one second a file may change twice.
    """
    etag = head.headers.get("etag")
    if etag is not None:
        etag = as_text(etag)
        return etag if len(etag) > 2 and etag[0] == etag[-1] == '"' else None
    modified = head.headers.get("last-modified")
    changed, made = parse_cookie_date(modified or ""), parse_cookie_date(head.headers.get("date") or "")
    return modified if changed is not None and made is not None and made - changed >= 1 else None


def read_note(path: str) -> Note | None:
    """The note beside the part of this file; None if there is none that can be used."""
    import json

    try:
        with open(f"{path}{NOTE}", "rb", opener=_without_waiting) as file:
            said = json.loads(file.read(_LONGEST_NOTE))
        url, validator, length = said["url"], said["validator"], said["length"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    if not (isinstance(url, str) and isinstance(validator, str) and isinstance(length, int | None)):
        return None
    return Note(url, validator, length) if os.path.isfile(f"{path}{PART}") else None


def found_by_url(url: Url) -> str | None:
    """The file, here in the working directory, of which there is a part from this URL; the one touched last."""
    wanted = digest(url)
    with os.scandir() as entries:
        names = [entry.name.removesuffix(NOTE) for entry in entries if entry.name.endswith(NOTE)]
    found = [name for name in names if (note := read_note(name)) is not None and note.url == wanted]
    return max(found, key=lambda name: os.path.getmtime(f"{name}{PART}"), default=None)


class Part:
    """The part of one file, open and locked; its bytes go to its end.

    Args:
        path: where the file will be.
        is_new: there must be neither a file nor a part of that name yet: if there is, the name gets a number.
        may_replace: a file of that name gives way to this one when it is complete; else the name gets a number then.

    Attributes:
        path: where the file will be.
        size: bytes that are there.

    Raises:
        OutputFailed: it cannot be opened, or another process writes to it.
    """

    def __init__(self, path: str, *, is_new: bool, may_replace: bool) -> None:
        self.path = path
        self._may_replace: Final = may_replace
        self._file: Final = self._open_unused() if is_new else _opened(f"{path}{PART}", os.O_CREAT)
        self.size = os.fstat(self._file.fileno()).st_size

    @property
    def has_note(self) -> bool:
        """Whether it can be continued some other time."""
        return os.path.exists(f"{self.path}{NOTE}")

    @property
    def name(self) -> str:
        """Where the bytes are until the file is complete."""
        return f"{self.path}{PART}"

    def begin(self, note: Note | None) -> None:
        """Start from nothing.

        Args:
            note: what is coming; None if that could not be continued.

        Raises:
            OutputFailed: the note cannot be written.
        """
        import json

        self._file.truncate(0)
        self.size = 0
        if note is None:
            _remove(f"{self.path}{NOTE}")
            return
        text = json.dumps({"url": note.url, "validator": note.validator, "length": note.length})
        _remove(f"{self.path}{NOTE}")  # a link that somebody has laid there is not followed
        try:
            with open(f"{self.path}{NOTE}", "x", encoding="utf-8", errors="surrogateescape") as file:
                file.write(f"{text}\n")
        except OSError as error:
            raise OutputFailed(f"cannot write {self.path}{NOTE}: {error.strerror}") from error

    def write(self, block: bytes) -> None:
        """Add to the end.

        Raises:
            OutputFailed: the disk is full, or the like.
        """
        rest = memoryview(block)
        try:
            while rest:
                written = self._file.write(rest)
                self.size += written
                rest = rest[written:]
        except OSError as error:
            raise OutputFailed(f"cannot write {self.name}: {error.strerror}") from error

    def finish(self) -> str:
        """It is complete: give the file its name.

        Returns:
            The path that it has now.

        Raises:
            OutputFailed: it cannot be renamed.
        """
        target = self.path
        try:
            if not self._may_replace:
                target = _reserved(target)
            elif os.path.exists(target):
                os.chmod(self.name, os.stat(target).st_mode & 0o777)
            if os.name == "nt":
                self._file.close()  # what is open cannot be renamed there; elsewhere the lock holds until it is done
            os.replace(self.name, target)
        except OSError as error:
            raise OutputFailed(f"cannot rename {self.name} to {target}: {error.strerror}") from error
        _remove(f"{self.path}{NOTE}")
        self._file.close()
        return target

    def close(self) -> None:
        """Leave it as it is; an empty one is of no use to anybody and goes. May be called again."""
        if not self._file.closed:
            if os.name == "nt":
                self._file.close()  # what is open cannot be removed there
            if not self.size:
                _remove(f"{self.path}{NOTE}")
                _remove(self.name)
            self._file.close()

    def _open_unused(self) -> FileIO:
        first, number = self.path, 0
        while True:
            self.path = numbered(first, number)
            if not os.path.lexists(self.path):
                try:
                    return _opened(self.name, os.O_CREAT | os.O_EXCL)
                except FileExistsError:
                    pass
            number += 1


def _opened(name: str, flags: int) -> FileIO:
    """A file to add to, locked, that nobody has renamed in the meantime.

    Raises:
        FileExistsError: with O_EXCL.
        OutputFailed: it cannot be opened, or is locked.
    """
    try:
        # A link that somebody has laid there is not followed, and no reader of a pipe waited for.
        flags |= os.O_WRONLY | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0) | _NONBLOCK
        file = FileIO(os.open(name, flags, 0o666), "ab")
    except FileExistsError:
        raise
    except OSError as error:
        raise OutputFailed(f"cannot write {name}: {error.strerror}") from error
    try:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OutputFailed(f"cannot write {name}: it is no regular file")
        if not is_ours_alone(file.fileno()) or not os.path.samestat(os.fstat(file.fileno()), os.stat(name)):
            raise OutputFailed(f"another process is writing to {name}")
    except BaseException as error:
        file.close()
        if isinstance(error, OSError):
            raise OutputFailed(f"cannot write {name}: {error.strerror}") from error
        raise
    return file


def _reserved(path: str) -> str:
    """The path, or the first of its kind with a number, with an empty file there that is ours alone."""
    number = 0
    while True:
        target = numbered(path, number)
        try:
            os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        except FileExistsError:
            number += 1
        else:
            return target


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | _NONBLOCK)


def _remove(path: str) -> None:
    try:
        os.remove(path)
    except OSError:
        pass
