"""What curl, HTTPie, xh and wget call by another name: where it is here. Loaded when a word is not known, never else.

Each text follows «here:», so that who knows another program finds in one line what to write.
"""

from __future__ import annotations

from typing import Final

_METHOD: Final = "`reqcli put URL`, and for any method `reqcli request METHOD URL`"
_USER_AGENT: Final = "an item: User-Agent:TEXT"
_PARTS: Final = "items after --multipart: name=value name@FILE"
_HTTP: Final = "only HTTP/1.1 is spoken"
_MINIMUM: Final = "--tls-min 1.2 or 1.3"
_BEARER: Final = "--token-env NAME, --token-file FILE or -A bearer -a @-"
_COOKIE: Final = "an item: Cookie:name=value; for longer, `reqcli session set-cookie`"
_NOTHING_SAID: Final = "not needed: a pipe gets the body alone, and what is said goes to standard error"
_FAILS: Final = "the default: a status of 400 and more fails, its body printed; --no-check-status undoes it"
_QUERY: Final = "an item: name==value"
_NOT_VERIFIED: Final = "-k, or --verify no"
_LOOKS: Final = "--pretty all|colors|format|none; the colours themselves are the terminal's"
_AS_SENT: Final = "the default; --sorted sorts, --pretty lays out"
_PASSWORD: Final = "-a USER, and the password is asked for"
_EXPLAINED: Final = "`reqcli help` lists what is explained"
_HOPS: Final = "--all, with -p for its parts"
_DOWNLOAD: Final = "--download, which never overwrites a file"
_NO_FILE_FIRST: Final = "--download: a body that breaks off is FILE.part, and has its own name once it is complete"
_HEAD: Final = "-h for the response's head, -i for head and body"
_MANY: Final = "`reqcli batch`, with a URL on each line"
_BAR: Final = "not needed: on a terminal a long transfer has one"
_AS_IT_COMES: Final = "not needed: a pipe gets each piece of the body as it comes"
_SILENCE: Final = "--timeout SECONDS, the longest silence, or --max-time SECONDS for everything"
_OWN_PROXY: Final = "--proxy-verify FILE, DIR or no"

