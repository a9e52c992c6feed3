"""Credentials as a person gives them: typed, piped in, or asked for on the terminal without being shown."""

from __future__ import annotations

import os

from reqcli.auth import Space, load
from reqcli.cli.stdin import MOST_OF_A_TEXT, whole_text
from reqcli.errors import AuthRequired, InputFailed, Interrupted, Usage
from reqcli.model.credential import Credential
from reqcli.model.headers import Headers
from reqcli.model.request import Request
from reqcli.model.secret import Secret
from reqcli.store.names import new_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqcli.auth import Param
    from reqcli.cli.world import World
    from reqcli.model.result import Result
    from reqcli.model.url import Url


def credential_from(text: str | None, scheme_name: str, url: Url, world: World) -> Credential:
    """The credential that the user means; what is missing is asked for.

    Args:
        text: as typed; `@-` and `@FILE` read it from there, None asks for all of it.
        scheme_name: the authentication scheme.
        url: whom it is for, to try whether the scheme can send it at all.
        world: the terminal to ask on.

    Raises:
        Usage: no such scheme, or a credential that it cannot send.
        AuthRequired: something is missing and there is nobody to ask.
    """
    try:
        scheme = load(scheme_name)
    except Usage as error:
        if "/" in scheme_name:  # as in Mozilla/5.0
            error.hint = f"{error.hint}; curl's -A is the item User-Agent:TEXT"
        raise
    if text is not None and text.startswith("@"):
        text = read_secret(text, world)
    credential = scheme.from_text(text) if text is not None else Credential(scheme_name, {})
    missing = {param.name: ask_for(param, world) for param in scheme.params if param.name not in credential.params}
    credential = Credential(credential.scheme, {**credential.params, **missing})
    try_out(credential, url)
    return credential


def try_out(credential: Credential, url: Url) -> None:
    """See whether the scheme can send the credential at all.

    Raises:
        Usage: it cannot.
    """
    next(load(credential.scheme).flow(Request("GET", url, Headers()), credential, Space(new_id)))


def read_secret(reference: str, world: World) -> str:
    """The text that `@-` (standard input) or `@FILE` holds, less the line break at its end; see `read_text`.

    What a person types for it at a terminal is one line, and stays unseen.
    """
    if reference == "@-" and world.can_ask:
        return _typed("Secret", is_secret=True)
    return read_text(reference, world, "the secret").removesuffix("\n").removesuffix("\r")


def read_text(reference: str, world: World, what: str, most: int = MOST_OF_A_TEXT) -> str:
    """The text that `@-` (standard input) or `@FILE` holds.

    Args:
        reference: as typed.
        world: whose standard input.
        what: the text is, for a message.
        most: bytes that it can have.

    Raises:
        InputFailed: it cannot be read, or does not end.
    """
    name = reference[1:]
    if not name:
        raise Usage("a file name is missing after @")
    try:
        if name == "-":
            data = whole_text(world, what, most)
        else:
            with open(os.path.expanduser(name), "rb") as file:
                data = file.read(most + 1)
    except OSError as error:
        raise InputFailed(f"cannot read {name}: {error.strerror}") from error
    if len(data) > most:
        raise InputFailed(f"{name} is longer than {what} can be")
    return data.decode(errors="surrogateescape")


def ask_for(param: Param, world: World) -> str | Secret:
    """What a person types for one parameter, unseen if it is a secret.

    Raises:
        AuthRequired: there is nobody to ask.
        Interrupted: the person would rather not.
    """
    if not world.can_ask:
        raise AuthRequired(
            f"the {param.help} is missing, and there is no terminal to ask for it",
            hint="give it with -a, pipe it in with `-a @-`, or say where it is with --token-env or its like",
        )
    answer = _typed(param.help.capitalize(), is_secret=param.secret)
    return Secret(answer) if param.secret else answer


def _typed(prompt: str, *, is_secret: bool) -> str:
    """What a person types when asked.

    Raises:
        Interrupted: the person would rather not.
    """
    import click

    try:
        answer: str = click.prompt(prompt, hide_input=is_secret, err=True, type=str)
    except click.Abort as error:
        raise Interrupted("interrupted") from error
    return answer


def explain_lack(result: Result, session: str | None) -> None:
    """Say with a 401 how to give the credential that the request had none of.

    Args:
        result: of the request; its error gets a hint if the server wants a credential that can be given.
        session: the name of the session that has none for this server either; None for a stateless call.
    """
    request, response, error = result.request, result.response, result.error
    if request is None or response is None or error is None or error.hint or "authorization" in request.headers:
        return
    from reqcli.model.challenge import parse_challenges

    wanted = {challenge.scheme for challenge in parse_challenges(response.headers.get_all("www-authenticate"))}
    scheme = next((scheme for scheme in ("bearer", "basic", "digest") if scheme in wanted), None)
    if scheme is None:
        return
    words = {"bearer": "-A bearer", "basic": "-a USER", "digest": "-A digest -a USER"}[scheme]
    if session is None:
        error.hint = f"no credential was sent: {words} asks for one"
    else:
        error.hint = f"session {session} has no credential for it: {words} asks for one, --save keeps it"
