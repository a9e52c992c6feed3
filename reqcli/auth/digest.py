"""Digest authentication (RFC 7616): the password proves itself by a hash over what the server demanded.

    A1 = user:realm:password                     with -sess: H(that):nonce:cnonce
    A2 = method:target                           with auth-int: method:target:H(body)
    response = H( H(A1) : nonce : nc : cnonce : qop : H(A2) )     without qop (RFC 2069): H( H(A1) : nonce : H(A2) )

The first request of a run goes out bare and brings the challenge; the next ones use its nonce again with a rising
count (§3.4.5), until the server names another: by a stale challenge (§3.3) or by `nextnonce` (§3.5). What is
remembered belongs to one origin and, within it, to one credential (CVE-2026-11856).
"""

from __future__ import annotations

from reqcli.auth import Param, Scheme
from reqcli.errors import InputFailed, Usage
from reqcli.model.challenge import parse_challenges
from reqcli.model.credential import Credential
from reqcli.model.fields import as_text
from reqcli.model.request import Request
from reqcli.model.secret import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final

    from reqcli.auth import AuthFlow, Space
    from reqcli.model.response import ResponseHead

_HASHES: Final = {"sha-512-256": "sha512_256", "sha-256": "sha256", "md5": "md5"}
"""Algorithms and their names in hashlib, the strongest first (§3.7: the client takes the strongest it knows)."""

UNAUTHORIZED: Final = 401


class Demand:
    """A challenge that can be answered, and how often its nonce was used."""

    __slots__ = ("algorithm", "count", "credential", "hash_name", "nonce", "opaque", "params", "qop", "realm")

    def __init__(self, params: dict[str, str], credential: Credential) -> None:
        self.params: Final = params
        self.credential: Final = credential
        self.algorithm: Final = params.get("algorithm", "MD5")
        self.hash_name: Final = _HASHES.get(self.algorithm.lower().removesuffix("-sess"), "")
        self.realm: Final = params.get("realm", "")
        self.opaque: Final = params.get("opaque")
        offered = [option.strip(" \t").lower() for option in params.get("qop", "").split(",")]
        self.qop: Final = next((option for option in ("auth", "auth-int") if option in offered), "")
        self.nonce = params.get("nonce", "")
        self.count = 0

    @property
    def can_be_answered(self) -> bool:
        """Whether algorithm and quality of protection are known here, and there are a realm and a nonce."""
        offers_unknown_only = bool(self.params.get("qop", "").strip(" ,\t")) and not self.qop
        return bool(self.hash_name and self.nonce) and "realm" in self.params and not offers_unknown_only

    def answer(self, request: Request, cnonce: str) -> str:
        """The value of the Authorization header for one request.

        Raises:
            InputFailed: the body has to be hashed and cannot be read twice.
        """
        self.count += 1
        nc = f"{self.count:08x}"
        user = self.credential.reveal("user")
        secret = self._hash(f"{user}:{self.realm}:{self.credential.reveal('password')}")
        if self.algorithm.lower().endswith("-sess"):
            secret = self._hash(f"{secret}:{self.nonce}:{cnonce}")
        subject = f"{request.method}:{request.url.target}"
        if self.qop == "auth-int":
            subject += f":{self._hash_body(request)}"
        proof = [secret, self.nonce, *([nc, cnonce, self.qop] if self.qop else []), self._hash(subject)]
        fields = [*self._user_fields(user), f"realm={_quoted(self.realm)}", f"nonce={_quoted(self.nonce)}"]
        fields.append(f"uri={_quoted(request.url.target)}")
        if "algorithm" in self.params:
            fields.append(f"algorithm={self.algorithm}")
        if self.opaque is not None:
            fields.append(f"opaque={_quoted(self.opaque)}")
        if self.qop:
            fields += [f"qop={self.qop}", f"nc={nc}", f"cnonce={_quoted(cnonce)}"]
        elif self.algorithm.lower().endswith("-sess"):
            fields.append(f"cnonce={_quoted(cnonce)}")
        fields.append(f"response={_quoted(self._hash(':'.join(proof)))}")
        return f"Digest {', '.join(fields)}"

    def _user_fields(self, user: str) -> list[str]:
        """The user: hashed if the server wants it so (§3.4.4), else plain, extended when it is not ASCII (§3.4)."""
        if self.params.get("userhash", "").lower() == "true":
            return [f"username={_quoted(self._hash(f'{user}:{self.realm}'))}", "userhash=true"]
        if user.isascii() or self.params.get("charset", "").lower() != "utf-8" or _is_bytes(user):
            return [f"username={_quoted(user)}"]
        encoded = "".join(
            chr(byte) if chr(byte).isascii() and chr(byte).isalnum() else f"%{byte:02X}" for byte in user.encode()
        )
        return [f"username*=UTF-8''{encoded}"]

    def _hash(self, text: str) -> str:
        return self._digest([text.encode(errors="surrogateescape")])

    def _hash_body(self, request: Request) -> str:
        if not request.can_replay:
            raise InputFailed(
                "the server wants a hash of the body before the body, and it comes from a stream",
                hint="put the body in a file to make it readable twice",
            )
        return self._digest(request.body.chunks() if request.body is not None else ())

    def _digest(self, blocks: Iterable[bytes]) -> str:
        import hashlib

        state = hashlib.new(self.hash_name, usedforsecurity=False)
        for block in blocks:
            state.update(block)
        return state.hexdigest()