OPTIONS: Final = {
    "-X": _METHOD, "--request": _METHOD, "--method": _METHOD, "--head": "`reqcli head URL -h`",
    "-G": f"`reqcli get URL`, and for each parameter {_QUERY}", "--get": f"`reqcli get URL`, and {_QUERY}",
    "--url": "the first word after the method", "--param": _QUERY, "--params": _QUERY, "--query": _QUERY,
    "-u": "-a USER[:PASSWORD]", "--user": "-a USER[:PASSWORD]", "--basic": "-A basic -a USER",
    "--digest": "-A digest -a USER", "--oauth2-bearer": _BEARER, "--bearer": _BEARER, "--token": _BEARER,
    "--netrc": "the default; --ignore-netrc undoes it", "-n": "the default; --ignore-netrc undoes it",
    "--netrc-file": "the environment variable NETRC",
    "--data-binary": "-d @FILE, which sends it as it is, or the item @FILE", "--data-raw": "--raw TEXT",
    "--data-ascii": "-d TEXT", "--data-urlencode": "an item of a form, encoded by itself: -f name=value",
    "--post-data": "-d TEXT", "--post-file": "-d @FILE", "--body-file": "the item @FILE",
    "-F": f"-L to follow redirects; {_PARTS}", "--form-string": _PARTS, "-T": "`reqcli put URL @FILE`",
    "--upload-file": "`reqcli put URL @FILE`",
    "--cookie": _COOKIE, "--cookies": _COOKIE, "-c": "--continue, or --session NAME, which keeps cookies",
    "--cookie-jar": "--session NAME, which keeps cookies", "--session-read-only": "--session NAME --read-only",
    "--no-session": "--stateless", "--user-agent": _USER_AGENT, "-e": "an item: Referer:URL",
    "--referer": "an item: Referer:URL", "--location": "-L", "--location-trusted": "-L; secrets stay with their origin",
    "--max-redirs": "--max-redirects N", "--max-headers": "--limit fields=N",
    "--no-check-certificate": _NOT_VERIFIED, "--no-verify": _NOT_VERIFIED,
    "--cacert": "--verify FILE", "--capath": "--verify DIR", "--ca": "--verify FILE", "--key": "--cert-key FILE",
    "--pinnedpubkey": "--pin sha256//BASE64",
    "--pass": "--cert-key-pass @FILE", "--ssl": _MINIMUM, "--tlsv1.2": "--tls-min 1.2", "--tlsv1.3": "--tls-min 1.3",
    "--http1.1": _HTTP, "--http2": _HTTP, "--http-version": _HTTP, "--https": "--default-scheme https",
    "-U": "--proxy-auth USER[:PASSWORD]", "--proxy-user": "--proxy-auth USER[:PASSWORD]",
    "--socks4": "--proxy socks4://HOST:PORT", "--socks5": "--proxy socks5://HOST:PORT",
    "--socks5-hostname": "--proxy socks5h://HOST:PORT", "--connect-to": "--resolve HOST:PORT:ADDR, for the same port",
    "--read-timeout": "--timeout SECONDS", "--tries": "--retry N", "--fail": _FAILS, "--fail-with-body": _FAILS,
    "--compressed": "the default", "--silent": _NOTHING_SAID, "--show-error": _NOTHING_SAID,
    "--output-document": "-o FILE", "-K": "`reqcli session set NAME SETTING VALUE`",
    "--config": "`reqcli session set NAME SETTING VALUE`", "--trace": "-v", "--trace-ascii": "-v",
    "--no-stdin": "-I", "--debug": "-v", "--traceback": "-v", "--meta": "-m",
    "-s": f"{_NOTHING_SAID}; HTTPie's is --pretty",
    "--style": _LOOKS, "--color": _LOOKS, "--colour": _LOOKS, "--no-color": "--pretty format, or NO_COLOR=1",
    "--format-options": _LOOKS, "--unsorted": _AS_SENT, "-P": _HOPS, "--history-print": _HOPS,
    "--manual": _EXPLAINED, "-V": "--version", "--password": _PASSWORD, "--bearer-token": _BEARER,
    "--ca-bundle": "--verify FILE", "--native-tls": "the default", "--ciphers": "not offered; --tls-min is",
    "--no-verbose": "the default", "--raw-output": "the default in a pipe", "--redirect": "-L", "--redirects": "-L",
    "--ssl-version": _MINIMUM,
    "--no-progress-meter": _NOTHING_SAID, "-#": _BAR, "--progress-bar": _BAR,
    "-O": _DOWNLOAD, "--remote-name": _DOWNLOAD, "-J": _DOWNLOAD, "--remote-header-name": _DOWNLOAD,
    "-C": "--continue, which finds out itself where to go on", "--no-clobber": _DOWNLOAD,
    "--continue-at": "--continue, which finds out itself where to go on", "--remove-on-error": _NO_FILE_FIRST,
    "--output-dir": "-o DIR/FILE", "--create-dirs": "`mkdir -p DIR` before it", "--stderr": "the shell's 2>FILE",
    "-D": _HEAD, "--dump-header": _HEAD, "-N": _AS_IT_COMES, "--no-buffer": _AS_IT_COMES,
    "-r": "an item: Range:bytes=0-99", "--range": "an item: Range:bytes=0-99",
    "-z": "an item: 'If-Modified-Since:DATE'", "--time-cond": "an item: 'If-Modified-Since:DATE'",
    "--etag-compare": "an item: If-None-Match:ETAG", "--etag-save": "-w '%header{etag}'",
    "-Z": _MANY, "--parallel": f"{_MANY}, and -j N", "--next": _MANY, "-:": _MANY,
    "--parallel-max": f"{_MANY}, and -j N",
    "-g": "not needed: brackets and braces are sent as they are", "--url-query": _QUERY,
    "--globoff": "not needed: brackets and braces are sent as they are",
    "--retry-connrefused": "--retry N alone, which does that",
    "--retry-all-errors": "--retry N, and --retry-all for POST",
    "-y": _SILENCE, "--speed-time": _SILENCE, "-Y": _SILENCE, "--speed-limit": _SILENCE,
    "-E": "--cert FILE", "-1": _MINIMUM, "-0": _HTTP, "--http1.0": _HTTP, "--http2-prior-knowledge": _HTTP,
    "--tlsv1": _MINIMUM, "--tlsv1.0": "--tls-min 1.0", "--tlsv1.1": "--tls-min 1.1", "--http3": _HTTP,
    "--netrc-optional": "the default; --ignore-netrc undoes it",
    "--proxy-cacert": _OWN_PROXY, "--proxy-capath": _OWN_PROXY, "--proxy-insecure": "--proxy-verify no",
    "--socks4a": "--proxy socks4a://HOST:PORT",
}  # fmt: skip
"""By the name that it has elsewhere."""

COMMANDS: Final = {
    "new": "create", "add": "create", "ls": "list", "rm": "delete", "remove": "delete", "mv": "rename", "cp": "copy",
    "login": "set-auth", "auth": "set-auth", "logout": "end", "header": "set-header", "cookie": "cookies",
    "info": "show", "cat": "show", "config": "set", "settings": "show", "unset-cookie": "clear",
}  # fmt: skip
"""Of `reqcli session`, by what others would have called it."""


def mistaken_value(word: str) -> str | None:
    """What was meant by a word in the place of a URL or an item that is the value of one of curl's options, if
    reqcli's of that name takes none.

    Returns:
        The hint, or None if it looks like no such value.
    """
    if word.isascii() and word.replace(".", "", 1).isdigit():
        return "if it is seconds: -m shows the time here, and --max-time SECONDS limits it"
    if word[:1] in ("{", "["):
        return "if it is the body: --raw TEXT sends it as JSON; --json takes no value here"
    return None
