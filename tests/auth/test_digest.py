from __future__ import annotations

import hashlib
import re
from collections.abc import Generator

import pytest

from reqcli.auth import Space, load
from reqcli.errors import InputFailed
from reqcli.model.body import BytesBody, StreamBody
from reqcli.model.challenge import parse_challenges
from reqcli.model.credential import Credential
from reqcli.model.headers import Headers
from reqcli.model.request import Request
from reqcli.model.response import ResponseHead
from reqcli.model.secret import Secret
from reqcli.model.url import Url

Flow = Generator[Request, ResponseHead, None]


def credential(user: str = "Mufasa", password: str = "Circle of Life") -> Credential:
    return Credential("digest", {"user": user, "password": Secret(password)})


def space(cnonce: str = "c" * 32) -> Space:
    return Space(lambda: cnonce)


def get(path: str = "/dir/index.html") -> Request:
    return Request("GET", Url.parse(f"https://www.example.org{path}"), Headers())


def head(status: int, *challenges: str, **fields: str) -> ResponseHead:
    return ResponseHead(
        1,
        status,
        "",
        Headers([*(("WWW-Authenticate", line) for line in challenges), *fields.items()]),
    )


def flow(request: Request, where: Space, who: Credential | None = None) -> Flow:
    return load("digest").flow(request, who or credential(), where)


def sent(request: Request) -> dict[str, str]:
    """The parameters of the Authorization header."""
    (challenge,) = parse_challenges([request.headers["Authorization"]])
    assert challenge.scheme == "digest"
    return challenge.params


def answered(challenge: str, request: Request | None = None, where: Space | None = None) -> dict[str, str]:
    """What is sent after a first bare request was met with the challenge."""
    running = flow(request or get(), where or space())
    assert "Authorization" not in next(running).headers
    return sent(running.send(head(401, challenge)))


RFC_CHALLENGE = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
RFC_CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_examples_of_rfc_7616_section_3_9_1(algorithm: str, response: str) -> None:
    params = answered(RFC_CHALLENGE.format(algorithm), where=space(RFC_CNONCE))
    assert params == {
        "username": "Mufasa",
        "realm": "http-auth@example.org",
        "uri": "/dir/index.html",
        "algorithm": algorithm,
        "nonce": "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        "nc": "00000001",
        "cnonce": RFC_CNONCE,
        "qop": "auth",
        "response": response,
        "opaque": "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS",
    }


def test_the_user_hash_of_rfc_7616_section_3_9_2() -> None:
    challenge = (
        'Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, charset=UTF-8, userhash=true, '
        'nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS"'
    )
    running = flow(get("/doe.json"), space("NTg6RKcb9boFIAS3KrFK9BGeh+niz/sm"), credential("Jäsøn Doe", "x"))
    next(running)
    params = sent(running.send(head(401, challenge)))
    expected = hashlib.new("sha512_256", "Jäsøn Doe:api@example.org".encode()).hexdigest()
    assert (params["username"], params["userhash"]) == (expected, "true")


def test_a_user_outside_ascii_is_sent_extended_where_the_server_speaks_utf8() -> None:
    running = flow(get(), space(), credential("Jäsøn Doe", "x"))
    next(running)
    request = running.send(head(401, 'Digest realm="r", nonce="n", qop=auth, charset=UTF-8'))
    assert "username*=UTF-8''J%C3%A4s%C3%B8n%20Doe" in request.headers["Authorization"]


def test_a_user_whose_bytes_spell_no_utf8_is_sent_as_typed() -> None:
    running = flow(get(), space(), credential("J\udce4s", "x"))
    next(running)
    request = running.send(head(401, 'Digest realm="r", nonce="n", qop=auth, charset=UTF-8'))
    assert 'username="J\udce4s"' in request.headers["Authorization"]


def test_the_old_form_without_qop() -> None:
    """RFC 2069: no nc, no cnonce, no qop."""
    params = answered('Digest realm="r", nonce="n"')
    a1 = hashlib.md5(b"Mufasa:r:Circle of Life").hexdigest()
    a2 = hashlib.md5(b"GET:/dir/index.html").hexdigest()
    assert params["response"] == hashlib.md5(f"{a1}:n:{a2}".encode()).hexdigest()
    assert not {"nc", "cnonce", "qop"} & params.keys()


@pytest.mark.parametrize("algorithm", ["MD5-sess", "SHA-256-sess", "SHA-512-256-sess"])
def test_session_algorithms_fold_both_nonces_into_the_key(algorithm: str) -> None:
    name = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}[algorithm.removesuffix("-sess")]

    def h(text: str) -> str:
        return hashlib.new(name, text.encode()).hexdigest()

    params = answered(f'Digest realm="r", nonce="n", qop="auth", algorithm={algorithm}', where=space("cn"))
    a1 = h(h("Mufasa:r:Circle of Life") + ":n:cn")
    assert params["response"] == h(f"{a1}:n:00000001:cn:auth:{h('GET:/dir/index.html')}")


def test_auth_int_hashes_the_body_when_it_is_the_only_choice() -> None:
    request = Request("POST", Url.parse("http://h/p"), Headers(), BytesBody(b"data"))
    params = answered('Digest realm="r", nonce="n", qop="auth-int"', request, space("cn"))
    body = hashlib.md5(b"data").hexdigest()
    a1 = hashlib.md5(b"Mufasa:r:Circle of Life").hexdigest()
    a2 = hashlib.md5(f"POST:/p:{body}".encode()).hexdigest()
    assert params["qop"] == "auth-int"
    assert params["response"] == hashlib.md5(f"{a1}:n:00000001:cn:auth-int:{a2}".encode()).hexdigest()


