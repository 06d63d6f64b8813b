"""A program, its attempts and its result as HTML. All words are escaped: nothing that a program says is markup."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from app.ui.render import MOST_ROWS, table, text

if TYPE_CHECKING:
    from agents.code.state import Attempt, Check, Delivery

LONGEST = 4_000
GOOD, OPEN, BAD = "lw-answered", "lw-unsure", "lw-failed"
BADGES = {
    "delivered": (GOOD, "ran, and is as expected"), "written": (GOOD, "written"), "planned": (OPEN, "not run"),
    "approve": (OPEN, "waits for you"), "clarify": (OPEN, "needs to know more"), "unsure": (OPEN, "not sure"),
    "forbidden": ("lw-forbidden", "not for you to see"), "denied": (OPEN, "not allowed"), "timeout": (BAD, "too slow"),
    "failed": (BAD, "no good"), "running": (OPEN, "not finished"),
}  # fmt: skip
MARKS = {"ok": "✓", "failed": "✗", "skipped": "–"}


def progress(task: str, steps: Sequence[tuple[str, str]], attempts: Sequence[Attempt]) -> str:
    """What is going on while a program is written."""
    done = "".join(f"<li>{text(name)} <span>{text(detail[:160])}</span></li>" for name, detail in steps)
    tried = f"<p>{len(attempts)} attempts so far</p>" if attempts else ""
    return f'<div class="lw-card lw-live"><p class="lw-question">{text(task)}</p><ol>{done}</ol>{tried}</div>'


def outcome(delivery: Delivery) -> str:
    """How a task stands: its verdict, what was checked, the result and the attempts that led to it."""
    parts = (_verdict(delivery), _checks(delivery.checks), _result(delivery.result), _attempts(delivery.attempts))
    ends = (_sources(delivery), _folded("Tests", delivery.tests), _folded("Log", "\n".join(delivery.log)))
    return f'<article class="lw-card lw-code" role="status">{"".join((*parts, *ends))}</article>'


def _verdict(delivery: Delivery) -> str:
    kind, hint = BADGES[delivery.status]
    said = delivery.question or (delivery.error or {}).get("message", "") or delivery.explanation
    badge = f'<span class="lw-badge {kind}" title="{hint}">{delivery.status}</span>'
    return f'<p class="lw-verdict">{badge} {text(said[:LONGEST])}</p>'


def _checks(checks: Sequence[Check]) -> str:
    lines = "".join(f"<li>{_check(check)}</li>" for check in checks)
    return f'<ul class="lw-checks">{lines}</ul>' if lines else ""


def _check(check: Check) -> str:
    return f"{MARKS[check.verdict]} {text(check.name)} <span>{text(check.detail[:300])}</span>"


def _result(result: Mapping[str, Any] | None) -> str:
    if result is None:
        return ""
    rows = result["rows"][:MOST_ROWS]
    left = result["count"] - len(rows)
    more = f'<p class="lw-about">and {left:,} more rows</p>' if left > 0 else ""
    return f'<div class="lw-scroll" tabindex="0">{table(result["columns"], rows)}</div>{more}'


def _attempts(attempts: Sequence[Attempt]) -> str:
    """Each attempt as what it changed of the one before, with what was wrong with it."""
    if len(attempts) < 2 and all(attempt.good for attempt in attempts):
        return ""
    before, found = "", ""
    for attempt in attempts:
        found += _attempt(attempt, before)
        before = attempt.code
    return f"<details><summary>{len(attempts)} attempts</summary>{found}</details>"


def _attempt(attempt: Attempt, before: str) -> str:
    shown = "\n".join(_diff(before, attempt.code)) if before else attempt.code
    wrong = [(attempt.error or {}).get("message", "")]
    wrong += [f"{check.name}: {check.detail}" for check in attempt.checks if check.verdict == "failed"]
    said = text(" ".join(filter(None, wrong))[:LONGEST]) or "good"
    own = (attempt.stdout + attempt.stderr)[:LONGEST]
    printed = f"<pre>{text(own)}</pre>" if own else ""
    return f"<p>Attempt {attempt.number}: {said}</p><pre><code>{text(shown[:LONGEST])}</code></pre>{printed}"


def _diff(before: str, after: str) -> Iterator[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2)
    return (line for line in lines if not line.startswith(("---", "+++")))


def _sources(delivery: Delivery) -> str:
    read = ((source["table"], source["version"]) for source in delivery.sources)
    items = "".join(f"<li><code>{text(name)}</code> version {text(version)}</li>" for name, version in read)
    return f'<details class="lw-sources"><summary>Sources</summary><ul>{items}</ul></details>' if items else ""


def _folded(title: str, body: str) -> str:
    if not body:
        return ""
    return f"<details><summary>{title}</summary><pre><code>{text(body[:LONGEST])}</code></pre></details>"
