"""A result in one short line of JSON: how it went, without heads and body.

{"ok":true,"exit_code":0,"status":200,"bytes":107,"total_ms":1.204,"error":null}
"""

from __future__ import annotations

from reqcli.model.redact import Redactor
from reqcli.render.formats import Format, SavedBody
from reqcli.render.json_text import dump

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from reqcli.model.result import Result


def brief(
    result: Result, redactor: Redactor | None = None, *, saved: SavedBody | None = None, limit: int | None = None
) -> bytes:
    """The result as one line of JSON, its line break included.

    Args:
        result: with its body read already, or saved.
        redactor: what to mask; without one, what the request itself carries is.
        saved: what became of a body that is not in the response.
        limit: without meaning here, where no body is shown.
    """
    response, error, watch = result.response, result.error, result.watch
    status, size = "null", "null"
    if response is not None:
        status = str(response.head.status)
        size = str(len(response.read())) if saved is None else dump(saved.size)
    ok, exit_status, told = "true", 0, "null"
    if error is not None:
        ok, exit_status = "false", error.exit_status
        mask = redactor if redactor is not None else Redactor.for_request(result.request)
        told = dump({"code": error.code, "message": mask.url(error.message), "retryable": error.retryable})
    total = "null" if watch is None else _thousandths(watch.total * 1000)
    return (
        f'{{"ok":{ok},"exit_code":{exit_status},"status":{status},"bytes":{size},"total_ms":{total},"error":{told}}}\n'
    ).encode()


def _thousandths(number: float) -> str:
    """What `str(round(number, 3))` is of a number of seconds or the like, without a second number being made of it."""
    text = f"{number:.3f}".rstrip("0")
    return f"{text}0" if text[-1] == "." else text


FORMAT: Final[Format] = brief