class Digest:
    """See the top of the file."""

    params = (Param("user", "user name"), Param("password", "password", secret=True))
    is_fixed = False

    def from_text(self, text: str) -> Credential:
        user, colon, password = text.partition(":")
        return Credential("digest", {"user": user, "password": Secret(password)} if colon else {"user": user})

    def flow(self, request: Request, credential: Credential, space: Space) -> AuthFlow:
        if any(ord(character) < 32 or ord(character) == 127 for character in credential.reveal("user")):
            raise Usage("the user name holds a control character, which Digest authentication cannot carry")
        demand = space.memory if isinstance(space.memory, Demand) else None
        if demand is not None and demand.credential != credential:
            demand = None
        if demand is None:
            head = yield (request if request.can_replay else _without_body(request))
        else:
            head = yield request.with_header("Authorization", demand.answer(request, space.random_hex()))
            _take_next_nonce(demand, head)
        for _ in range(2):  # the challenge, and one more try should its nonce be stale by then
            fresh = _answerable(head, credential) if head.status == UNAUTHORIZED else None
            if fresh is None or (demand is not None and fresh.params.get("stale", "").lower() != "true"):
                break
            demand = space.memory = fresh
            head = yield request.with_header("Authorization", demand.answer(request, space.random_hex()))
            _take_next_nonce(demand, head)
        if head.status == UNAUTHORIZED:
            space.memory = None
        elif not request.can_replay and demand is None:
            yield request


def _answerable(head: ResponseHead, credential: Credential) -> Demand | None:
    """The strongest of the response's Digest challenges that can be answered (§3.7)."""
    demands = [
        Demand(challenge.params, credential)
        for challenge in parse_challenges(map(as_text, head.headers.get_all("www-authenticate")))
        if challenge.scheme == "digest"
    ]
    strength = list(_HASHES.values())
    usable = [demand for demand in demands if demand.can_be_answered]
    return min(usable, key=lambda demand: strength.index(demand.hash_name), default=None)


def _take_next_nonce(demand: Demand, head: ResponseHead) -> None:
    """Use the nonce that `Authentication-Info` announces from now on (§3.5)."""
    for line in head.headers.get_all("authentication-info"):
        for challenge in parse_challenges([as_text(f"info {line}")]):
            if "nextnonce" in challenge.params:
                demand.nonce, demand.count = challenge.params["nextnonce"], 0


def _without_body(request: Request) -> Request:
    """The request with nothing to send: a stream can be sent once, and the first try brings only the challenge."""
    return Request(request.method, request.url, request.headers.without("content-length", "transfer-encoding"))


def _is_bytes(text: str) -> bool:
    """Whether it was typed in bytes that are no UTF-8."""
    return any("\udc80" <= character <= "\udcff" for character in text)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


SCHEME: Final[Scheme] = Digest()
