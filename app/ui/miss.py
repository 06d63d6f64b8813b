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
        f'<div class="sides">{_wanted(outcome)}{_got(outcome)}</div></article>'
    )


def _verdict(outcome: Outcome) -> str:
    status = text(outcome.status)
    error = f'<p class="error">{text(outcome.error)}</p>' if outcome.error not in ("", outcome.reason) else ""
    return f'<p><span class="badge {status}">{status}</span> {text(outcome.reason)}</p>{error}'


def _wanted(outcome: Outcome) -> str:
    """The first answer that is right with its rows, and what would have been right too."""
    question = outcome.line.question
    first, *others = question.gold_sql or [""]
    too = [f"{len(others)} other {'query is' if len(others) == 1 else 'queries are'} right too"] if others else []
    refusals = [f"{' or '.join(question.status)} is right"] if question.status else []
    said = "".join(f'<p class="about">{text(item)}</p>' for item in (*too, *refusals))
    return f"<div><h4>Wanted</h4>{_code(first)}{_rows(outcome.wanted)}{said}</div>"


def _got(outcome: Outcome) -> str:
    return f"<div><h4>Got</h4>{_code(outcome.sql)}{_rows(outcome.got)}</div>"


def _code(sql: str) -> str:
    return f"<pre><code>{text(sql)}</code></pre>" if sql else ""


def _rows(excerpt: Excerpt | None) -> str:
    if excerpt is None:
        return "<p>No rows.</p>"
    if not excerpt.rows:
        return "<p>An empty result.</p>"
    more = excerpt.total - len(excerpt.rows)
    said = f'<p class="about">and {more:,} more</p>' if more else ""
    return f'<div class="scroll">{table(excerpt.columns, excerpt.rows)}</div>{said}'
