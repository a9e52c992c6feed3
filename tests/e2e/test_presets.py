"""Each preset against a small server that speaks its protocol by its public description, commands in processes of
their own. Django and MCP have real servers: `test_django.py`, `test_mcp.py`."""

from __future__ import annotations

import json
from base64 import b64encode
from urllib.parse import quote, unquote

import pytest

from reqcli.session import presets
from tests.answering import in_turn, reply, serving
from tests.program import Output, Program
from tests.sockets import NastyServer, Peer, RawRequest

BASIC = f"Basic {b64encode(b'admin:pw').decode()}"


class Caller:
    """The program with one session, a preset in it, and a server."""

    def __init__(self, reqcli: Program, preset: str, server: NastyServer, base: str = "") -> None:
        self.reqcli = reqcli
        self.server = server
        assert reqcli("session", "create", "s", "--base-url", server.url(base)).status == 0
        added = reqcli("session", "capture", "s", "--preset", preset)
        assert added.status == 0, added

    def __call__(self, *words: str) -> Output:
        return self.reqcli(*words, "--session", "s")

    def end(self) -> Output:
        return self.reqcli("session", "end", "s")

    @property
    def last(self) -> RawRequest:
        return self.server.requests[-1]


def cookie(request: RawRequest, name: str) -> str | None:
    pairs = (pair.partition("=") for pair in (request.get("cookie") or "").split("; "))
    return next((value for key, _, value in pairs if key == name), None)


def test_every_preset_is_tested() -> None:
    here = {name.removeprefix("test_").partition("_")[0] for name in globals() if name.startswith("test_")}
    assert set(presets.names()) - {"django", "mcp"} <= here


def test_jenkins_gives_a_crumb_for_the_web_session(reqcli: Program) -> None:
    crumbs: dict[str, str] = {}

    def jenkins(request: RawRequest) -> bytes:
        session = cookie(request, "JSESSIONID.1") or f"s{len(crumbs)}"
        if request.target == "/ci/crumbIssuer/api/json":
            crumbs[session] = f"crumb-{session}"
            issued = {"crumb": crumbs[session], "crumbRequestField": "Jenkins-Crumb"}
            return reply(200, f"Set-Cookie: JSESSIONID.1={session}; Path=/ci", body=issued)
        if request.method == "POST" and (request.get("Jenkins-Crumb") or "none") != crumbs.get(session):
            return reply(403)
        return reply(201)

    with NastyServer(serving(jenkins)) as server:
        call = Caller(reqcli, "jenkins", server, "/ci")
        assert call("post", "/job/x/build").status == 4
        assert call("get", "/crumbIssuer/api/json").status == 0
        assert call("post", "/job/x/build").status == 0
        assert call("get", "/job/x").status == 0
        assert call.last.get("Jenkins-Crumb") is None


def test_sap_issues_a_token_to_whoever_asks_for_it(reqcli: Program) -> None:
    alive = ["t1"]

    def gateway(request: RawRequest) -> bytes:
        token = request.get("X-CSRF-Token")
        if request.target == "/sap/public/bc/icf/logoff":
            alive.clear()
            return reply()
        if request.method == "GET":
            issued = (f"X-CSRF-Token: {alive[0]}", "Set-Cookie: SAP_SESSIONID=s; Path=/") if token == "Fetch" else ()
            return reply(200, *issued)
        if token in alive and cookie(request, "SAP_SESSIONID") == "s":
            return reply(201)
        return reply(403, "X-CSRF-Token: Required")

    with NastyServer(serving(gateway)) as server:
        call = Caller(reqcli, "sap", server)
        assert call("get", "/sap/opu/odata/x/").status == 0
        assert call("post", "/sap/opu/odata/x/Orders").status == 0
        alive[:] = ["t2"]
        assert call("post", "/sap/opu/odata/x/Orders").status == 4
        assert call.last.get("X-CSRF-Token") == "t1"
        assert call("get", "/sap/opu/odata/x/").status == 0
        assert call("delete", "/sap/opu/odata/x/Orders/1").status == 0
        assert call.end().status == 0
        assert alive == []


