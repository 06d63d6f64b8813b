"""Trainings as HTML: one with its loss and its log, or several side by side. All words are escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.ui import losses
from app.ui.render import notice, table, text
from finetune.jobs.job import Job
from finetune.registry import flat

LINES = 200
"""Lines of the end of the log that are shown."""
MARKS = {"done": "lw-answered", "failed": "lw-failed", "running": "lw-verified", "cancelled": "", "queued": "lw-unsure"}
EMPTY = (
    '<section class="lw-card lw-empty lw-page"><h2>No trainings yet</h2>'
    "<p>Choose a recipe above and start it. It goes on when this page is closed, and after a restart of the "
    "server.</p></section>"
)
NONE_CHOSEN = '<p class="lw-about">Choose a training to watch it; choose several to compare them.</p>'


def one(job: Job, lines: Sequence[str]) -> str:
    """A job: where it stands, what came of it, its loss and the end of its log."""
    mark = MARKS.get(job.state, "lw-unsure")
    state = "cancelling" if job.cancelling and not job.over else job.state
    moments = (("created", job.created_at), ("started", job.started_at), ("ended", job.ended_at))
    told = [f"by {job.principal}", f"on {job.device}", *(f"{name} {_short(at)}" for name, at in moments if at)]
    parts = (
        f'<h2>{text(_title(job))} <span class="lw-badge {mark}" role="status">{text(state)}</span></h2>',
        f'<p class="lw-about">{text(" · ".join(told))}</p>',
        _error(job),
        losses.svg({job.id: losses.read(lines)}),
        _result(job.result or {}),
        _log(lines),
    )
    return f'<article class="lw-card lw-page lw-wide">{"".join(parts)}</article>'


def compared(jobs: Sequence[tuple[Job, Sequence[str]]]) -> str:
    """Several side by side: their losses in one picture, and every figure that one of them has."""
    curves = losses.svg({job.id: losses.read(lines) for job, lines in jobs})
    figures = [_figures(job.result or {}) for job, _ in jobs]
    names = list(dict.fromkeys(name for each in figures for name in each))
    heads = ("", *(f"{_title(job)} {job.id}" for job, _ in jobs))
    rows: list[Sequence[Any]] = [("state", *(job.state for job, _ in jobs))]
    rows += [(name, *(each.get(name) for each in figures)) for name in names]
    shown = f'<div class="lw-scroll lw-tall lw-compare" tabindex="0">{table(heads, rows)}</div>'
    return f'<article class="lw-card lw-page lw-wide"><h2>Side by side</h2>{curves}{shown}</article>'


def name_of(job: Job) -> str:
    """A job in the list."""
    return f"{_title(job)} · {job.state} · {_short(job.created_at)}"


def _title(job: Job) -> str:
    return f"{job.kind} {job.subject.rpartition('/')[2]}".strip()


def _short(at: str) -> str:
    return at.replace("T", " ")[:16]


def _error(job: Job) -> str:
    return notice(job.error.get("message", ""), job.error.get("remedy", "")) if job.error else ""


def _figures(result: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in flat(result).items() if isinstance(value, int | float | str)}


def _result(result: Mapping[str, Any]) -> str:
    rows = list(_figures(result).items())
    if not rows:
        return ""
    return f'<h3>What came of it</h3><div class="lw-scroll" tabindex="0">{table(("Figure", "Value"), rows)}</div>'


def _log(lines: Sequence[str]) -> str:
    if not lines:
        return '<h3>Log</h3><p class="lw-about">It has said nothing yet.</p>'
    return f'<h3>Log</h3><pre class="lw-log" tabindex="0">{text(chr(10).join(lines[-LINES:]))}</pre>'
