"""The options of a request, declared once: for the plain reading of a command line, for Click, help and manual alike.

Nothing here knows Click: loading it costs more than the rest of a plain call's start together (see `plain`).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Final


class Reader:
    """What makes a value of an option's text.

    Args:
        name: what the value is called where Click speaks of it.
        read: makes the value; raises ValueError with half a sentence, to be read after the text: «is not a number».
        choices: the words that can be given, where there is a list of them.
    """

    __slots__ = ("choices", "name", "read")

    def __init__(self, name: str, read: Callable[[str], object], choices: tuple[str, ...] = ()) -> None:
        self.name: Final = name
        self.read: Final = read
        self.choices: Final = choices


class Opt:
    """One option.

    Args:
        names: as typed, `-o` and `--output`; the last one gives the attribute of `Ask`, whose name it may be itself.
        is_flag: it takes no value.
        is_counted: it is a flag that can be given several times, and its value is how often.
        multiple: it may be given several times, and its value is a tuple.
        type: makes the value of the text; None leaves it as it is.
        metavar: what stands for the value in help.
        help: one sentence.
        complete: the function of `completion.offers` that offers values.
    """

    __slots__ = ("attribute", "complete", "help", "is_counted", "is_flag", "metavar", "multiple", "names", "type")

    def __init__(
        self,
        *names: str,
        is_flag: bool = False,
        is_counted: bool = False,
        multiple: bool = False,
        type: Reader | None = None,  # noqa: A002
        metavar: str | None = None,
        help: str = "",  # noqa: A002
        complete: str | None = None,
    ) -> None:
        last = names[-1]
        self.names: Final = names[:-1] if last[0] != "-" else names
        self.attribute: Final = last.lstrip("-").replace("-", "_")
        self.is_flag: Final = is_flag or is_counted
        self.is_counted: Final = is_counted
        self.multiple: Final = multiple
        self.type: Final = type
        self.metavar: Final = metavar
        self.help: Final = help
        self.complete: Final = complete

    @property
    def default(self) -> object:
        """The value where the option is not given."""
        return 0 if self.is_counted else False if self.is_flag else () if self.multiple else None

    @property
    def takes_file(self) -> bool:
        """Whether its value can be the name of a file."""
        return self.complete is None and any(word in (self.metavar or "") for word in ("FILE", "PATH", "DIR"))


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise ValueError("is not a number of seconds") from None
    if not 0 < number < 1e9:
        raise ValueError("is not a number of seconds above 0")
    return number


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise ValueError("is not a whole number of 0 or more")
    return int(text)


def whole(least: int, most: int) -> Reader:
    """The type of an option whose value is a whole number between these, or one of them."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 19 and least <= int(text) <= most):
            raise ValueError(f"is not a whole number from {least} to {most}")
        return int(text)

    return Reader("count", read)


def one_of(*choices: str) -> Reader:
    """The type of an option whose value is one of these words."""

    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"is not one of these: {', '.join(choices)}")
        return text

    return Reader("choice", read, choices)


SECONDS: Final = Reader("seconds", _seconds)
COUNT: Final = Reader("count", _count)

SCHEME_HELP: Final = "basic, bearer, digest or apikey.  [default: basic; bearer with --token-... and no -a]"

STORE_HELP: Final = (
    "Where sessions are: redis://HOST, rediss://HOST, unix:///PATH or files.  [default: REQCLI_STORE, else files]"
)

TOKEN_OPTIONS: Final = (
    Opt("--token-env", metavar="NAME", help="Take the token, password or key from this variable."),
    Opt("--token-file", metavar="FILE", help="Take it from this file, which must be closed to others."),
    Opt("--token-command", metavar="'CMD ARG...'", help="Run this, without a shell, and take what it prints."),
    Opt("--token-keyring", metavar="SERVICE[:USER]", help="Take it from the system's keyring."),
)
"""Where the one secret of a credential is: a bearer token, the password of `-a USER`, the key of `-a NAME`."""

SESSION: Final = (
    Opt(
        "--session", "session_name", metavar="NAME|PATH", complete="session_names",
        help="Session to use; a value with a separator is a file.  [default: REQCLI_SESSION, else `default`]",
    ),
    Opt(
        "--store", metavar="URL", help=STORE_HELP,
    ),
    Opt("--stateless", is_flag=True, help="Use no session: nothing is read, nothing is written."),
    Opt("--read-only", is_flag=True, help="Use the session, and write nothing to it."),
    Opt("--save", is_flag=True, help="Keep the call's headers, credential and typed cookies in the session."),
    Opt("--serialize", is_flag=True, help="Send while no other run of the session with this option does."),
)  # fmt: skip

