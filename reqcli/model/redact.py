"""What must never be shown: the one list of names that mark a secret, and a redactor for values known to be one.

Two nets, one behind the other. By name: a header called `Authorization` or `X-Api-Key`, a query parameter called
`access_token`, hold a secret whatever the value is. By value: a password or token that a run used is masked
wherever it turns up again, in an echo of the request, an error page, a redirect's target, in the clear or encoded.
"""

from __future__ import annotations

from reqcli.model.lately import remembered
from reqcli.model.secret import MASK, Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from re import Match, Pattern
    from typing import Final

    from reqcli.model.headers import Headers
    from reqcli.model.request import Request
    from reqcli.model.url import Url

# Names are compared in lower case with `_` as `-`. No pattern is compiled here: a plain `get` loads this file.

_SECRET_HEADERS: Final = frozenset(
    {"authentication", "cookie2", "dpop", "fastly-key", "x-auth", "x-authentication", "x-csrf", "x-honeycomb-team",
     "x-hub-signature-256", "x-xsrf"}
)  # fmt: skip
_SECRET_PARAMETERS: Final = frozenset(
    {"auth", "cvc", "cvv", "jsessionid", "pass", "phpsessid", "pin", "pwd", "sessid", "sid", "sig", "ticket"}
)
_SECRET_ENDINGS: Final = (
    "accesskey", "accountkey", "apikey", "appkey", "applicationkey", "assertion", "authkey", "authorization", "cookie",
    "credential", "credentials", "customerkey", "encryptionkey", "functionskey", "jwt", "licensekey", "masterkey",
    "otp", "passcode", "passphrase", "passwd", "password", "privatekey", "secret", "secretkey", "session", "sessionid",
    "sharedkey", "signature", "signingkey", "subscriptionkey", "token", "userkey",
)  # fmt: skip
"""As they are compared: `X-Api-Key`, `api_key` and `apiKey` end alike."""

_NO_SECRET_ENDINGS: Final = ("pagetoken", "nexttoken", "continuationtoken", "allowcredentials")
"""Places in a list of pages, which several large APIs call tokens; a word of cross-origin resource sharing."""

_SCHEMES: Final = frozenset(
    {"apikey", "aws4-hmac-sha256", "basic", "bearer", "digest", "dpop", "hawk", "hoba", "mutual", "negotiate", "ntlm",
     "oauth", "scram-sha-1", "scram-sha-256", "signature", "token", "vapid"}
)  # fmt: skip
"""First words of a credential that may be shown; any other first word might be the secret itself."""

_WITH_URL: Final = frozenset({"content-location", "link", "location", "referer", "refresh"})

SHORTEST_VALUE: Final = 4
"""Characters below which a value is not masked by value: what is so short stands everywhere by chance."""

SHORTEST_COOKIE: Final = 16
"""The same for cookies, most of which (`theme=dark`) are no secrets; a session's id is longer than this."""

SHORTEST_BASE64: Final = 6
"""The same for what a value leaves in base64 wherever it stands in the encoded text."""


def _is_secret_header(name: str) -> bool:
    key = name.lower().replace("_", "-")
    return key in _SECRET_HEADERS or key.startswith("x-auth-") or _ends_as_secret(key)


is_secret_header: Final = remembered(256, _is_secret_header)
"""Whether a header field of this name holds a secret."""


def is_shown_whole(name: str) -> bool:
    """Whether `masked_header` leaves every value of a field of this name as it is."""
    return not is_secret_header(name) and name.lower() not in _WITH_URL


def _is_secret_parameter(name: str) -> bool:
    if "%" in name:
        from urllib.parse import unquote

        name = unquote(name)
    if "[" in name:
        return any(is_secret_parameter(word) for word in name.replace("]", "[").split("["))
    key = name.lower().replace("_", "-")
    return key in _SECRET_PARAMETERS or _ends_as_secret(key)


is_secret_parameter: Final = remembered(256, _is_secret_parameter)
"""Whether a query parameter or form field of this name holds a secret; `user[password]` and `pass%77ord` do."""


