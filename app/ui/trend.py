"""The last minutes of a number as a small area chart, in inline SVG that stretches to its place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from data.streams.commits import Commit

STEP = timedelta(seconds=5)
WIDTH, HEIGHT = 300, 60
Point = tuple[float, float]
"""How many seconds ago, and the value."""


def rates(commits: Sequence[Commit], now: datetime, back: timedelta) -> list[Point]:
    """Events a second in each step of time, the oldest first."""
    sums = [0] * int(back / STEP)
    for commit in commits:
        index = int((now - commit.at) / STEP)
        if 0 <= index < len(sums):
            sums[index] += commit.events or 0
    seconds = STEP.total_seconds()
    return [((index + 0.5) * seconds, total / seconds) for index, total in enumerate(sums)][::-1]


def svg(points: Sequence[Point], back: timedelta, label: str) -> str:
    """The chart; `label` is escaped already. The newest point is at the right."""
    if not points:
        return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}"></svg>'
    high = max(value for _, value in points) or 1
    places = [_place(ago, value, back.total_seconds(), high) for ago, value in points]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in [*places, (float(WIDTH), places[-1][1])])
    left = places[0][0]
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" role="img" aria-label="{label}">'
        f'<polygon points="{left:.1f},{HEIGHT} {line} {WIDTH},{HEIGHT}"/>'
        f'<polyline points="{line}" vector-effect="non-scaling-stroke"/></svg>'
    )


def _place(ago: float, value: float, back: float, high: float) -> Point:
    return max(0.0, WIDTH * (1 - ago / back)), HEIGHT - 1 - value / high * (HEIGHT - 6)