def test_keystone_issues_a_token_and_revokes_it(reqcli: Program) -> None:
    alive: set[str | None] = set()

    def keystone(request: RawRequest) -> bytes:
        if request.target == "/identity/v3/auth/tokens" and request.method == "POST":
            alive.add("tok")
            return reply(201, "X-Subject-Token: tok", body={"token": {}})
        if request.get("X-Auth-Token") not in alive:
            return reply(401)
        if request.target == "/identity/v3/auth/tokens" and request.method == "DELETE":
            alive.discard(request.get("X-Subject-Token"))
            return reply(204)
        subject = request.get("X-Subject-Token") or "of somebody else"
        return reply(200, f"X-Subject-Token: {subject}")

    with NastyServer(serving(keystone)) as server:
        call = Caller(reqcli, "keystone", server, "/identity")
        assert call("post", "/v3/auth/tokens", "auth:={}").status == 0
        assert call("get", "/v3/auth/tokens", "X-Subject-Token:other").status == 0
        assert call("get", "/v3/projects").status == 0
        assert (call.last.get("X-Auth-Token"), call.last.get("X-Subject-Token")) == ("tok", None)
        assert call.end().status == 0
        assert (call.last.method, alive) == ("DELETE", set())
        assert call("get", "/v3/projects").status == 4


def test_redfish_names_the_session_that_it_created(reqcli: Program) -> None:
    alive: set[str] = set()
    mine = "/redfish/v1/SessionService/Sessions/7"

    def service(request: RawRequest) -> bytes:
        if request.method == "POST" and request.target == "/redfish/v1/SessionService/Sessions":
            alive.add(mine)
            return reply(201, "X-Auth-Token: tok", f"Location: {mine}", body={"Id": "7"})
        if not alive or request.get("X-Auth-Token") != "tok":
            return reply(401)
        if request.method == "DELETE":
            alive.discard(request.target)
            return reply(204)
        return reply()

    with NastyServer(serving(service)) as server:
        call = Caller(reqcli, "redfish", server)
        assert call("post", "/redfish/v1/SessionService/Sessions", "UserName=u", "Password=p").status == 0
        assert call("get", "/redfish/v1/Systems").status == 0
        assert call.end().status == 0
        assert (call.last.target, alive) == (mine, set())


@pytest.mark.parametrize(
    ("login", "body"), [("/api/session", '"id-1"'), ("/rest/com/vmware/cis/session", '{"value": "id-1"}')]
)
def test_vsphere_logs_in_with_basic_and_goes_on_with_the_id(reqcli: Program, login: str, body: str) -> None:
    alive: set[str | None] = set()

    def vcenter(request: RawRequest) -> bytes:
        session = request.get("vmware-api-session-id")
        if request.method == "POST":
            if request.get("Authorization") != BASIC:
                return reply(401)
            alive.add("id-1")
            return reply(201 if login == "/api/session" else 200, "Content-Type: application/json", body=body)
        if session not in alive:
            return reply(401)
        if request.method == "DELETE" and request.target == login:
            alive.discard(session)
        return reply()

    with NastyServer(serving(vcenter)) as server:
        call = Caller(reqcli, "vsphere", server)
        assert call("post", login, "-a", "admin:pw").status == 0
        assert call("get", "/api/vcenter/vm").status == 0
        assert call.end().status == 0
        assert alive == set()


def test_vsphere_json_api_gives_the_id_in_a_header(reqcli: Program) -> None:
    def vcenter(request: RawRequest) -> bytes:
        if request.target.endswith("/Login"):
            return reply(200, "vmware-api-session-id: id-2")
        return reply(200 if request.get("vmware-api-session-id") == "id-2" else 401)

    with NastyServer(serving(vcenter)) as server:
        call = Caller(reqcli, "vsphere", server)
        assert call("post", "/sdk/vim25/8.0.2.0/SessionManager/SessionManager/Login").status == 0
        assert call("get", "/sdk/vim25/8.0.2.0/ServiceInstance/ServiceInstance/content").status == 0


def test_transmission_brings_the_id_with_its_refusal(reqcli: Program) -> None:
    current = ["id-1"]

    def rpc(request: RawRequest) -> bytes:
        if request.get("X-Transmission-Session-Id") != current[0]:
            return reply(409, f"X-Transmission-Session-Id: {current[0]}")
        return reply(body={"result": "success", "sent": json.loads(request.body)})

    with NastyServer(serving(rpc)) as server:
        call = Caller(reqcli, "transmission", server)
        assert call("post", "/transmission/rpc", "method=session-get").json["sent"] == {"method": "session-get"}
        assert call("post", "/transmission/rpc", "method=session-get").status == 0
        assert len(server.requests) == 3
        current[0] = "id-2"
        assert call("post", "/transmission/rpc", "method=session-get").status == 0
        assert len(server.requests) == 5