CONTEXT: Final = (
    Opt(
        "--context", metavar="FILE|-|env:NAME|fd:N",
        help="Take up what another stateless call left; implies --stateless.",
    ),
    Opt("--context-out", metavar="FILE|fd:N|-", help="Leave this call's state there, for the next one to take up."),
    Opt("--context-ttl", type=SECONDS, metavar="SECONDS", help="How long that can be used.  [default: 900]"),
    Opt("--context-key", metavar="FILE|env:NAME|fd:N", help="The key that seals it, see `reqcli context keygen`."),
)  # fmt: skip

URL: Final = (
    Opt(
        "--default-scheme", type=one_of("http", "https"),
        help="Scheme of a URL that has none.  [default: https; http for this machine]",
    ),
    Opt("--path-as-is", is_flag=True, help="Keep /./ and /../ in the path as typed."),
)  # fmt: skip

BODY: Final = (
    Opt("-j", "--json", "as_json", is_flag=True, help="Send fields as JSON (the default), ask for JSON."),
    Opt("-f", "--form", "as_form", is_flag=True, help="Send fields as a form; with a file, multipart."),
    Opt("--multipart", is_flag=True, help="Send fields as a multipart form, even without a file."),
    Opt("--boundary", metavar="TEXT", help="What parts a multipart form.  [default: 32 random digits]"),
    Opt("--chunked", is_flag=True, help="Send the body in chunks, its length not announced."),
    Opt("-x", "--compress", is_flag=True, help="Compress the body with gzip; a small one only if it shrinks."),
    Opt(
        "-d", "--data", "data", multiple=True, metavar="TEXT|@FILE|@-",
        help="Send this as the body, as it is; several are joined by &.",
    ),
    Opt("--raw", metavar="TEXT", help="Send this as the body, as it is: JSON, unless a header or -f says otherwise."),
    Opt("-I", "--ignore-stdin", is_flag=True, help="Never read standard input."),
)  # fmt: skip

HEADERS: Final = (
    Opt("-H", "--header", "headers", multiple=True, metavar="NAME:VALUE", help="Send this header."),
    Opt("-a", "--auth", metavar="USER[:PASSWORD]|TOKEN", help="Credential for this call, `@-` from stdin."),
    Opt("-A", "--auth-type", metavar="SCHEME", complete="schemes", help=SCHEME_HELP),
    *TOKEN_OPTIONS,
    Opt("--ignore-netrc", is_flag=True, help="Take no credential from NETRC or ~/.netrc."),
)  # fmt: skip

REDIRECTS: Final = (
    Opt("-L", "--follow", is_flag=True, help="Follow redirects."),
    Opt("--no-follow", is_flag=True, help="Do not follow them, though the session says so."),
    Opt("--allow-downgrade", is_flag=True, help="Follow redirects from https to http too."),
    Opt("--max-redirects", type=COUNT, metavar="N", help="How many at most.  [default: 20]"),
)  # fmt: skip

TLS: Final = (
    Opt("-k", "--insecure", is_flag=True, help="Do not verify the server's certificate."),
    Opt("--verify", metavar="FILE|DIR|no", help="Trust only the certificates in this file or directory."),
    Opt("--cert", metavar="FILE", help="Client certificate, PEM."),
    Opt("--cert-key", metavar="FILE", help="Its key, if it is in a file of its own."),
    Opt("--cert-key-pass", metavar="@FILE|@-", help="The key's passphrase; asked for if it is needed."),
    Opt("--tls-min", type=one_of("1.0", "1.1", "1.2", "1.3"), help="Lowest TLS version."),
    Opt(
        "--pin", "pins", multiple=True, metavar="sha256//BASE64",
        help="The URL's origin must have this public key; several are joined by ; or given each.",
    ),
)  # fmt: skip

CONNECTION: Final = (
    Opt("--resolve", multiple=True, metavar="HOST:PORT:ADDR[,ADDR...]", help="Use this address for that host."),
    Opt("-4", "--ipv4", is_flag=True, help="Use IPv4 only."),
    Opt("-6", "--ipv6", is_flag=True, help="Use IPv6 only."),
    Opt("--interface", metavar="NAME|ADDR", help="Connect from this interface or address."),
    Opt("--unix-socket", metavar="PATH", help="Connect to this Unix socket instead."),
    Opt(
        "--proxy", metavar="URL|no",
        help="Go through this proxy: http, https, socks4, socks4a, socks5 or socks5h.  [default: the environment's]",
    ),
    Opt("--proxy-auth", metavar="USER[:PASSWORD]", help="Credential for the proxy, `@-` from stdin."),
    Opt("--proxy-verify", metavar="FILE|DIR|no", help="As --verify, for an https proxy."),
    Opt(
        "--noproxy", metavar="LIST",
        help="Go to these hosts and networks without a proxy; loopback is none of them by itself.  [default: NO_PROXY]",
    ),
    Opt(
        "--limit", "limits", multiple=True, metavar="NAME=N",
        help="Take so much of a response, and no more: head, trailers, extension (bytes), fields, interim (number).",
    ),
)  # fmt: skip

