"""The losses of trainings, as their logs tell them: read, and drawn over one another in inline SVG."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from app.ui.render import text

Points = list[tuple[int, float]]

TOLD = re.compile(r"step (\d{1,9}) of \d+ +loss (\d+(?:\.\d+)?)")
"""What a training says of a step."""
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 200, 64, 12, 12, 28
DASHES = ("", "6 4", "2 3", "10 3 2 3")
MOST = len(DASHES)


def read(lines: Iterable[str]) -> Points:
    """(step, loss) of each line that tells one, by step; of a step that was done again, the last."""
    found = (TOLD.search(line) for line in lines)
    return sorted({int(match[1]): float(match[2]) for match in found if match}.items())


def svg(runs: Mapping[str, Points]) -> str:
    """The curves of up to four runs; empty where none has two points."""
    drawn = {name: points for name, points in list(runs.items())[:MOST] if len(points) > 1}
    if not drawn:
        return ""
    steps = [step for points in drawn.values() for step, _ in points]
    values = [value for points in drawn.values() for _, value in points]
    low, high, first, last = min(values), max(values), min(steps), max(steps)

    def place(step: int, value: float) -> str:
        x = LEFT + (step - first) / ((last - first) or 1) * (WIDTH - LEFT - RIGHT)
        y = HEIGHT - BOTTOM - (value - low) / ((high - low) or 1) * (HEIGHT - TOP - BOTTOM)
        return f"{x:.1f},{y:.1f}"

    lines = "".join(
        f'<polyline stroke-dasharray="{dash}" points="{" ".join(place(*point) for point in points)}">'
        f"<title>{text(name)}</title></polyline>"
        for dash, (name, points) in zip(DASHES, drawn.items(), strict=False)
    )
    label = text("; ".join(f"{name}: {points[0][1]:.3f} to {points[-1][1]:.3f}" for name, points in drawn.items()))
    ends = f"{_said(LEFT - 6, TOP + 8, f'{high:.3f}', 'end')}{_said(LEFT - 6, HEIGHT - BOTTOM, f'{low:.3f}', 'end')}"
    ends += _said(LEFT, HEIGHT - 8, f"step {first}", "start") + _said(WIDTH - RIGHT, HEIGHT - 8, f"step {last}", "end")
    figure = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="Loss. {label}">{lines}{ends}</svg>'
    return f'<figure class="lw-loss">{figure}<figcaption class="lw-about">{_legend(drawn)}</figcaption></figure>'


def _said(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{words}</text>'


def _legend(drawn: Mapping[str, Points]) -> str:
    styles = ("solid", "dashed", "dotted", "dash-dotted")
    shown = zip(styles, drawn.items(), strict=False)
    return " · ".join(f"{text(name)} ({style}): last {points[-1][1]:.4f}" for style, (name, points) in shown)
