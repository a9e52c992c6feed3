"""What can be said of a run that ended, under the names that curl's `--write-out` has for it, and with its meanings.

Times are in seconds from the start of the run, and 0 for what did not happen; `time_redirect` is what passed before the
last exchange began, if redirects were followed. Sizes of bodies are what crossed the wire without framing, compressed
if it was; the size of the heads is of all responses. Speeds are bytes a second over the whole run.
"""

from __future__ import annotations

from reqcli.errors import BadUrl, TlsCertInvalid
from reqcli.render.escape import field_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from reqcli.model.redact import Redactor
    from reqcli.model.result import Result
    from reqcli.model.url import Url

Figure = float | int | str | None

NAMES: Final = frozenset(
    {
        *("content_type", "errormsg", "exitcode", "filename_effective", "http_code", "http_version", "local_ip"),
        *("local_port", "method", "num_connects", "num_headers", "num_redirects", "redirect_url", "remote_ip"),
        *("remote_port", "response_code", "scheme", "size_download", "size_header", "size_upload", "speed_download"),
        *("speed_upload", "ssl_verify_result", "time_appconnect", "time_connect", "time_namelookup"),
        *("time_posttransfer", "time_pretransfer", "time_redirect", "time_starttransfer", "time_total", "url"),
        "url_effective",
    }
)


def figures(result: Result, redactor: Redactor, url: Url, path: str | None) -> dict[str, Figure]:
    """Everything by its name; None where there is nothing to be said.

    Args:
        result: with its body read or given up.
        redactor: masks the secrets of the run.
        url: what was asked for at first.
        path: the file that the body went to, or None.
    """
    request, response, error = result.request, result.response, result.error
    last = url if request is None else request.url
    status = 0 if response is None else response.status
    content_type = None if response is None else response.headers.get("content-type")
    return {
        "content_type": None if content_type is None else redactor.text(field_text(content_type)),
        "errormsg": None if error is None else redactor.url(error.message),
        "exitcode": result.exit_status,
        "filename_effective": path,
        "http_code": status,
        "http_version": "0" if response is None else response.http_version.removesuffix(".0"),
        "method": None if request is None else request.method,
        "num_headers": 0 if response is None else len(response.headers),
        "num_redirects": _redirects(result),
        "redirect_url": _redirect_url(result, redactor),
        "response_code": status,
        "scheme": last.scheme,
        "ssl_verify_result": _verify_result(result),
        "url": redactor.url(str(url)),
        "url_effective": redactor.url(str(last)),
        **_times(result),
        **_traffic(result),
    }


def _times(result: Result) -> dict[str, Figure]:
    timing = result.timing
    ends = dict.fromkeys(("dns", "connect", "tls", "send", "wait"), 0.0)
    before = total = 0.0
    if timing is not None:
        before, total = timing.before, timing.total
        at = before
        for step in ends:
            seconds: float | None = getattr(timing, step)
            at += seconds or 0.0
            if seconds is not None or (timing.reused and step != "tls"):
                ends[step] = at
    return {
        "time_appconnect": ends["tls"],
        "time_connect": ends["connect"],
        "time_namelookup": ends["dns"],
        "time_posttransfer": ends["send"],
        "time_pretransfer": max(ends["dns"], ends["connect"], ends["tls"]) if ends["send"] else 0.0,
        "time_redirect": before if _redirects(result) else 0.0,
        "time_starttransfer": ends["wait"],
        "time_total": total,
    }


def _traffic(result: Result) -> dict[str, Figure]:
    watch, timing = result.watch, result.timing
    received, sent = (0, 0) if watch is None else (watch.body_received, watch.body_sent)
    here, there = (None, None) if watch is None or watch.ends is None else watch.ends
    seconds = 0.0 if timing is None else timing.total
    return {
        "local_ip": None if here is None else here[0],
        "local_port": None if here is None else here[1],
        "num_connects": 0 if watch is None else watch.connects,
        "remote_ip": None if there is None else there[0],
        "remote_port": None if there is None else there[1],
        "size_download": received,
        "size_header": 0 if watch is None else watch.head_bytes,
        "size_upload": sent,
        "speed_download": int(received / seconds) if seconds else 0,
        "speed_upload": int(sent / seconds) if seconds else 0,
    }


def _redirects(result: Result) -> int:
    if result.response is not None:
        return len(result.response.redirects)
    return sum(300 <= leg.head.status < 400 for leg in result.hops)


def _redirect_url(result: Result, redactor: Redactor) -> str | None:
    """Where the response points to, which nobody followed."""
    response = result.response
    location = None if response is None else response.headers.get("location")
    if response is None or location is None or not 300 <= response.status < 400:
        return None
    try:
        return redactor.url(str(response.url.join(location)))
    except BadUrl:
        return redactor.url(location)


def _verify_result(result: Result) -> int | None:
    """OpenSSL's number for what is wrong with the certificate, 0 for nothing; None if it was not looked at."""
    if isinstance(result.error, TlsCertInvalid):
        code = result.error.details.get("verify_code")
        return code if isinstance(code, int) else None
    return None if any(notice.code == "unverified" for notice in result.warnings) else 0
