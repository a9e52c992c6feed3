"""What a place gives when it is asked for a secret, and how a command's words are understood as one.

A command prints a token on one line, or a JSON object that says how long the token holds. Its names are those of OAuth
(RFC 6749 §5.1), of cloud tools (`accessToken`, `expiresOn`, `token_expiry`) and of Kubernetes' credential plugins,
where the object stands within `status`; letter case and underscores make no difference. A time is seconds from now in
`expires_in`, elsewhere seconds since the epoch or RFC 3339. A local time without a zone tells nothing.
"""

from __future__ import annotations

import json

from reqcli.errors import SecretUnavailable
from reqcli.model.secret import Secret
from reqcli.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

TOKENS: Final = ("token", "accesstoken", "idtoken")
"""The names of a token, the one to be taken first."""

LIFETIME: Final = "expiresin"
EXPIRIES: Final = ("expiry", "expiresat", "expireson", "expiration", "tokenexpiry", "expirationtimestamp", "exp")

MARGIN: Final = 30.0
"""Seconds before its expiry from which a token is no longer used, or a tenth of its life if that is less: it must
still be good when it reaches the server, whose clock may be ahead."""


class Answer(Value):
    """A secret, and how long it holds.

    Args:
        value: the secret.
        until: seconds since the epoch up to which it may be used again, None if nothing is known of that.
    """

    __slots__ = ("until", "value")

    def __init__(self, value: Secret, until: float | None = None) -> None:
        self.value: Final = value
        self.until: Final = until

    @classmethod
    def of(cls, text: str) -> Answer:
        """A bare secret."""
        return cls(Secret(text))


def understood(output: bytes, now: float) -> Answer:
    """What a command's output says.

    Args:
        output: all that it printed.
        now: seconds since the epoch.

    Raises:
        SecretUnavailable: no secret can be meant by it; the message ends the sentence «the command …».
    """
    try:
        text = output.decode().strip("\r\n")
    except UnicodeDecodeError as error:
        raise SecretUnavailable("printed something that is not UTF-8") from error
    if not text.strip():
        raise SecretUnavailable("printed nothing")
    fields = _object(text)
    if fields is not None:
        return _from_object(fields, now)
    if "\n" in text or "\r" in text:
        raise SecretUnavailable(
            "printed several lines", hint="it must print the secret on one line, or as JSON: see reqcli-session(1)"
        )
    return Answer.of(text)


def _object(text: str) -> dict[str, Any] | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _from_object(fields: dict[str, Any], now: float) -> Answer:
    within = fields.get("status")
    found = {
        name.replace("_", "").lower(): value for name, value in (within if isinstance(within, dict) else fields).items()
    }
    token = next((found[name] for name in TOKENS if isinstance(found.get(name), str) and found[name]), None)
    if token is None:
        raise SecretUnavailable(
            "printed a JSON object without a token", hint="the token must be called token, access_token or id_token"
        )
    ends = [_moment(found[name]) for name in EXPIRIES if name in found]
    life = _number(found.get(LIFETIME))
    ends.append(None if life is None else now + life)
    expiry = min((end for end in ends if end is not None), default=None)
    return Answer(Secret(token), None if expiry is None else expiry - min(MARGIN, max(0.0, expiry - now) / 10))


def _moment(value: object) -> float | None:
    """Seconds since the epoch, or None if the value does not say a moment."""
    seconds = _number(value)
    if seconds is not None:
        return seconds / 1000 if seconds > 1e11 else seconds
    if not isinstance(value, str):
        return None
    from datetime import datetime

    try:
        moment = datetime.fromisoformat(value)
        return None if moment.tzinfo is None else moment.timestamp()
    except (ValueError, OverflowError):
        return None


def _number(value: object) -> float | None:
    """A number, or text that spells one, within what a time can be."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if 0 <= number < 1e15 else None