def _ends_as_secret(key: str) -> bool:
    word = key.replace("-", "")
    return word.endswith(_SECRET_ENDINGS) and not word.endswith(_NO_SECRET_ENDINGS)


def masked_header(name: str, value: str) -> str:
    """A field value with its secrets masked; what helps to understand it stays.

    An authentication scheme stays (`Bearer ••••`), the names of cookies (`sid=••••`), the attributes of a Set-Cookie.
    """
    key = name.lower()
    if key in _WITH_URL:
        return masked_url(value)
    if not is_secret_header(name):
        return value
    if key == "cookie":
        return "; ".join(_masked_pair(pair.strip(" \t")) for pair in value.split(";"))
    if key == "set-cookie":
        pair, semicolon, attributes = value.partition(";")
        return _masked_pair(pair.strip(" \t")) + semicolon + attributes
    scheme, blank, _ = value.partition(" ")
    if blank and key.endswith("authorization") and scheme.lower() in _SCHEMES:
        return f"{scheme} {MASK}"
    return MASK if value else ""


def _masked_pair(pair: str) -> str:
    name, sign, _ = pair.partition("=")
    return f"{name}={MASK}" if sign else MASK if pair else ""


def masked_url(text: str) -> str:
    """A URL, or text with URLs in it, with userinfo and the values of secret parameters masked.

    Parameters of a fragment count too: that is where an OAuth server puts a token (RFC 6749 §4.2.2).
    """
    if not ("?" in text or "&" in text or "#" in text or ";" in text or "@" in text):
        return text
    import re

    if "@" in text:
        text = re.sub(r"//[^/?#\s]*@", f"//{MASK}@", text)
    # A value may have such a name in it too, so these are all that may count; mostly none of them is secret.
    if not any(map(is_secret_parameter, re.findall(r"[?&#;]([^=?&#;]+)=", text))):
        return text
    return re.sub(r"([?&#;])([^=?&#;]+)=([^&#;\s>]*)", _masked_parameter, text)


def _masked_parameter(parameter: Match[str]) -> str:
    mark, name, value = parameter.groups()
    return f"{mark}{name}={MASK}" if value and is_secret_parameter(name) else parameter[0]