TIME: Final = (
    Opt("--timeout", type=SECONDS, metavar="SECONDS", help="Longest silence of the server.  [default: 60]"),
    Opt("--connect-timeout", type=SECONDS, metavar="SECONDS", help="Time to connect in.  [default: 10]"),
    Opt("--max-time", type=SECONDS, metavar="SECONDS", help="Time for everything.  [default: no limit]"),
    Opt("--retry", type=COUNT, metavar="N", help="Try again so often.  [default: 0]"),
    Opt("--retry-delay", type=SECONDS, metavar="SECONDS", help="First wait; it doubles.  [default: 0.5]"),
    Opt("--retry-max-time", type=SECONDS, metavar="SECONDS", help="Begin no attempt after this time."),
    Opt("--retry-all", is_flag=True, help="Repeat POST and PATCH too, which the server may do twice."),
)  # fmt: skip

REHEARSAL: Final = (
    Opt("--offline", "--dry-run", is_flag=True, help="Show the exact request; send, write and fetch nothing."),
    Opt("--curl", is_flag=True, help="Show the curl command for the request instead, with what the session adds."),
)

OUTPUT: Final = (
    Opt("-o", "--output", metavar="FILE", help="Write the body to this file."),
    Opt("--download", is_flag=True, help="Save the body in a new file; the server names it, or the URL, or -o."),
    Opt("--continue", "continue_", is_flag=True, help="Download what a part lacks; nothing if the file is complete."),
    Opt(
        "-p", "--print", "print_", metavar="HBhbm",
        help="Print these: request head H and body B, response head h and body b, time m.",
    ),
    Opt("-h", "--headers", "head_alone", is_flag=True, help="Print the response's head: -p h."),
    Opt("-b", "--body", "body_alone", is_flag=True, help="Print the response's body: -p b."),
    Opt("-i", "--include", is_flag=True, help="Print the response's head and body: -p hb."),
    Opt(
        "-v", "--verbose", is_counted=True,
        help="Show every request and response's head too, -vv the connections as well. In a pipe, on stderr.",
    ),
    Opt("-q", "--quiet", is_counted=True, help="Print nothing but errors; -qq nothing at all."),
    Opt("-m", "--timing", is_flag=True, help="Show on stderr where the time went; in a pipe, as numbers."),
    Opt(
        "-w", "--write-out", metavar="FORMAT|@FILE|@-",
        help="Print this when all is over; %{http_code}, %{time_total}, %header{etag} and the like are curl's.",
    ),
    Opt("--all", "all_hops", is_flag=True, help="Show every redirect and challenge on the way too."),
    Opt("--pretty", type=one_of("none", "format", "colors", "all"), help="How it looks.  [default: none in a pipe]"),
    Opt("--sorted", "sort", is_flag=True, help="Sort headers and the members of JSON objects by name."),
    Opt("-S", "--stream", "by_line", is_flag=True, help="Show the body line by line as it comes, whatever its type."),
    Opt("--select", multiple=True, metavar="/POINTER", help="Print this value of a JSON body (RFC 6901)."),
    Opt("--response-charset", metavar="CHARSET", help="Read the body in this charset instead of the named one."),
    Opt("--response-mime", metavar="TYPE", help="Show the body as this type instead of the named one."),
    Opt("--no-decode", is_flag=True, help="Leave the body in its content coding, gzip and the like."),
    Opt("--reveal", is_flag=True, help="Show secrets that are masked otherwise."),
)  # fmt: skip

SUCCESS: Final = (
    Opt("--no-check-status", is_flag=True, help="Let a status of 400 and more count as success."),
    Opt(
        "--check-status", is_flag=True, help="Let such a status fail (the default), though the session says otherwise."
    ),
    Opt("--expect", metavar="STATUS,...", help="Statuses that alone count as success: 2xx,404."),
)

PROGRAMS: Final = (
    Opt("--format", "format_", type=one_of("json"), help="Print the whole result as one JSON object."),
    Opt("--envelope", is_flag=True, help="The same as --format json."),
    Opt(
        "--max-output", type=COUNT, metavar="BYTES",
        help="Print no more of the body: JSON has its beginning, all else fails.  [default: no limit]",
    ),
    Opt("--agent", is_flag=True, help="For callers that act on the instructions of others: `reqcli help programs`."),
)  # fmt: skip

GROUPS: Final = (
    ("Session", SESSION),
    ("Contexts", CONTEXT),
    ("URL", URL),
    ("Body", BODY),
    ("Headers and credentials", HEADERS),
    ("Redirects", REDIRECTS),
    ("TLS", TLS),
    ("Connection", CONNECTION),
    ("Time and retries", TIME),
    ("Without sending", REHEARSAL),
    ("Output", OUTPUT),
    ("Success and failure", SUCCESS),
    ("For programs", PROGRAMS),
)
"""Every option of a request under its heading, in the order of help."""


def all_options() -> Iterator[Opt]:
    """Every option of a request."""
    for _, group in GROUPS:
        yield from group
