"""A curl command, as a browser copies it: its cookies, headers and credential, for the origin of its URL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from reqcli.errors import BadUrl, InputFailed, Usage
from reqcli.interop.curl.reading import read_call
from reqcli.interop.sessions import Exported, Format, Imported, Scope
from reqcli.interop.shell import cmd_words, looks_like_cmd, posix_words
from reqcli.model.credential import Credential
from reqcli.model.secret import Secret
from reqcli.model.spec import RequestSpec
from reqcli.model.url import Url
from reqcli.session.keep import kept

if TYPE_CHECKING:
    from reqcli.interop.curl.reading import CurlCall
    from reqcli.session.schema import SessionState


class Curl:
    """One curl command."""

    def recognises(self, text: str) -> bool:
        return re.match(r"\s*(?:\$ )?(?:\S*[/\\])?curl(?:\.exe)?\s", text) is not None

    def read(self, text: str, scope: Scope) -> Imported:
        text = text.strip()
        call = read_call(cmd_words(text) if looks_like_cmd(text) else posix_words(text.removeprefix("$ ")))
        try:
            url = Url.parse(call.url)
        except BadUrl as error:
            raise InputFailed("the URL of the curl command is malformed") from error
        if scope.chosen and str(url.origin) not in scope.origins:
            raise Usage(f"the command is for {url.origin}, which was not chosen")
        headers = tuple(
            (name, value.strip(" \t"))
            for name, colon, value in (header.partition(":") for header in call.headers)
            if colon and value.strip(" \t")
        )
        operations, refusals = kept(RequestSpec(call.method, url, headers=headers, auth=_credential(call)), scope.now)
        remarks = [f"{refusal}, and left out" for refusal in refusals]
        if call.data or call.form or call.upload is not None:
            remarks.append("the body is left out: a session holds no request")
        remarks += [f"--{name} is left out" for name, _ in call.options]
        return Imported(tuple(operations), tuple(remarks))

    def write(self, state: SessionState, scope: Scope) -> Exported:
        raise Usage(
            "a session is no curl command", hint="`reqcli get URL --session NAME --curl` prints one for a request"
        )


FORMAT: Final[Format] = Curl()


def _credential(call: CurlCall) -> Credential | None:
    if call.user is None:
        return None
    if call.scheme == "bearer":
        return Credential("bearer", {"token": Secret(call.user)})
    user, _, password = call.user.partition(":")
    scheme = "digest" if call.scheme == "digest" else "basic"
    return Credential(scheme, {"user": user, "password": Secret(password)})
