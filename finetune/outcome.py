"""What a training gave, and its place in the audit trail."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from data.errors import DataError

if TYPE_CHECKING:
    from data.gateway import Gateway
    from data.policy import Principal


@dataclass(frozen=True)
class Outcome:
    """What a training gave. A `promoted` model answers from now on; `why` says what the gate found."""

    run_id: str
    model: str
    version: int
    metrics: dict[str, float]
    promoted: bool
    why: str


Given = TypeVar("Given", bound=Outcome)


def audited(
    gateway: Gateway, principal: Principal, name: str, work: Callable[[], Given], *, resume: bool = False
) -> Given:
    """Do the work; its start and end stand in the audit trail."""

    def record(outcome: str, message: str, seconds: float = 0.0) -> None:
        gateway.audit.write(
            kind="training",
            principal=principal.name,
            asked=name,
            ms=round(seconds * 1000, 3),
            outcome=outcome,
            message=message,
        )

    began = time.perf_counter()
    record("started", "resumed" if resume else "")
    try:
        outcome = work()
    except BaseException as error:
        failed = str(error) if isinstance(error, DataError) else type(error).__name__
        record("failed", failed, time.perf_counter() - began)
        raise
    verdict = "promoted" if outcome.promoted else "not promoted"
    told = f"run {outcome.run_id}: {outcome.why}" if outcome.run_id else outcome.why
    record(verdict, told, time.perf_counter() - began)
    return outcome
