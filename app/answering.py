"""How fast endpoints answer through the whole agent: one person alone, and many at once."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.assembly import Lakewright

WARM = 3
"""Questions that are asked before anything is measured."""


@dataclass(frozen=True)
class Pace:
    """Seconds of one person's questions, and what many people got together. `wrote` is what the model alone took."""

    endpoint: str
    single_p50: float
    single_p95: float
    single_wrote_p50: float
    users: int
    answers: int
    answers_per_second: float
    many_p50: float
    many_p95: float
    failed: int


def measure(
    lakewright: Lakewright,
    endpoints: Sequence[str],
    questions: Sequence[str],
    users: int,
    seconds: float,
    say: Callable[[str], None],
) -> dict[str, Any]:
    """Each endpoint's pace; with two `ratio` tells how many times as fast the first one is."""
    paces = [_pace(lakewright, name, questions, users, seconds, say) for name in endpoints]
    found: dict[str, Any] = {"ours": asdict(paces[0])}
    if len(paces) > 1:
        ours, peer = paces[0], paces[1]
        found |= {
            "peer": asdict(peer),
            "ratio": {
                "latency": round(peer.single_p50 / ours.single_p50, 2),
                "throughput": round(ours.answers_per_second / max(peer.answers_per_second, 1e-9), 2),
            },
        }
    return found


def _pace(
    lakewright: Lakewright,
    name: str,
    questions: Sequence[str],
    users: int,
    seconds: float,
    say: Callable[[str], None],
) -> Pace:
    who = lakewright.principal(lakewright.settings.principal)
    failed: Counter[bool] = Counter()

    def ask(question: str) -> tuple[float, float]:
        begun = time.perf_counter()
        answer = lakewright.ask.run(who, question, endpoint=name)
        failed[answer.error is not None and answer.error["kind"] in ("unavailable", "busy")] += 1
        return time.perf_counter() - begun, answer.timings.get("write", 0.0)

    for question in questions[:WARM]:
        ask(question)
    say(f"{name}: one person asks {len(questions)} questions")
    alone = [ask(question) for question in questions]
    say(f"{name}: {users} people ask for {seconds:g} s")
    begun = time.perf_counter()
    many = _many(ask, questions, users, begun + seconds)
    took = time.perf_counter() - begun
    single, wrote = ([one[at] for one in alone] for at in (0, 1))
    return Pace(
        name, round(median(single), 3), _high(single), round(median(wrote), 3), users, len(many),
        round(len(many) / took, 2), round(median(many), 3), _high(many), failed[True],
    )  # fmt: skip


def _many(ask: Callable[[str], tuple[float, float]], questions: Sequence[str], users: int, end: float) -> list[float]:
    """The seconds of each answer that people got who ask again as soon as they have one."""
    taken: list[float] = []
    order = itertools.cycle(questions)
    lock = threading.Lock()

    def person() -> None:
        while time.perf_counter() < end:
            with lock:
                question = next(order)
            taken.append(ask(question)[0])

    people = [threading.Thread(target=person) for _ in range(users)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    return taken


def _high(seconds: Sequence[float]) -> float:
    """The 95th percentile."""
    return round(quantiles(seconds, n=20)[18], 3) if len(seconds) > 1 else round(seconds[0], 3)
