"""Where the secret of a credential is: as the `--token-*` options say it, and as it is shown.

One set of names serves every scheme, for each has one secret: a bearer token, the password of `-a USER`, the key of
`-a NAME`. Without `-a` and `-A` the scheme is bearer.
"""

from __future__ import annotations

import os

from reqcli.auth import load
from reqcli.cli.credentials import ask_for, read_secret, try_out
from reqcli.errors import Usage
from reqcli.model.credential import Credential
from reqcli.model.secret import MASK, Secret
from reqcli.session.schema import StoredAuth

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Final

    from reqcli.auth import Param
    from reqcli.cli.world import World
    from reqcli.model.url import Url
    from reqcli.session.schema import Json

KINDS: Final = ("env", "file", "command", "keyring")

_OF_A_SHELL: Final = frozenset({"|", "||", "&", "&&", ";", ">", ">>", "<", "2>&1", "2>/dev/null"})


class Referred:
    """A credential whose secret is elsewhere.

    Args:
        auth: as the session keeps it.
        given: a secret that came along, to be written there; None if it must be there already.
        place: where the secret is.
        param: which parameter of the scheme it is.
    """

    __slots__ = ("auth", "given", "param", "place")

    def __init__(self, auth: StoredAuth, given: Secret | None, place: dict[str, Json], param: Param) -> None:
        self.auth: Final = auth
        self.given: Final = given
        self.place: Final = place
        self.param: Final = param


def referred(words: Mapping[str, Any], auth_type: str | None, text: str | None, url: Url, world: World) -> Referred:
    """The credential that the options mean; nothing is fetched.

    Args:
        words: the options by their names, `token_env` and the others.
        auth_type: the authentication scheme that was asked for.
        text: what was given with `-a`: the user, or the name of a key.
        url: whom it is for, to try whether the scheme can send it at all.
        world: the terminal to ask on for what is missing beside the secret.

    Raises:
        Usage: the options contradict each other, or make no sense.
        AuthRequired: something is missing and there is nobody to ask.
    """
    given = [kind for kind in KINDS if words.get(f"token_{kind}") is not None]
    if len(given) > 1:
        raise Usage(f"--token-{given[0]} and --token-{given[1]} contradict each other")
    scheme_name = auth_type or ("bearer" if text is None else "basic")
    scheme = load(scheme_name)
    secrets = [param for param in scheme.params if param.secret]
    if len(secrets) != 1:
        raise Usage(f"scheme {scheme_name} has no single secret that --token-{given[0]} could name")
    if text is not None and text.startswith("@"):
        text = read_secret(text, world)
    typed = scheme.from_text(text) if text is not None else Credential(scheme_name, {})
    secret = typed.params.get(secrets[0].name)
    if secret is not None and given[0] != "keyring":
        raise Usage(f"the {secrets[0].help} is given twice: with -a and by --token-{given[0]}")
    params = {
        param.name: typed.params.get(param.name) or ask_for(param, world) for param in scheme.params if not param.secret
    }
    try_out(Credential(typed.scheme, {**params, secrets[0].name: Secret("-")}), url)
    user = params.get("user") or secrets[0].name
    place = place_of(given[0], words[f"token_{given[0]}"], str(user))
    plain = {name: value for name, value in params.items() if isinstance(value, str)}
    return Referred(
        StoredAuth(typed.scheme, {**plain, secrets[0].name: place}),
        secret if isinstance(secret, Secret) else None,
        place,
        secrets[0],
    )


def fetched(words: Mapping[str, Any], auth_type: str | None, text: str | None, url: Url, world: World) -> Credential:
    """The credential that the options mean, for one call: its secret is fetched now.

    Args:
        words, auth_type, text, url, world: as for `referred`; `max_time` of the words limits the seconds it may take.

    Raises:
        Usage, AuthRequired: as for `referred`.
        SecretUnavailable, Timeout: the secret is not to be had.
    """
    from reqcli.session.bend import PATIENCE, revealed

    found = referred(words, auth_type, text, url, world)
    if found.given is not None:
        raise Usage(f"the {found.param.help} is given twice: with -a and by --token-keyring")
    patience = min(PATIENCE, words["max_time"] or PATIENCE)
    credential = revealed(found.auth, lambda held: world.vault().fetch(held, patience))
    try_out(credential, url)
    return Credential(credential.scheme, credential.params, places={found.param.name: found.place})


