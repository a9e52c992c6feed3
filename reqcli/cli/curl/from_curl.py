"""A curl call as the command of reqcli that does the same."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from reqcli.cli.ask import METHODS
from reqcli.errors import Usage

if TYPE_CHECKING:
    from reqcli.interop.curl.reading import CurlCall

_RENAMED: Final = {
    "location": "-L", "insecure": "-k", "connect-timeout": "--connect-timeout", "max-time": "--max-time",
    "max-redirs": "--max-redirects", "retry": "--retry", "retry-delay": "--retry-delay",
    "retry-max-time": "--retry-max-time", "ipv4": "-4", "ipv6": "-6", "interface": "--interface",
    "unix-socket": "--unix-socket", "cacert": "--verify", "capath": "--verify", "key": "--cert-key",
    "proxy": "--proxy", "proxy-user": "--proxy-auth", "proxy-cacert": "--proxy-verify",
    "proxy-capath": "--proxy-verify", "noproxy": "--noproxy", "output": "-o", "include": "-i", "show-headers": "-i",
    "verbose": "-v", "path-as-is": "--path-as-is", "write-out": "-w",
}  # fmt: skip
"""Options that mean the same here, and how they are called."""

_AS_WORDS: Final = {
    "proxy-insecure": ["--proxy-verify", "no"],
    **{f"tlsv1.{minor}": ["--tls-min", f"1.{minor}"] for minor in range(4)},
    "tlsv1": ["--tls-min", "1.0"],
}

_AS_ALWAYS: Final = frozenset(
    {"silent", "show-error", "fail", "fail-with-body", "no-buffer", "compressed", "http1.1", "globoff",
     "no-progress-meter", "netrc", "netrc-optional", "tcp-nodelay", "styled-output", "disable", "no-styled-output",
     "progress-bar", "retry-connrefused",
     "post301", "no-location", "no-insecure", "no-compressed", "no-silent", "no-show-error"}
)  # fmt: skip
"""What reqcli does anyway, or what only turns a default on."""

_OF_A_PROXY: Final = {"socks4": "socks4", "socks4a": "socks4a", "socks5": "socks5", "socks5-hostname": "socks5h"}


class Converted:
    """A curl call in the words of reqcli.

    Args:
        call: what it asks for.

    Attributes:
        groups: the words, those together that belong together.
        remarks: a sentence on each thing that was left out or is done otherwise.
    """

    def __init__(self, call: CurlCall) -> None:
        self._call: Final = call
        self.groups: Final[list[list[str]]] = []
        self.remarks: Final[list[str]] = []
        method = call.method.lower() if call.method.isupper() else ""
        command = [method] if method in METHODS else ["request", call.method]
        self.groups.append(["reqcli", *command, call.url])
        if call.method == "HEAD":
            self.groups.append(["-h"])  # curl -I prints the head, in a pipe too
        for header in call.headers:
            self._header(header)
        if call.user is not None:
            self._credential(call.user)
        self._body()
        for name, value in call.options:
            self._option(name, value)
        if "://" in call.url and "/." in call.url.partition("://")[2].partition("?")[0]:
            self.remarks.append("dot segments of the URL are resolved, as curl does; --path-as-is keeps them")

    def _header(self, header: str) -> None:
        if ":" not in header and not header.endswith(";"):
            self.remarks.append(f"curl ignores the header {header.partition(' ')[0]!a}, which has no colon")
            return
        name, _, value = header.partition(":")
        self.groups.append(["-H", header if not value.strip() else f"{name}: {value.strip()}"])

    def _credential(self, user: str) -> None:
        if user.startswith("@"):
            raise Usage("a user whose name begins with @ cannot be given with -a")
        scheme = self._call.scheme
        if scheme in ("ntlm", "negotiate", "ntlm-wb", "anyauth"):
            self.remarks.append(f"--{scheme} is not spoken: the credential is sent as Basic")
            scheme = "basic"
        words = ["-a", user]
        self.groups.append(words if scheme == "basic" else ["-A", scheme, *words])

    def _body(self) -> None:
        call = self._call
        if call.upload is not None:
            self.groups.append([f"@{_item_text(call.upload)}"])
            if not self._says("content-type"):
                self.groups.append(["-H", "Content-Type:"])
        elif call.form:
            self.groups.append(["--multipart"])
            for text, is_literal in call.form:
                self._field(text, is_literal=is_literal)
        elif call.data:
            self._data()

    def _data(self) -> None:
        """`-d` joins its pieces as curl does; a single text goes by `--raw` where `-d` would take it for a file."""
        call = self._call
        texts = [piece.text for piece in call.data if not piece.is_file]
        if len(texts) == len(call.data):
            text = call.separator.join(texts)
            self.groups.append(["-f", "--raw", text] if text.startswith("@") else ["-d", text])
            return
        if call.separator != "&" and len(call.data) > 1:
            raise Usage("several --json of which one is a file are put together by curl without a separator")
        if any(text.startswith("@") for text in texts):
            raise Usage("a text that begins with @ cannot stand beside a file in one body")
        for piece in call.data:
            self.groups.append(["-d", f"@{piece.text}" if piece.is_file else piece.text])
            if piece.strips:
                self.remarks.append(f"-d @{piece.text} sends the file as it is; curl takes its line breaks out")

    def _field(self, text: str, *, is_literal: bool) -> None:
        """A field of a form: `name=value`, `name=@file;type=…;filename=…`, `name=<file`."""
        name, equals, value = text.partition("=")
        if not equals:
            raise Usage("a form field of the curl command has no =")
        name = _item_name(name)
        if is_literal:
            self.groups.append([f"{name}={_item_text(value)}"])
            return
        mark = value[:1] if value[:1] in ("@", "<") else ""
        content, options = _form_value(value[len(mark) :])
        for option in options.keys() - {"type", "filename"}:
            self.remarks.append(f"the form option ;{option}= of {name} is left out")
        if mark == "@":
            if "," in content and not value.startswith('@"'):
                raise Usage("curl makes a part of its own of each of several files", hint="write one -F for each file")
            said = "".join(f";{key}={options[key]}" for key in ("type", "filename") if key in options)
            self.groups.append([f"{name}@{_item_text(content)}{said}"])
            return
        if options.get("type"):
            self.remarks.append(f"the type {options['type']!a} of the text part {name} is left out")
        self.groups.append([f"{name}=@{_item_text(content)}" if mark else f"{name}={_item_text(content)}"])

    def _option(self, name: str, value: str | None) -> None:
        words = _AS_WORDS.get(name)
        if name in _AS_ALWAYS:
            return
        if words is not None:
            self.groups.append(words)
        elif name in _OF_A_PROXY:
            self.groups.append(["--proxy", f"{_OF_A_PROXY[name]}://{value}"])
        elif name == "max-redirs" and value == "-1":
            self.groups.append(["--max-redirects", "1000000"])
        elif name == "pinnedpubkey" and value is not None and value.startswith("sha256//"):
            self.groups.append(["--pin", value])
        elif name == "resolve" and value is not None:
            self._resolve(value)
        elif name == "cert" and value is not None:
            path, colon, _ = re.sub(r"\\(.)", lambda found: found[1].replace(":", "\0"), value).partition(":")
            self.groups.append(["--cert", path.replace("\0", ":")])
            if colon:
                self.remarks.append("the passphrase of --cert is left out: give it with --cert-key-pass @FILE")
        elif name in ("remote-name", "remote-header-name", "remote-name-all"):
            self._download()
        elif name == "continue-at" and value == "-":
            self.groups.append(["--continue"])
        elif name == "dump-header" and value == "-":
            self.groups.append(["-i"])
        elif name == "retry-all-errors":
            if self._call.method in ("POST", "PATCH"):
                self.groups.append(["--retry-all"])
        elif name == "location-trusted":
            self.groups.append(["-L"])
            self.remarks.append("--location-trusted: a redirect to another origin gets no credential here")
        elif name == "cookie":
            self.remarks.append(f"cookies of the file {value}: `reqcli session import NAME {value}` takes them in")
        elif name == "cookie-jar":
            self.remarks.append("--cookie-jar: a session keeps the cookies, `--session NAME`")
        elif name in _RENAMED:
            self.groups.append([_RENAMED[name], *([value] if value is not None else [])])
        else:
            self.remarks.append(f"--{name} is left out: it has no counterpart")

    def _download(self) -> None:
        """`-O`, once, and not where `--continue` says the same."""
        remark = "--download takes the name that the server gives, if it does, and never overwrites a file"
        if remark in self.remarks:
            return
        self.remarks.append(remark)
        if ("continue-at", "-") not in self._call.options:
            self.groups.append(["--download"])

    def _resolve(self, value: str) -> None:
        text = value.removeprefix("+")
        if text.startswith("-"):
            self.remarks.append("--resolve adds addresses: the one that takes some away is left out")
        else:
            self.groups.append(["--resolve", text])

    def _says(self, name: str) -> bool:
        return any(re.split("[:;]", header)[0].strip().lower() == name for header in self._call.headers)


def _form_value(text: str) -> tuple[str, dict[str, str]]:
    """A form field's content, unquoted, and its options."""
    content, place = _unquoted(text, 0, ";")
    options: dict[str, str] = {}
    while place < len(text):
        key, equals, _ = text[place + 1 :].partition("=")
        if not equals:
            break
        start = place + 1 + len(key) + 1
        # A media type has parameters of its own: ;type=text/plain;charset=utf-8
        value, place = _unquoted(text, start, ";")
        name = key.strip().lower()
        if name in ("type", "filename", "headers", "encoder"):
            options[name] = value
        elif "type" in options:
            options["type"] += f";{key}={value}"
        else:
            content += text[start - len(key) - 2 : place]
    return content, options


def _unquoted(text: str, start: int, end: str) -> tuple[str, int]:
    """The word from `start`, and where it ends: between quotes, where a backslash may stand before `"` and itself."""
    if text[start : start + 1] != '"':
        stop = text.find(end, start)
        stop = len(text) if stop < 0 else stop
        return text[start:stop], stop
    word = ""
    place = start + 1
    while place < len(text) and text[place] != '"':
        if text[place] == "\\" and text[place + 1 : place + 2] in ('"', "\\"):
            place += 1
        word += text[place]
        place += 1
    return word, min(place + 1, len(text))


def _item_name(name: str) -> str:
    """A field's name as an item has it: what would be a separator gets a backslash."""
    doubled = re.sub(r"(\\+)(?=[:;=@]|\Z)", lambda run: run[1] * 2, name)
    return re.sub(r"([:;=@])", r"\\\1", doubled)


def _item_text(text: str) -> str:
    """What follows an item's separator: nothing of it may be taken for a part of that."""
    doubled = re.sub(r"(\\+)(?=[:;=@])", lambda run: run[1] * 2, text)
    return f"\\{doubled}" if doubled[:1] in ("=", "@", ":", ";") else doubled
