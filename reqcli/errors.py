"""Every way a run can fail: one class for each stable code, with its exit status, phase and advice.

    ReqcliError
    ├── Usage ── BadUrl                                     what was asked for cannot be understood
    ├── StatusError ── HttpRedirect, HttpClientError, HttpServerError
    ├── DnsFailed, ConnectFailed, ProxyHandshakeFailed      no connection
    ├── TlsHandshakeFailed, TlsCertInvalid, TlsCaUnreadable
    ├── SendFailed, ReceiveFailed, EmptyReply, Timeout      a connection that broke or stalled
    ├── BadResponse, BodyIncomplete, DecodeFailed, BodyTooLarge, TooManyRedirects
    ├── InputFailed, OutputFailed, Interrupted              this side of the wire
    ├── SessionError ── SessionNotFound, SessionLocked, SessionCorrupt, SessionInsecure, SessionConflict
    ├── AuthRequired, AuthRefreshFailed, SecretUnavailable, PolicyDenied
    ├── ContextInvalid, ContextExpired
    ├── StoreUnavailable
    └── Internal                                            a bug of ours

The string `code` is the contract, the number a view of it (curl's where curl has one); neither ever changes
its meaning. An error is translated where it is born, carries a message that never holds a secret, and says
in `hint` the way out where there is one.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


class ReqcliError(Exception):
    """The one exception this library raises for a predictable failure.

    Attributes:
        code: the stable name of the outcome (`dns_failed`).
        exit_status: the process exit status that goes with it.
        phase: where in the run it happened, one of the envelope schema's phases.
        retryable: whether the same call, made later, may succeed without any change.
        message: one sentence naming the thing that failed.
        hint: one sentence with the way out, or None.
        retry_after: seconds the server asked to wait, or None.
        details: further JSON-able facts for programs.
        sent: `no`, `maybe` or `yes`: whether the server may have seen the request; the transport sets it.
    """

    code = "internal"
    exit_status = 1
    phase = "internal"
    retryable = False
    sentence = "a bug in reqcli"
    advice: str | None = None

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        phase: str | None = None,
        retryable: bool | None = None,
        retry_after: float | None = None,
        details: dict[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.message: Final = message
        self.hint = hint if hint is not None else self.advice
        if phase is not None:
            self.phase = phase
        if retryable is not None:
            self.retryable = retryable
        self.retry_after = retry_after
        self.details: dict[str, object] = details if details is not None else {}
        self.sent = "no"


class Internal(ReqcliError):
    advice = "this is a bug in reqcli: please report it with the command that led here"


class Usage(ReqcliError):
    code, exit_status, phase = "usage", 2, "usage"
    sentence = "the command or call cannot be understood"


class BadUrl(Usage):
    code = "bad_url"
    sentence = "the URL is malformed or of a scheme that is not spoken"


class StatusError(ReqcliError):
    """The server answered, and the answer is a status that counts as failure."""

    phase = "receive"


class HttpRedirect(StatusError):
    code, exit_status = "http_redirect", 3
    sentence = "the server answered with a redirect that was not followed"
    advice = "follow redirects with -L"


class HttpClientError(StatusError):
    code, exit_status = "http_client_error", 4
    sentence = "the server answered with a status of 400 to 499, or below 300 where --expect says otherwise"


class HttpServerError(StatusError):
    code, exit_status = "http_server_error", 5
    sentence = "the server answered with a status of 500 or more"
    retryable = True


class DnsFailed(ReqcliError):
    code, exit_status, phase, retryable = "dns_failed", 6, "dns", True
    sentence = "the host's name could not be resolved"


class ConnectFailed(ReqcliError):
    code, exit_status, phase, retryable = "connect_failed", 7, "connect", True
    sentence = "no connection could be made to any address of the host"


class BadResponse(ReqcliError):
    code, exit_status, phase = "bad_response", 8, "receive"
    sentence = "what the server sent is not a valid HTTP response"


class BodyIncomplete(ReqcliError):
    code, exit_status, phase, retryable = "body_incomplete", 18, "receive", True
    sentence = "the response body ended before it was complete"


class OutputFailed(ReqcliError):
    code, exit_status, phase = "output_failed", 23, "output"
    sentence = "the result could not be written out"


class InputFailed(ReqcliError):
    code, exit_status, phase = "input_failed", 26, "usage"
    sentence = "a file or stream that the request is made from could not be read"


class Timeout(ReqcliError):
    """Its `phase` says which limit ran out: dns, connect, proxy, tls, send, wait or receive."""

    code, exit_status, phase, retryable = "timeout", 28, "wait", True
    sentence = "a time limit ran out; the phase says which"


class TlsHandshakeFailed(ReqcliError):
    code, exit_status, phase = "tls_handshake_failed", 35, "tls"
    sentence = "TLS could not be agreed on with the server"


class TooManyRedirects(ReqcliError):
    code, exit_status, phase = "too_many_redirects", 47, "receive"
    sentence = "the chain of redirects is longer than allowed, or loops"


class EmptyReply(ReqcliError):
    code, exit_status, phase, retryable = "empty_reply", 52, "wait", True
    sentence = "the server closed the connection without a byte of response"


class SendFailed(ReqcliError):
    code, exit_status, phase, retryable = "send_failed", 55, "send", True
    sentence = "the connection broke while the request was being sent"


class ReceiveFailed(ReqcliError):
    code, exit_status, phase, retryable = "receive_failed", 56, "receive", True
    sentence = "the connection broke while the response was being read"


class TlsCertInvalid(ReqcliError):
    code, exit_status, phase = "tls_cert_invalid", 60, "tls"
    sentence = "the server's certificate is not to be trusted"


class DecodeFailed(ReqcliError):
    code, exit_status, phase = "decode_failed", 61, "decode"
    sentence = "the response body's content coding is broken"
    advice = "take it as it came with --no-decode"


class BodyTooLarge(ReqcliError):
    code, exit_status, phase = "body_too_large", 63, "receive"
    sentence = "the response body is larger than the limit"


class TlsCaUnreadable(ReqcliError):
    code, exit_status, phase = "tls_ca_unreadable", 77, "config"
    sentence = "the file or directory of trusted certificates cannot be used"


class ProxyHandshakeFailed(ReqcliError):
    code, exit_status, phase = "proxy_handshake_failed", 97, "proxy"
    sentence = "the proxy refused or broke the connection"


class SessionError(ReqcliError):
    """Something is wrong with the stored session itself."""

    phase = "session"


class SessionNotFound(SessionError):
    code, exit_status = "session_not_found", 101
    sentence = "there is no session of that name"


class SessionLocked(SessionError):
    code, exit_status, retryable = "session_locked", 102, True
    sentence = "another process holds the session's lock for too long"


class SessionCorrupt(SessionError):
    code, exit_status = "session_corrupt", 103
    sentence = "the session's file cannot be understood"


class SessionInsecure(SessionError):
    code, exit_status = "session_insecure", 103
    sentence = "the session's file or directory is open to others"


class SessionConflict(SessionError):
    code, exit_status, retryable = "session_conflict", 104, True
    sentence = "the session was deleted or replaced while this run used it"


class AuthRequired(ReqcliError):
    code, exit_status, phase = "auth_required", 105, "auth"
    sentence = "a credential is needed and there is no way to ask for it"


class AuthRefreshFailed(ReqcliError):
    code, exit_status, phase = "auth_refresh_failed", 106, "auth"
    sentence = "a credential could not be renewed"


class SecretUnavailable(ReqcliError):
    code, exit_status, phase = "secret_unavailable", 107, "secret"
    sentence = "a secret that the session refers to could not be had"


class PolicyDenied(ReqcliError):
    code, exit_status, phase = "policy_denied", 108, "policy"
    sentence = "the session's policy forbids this request"


class ContextInvalid(ReqcliError):
    code, exit_status, phase = "context_invalid", 109, "session"
    sentence = "the context handed in is malformed or forged"


class ContextExpired(ContextInvalid):
    code = "context_expired"
    sentence = "the context handed in has expired"


class StoreUnavailable(ReqcliError):
    code, exit_status, phase, retryable = "store_unavailable", 110, "store", True
    sentence = "the store that keeps the session cannot be reached or written"


class Interrupted(ReqcliError):
    code, exit_status, phase = "interrupted", 130, "internal"
    sentence = "the user interrupted the run"


def all_errors() -> list[type[ReqcliError]]:
    """Every concrete error class, in the order of its exit status."""
    found: list[type[ReqcliError]] = []
    waiting: list[type[ReqcliError]] = [ReqcliError]
    while waiting:
        cls = waiting.pop()
        waiting.extend(cls.__subclasses__())
        if cls not in (ReqcliError, StatusError, SessionError):
            found.append(cls)
    return sorted(found, key=lambda cls: (cls.exit_status, cls.code))
