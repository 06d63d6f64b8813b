"""The misses of an endpoint: what was asked, what was wanted, and what came instead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.ui.render import table, text

if TYPE_CHECKING:
    from agents.evaluation.outcome import Excerpt, Outcome


def section(name: str, outcomes: Sequence[Outcome]) -> str:
    """Every question that `name` answered wrongly."""
    missed = [outcome for outcome in outcomes if not outcome.right]
    body = "".join(map(article, missed)) or "<p>Every question was answered right.</p>"
    return f"<section><h2>Misses of {text(name)}: {len(missed)}</h2>{body}</section>"


def article(outcome: Outcome) -> str:
    """One miss."""
    question = outcome.line.question
    about = " · ".join((f"{outcome.line.file} {outcome.line.id}", *question.tags, f"{outcome.seconds:.2f} s"))
    return (
        f'<article class="miss"><h3>{text(question.question)}</h3><p class="about">{text(about)}</p>{_verdict(outcome)}'
        f'<div class="sides">{_side("Wanted", _gold(outcome), outcome.wanted)}'
        f"{_side('Got', outcome.sql, outcome.got)}</div></article>"
    )


def _verdict(outcome: Outcome) -> str:
    status = text(outcome.status)
    error = f'<p class="error">{text(outcome.error)}</p>' if outcome.error not in ("", outcome.reason) else ""
    return f'<p><span class="badge {status}">{status}</span> {text(outcome.reason)}</p>{error}'


def _gold(outcome: Outcome) -> str:
    """The SQL or the refusal that is right; rows that were written down are shown as rows."""
    question = outcome.line.question
    return "" if question.answers is not None else question.wanted


def _side(title: str, written: str, rows: Excerpt | None) -> str:
    code = f"<pre><code>{text(written)}</code></pre>" if written else ""
    return f"<div><h4>{title}</h4>{code}{_rows(rows) if rows is not None else '<p>No rows.</p>'}</div>"


def _rows(excerpt: Excerpt) -> str:
    if not excerpt.rows:
        return "<p>An empty result.</p>"
    more = excerpt.total - len(excerpt.rows)
    said = f'<p class="about">and {more:,} more</p>' if more else ""
    return f'<div class="scroll">{table(excerpt.columns, excerpt.rows)}</div>{said}'
