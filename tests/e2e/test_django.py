"""The preset `django` against Django itself, with its CSRF middleware, over http and https."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
import trustme

from reqcli import Session
from tests.program import Program
from tests.real import require_package
from tests.sockets import unused_port

SITE: Final = """
import ssl, sys
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.middleware.csrf import get_token, rotate_token
from django.urls import path

settings.configure(
    SECRET_KEY="k", ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, USE_TZ=True, DEBUG=False,
    MIDDLEWARE=["django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware"],
    CSRF_COOKIE_SECURE=len(sys.argv) > 2,
)
django.setup()

def form(request):
    get_token(request)
    return HttpResponse("a form")

def save(request):
    return HttpResponse(f"saved {request.POST['a']}")

def login(request):
    rotate_token(request)
    return HttpResponse("hello")

urlpatterns = [path("form", form), path("save", save), path("login", login)]

class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass

application = get_wsgi_application()

def with_scheme(environ, start_response):
    environ["wsgi.url_scheme"] = "https" if len(sys.argv) > 2 else "http"
    return application(environ, start_response)

server = make_server("127.0.0.1", int(sys.argv[1]), with_scheme, handler_class=Quiet)
if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2])
    server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
"""


@pytest.fixture(params=["http", "https"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, list[str]]]:
    """The URL of a site, and the words that make it trusted."""
    require_package("django")
    port = unused_port()
    certificate, trust = [], []
    if request.param == "https":
        authority = trustme.CA()
        authority.cert_pem.write_to_path(tmp_path / "ca.pem")
        authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(tmp_path / "site.pem")
        certificate, trust = [str(tmp_path / "site.pem")], ["--verify", str(tmp_path / "ca.pem")]
    process = subprocess.Popen([sys.executable, "-c", SITE, str(port), *certificate], stderr=subprocess.DEVNULL)
    try:
        url = f"{request.param}://127.0.0.1:{port}"
        wait_for(url, process, trust)
        yield url, trust
    finally:
        process.terminate()
        process.wait(30)


def wait_for(url: str, process: subprocess.Popen[bytes], trust: list[str]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with Session() as session:
            if session.get(f"{url}/form", verify=trust[1] if trust else None).ok:
                return
        time.sleep(0.1)
    raise AssertionError("the site does not come up")


def test_forms_are_accepted_with_the_token_of_the_cookie(reqcli: Program, site: tuple[str, list[str]]) -> None:
    url, trust = site

    def call(method: str, path: str, *words: str) -> str:
        output = reqcli(method, path, *words, *trust, "--session", "work")
        return output.out if output.status == 0 else f"exit {output.status}"

    assert reqcli("session", "create", "work", "--base-url", url).status == 0
    assert call("get", "/form") == "a form"
    assert call("post", "/save", "-f", "a=1") == "exit 4"
    # The cookie came before the rule: Django sets it once, and does not repeat it.
    assert reqcli("session", "capture", "work", "--preset", "django").status == 0
    assert call("post", "/save", "-f", "a=1") == "saved 1"
    assert call("post", "/login", "-f", "a=1") == "hello"
    assert call("post", "/save", "-f", "a=2") == "saved 2"
    assert call("post", "/save", "-f", "a=2", "X-CSRFToken:wrong") == "exit 4"
    assert reqcli("session", "end", "work").status == 0
    assert call("post", "/save", "-f", "a=3") == "exit 4"