def test_vault_gives_a_token_at_login_and_keeps_the_ones_for_others_apart(reqcli: Program) -> None:
    alive: set[str | None] = set()

    def vault(request: RawRequest) -> bytes:
        if request.get("X-Vault-Request") != "true":
            return reply(412)
        if request.target == "/v1/auth/userpass/login/me":
            alive.add("hvs.mine")
            return reply(body={"auth": {"client_token": "hvs.mine", "lease_duration": 3600}})
        if request.get("X-Vault-Token") not in alive:
            return reply(403)
        if request.target == "/v1/auth/token/create":
            return reply(body={"auth": {"client_token": "hvs.of-another"}})
        if request.target == "/v1/auth/token/revoke-self":
            alive.discard(request.get("X-Vault-Token"))
            return reply(204)
        return reply(403 if request.target == "/v1/secret/forbidden" else 200)

    with NastyServer(serving(vault)) as server:
        call = Caller(reqcli, "vault", server)
        assert call("post", "/v1/auth/userpass/login/me", "password=p").status == 0
        assert call("post", "/v1/auth/token/create").status == 0
        assert call("get", "/v1/secret/forbidden").status == 4
        assert call("get", "/v1/secret/x").status == 0
        assert call.last.get("X-Vault-Token") == "hvs.mine"
        assert call.end().status == 0
        assert (call.last.method, alive) == ("POST", set())


def test_laravel_wants_its_cookie_back_decoded(reqcli: Program) -> None:
    token = "eyJpdiI6Im+/=="

    def app(request: RawRequest) -> bytes:
        if request.method == "GET":
            return reply(204, f"Set-Cookie: XSRF-TOKEN={quote(token, safe='')}; Path=/")
        is_same = unquote(cookie(request, "XSRF-TOKEN") or "none") == request.get("X-XSRF-TOKEN") == token
        return reply(200 if is_same and request.get("Referer") == f"{server.url('/')}" else 419)

    with NastyServer(serving(app)) as server:
        call = Caller(reqcli, "laravel", server)
        assert call("post", "/login").status == 4
        assert call("get", "/sanctum/csrf-cookie").status == 0
        assert call("post", "/login", "email=a").status == 0


def test_rails_wants_the_token_of_its_latest_page(reqcli: Program) -> None:
    pages: list[str] = []

    def app(request: RawRequest) -> bytes:
        if request.method == "GET":
            pages.append(f"tok/{len(pages)}+==")
            meta = f'<meta name="csrf-token" content="{pages[-1]}" />'
            return reply(200, "Content-Type: text/html", body=f"<html><head>\n{meta}\n</head></html>")
        return reply(200 if request.get("X-CSRF-Token") in pages[-1:] else 422)

    with NastyServer(serving(app)) as server:
        call = Caller(reqcli, "rails", server)
        for _ in range(2):
            assert call("get", "/").status == 0
            assert call("post", "/things", "a=1").status == 0
        pages.append("rotated")
        assert call("post", "/things", "a=1").status == 4
        assert call("post", "/things", "a=1").status == 4
        assert call.last.get("X-CSRF-Token") is None


@pytest.mark.parametrize(
    ("answer", "status", "is_forgotten"),
    [
        pytest.param(reply(405), 0, True, id="a server that cannot be told"),
        pytest.param(reply(404), 0, True, id="gone already"),
        pytest.param(reply(503), 5, False, id="a fault of the server"),
        pytest.param(b"", 52, False, id="no answer"),
    ],
)
def test_what_was_issued_is_forgotten_unless_the_server_may_still_hold_it(
    reqcli: Program, answer: bytes, status: int, is_forgotten: bool
) -> None:
    def goodbye(peer: Peer) -> None:
        peer.read_request()
        peer.send(answer)

    with NastyServer([in_turn(reply(200, "Mcp-Session-Id: i")), goodbye]) as server:
        call = Caller(reqcli, "mcp", server, "/mcp")
        assert call("post", "/").status == 0
        ended = call.end()
        assert ended.status == status, ended
        assert ("forgotten" in ended.err) is True
        shown = reqcli("session", "show", "s", "--format", "json").json
        assert (shown["captures"][0]["values"] == []) is is_forgotten
        assert len(shown["captures"]) == 2
