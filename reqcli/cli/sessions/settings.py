"""`session set` and `session unset`: a setting as it is typed becomes the value that is stored."""

from __future__ import annotations

import os
from difflib import get_close_matches

from reqcli.cli.sessions.actions import base_url_from, base_url_of, change, existing
from reqcli.errors import BadUrl, Usage
from reqcli.model.fields import shown
from reqcli.session import settings as kinds
from reqcli.session.operations import DeleteSetting, SetSetting
from reqcli.session.settings import SETTINGS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Final

    from reqcli.cli.world import World
    from reqcli.session.schema import Json, SessionState
    from reqcli.session.settings import Kind

_YES, _NO = ("yes", "true", "on"), ("no", "false", "off")
_FOR_BASE_URL: Final = ("cert", "pin")


def set_setting(world: World, name: str, key: str, text: str) -> int:
    """Store a setting."""
    if key == "store":
        return _set_store(world, name, text)
    state = world.store_of(name).read(name)
    value = value_of(key, text)
    if key in _FOR_BASE_URL:
        _check_for_base_url(key, text, state)
    if key in ("cert_key", "cert_key_pass") and "cert" not in (state.settings if state is not None else ()):
        raise Usage(f"setting {key} is for a client certificate, and the session has none", hint="set cert first")
    kind = SETTINGS[key].kind
    if kind in (kinds.FILE, kinds.TRUST) and isinstance(value, str) and not os.path.exists(value):
        world.say(f"reqcli: warning: {shown(value)} does not exist yet [setting]")
    return change(world, name, state, [SetSetting(key, value)])


def _set_store(world: World, name: str, url: str) -> int:
    """Make the session's file, and no other store's session, say that another store keeps it."""
    world.store_at(url)  # what is no URL of a store is said now
    files = world.files()
    return change(world, name, files.read(name), [SetSetting("store", url)], files)


def unset_setting(world: World, name: str, key: str) -> int:
    """Forget a setting."""
    if key == "store":
        files = world.files()
        return change(world, name, files.read(name), [DeleteSetting(key)], files)
    state = existing(world, name)
    if key not in state.settings:
        there = ", ".join(sorted(state.settings)) or "none"
        raise Usage(f"session {name} has no setting {shown(key)}", hint=f"it has {there}")
    return change(world, name, state, [DeleteSetting(key)])


def value_of(key: str, text: str) -> Json:
    """The value of a setting that a text stands for.

    Raises:
        Usage: there is no such setting, or that is no value of it; nothing of a URL is in the message.
    """
    setting = SETTINGS.get(key)
    if setting is None:
        close = get_close_matches(key.lower().replace("-", "_"), SETTINGS, 1)
        there = f"did you mean {close[0]}?" if close else f"there are {', '.join(SETTINGS)}"
        raise Usage(f"there is no setting {shown(key)}", hint=there)
    read = _READERS.get(setting.kind)
    try:
        value = text if read is None else read(text)
    except BadUrl:
        raise
    except Usage as error:
        raise Usage(f"setting {key}: {error.message}", hint=error.hint) from error
    except ValueError:
        value = None
    if not setting.kind.accepts(value):
        close = get_close_matches(text.lower(), setting.kind.words, 1)
        meant = f"did you mean {close[0]}?" if close else f"{setting.help[0].lower()}{setting.help[1:].rstrip('.')}"
        raise Usage(f"setting {key} is {setting.kind.allowed}, and that is none", hint=meant)
    return value


def _yes_or_no(text: str) -> bool:
    word = text.lower()
    if word not in (*_YES, *_NO):
        raise ValueError(word)
    return word in _YES


def _duration(text: str) -> Json:
    from reqcli.cli.durations import seconds

    return seconds(text)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ValueError(text)
    return int(text[:5])


def _path(text: str) -> str:
    """A session is used from other directories too."""
    return os.path.abspath(os.path.expanduser(text)) if text else ""


def _trust(text: str) -> Json:
    return _yes_or_no(text) if text.lower() in (*_YES, *_NO) else _path(text)


def _proxy(text: str) -> str:
    if not text.strip():
        raise ValueError(text)
    if text.lower() == "no":
        return "no"
    from reqcli.model.proxy import parse_proxy

    parse_proxy(text)
    return text


def _place(text: str) -> Json:
    from reqcli.cli.references import place_of

    kind, colon, where = text.partition(":")
    if not colon or kind not in kinds.PLACES:
        raise ValueError(text)
    return place_of(kind, where, "passphrase")


_READERS: Final[Mapping[Kind, Callable[[str], Json]]] = {
    kinds.YES_NO: _yes_or_no,
    kinds.DURATION: _duration,
    kinds.COUNT: _count,
    kinds.URL: base_url_from,
    kinds.FILE: _path,
    kinds.TRUST: _trust,
    kinds.PROXY: _proxy,
    kinds.PLACE: _place,
}
"""What makes a value of the text, for each kind that is not the text itself."""


def _check_for_base_url(key: str, text: str, state: SessionState | None) -> None:
    """See that there is a server that the setting can be for."""
    from reqcli.model.pin import parse_pins

    base_url = base_url_of(state)
    if base_url is None:
        raise Usage(
            f"setting {key} is for the server of the base URL, and the session has none", hint="set base_url first"
        )
    if key == "pin":
        parse_pins(text, base_url.origin)