class Redactor:
    """Masks secrets by name and by value.

    Args:
        secrets: values known to be secret; they are masked as they are, percent-encoded, as a form encodes them, as
            JSON writes them and inside base64 (so in a Basic credential, whoever the user is).
        reveal: show everything instead.

    Attributes:
        is_by_name: whether it knows no values, and so masks by names at most.
        kept: for whoever writes with it again and again: what was written last, and what it came to.
    """

    __slots__ = ("_compiled", "_ends", "_known", "_needles", "is_by_name", "kept", "reveal")

    def __init__(self, secrets: Iterable[Secret] = (), *, reveal: bool = False) -> None:
        self.reveal: Final = reveal
        values = () if reveal else tuple([secret.reveal() for secret in secrets])
        self._known: Final = tuple([value for value in values if len(value) >= SHORTEST_VALUE]) if values else ()
        self.is_by_name: Final = not self._known
        self._ends: Final = [end for end in "\n \t" if not any(end in value for value in values)] if values else []
        self._needles: tuple[str, ...] | None = None
        self._compiled: Pattern[str] | None = None
        self.kept: tuple[object, str] | None = None

    @classmethod
    def for_request(cls, request: Request | None, secrets: Iterable[Secret] = (), *, reveal: bool = False) -> Redactor:
        """A redactor that knows, beside the secrets given, every secret that the request carries."""
        return cls(secrets_with(request, secrets), reveal=reveal)

    def text(self, text: str) -> str:
        """Any text, every known value in it masked, and the beginning of one where an error cut it off."""
        if not self._known or not self.may_be_in(text):
            return text
        return self._pattern.sub(MASK, self._without_beginnings(text) if "…" in text else text)

    def may_be_in(self, text: str) -> bool:
        """Whether a known value may be in a text, or in any part of it as it was before JSON was made of it.

        To find a few words is quicker by far than the pattern, and mostly there are none. They consist of letters,
        digits and the other characters of base64, which JSON writes as they are: so what they are not in as JSON they
        were not in before. What else is encoded, or cut, has to be masked before that.
        """
        if not self._known:
            return False
        needles = self._needles
        if needles is None:
            needles = self._needles = _needles_of(self._known)
        for needle in needles:
            if needle in text:
                return True
        return not needles or "'…" in text or '"…' in text

    def _without_beginnings(self, text: str) -> str:
        """Text less what `fields.shown` left of a value at its cut, which the pattern does not know."""
        pieces = text.split("…")
        for index, piece in enumerate(pieces[:-1]):
            bare, quote = piece[:-1], piece[-1:]
            for value in map(ascii, self._known) if quote in ("'", '"') else ():
                longest = min(len(value) - 3, len(bare))  # less its quotes and its last character
                sizes = range(longest, SHORTEST_VALUE - 1, -1)
                if size := next((size for size in sizes if bare.endswith(value[1 : size + 1])), 0):
                    pieces[index] = f"{bare[:-size]}{MASK}{quote}"
                    break
        return "…".join(pieces)

    @property
    def _pattern(self) -> Pattern[str]:
        """Compiled when there is something to mask, for that takes long."""
        if self._compiled is None:
            self._compiled = _pattern_for(self._known)
        return self._compiled

    def data(self, data: bytes) -> bytes:
        """Any bytes, every known value in them masked as it is in UTF-8; all other bytes stay as they are."""
        if not self._known:
            return data
        text = data.decode(errors="surrogateescape")
        masked = self.text(text)
        return data if masked == text else masked.encode(errors="surrogateescape")

    def whole(self, text: str, end: int) -> int:
        """Where to cut a text off, at `end` or before, so that no known value is cut in two."""
        for match in self._pattern.finditer(text) if self.may_be_in(text) else ():
            if match.start() < end < match.end():
                return match.start()
        return end

    def divisible(self, text: str) -> int:
        """How many characters of a text that goes on can be masked by themselves, for no secret goes on behind them.

        Args:
            text: the beginning of the rest, not yet masked.
        """
        if not self._known:
            return len(text)
        ends = self._ends
        return max(text.rfind(end) for end in ends) + 1 if ends else 0

    def header(self, name: str, value: str) -> str:
        """A field value, masked by the field's name and by value."""
        return value if self.reveal else self.text(masked_header(name, value))

    def body(self, text: str, media_type: str) -> str:
        """The body of a request, masked by the names of its fields, as `redact_body` has it, and by value."""
        if self.reveal:
            return text
        from reqcli.model.redact_body import masked_body

        return self.text(masked_body(text, media_type, is_secret_parameter))

    def body_data(self, data: bytes, media_type: str) -> bytes:
        """The same as bytes; those that are no UTF-8 stay as they are."""
        text = data.decode(errors="surrogateescape")
        masked = self.body(text, media_type)
        return data if masked == text else masked.encode(errors="surrogateescape")

    def url(self, text: str) -> str:
        """A URL, a request target or a sentence that names URLs, masked by their parameters' names and by value."""
        if self.reveal:
            return text
        text = masked_url(text)
        return self.text(text) if self._known else text


BY_NAME: Final = Redactor()
"""Masks by name alone: what another makes of a text that `may_be_in` says no to, unless that one reveals everything."""


def secrets_with(request: Request | None, secrets: Iterable[Secret]) -> tuple[Secret, ...]:
    """These secrets and those that the request carries, if there is one."""
    return tuple(secrets) if request is None else (*secrets, *secrets_in(request))


def secrets_in(request: Request) -> list[Secret]:
    """Every secret that a request carries in its headers and its URL."""
    return [*secrets_in_headers(request.headers), *secrets_in_url(request.url)]


def secrets_in_headers(headers: Headers) -> list[Secret]:
    """Every secret that the fields of a request hold."""
    found: list[str] = []
    for name, value in headers.items():
        if is_secret_header(name):
            found.extend(_values(name, value))
    return [Secret(value) for value in found]