@pytest.mark.parametrize("qop", ["auth-int, auth", "auth,auth-int", "AUTH", " auth ,x"])
def test_plain_auth_is_preferred_wherever_it_stands(qop: str) -> None:
    assert answered(f'Digest realm="r", nonce="n", qop="{qop}"')["qop"] == "auth"


def test_the_strongest_known_algorithm_is_taken_and_unknown_ones_passed_over() -> None:
    running = flow(get(), space())
    next(running)
    request = running.send(
        head(
            401,
            'Digest realm="r", nonce="1", algorithm=FOO-1, qop="auth"',
            'Basic realm="r", Digest realm="r", nonce="2", algorithm=MD5, qop="auth"',
            'Digest realm="r", nonce="3", algorithm=SHA-256, qop="auth"',
        )
    )
    assert sent(request)["nonce"] == "3"


def test_quotes_and_backslashes_in_realm_and_user_survive() -> None:
    running = flow(get(), space(), credential('a"b\\c', "x"))
    next(running)
    params = sent(running.send(head(401, r'Digest realm="say \"hi\" \\", nonce="n", qop=auth')))
    assert (params["username"], params["realm"]) == ('a"b\\c', 'say "hi" \\')


def test_the_uri_is_the_target_as_it_is_sent() -> None:
    assert answered('Digest realm="r", nonce="n", qop=auth', get("/a%2fb?q=%20&x"))["uri"] == "/a%2fb?q=%20&x"


def test_the_next_request_uses_the_nonce_again_with_a_rising_count() -> None:
    where = space()
    assert answered('Digest realm="r", nonce="n", qop=auth', where=where)["nc"] == "00000001"
    for count in ("00000002", "00000003"):
        running = flow(get(), where)
        params = sent(next(running))
        assert (params["nonce"], params["nc"]) == ("n", count)
        with pytest.raises(StopIteration):
            running.send(head(200))


def test_a_stale_nonce_is_replaced_without_asking() -> None:
    where = space()
    answered('Digest realm="r", nonce="old", qop=auth', where=where)
    running = flow(get(), where)
    assert sent(next(running))["nonce"] == "old"
    again = sent(running.send(head(401, 'Digest realm="r", nonce="new", qop=auth, stale=TRUE')))
    assert (again["nonce"], again["nc"]) == ("new", "00000001")


def test_a_wrong_password_ends_after_two_requests_and_is_forgotten() -> None:
    where = space()
    running = flow(get(), where)
    next(running)
    running.send(head(401, 'Digest realm="r", nonce="1", qop=auth'))
    with pytest.raises(StopIteration):
        running.send(head(401, 'Digest realm="r", nonce="2", qop=auth'))
    assert where.memory is None


def test_the_nonce_that_the_server_announces_is_used_next() -> None:
    where = space()
    running = flow(get(), where)
    next(running)
    running.send(head(401, 'Digest realm="r", nonce="1", qop=auth'))
    with pytest.raises(StopIteration):
        running.send(head(200, **{"Authentication-Info": 'nextnonce="2", qop=auth'}))
    params = sent(next(flow(get(), where)))
    assert (params["nonce"], params["nc"]) == ("2", "00000001")


def test_another_credential_does_not_use_what_was_remembered() -> None:
    """CVE-2026-11856: state of one credential must not serve another."""
    where = space()
    answered('Digest realm="r", nonce="n", qop=auth', where=where)
    assert "Authorization" not in next(flow(get(), where, credential("other"))).headers


@pytest.mark.parametrize(
    "challenge",
    [
        'Basic realm="r"',
        'Digest realm="r"',
        'Digest realm="r", nonce="n", algorithm=FOO',
        'Digest realm="r", nonce="n", qop="token"',
        "",
    ],
)
def test_a_challenge_that_cannot_be_answered_leaves_the_401_as_it_is(challenge: str) -> None:
    running = flow(get(), space())
    next(running)
    with pytest.raises(StopIteration):
        running.send(head(401, challenge))


def test_a_streamed_body_waits_until_the_challenge_is_known() -> None:
    request = Request("POST", Url.parse("http://h/p"), Headers(), StreamBody([b"once"], name="stdin"))
    running = flow(request, space())
    first = next(running)
    assert (first.body, first.headers["Content-Length"]) == (None, "0")
    second = running.send(head(401, 'Digest realm="r", nonce="n", qop=auth'))
    assert second.body is request.body
    assert second.is_chunked


def test_a_streamed_body_is_sent_when_nothing_was_demanded() -> None:
    request = Request("POST", Url.parse("http://h/p"), Headers(), StreamBody([b"once"], name="stdin"))
    running = flow(request, space())
    next(running)
    assert running.send(head(200)) is request


def test_a_streamed_body_cannot_be_hashed_and_sent() -> None:
    request = Request("POST", Url.parse("http://h/p"), Headers(), StreamBody([b"once"], name="stdin"))
    running = flow(request, space())
    next(running)
    with pytest.raises(InputFailed):
        running.send(head(401, 'Digest realm="r", nonce="n", qop="auth-int"'))


def test_the_password_is_nowhere_in_the_header() -> None:
    params = answered('Digest realm="r", nonce="n", qop=auth')
    assert not any(re.search("Circle", value) for value in params.values())