def kept_in_keyring(found: Referred, world: World) -> None:
    """See that the keyring holds the secret: written if one was given or nothing is there, and read back.

    Raises:
        SecretUnavailable, Timeout: it does not; nothing was kept elsewhere.
        AuthRequired: there is none yet, and nobody to ask for it.
    """
    from reqcli.session.bend import PATIENCE
    from reqcli.vault.sources.keyring import holds, keep

    where = found.place["keyring"]
    secret: str | Secret | None = found.given
    if secret is None and not holds(where, PATIENCE):
        secret = ask_for(found.param, world)
    if isinstance(secret, Secret):
        keep(where, secret, PATIENCE)


def place_of(kind: str, text: str, user: str) -> dict[str, Json]:
    """The reference to a secret, as the session keeps it.

    Args:
        kind: one of `KINDS`.
        text: where it is, as typed.
        user: whose it is in the keyring, unless the text says so.

    Raises:
        Usage: the text names no such place.
    """
    if kind == "env":
        if not text or "=" in text or not text.isprintable():
            raise Usage(f"{text!a} cannot be the name of an environment variable")
        return {"env": text}
    if kind == "file":
        if not text or "\0" in text:
            raise Usage("a secret in a file needs the path of the file")
        return {"file": os.path.abspath(os.path.expanduser(text))}
    if kind == "command":
        return {"command": _argv(text)}
    service, _, said = text.rpartition(":") if ":" in text else (text, "", "")
    if not service:
        raise Usage("a secret in the keyring needs the name of a service", hint="write it as SERVICE or SERVICE:USER")
    return {"keyring": {"service": service, "user": said or user}}


def _argv(text: str) -> list[Json]:
    """The words of a command line; a program that is given by a path is found from everywhere."""
    import shlex

    try:
        words = shlex.split(text)
    except ValueError as error:
        raise Usage("a quote is not closed in the command for a secret") from error
    if not words or not words[0]:
        raise Usage("a secret from a command needs a command")
    if _OF_A_SHELL & set(words):
        raise Usage("the command for a secret is run without a shell", hint="for a pipeline write: sh -c '…'")
    program = os.path.expanduser(words[0])
    return [os.path.abspath(program) if os.sep in program else program, *words[1:]]


def masked_place(reference: Mapping[str, Json]) -> Json:
    """A reference that may be shown: of a command neither its arguments are, one may be a secret, nor its answer."""
    masked: dict[str, Json] = {kind: where for kind, where in reference.items() if kind in KINDS}
    command, memo = masked.get("command"), reference.get("memo")
    if isinstance(command, list):
        masked["command"] = [*command[:1], *(MASK for _ in command[1:])]
    if isinstance(memo, dict):
        masked["memo"] = {**memo, "answer": MASK if memo.get("answer") else None}
    return masked


def in_words(reference: Mapping[str, Json], moment: Callable[[float], str], *, reveal: bool) -> str:
    """Where a secret is, as it follows «from», and until when a command's last answer is kept. Nothing is fetched.

    Args:
        reference: masked or not.
        moment: tells a time in seconds since the epoch.
        reveal: whether to show the arguments of a command.
    """
    from reqcli.session.memo import Memo
    from reqcli.vault.fetching import described

    place, command, memo = described(reference), reference.get("command"), Memo.of(reference)
    if reveal and isinstance(command, list):
        from shlex import join

        place = f"command {join(map(str, command))}"
    kept = "" if memo is None or memo.answer is None else f", kept until {moment(memo.until)}: {memo.answer.reveal()}"
    return f"{place}{kept}"