def secrets_in_url(url: Url) -> list[Secret]:
    """The values of secret parameters, and the password."""
    secrets: list[Secret] = []
    if "?" in url.target:
        for pair in url.target.partition("?")[2].split("&"):
            name, _, value = pair.partition("=")
            if value and is_secret_parameter(name):
                secrets.append(Secret(value))
    return secrets if url.password is None else [*secrets, url.password]


def _values(name: str, value: str) -> Iterator[str]:
    """What is secret in the value of a secret header: the credential without its scheme, the values of cookies."""
    key = name.lower()
    if key == "cookie":
        values = (pair.partition("=")[2].strip(' \t"') for pair in value.split(";"))
        yield from (cookie for cookie in values if len(cookie) >= SHORTEST_COOKIE)
        return
    scheme, blank, rest = value.partition(" ")
    if not (blank and key.endswith("authorization") and scheme.lower() in _SCHEMES):
        yield value
        return
    yield rest.strip()
    if scheme.lower() == "basic":
        from binascii import Error, a2b_base64

        try:
            yield a2b_base64(rest.encode()).decode(errors="surrogateescape").partition(":")[2]
        except (Error, UnicodeEncodeError):
            return


_OF_BASE64: Final = r"(?:[A-Za-z0-9+/_-]|%2[BbFf]|\\/)"
"""A character of base64, in a URL and in JSON too."""


def _pattern_for(values: Iterable[str]) -> Pattern[str]:
    """What finds each value however it is written."""
    import re

    forms: dict[str, str] = {}
    for value in values:
        forms[value] = "".join(map(_spellings, value))
        # The characters beside the core hold a few bits of the secret too.
        forms.update(
            (core, f"{_OF_BASE64}{{0,4}}{''.join(map(_spellings, core))}{_OF_BASE64}{{0,2}}(?:=|%3[Dd]){{0,2}}")
            for core in _base64_cores(value)
        )
    # The longest first, else a secret that another one begins with would leave the rest of that one standing.
    return re.compile("|".join(forms[form] for form in sorted(forms, key=len, reverse=True)))


def _needles_of(values: Iterable[str]) -> tuple[str, ...]:
    """Words one of which stands in every text that the pattern finds something in; none if nothing can be said.

    Letters and digits are written in one way only (see `_spellings`), so the longest run of them will do for a value,
    and for what it is in base64.
    """
    from re import findall

    words = {*values}.union(*map(_base64_cores, values))
    needles = {max(findall("[A-Za-z0-9]+", word), key=len, default="") for word in words}
    return () if "" in needles else tuple(needles)


def _spellings(character: str) -> str:
    """A pattern for a character as it is, percent-encoded (RFC 3986 §2.1), as in a form, or escaped in JSON."""
    from json import dumps
    from re import escape

    if character.isascii() and character.isalnum():
        return character
    percent = "".join(f"%{byte:02x}" for byte in _bytes(character))
    forms = [
        escape(character),
        percent,
        *(escape(dumps(character, ensure_ascii=ascii_)[1:-1]) for ascii_ in (False, True)),
    ]
    if character in " /":
        forms.append(r"\+" if character == " " else r"\\/")
    return f"(?i:{'|'.join(dict.fromkeys(forms))})"


def _base64_cores(value: str) -> set[str]:
    """The part that any base64 text (RFC 4648 §4, §5) of something with the value in it has, for each offset."""
    from binascii import b2a_base64

    raw = b"".join(map(_bytes, value))
    cores: set[str] = set()
    for offset in range(3):
        text = b2a_base64(bytes(offset) + raw, newline=False).decode("ascii")
        whole = (offset + len(raw)) * 8 // 6
        core = text[(offset * 8 + 5) // 6 : whole]
        if len(core) >= SHORTEST_BASE64:
            cores.update((core, core.replace("+", "-").replace("/", "_")))
    return cores


def _bytes(character: str) -> bytes:
    """The character in UTF-8, a lone surrogate as the byte it stands for, or at least as some bytes."""
    return character.encode(errors="surrogateescape" if "\udc80" <= character <= "\udcff" else "surrogatepass")
