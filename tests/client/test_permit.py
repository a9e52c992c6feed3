"""The policy stands before every message on its way out, also before those that no redirect asked for."""

from __future__ import annotations

from time import monotonic, sleep

import pytest

from reqcli import Session
from reqcli.client.once import once
from reqcli.client.run import Run
from reqcli.errors import PolicyDenied, SecretUnavailable
from reqcli.model import address
from reqcli.model.headers import Headers
from reqcli.model.request import Request
from reqcli.model.response import ResponseHead
from reqcli.model.route import Dialling
from reqcli.model.spec import RequestSpec
from reqcli.model.timing import DEFAULT_TIMEOUTS, Deadline, Stopwatch
from reqcli.model.url import Url
from reqcli.net.pool import Pool
from reqcli.session.operations import SetAuth, SetHeader
from reqcli.session.policy import Policy
from reqcli.session.schema import StoredAuth, StoredHeader, new_state
from reqcli.session.upkeep import ClearPolicy, ExtendPolicy
from tests.sockets import NastyServer

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Asking(Run):
    """A run that has nothing to learn; nothing else of it is needed here."""

    def learn(self, head: ResponseHead, url: Url) -> None:
        pass


def test_a_request_that_a_scheme_makes_of_its_own_is_checked_too() -> None:
    """As one for a token, which goes elsewhere than the call that it is for."""
    with NastyServer(OK, must_be_called=False) as elsewhere, NastyServer(OK) as server, Pool() as pool:
        run = Asking(pool, Deadline(DEFAULT_TIMEOUTS, monotonic), Stopwatch(monotonic), "", None, (), sleep)
        run.policy = Policy(origins=[server.url().rstrip("/")])
        spec = RequestSpec("GET", Url.parse(server.url()))
        with pytest.raises(PolicyDenied):
            once(Request("POST", Url.parse(elsewhere.url("/token")), Headers()), spec, run)
        assert (elsewhere.connections, run.sent, run.attempts) == (0, "no", 0)
        once(Request("GET", spec.url, Headers()), spec, run).body.close()
        assert run.sent == "yes"


def test_what_holds_where_a_session_has_no_policy_holds_for_addresses_too() -> None:
    """A name tells nothing: that it leads to this machine shows when it is connected to."""
    with NastyServer(OK, must_be_called=False) as server, Session(policy=Policy(public_only=True)) as session:
        dialling = Dialling(overrides=(("public.example", server.port, "127.0.0.1"),))
        result = session.get(f"http://public.example:{server.port}/", dialling=dialling)
        assert isinstance(result.error, PolicyDenied)
        assert server.connections == 0


def test_a_redirect_to_the_metadata_service_is_forbidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first hop leads to this machine, which passes for public here."""
    really = address.is_public
    monkeypatch.setattr(address, "is_public", lambda given: given == "127.0.0.1" or really(given))
    away = b"HTTP/1.1 302 X\r\nLocation: http://169.254.169.254/latest\r\nContent-Length: 0\r\n\r\n"
    state = new_state("0" * 32, 0.0).replace(policy=Policy(public_only=True))
    with NastyServer(away) as server, Session(state) as session:
        dialling = Dialling(overrides=(("public.example", server.port, "127.0.0.1"),))
        result = session.get(f"http://public.example:{server.port}/", dialling=dialling, follow=True)
        assert isinstance(result.error, PolicyDenied)
        assert "169.254.169.254" in result.error.message
        assert len(server.requests) == 1


def test_no_secret_is_fetched_for_a_call_that_is_forbidden() -> None:
    """The one that the session refers to is not to be had, which would be the error if somebody had asked for it."""
    with NastyServer(OK, must_be_called=False) as server, Session() as session:
        here = server.url().rstrip("/")
        session.commit(
            [
                SetAuth(here, StoredAuth("bearer", {"token": {"env": "MISSING"}})),
                SetHeader(StoredHeader("X-Key", {"env": "MISSING"}, here)),
                ExtendPolicy(Policy(origins=["https://a.example"])),
            ]
        )
        for _ in range(3):  # the later ones may know what the first has come to
            assert isinstance(session.get(server.url()).error, PolicyDenied)
        session.commit([ClearPolicy()])
        assert isinstance(session.get(server.url()).error, SecretUnavailable)
        assert server.connections == 0
