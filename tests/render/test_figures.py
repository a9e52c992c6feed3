"""What can be said of a run under curl's names."""

from __future__ import annotations

from itertools import count

import pytest

from reqcli.errors import ConnectFailed, HttpClientError, TlsCertInvalid
from reqcli.model.leg import Leg
from reqcli.model.redact import Redactor
from reqcli.model.response import Hop, Response
from reqcli.model.result import Notice, Result
from reqcli.model.secret import Secret
from reqcli.model.timing import Stopwatch
from reqcli.model.url import Url
from reqcli.render.figures import NAMES, Figure, figures
from tests.render.answers import Bytes, answer, asked

URL = Url.parse("https://api.example/start?token=s3cret")


def said(result: Result, redactor: Redactor | None = None, path: str | None = None) -> dict[str, Figure]:
    return figures(result, redactor or Redactor(), URL, path)


def watch_of(*, reused: bool = False) -> Stopwatch:
    """A watch that shows one second more at each look; the exchange began at 1."""
    times = count()
    watch = Stopwatch(lambda: float(next(times)))
    watch.begin()
    watch.reused = reused
    if not reused:
        watch.dns, watch.connect, watch.tls = 0.125, 0.25, 0.5
        watch.connects = 1
    watch.send, watch.wait = 0.0625, 2.0
    watch.ends = (("::1", 40000), ("::2", 443))
    watch.head_bytes, watch.body_sent, watch.body_received = 120, 1, 9
    watch.receive, watch.ended = 4.0, 2.0
    return watch


def test_every_name_has_something_to_say_even_of_a_run_that_never_began() -> None:
    empty = said(Result(error=ConnectFailed("no")))
    assert set(empty) == NAMES
    assert set(said(Result(request=asked(), response=answer(), watch=watch_of()))) == NAMES
    assert {name: empty[name] for name in NAMES if name.startswith(("time_", "size_", "speed_", "num_"))} == (
        dict.fromkeys((name for name in NAMES if name.startswith(("time_", "size_", "speed_", "num_"))), 0)
    )
    assert (empty["http_code"], empty["remote_ip"], empty["http_version"], empty["exitcode"]) == (0, None, "0", 7)


def test_times_add_up_from_the_start_of_the_run() -> None:
    values = said(Result(request=asked(), response=answer(), watch=watch_of()))
    assert {name: value for name, value in values.items() if name.startswith("time_")} == {
        "time_namelookup": 1.125,
        "time_connect": 1.375,
        "time_appconnect": 1.875,
        "time_pretransfer": 1.875,
        "time_posttransfer": 1.9375,
        "time_starttransfer": 3.9375,
        "time_redirect": 0.0,
        "time_total": 2.0,
    }


def test_a_reused_connection_was_there_from_the_start_and_shook_no_hands() -> None:
    values = said(Result(request=asked(), response=answer(), watch=watch_of(reused=True)))
    assert (values["time_namelookup"], values["time_connect"], values["time_appconnect"]) == (1.0, 1.0, 0.0)
    assert (values["time_pretransfer"], values["time_starttransfer"], values["num_connects"]) == (1.0, 3.0625, 0)


def test_a_run_that_ended_early_has_no_time_for_what_it_did_not_reach() -> None:
    watch = Stopwatch(lambda: 5.0)
    watch.dns = 0.5
    values = said(Result(error=ConnectFailed("no"), watch=watch))
    assert (values["time_namelookup"], values["time_connect"], values["time_pretransfer"]) == (0.5, 0.0, 0.0)


def test_sizes_speeds_and_addresses() -> None:
    values = said(Result(request=asked(), response=answer(), watch=watch_of()), path="x.json")
    assert (values["size_download"], values["size_upload"], values["size_header"]) == (9, 1, 120)
    assert (values["speed_download"], values["speed_upload"]) == (4, 0)
    assert [values[name] for name in ("local_ip", "local_port", "remote_ip", "remote_port")] == [
        "::1",
        40000,
        "::2",
        443,
    ]
    assert values["filename_effective"] == "x.json"


def test_redirects_are_counted_and_their_time_is_told_whether_they_ended_well_or_not() -> None:
    head = answer().head
    hops = (Hop(302, URL), Hop(302, URL))
    followed = Response(head, Url.parse("https://api.example/x"), Bytes(b""), redirects=hops)
    values = said(Result(request=asked(), response=followed, watch=watch_of()))
    assert (values["num_redirects"], values["time_redirect"], values["url_effective"]) == (
        2,
        1.0,
        "https://api.example/x",
    )
    moved, refused = answer(status=302).head, answer(status=401).head
    legs = (Leg(asked(), moved), Leg(asked(), refused), Leg(asked(), moved))
    assert said(Result(error=ConnectFailed("no"), hops=legs))["num_redirects"] == 2


@pytest.mark.parametrize(
    ("location", "status", "expected"),
    [
        pytest.param("/there?x=1", 302, "https://api.example/there?x=1", id="relative"),
        pytest.param("https://b.example/?token=abc", 307, "https://b.example/?token=••••", id="with a secret"),
        pytest.param("/new", 201, None, id="no redirect"),
        pytest.param("http://[", 302, "http://[", id="leads nowhere"),
        pytest.param(None, 302, None, id="without a target"),
    ],
)
def test_where_it_points_to_is_told_if_nobody_went_there(
    location: str | None, status: int, expected: str | None
) -> None:
    response = answer(status=status, headers=[] if location is None else [("Location", location)])
    assert said(Result(response=response))["redirect_url"] == expected


def test_what_is_wrong_with_the_certificate_is_a_number() -> None:
    assert said(Result(error=TlsCertInvalid("x", details={"verify_code": 18})))["ssl_verify_result"] == 18
    assert said(Result(response=answer()))["ssl_verify_result"] == 0
    unverified = Result(response=answer(), warnings=[Notice("unverified", "as asked")])
    assert said(unverified)["ssl_verify_result"] is None


def test_secrets_are_masked_unless_they_are_to_be_shown() -> None:
    error = HttpClientError("hunter2 is wrong")
    result = Result(request=asked(url="https://api.example/x?api_key=hunter2"), error=error)
    masked = said(result, Redactor([Secret("hunter2")]))
    assert not any("hunter2" in str(value) or "s3cret" in str(value) for value in masked.values())
    assert said(result, Redactor([Secret("hunter2")], reveal=True))["errormsg"] == "hunter2 is wrong"
