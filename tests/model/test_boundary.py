"""The boundary: whatever the system, TLS or a decoder can say is a failure with a name, and a bug stays a bug."""

from __future__ import annotations

import _ssl
import errno
import socket
import ssl
import sys
import zlib
from collections.abc import Iterator
from importlib import import_module

import pytest

from reqcli.errors import ReqcliError, all_errors
from reqcli.model.boundary import IN_NETWORK, IN_USAGE, NETWORK, OF_THE_SYSTEM, failed
from reqcli.net.tls_errors import handshake_error, receive_error, send_error

CODES = {kind.code for kind in all_errors()} - {"internal"}
REASONS = sorted(set(getattr(_ssl, "err_codes_to_names", {}).values()))
"""OpenSSL's words for whatever can go wrong, if this version of Python tells them."""


def tls_errors() -> Iterator[ssl.SSLError]:
    """One for every reason that OpenSSL can give, one of each class, and one for every verdict on a certificate."""
    for reason in REASONS:
        error = ssl.SSLError(1, f"[SSL: {reason}] secret words (_ssl.c:1)")
        error.reason = reason
        yield error
    for kind in {ssl.SSLError, *ssl.SSLError.__subclasses__()} - {ssl.SSLCertVerificationError}:
        unexplained = kind(1, "secret words")
        unexplained.reason = None  # type: ignore[assignment]
        yield unexplained
    for code in range(100):
        refused = ssl.SSLCertVerificationError(1, "secret words")
        refused.verify_code, refused.verify_message, refused.reason = code, "a verdict", "CERTIFICATE_VERIFY_FAILED"
        yield refused


@pytest.mark.parametrize("phase", OF_THE_SYSTEM)
def test_every_error_of_the_system_has_a_code(phase: str) -> None:
    for number in (*errno.errorcode, 0, 9999):
        known = failed(OSError(number, "what the system says"), phase)
        assert known.code in CODES
        assert known.phase != "internal"
        assert known.details["errno"] == errno.errorcode.get(number, number)
        assert known.message.endswith("what the system says")
        assert (known.sent == "maybe") is (phase in ("send", "wait", "receive"))


@pytest.mark.parametrize("phase", OF_THE_SYSTEM)
def test_every_failure_of_tls_has_a_code(phase: str) -> None:
    for error in tls_errors():
        known = failed(error, phase)
        assert known.code in CODES
        assert known.__cause__ is error


def test_every_failure_of_tls_is_told_by_the_layer_that_speaks_it() -> None:
    assert REASONS or sys.version_info >= (3, 12)
    tls = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="a.test")
    for error in tls_errors():
        assert handshake_error(error, tls, "a.test:443").code in ("tls_handshake_failed", "tls_cert_invalid")
        assert receive_error(error, "a.test:443").code in ("receive_failed", "tls_handshake_failed")
        assert send_error(error, "a.test:443").code == "send_failed"


@pytest.mark.parametrize("phase", OF_THE_SYSTEM)
def test_an_error_of_the_house_is_itself(phase: str) -> None:
    for kind in all_errors():
        error = kind("as it was")
        assert failed(error, phase) is error


@pytest.mark.parametrize("name", [name for name in IN_NETWORK if name != "compression.zstd.ZstdError"])
def test_every_class_of_the_table_is_there(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    kind = getattr(import_module(module), attribute)
    assert f"{kind.__module__}.{kind.__qualname__}" == name
    for phase in NETWORK:
        assert type(failed(kind("x"), phase)) is IN_NETWORK[name]


def test_what_a_call_is_made_of_can_be_unfit() -> None:
    assert set(IN_USAGE) == {"builtins.ValueError", "builtins.RecursionError"}
    for error in (ValueError("nan"), RecursionError(), UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates")):
        assert failed(error, "usage").code == "usage"


@pytest.mark.parametrize(
    "bug", [TypeError("x"), KeyError("x"), AttributeError("x"), AssertionError(), IndexError(), ZeroDivisionError()]
)
@pytest.mark.parametrize("phase", OF_THE_SYSTEM)
def test_a_bug_stays_what_it_is(bug: Exception, phase: str) -> None:
    with pytest.raises(type(bug)) as raised:
        failed(bug, phase)
    assert raised.value is bug


@pytest.mark.parametrize("error", [ValueError("x"), RecursionError(), UnicodeDecodeError("utf-8", b"", 0, 0, "x")])
def test_a_value_that_is_wrong_within_is_a_bug(error: Exception) -> None:
    for phase in ("send", "receive", "store"):
        with pytest.raises(type(error)):
            failed(error, phase)


def test_words_of_unknown_origin_are_not_repeated() -> None:
    for error in (zlib.error("hunter2"), OSError("hunter2"), MemoryError("hunter2"), socket.gaierror("hunter2")):
        assert "hunter2" not in failed(error, "receive").message


def test_the_codes_say_who_failed() -> None:
    told: dict[tuple[Exception, str], str] = {
        (ConnectionRefusedError(errno.ECONNREFUSED, "x"), "wait"): "connect_failed",
        (ConnectionResetError(errno.ECONNRESET, "x"), "wait"): "receive_failed",
        (BrokenPipeError(errno.EPIPE, "x"), "send"): "send_failed",
        (TimeoutError(), "receive"): "timeout",
        (TimeoutError(errno.ETIMEDOUT, "x"), "store"): "store_unavailable",
        (PermissionError(errno.EACCES, "x"), "secret"): "secret_unavailable",
        (OSError(errno.ENOSPC, "x"), "output"): "output_failed",
        (FileNotFoundError(errno.ENOENT, "x"), "usage"): "input_failed",
        (socket.gaierror(socket.EAI_NONAME, "x"), "connect"): "dns_failed",
        (OSError(errno.EMFILE, "x"), "connect"): "connect_failed",
    }
    for (error, phase), code in told.items():
        known: ReqcliError = failed(error, phase)
        assert (known.code, known.phase) == (code, phase if code == "timeout" else type(known).phase)
