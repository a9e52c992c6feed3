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

OPTIONS: Final = {
    "-X": _METHOD, "--request": _METHOD, "--method": _METHOD, "--head": "`reqcli head URL`",
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
    "--max-redirs": "--max-redirects N", "--no-check-certificate": _NOT_VERIFIED, "--no-verify": _NOT_VERIFIED,
    "--cacert": "--verify FILE", "--capath": "--verify DIR", "--ca": "--verify FILE", "--key": "--cert-key FILE",
    "--pinnedpubkey": "--pin sha256//BASE64",
    "--pass": "--cert-key-pass @FILE", "--ssl": _MINIMUM, "--tlsv1.2": "--tls-min 1.2", "--tlsv1.3": "--tls-min 1.3",
    "--http1.1": _HTTP, "--http2": _HTTP, "--http-version": _HTTP, "--https": "--default-scheme https",
    "-U": "--proxy-auth USER[:PASSWORD]", "--proxy-user": "--proxy-auth USER[:PASSWORD]",
    "--socks4": "--proxy socks4://HOST:PORT", "--socks5": "--proxy socks5://HOST:PORT",
    "--socks5-hostname": "--proxy socks5h://HOST:PORT", "--connect-to": "--resolve HOST:PORT:ADDR",
    "--read-timeout": "--timeout SECONDS", "--tries": "--retry N", "--fail": _FAILS, "--fail-with-body": _FAILS,
    "--compressed": "the default", "--silent": _NOTHING_SAID, "--show-error": _NOTHING_SAID,
    "--output-document": "-o FILE", "-K": "`reqcli session set NAME SETTING VALUE`",
    "--config": "`reqcli session set NAME SETTING VALUE`", "--trace": "-v", "--trace-ascii": "-v",
    "--no-stdin": "-I", "--debug": "-v", "--traceback": "-v", "--meta": "-m", "-s": f"{_LOOKS}; -q prints nothing",
    "--style": _LOOKS, "--color": _LOOKS, "--colour": _LOOKS, "--no-color": "--pretty format, or NO_COLOR=1",
    "--format-options": _LOOKS, "--unsorted": _AS_SENT, "-P": _HOPS, "--history-print": _HOPS,
    "--manual": _EXPLAINED, "-V": "--version", "--password": _PASSWORD, "--bearer-token": _BEARER,
    "--ca-bundle": "--verify FILE", "--native-tls": "the default", "--ciphers": "not offered; --tls-min is",
    "--no-verbose": "the default", "--raw-output": "the default in a pipe", "--redirect": "-L", "--redirects": "-L",
    "--ssl-version": _MINIMUM,
}  # fmt: skip
"""By the name that it has elsewhere."""

COMMANDS: Final = {
    "new": "create", "add": "create", "ls": "list", "rm": "delete", "remove": "delete", "mv": "rename", "cp": "copy",
    "login": "set-auth", "auth": "set-auth", "logout": "end", "header": "set-header", "cookie": "cookies",
    "info": "show", "cat": "show", "config": "set", "settings": "show", "unset-cookie": "clear",
}  # fmt: skip
"""Of `reqcli session`, by what others would have called it."""
