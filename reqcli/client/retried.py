"""The layer that makes a failed attempt again, where the policy says so and nothing can happen twice by it.

What never reached the server may always be repeated. What did, or may have, is repeated only if its method is
idempotent, it carries an `Idempotency-Key`, or the user takes the risk; and only if its body can be sent again.
"""

from __future__ import annotations

from reqcli.client.once import once
from reqcli.errors import ReqcliError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqcli.client.run import Run
    from reqcli.model.exchange import Exchange
    from reqcli.model.request import Request
    from reqcli.model.retry import Retry
    from reqcli.model.spec import RequestSpec


def retried(request: Request, spec: RequestSpec, run: Run) -> Exchange:
    """One exchange, made again as the spec's policy says.

    Raises:
        ReqcliError: the last attempt's.
    """
    if spec.retry is None or not spec.retry.limit:
        return once(request, spec, run)
    policy = spec.retry
    began = run.deadline.now()
    attempt = 0
    while True:
        attempt += 1
        pause: float | None = None
        try:
            exchange = once(request, spec, run)
        except ReqcliError as error:
            if error.retryable and _may_repeat(request, policy, error.sent):
                pause = _pause(policy, attempt, error.retry_after, began, run)
            if pause is None:
                raise
            reason = error.message
        else:
            pause, reason = _pause_after_status(exchange, request, policy, attempt, began, run)
            if pause is None:
                return exchange
            run.leave(exchange)
        run.tell("retry", f"attempt {attempt} failed ({reason}); trying again in {pause:.1f} s")
        run.sleep(pause)


def _pause_after_status(
    exchange: Exchange, request: Request, policy: Retry, attempt: int, began: float, run: Run
) -> tuple[float | None, str]:
    from reqcli.client.retry_after import retry_after
    from reqcli.model.retry import RETRIED_STATUSES

    status = exchange.head.status
    reason = f"status {status}"
    if status not in RETRIED_STATUSES or not _may_repeat(request, policy, "yes"):
        return None, reason
    asked = retry_after(exchange.head)
    if asked is not None and asked > policy.longest and attempt <= policy.limit:
        run.tell("retry", f"the server asks to wait {asked:.0f} s, which is longer than {policy.longest:.0f} s")
    return _pause(policy, attempt, asked, began, run), reason


def _pause(policy: Retry, attempt: int, asked: float | None, began: float, run: Run) -> float | None:
    """The time to wait, or None where the policy or the run's own deadline leave none."""
    now = run.deadline.now()
    pause = policy.wait(attempt, asked, run.chance(), now - began)
    if pause is None or (run.deadline.ends is not None and now + pause >= run.deadline.ends):
        return None
    return pause


def _may_repeat(request: Request, policy: Retry, sent: str) -> bool:
    """Whether another attempt can be made, and can do no harm that the user did not accept."""
    if not request.can_replay:
        return False
    return sent == "no" or request.is_idempotent or policy.any_method or "idempotency-key" in request.headers
