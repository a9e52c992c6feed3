"""What a curl command asks for, by the words of its command line (curl(1) of 7.88 to 8.x).

Short options may be joined (`-sSLXPOST`), later ones win where only one can be, and `--no-NAME` takes a flag back.
Nothing is opened: a file stays its name. What is said here of the request is complete, what is left (`options`) says
how the server is reached, and stays under curl's names for who knows what to make of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from reqcli.errors import Usage
from reqcli.interop.curl.names import FLAGS, SHORT, WITH_VALUE
from reqcli.model.fields import shown
from reqcli.model.value import Value

FORM: Final = "application/x-www-form-urlencoded"
_DATA: Final = frozenset({"data", "data-ascii", "data-binary", "data-raw", "data-urlencode", "json"})
_SCHEMES: Final = frozenset({"digest", "basic", "anyauth", "ntlm", "negotiate", "ntlm-wb"})
_UNRESERVED: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


class Data(Value):
    """One piece of a body: text, or a file.

    Args:
        text: itself, or the file's name, `-` for standard input.
        is_file: which of the two.
        strips: whether curl would take line breaks and NULs out of the file.
    """

    __slots__ = ("is_file", "strips", "text")

    def __init__(self, text: str, *, is_file: bool = False, strips: bool = False) -> None:
        self.text: Final = text
        self.is_file: Final = is_file
        self.strips: Final = strips


class CurlCall(Value):
    """What a curl command asks for.

    Args:
        url: with a scheme, `-G` and `--url-query` applied.
        method: as it will be sent.
        headers: as they were given: `Name: value`, `Name:` to take one out, `Name;` to send it empty; `-A`, `-e`,
            `-b`, `-r` and `--json` among them.
        data: the pieces of the body.
        separator: what joins them.
        form: the fields of a multipart form, as given, and whether each is to be taken literally.
        upload: the file that is the body, or None.
        user: what was given with `-u`, or None.
        scheme: of the credential: `basic`, `digest` or `bearer`.
        options: the other options, under their long names, in order; a flag has None.
    """

    __slots__ = ("data", "form", "headers", "method", "options", "scheme", "separator", "upload", "url", "user")

    def __init__(
        self,
        url: str,
        method: str,
        *,
        headers: tuple[str, ...] = (),
        data: tuple[Data, ...] = (),
        separator: str = "&",
        form: tuple[tuple[str, bool], ...] = (),
        upload: str | None = None,
        user: str | None = None,
        scheme: str = "basic",
        options: tuple[tuple[str, str | None], ...] = (),
    ) -> None:
        self.url: Final = url
        self.method: Final = method
        self.headers: Final = headers
        self.data: Final = data
        self.separator: Final = separator
        self.form: Final = form
        self.upload: Final = upload
        self.user: Final = user
        self.scheme: Final = scheme
        self.options: Final = options

    def __repr__(self) -> str:
        """Names the method alone: the rest may hold secrets."""
        return f"CurlCall({self.method!r})"


def read_call(words: Sequence[str]) -> CurlCall:
    """What the words of a curl command ask for.

    Args:
        words: the first is the program's name.

    Raises:
        Usage: they are no curl command, ask for more than one request, or hold an option that curl does not have.
    """
    program = words[0].replace("\\", "/").rpartition("/")[2].lower().removesuffix(".exe") if words else ""
    if program != "curl":
        raise Usage(
            f"the command begins with {shown(words[0])}, not with curl" if words else "there is no command",
            hint="in a browser's developer tools choose «Copy as cURL»",
        )
    call = _Call()
    for name, value in _options(words[1:]):
        call.take(name, value)
    return call.made()


def _options(words: Sequence[str]) -> list[tuple[str, str | None]]:
    """Every option by its long name, with its value; a URL is the option `url`."""
    found: list[tuple[str, str | None]] = []
    rest = list(reversed(words))
    only_urls = False
    while rest:
        word = rest.pop()
        if only_urls or word == "-" or not word.startswith("-"):
            found.append(("url", word))
        elif word == "--":
            only_urls = True
        elif word.startswith("--"):
            found.append(_long(word[2:], rest))
        else:
            found += _joined(word, rest)
    return found


def _long(name: str, rest: list[str]) -> tuple[str, str | None]:
    if name in WITH_VALUE:
        return name, _value(f"--{name}", rest)
    if name in FLAGS or (name.startswith("no-") and name[3:] in FLAGS):
        return name, None
    if name.startswith("expand-"):
        raise Usage(f"--{name} has curl put variables together", hint="write the value")
    plain, equals, _ = name.partition("=")
    if equals and (plain in WITH_VALUE or plain in FLAGS):
        raise Usage(f"curl does not read --{plain}=…", hint=f"write --{plain} and the value as two words")
    raise Usage(f"curl has no option {shown(f'--{name}')}", hint="nothing was converted, for it may take a value")


def _joined(word: str, rest: list[str]) -> list[tuple[str, str | None]]:
    found: list[tuple[str, str | None]] = []
    for place, letter in enumerate(word[1:], 2):
        name = SHORT.get(letter)
        if name is None:
            raise Usage(f"curl has no option {shown(f'-{letter}')}", hint="nothing was converted, it may take a value")
        if name in WITH_VALUE:
            found.append((name, word[place:] or _value(f"-{letter}", rest)))
            break
        found.append((name, None))
    return found


def _value(option: str, rest: list[str]) -> str:
    if not rest:
        raise Usage(f"{option} of the curl command needs a value")
    return rest.pop()


class _Call:
    """A call while its options are read."""

    def __init__(self) -> None:
        self._urls: list[str] = []
        self._query: list[str] = []
        self._method: str | None = None
        self._headers: list[str] = []
        self._cookies: list[str] = []
        self._data: list[Data] = []
        self._is_json = False
        self._form: list[tuple[str, bool]] = []
        self._upload: str | None = None
        self._user: str | None = None
        self._scheme = "basic"
        self._as: set[str] = set()
        self._options: list[tuple[str, str | None]] = []

    def take(self, name: str, value: str | None) -> None:
        """Take in one option."""
        text = value or ""
        if name in _DATA:
            self._piece(name, text)
        elif name in ("get", "head"):
            self._as.add(name)
        elif name in ("next", "config", "variable"):
            raise Usage(
                "--next begins a second request" if name == "next" else f"what --{name} says is not in the command",
                hint="convert one request at a time" if name == "next" else "write out what it stands for",
            )
        elif name in ("form", "form-string"):
            self._form.append((text, name == "form-string"))
        elif name in _SCHEMES:
            self._scheme = name
        elif name in self._SIMPLE:
            setattr(self, self._SIMPLE[name], text)
        elif name == "url":
            self._urls.append(text)
        elif name == "url-query":
            self._query.append(text[1:] if text.startswith("+") else _encoded(text))
        elif name == "oauth2-bearer":
            self._scheme, self._user = "bearer", text
        elif name == "cookie" and "=" in text:
            self._cookies.append(text)
        else:
            self._field(name, text, value)

    _SIMPLE: Final = {"request": "_method", "user": "_user", "upload-file": "_upload"}

    def _field(self, name: str, text: str, value: str | None) -> None:
        """An option that stands for a header, or one of the others."""
        if name == "header":
            if text.startswith("@"):
                raise Usage("-H @FILE reads headers from a file", hint="write them out")
            self._headers.append(text)
        elif name == "user-agent":
            self._headers.append(f"User-Agent: {text}" if text else "User-Agent:")
        elif name == "referer":
            self._headers.append(f"Referer: {text.partition(';auto')[0]}")
            if ";auto" in text:
                self._options.append(("referer", ";auto"))
        elif name == "range":
            self._headers.append(f"Range: bytes={text}")
        else:
            self._options.append((name, value))

    def _piece(self, name: str, text: str) -> None:
        if name == "json":
            self._is_json = True
        if name == "data-urlencode":
            self._data.append(Data(_encoded(text)))
        elif text.startswith("@") and name != "data-raw":
            self._data.append(Data(text[1:], is_file=True, strips=name in ("data", "data-ascii")))
        else:
            self._data.append(Data(text))

    def made(self) -> CurlCall:
        """The call that they make together."""
        kinds = [bool(self._data) and "get" not in self._as, bool(self._form), self._upload is not None]
        if sum(kinds) > 1 or (kinds[0] + kinds[1] and "head" in self._as):
            raise Usage("the curl command has two bodies, or one with -I, which curl refuses too")
        url = self._url()
        data = tuple(self._data)
        if "get" in self._as:
            if any(piece.is_file for piece in data):
                raise Usage("-G with a file puts the file's content into the URL", hint="write it out")
            self._query += [piece.text for piece in data]
            data = ()
        method = "HEAD" if "head" in self._as else "PUT" if kinds[2] else "POST" if data or self._form else "GET"
        headers = list(self._headers)
        if self._cookies:
            headers.append(f"Cookie: {'; '.join(self._cookies)}")
        if self._is_json:
            said = {header.partition(":")[0].lower() for header in headers}
            headers += [f"{name}: application/json" for name in ("Content-Type", "Accept") if name.lower() not in said]
        if self._upload is not None and url.partition("?")[0].endswith("/"):
            url = url + self._upload.rpartition("/")[2] if "?" not in url else url
        return CurlCall(
            _with_query(url, self._query),
            self._method or method,
            headers=tuple(headers),
            data=data,
            separator="" if self._is_json else "&",
            form=tuple(self._form),
            upload=self._upload,
            user=self._user,
            scheme=self._scheme,
            options=tuple(self._options),
        )

    def _url(self) -> str:
        if len(self._urls) != 1:
            raise Usage(
                "the curl command asks for several URLs" if self._urls else "the curl command names no URL",
                hint="convert one request at a time" if self._urls else None,
            )
        url = self._urls[0]
        if "globoff" not in {name for name, _ in self._options}:
            path = url.partition("://")[2] or url
            bare = path[path.find("]") + 1 :] if path.startswith("[") or "@[" in path else path
            if any(character in bare for character in "[]{}"):
                raise Usage(
                    "curl makes several requests of a URL with [] or {}",
                    hint="write one of them out, or give -g if the characters are meant as they are",
                )
        return url if "://" in url else f"http://{url}"


def _encoded(text: str) -> str:
    """What `--data-urlencode` makes of `content`, `=content` and `name=content`."""
    name, equals, content = text.partition("=")
    before, at, _ = text.partition("@")
    if at and "=" not in before:
        raise Usage("--data-urlencode with a file puts the file's content into the body", hint="write it out")
    if not equals:
        name, content = "", text
    data = content.encode(errors="surrogateescape")
    escaped = "".join(chr(byte) if byte in _UNRESERVED else "+" if byte == 0x20 else f"%{byte:02X}" for byte in data)
    return f"{name}={escaped}" if name else escaped


def _with_query(url: str, pieces: list[str]) -> str:
    if not pieces:
        return url
    address, mark, fragment = url.partition("#")
    joint = "&" if "?" in address and not address.endswith("?") else "" if "?" in address else "?"
    return f"{address}{joint}{'&'.join(pieces)}{mark}{fragment}"
