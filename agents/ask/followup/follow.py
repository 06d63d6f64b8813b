"""A remark in a thread: what it asks, told in full, with the SQL where that is certain."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agents.ask.followup import continues, retell
from agents.ask.followup.change import Change, read
from agents.ask.followup.frame import Beyond, Frame, above
from agents.ask.followup.periods import relative, spoken
from agents.ask.followup.revise import period, revised
from agents.ask.followup.speech import LEAD
from agents.ask.state import Turn

if TYPE_CHECKING:
    from retrieval import Context
    from retrieval.hints import Hint

Look = Callable[[str], "Context"]


@dataclass(frozen=True)
class FollowUp:
    """What a remark was taken as. Without `question` it wasn't understood, and `back` asks what was meant."""

    question: str = ""
    sql: str = ""
    """The query, where the earlier one could be changed exactly; else a model writes it."""
    unread: tuple[str, ...] = ()
    replaced: bool = False
    """Whether the question is the earlier one with other values or another period, worded as if it were asked so."""
    back: str = ""
    context: Context | None = None
    """What the remark's own words mean beside the earlier question."""


def follow(remark: str, turns: Sequence[Turn], look: Look) -> FollowUp | None:
    """None for a question that stands on its own. `look` links a text under the caller's rights."""
    if not turns:
        return None
    before = turns[-1]
    alone = _without_lead(look(remark))
    frame = Frame.of(before["sql"], alone.catalog) if before["sql"] else None
    change = read(remark, alone.hints, alone.catalog)
    shifted = relative(remark, period(frame)) if frame else None
    if shifted:
        change = replace(change, period=shifted)
    scope = {table.full_name for table in frame.scope.values()} if frame else set()
    if not continues.continues(remark, alone.hints, change, alone.catalog, scope):
        return None
    return _merged(remark, before, look, alone, shifted)


def _merged(remark: str, before: Turn, look: Look, alone: Context, shifted: Hint | None) -> FollowUp:
    start = len(before["question"]) + 1
    both = look(f"{before['question']}\n{remark}")
    earlier = [hint for hint in both.hints if hint.start < start]
    hints = tuple(replace(hint, start=hint.start - start) for hint in both.hints if hint.start >= start)
    hints = _beside(_without_lead(replace(both, question=remark, hints=hints)).hints, alone.hints, shifted)
    change = read(remark, hints, both.catalog)
    if shifted:
        change = replace(change, period=replace(shifted, span=spoken(shifted)))
    change = replace(change, unread=_unread(change, shifted))
    if unknown := [name for name in alone.unknown if not any(name in h.span for h in hints)]:
        found = FollowUp(back=_unmatched(unknown, before))
    elif change.empty or _unlinked_ones(remark, change):
        found = FollowUp(back=_unsaid(before))
    else:
        found = _answered(remark, before, earlier, change, both)
    return replace(found, context=replace(both, question=remark, hints=hints))


def _answered(remark: str, before: Turn, earlier: Sequence[Hint], change: Change, both: Context) -> FollowUp:
    frame = Frame.of(before["sql"], both.catalog) if before["sql"] else None
    inner = continues.inner(remark, (), both.catalog)
    new = _other_table(frame, change, inner=inner)
    if new is not None and (told := retell.exchanged(before["question"], earlier, new)):
        rest = replace(change, tables=())
        return FollowUp(told if rest.empty else retell.retold(told, (), _after(remark, new), rest), "", change.unread)
    question = retell.retold(before["question"], earlier, remark, change)
    try:
        sql = revised(frame, change, inner=inner) if frame else ""
    except Beyond:
        sql = ""
    return FollowUp(question, sql, change.unread, retell.replaces(earlier, change))


def _other_table(frame: Frame | None, change: Change, *, inner: bool) -> Hint | None:
    """The table that is asked about instead of the earlier one."""
    if inner:
        return None
    scope = {table.full_name for table in frame.scope.values()} if frame else set()
    if frame and not replace(change, tables=(), unread=()).empty:
        scope |= set(above(frame))  # 'for listeners on the web' says whose rows are meant.
    return next((h for h in change.tables if not scope & set(h.targets) and not h.span.lower().endswith("ed")), None)


def _after(remark: str, hint: Hint) -> str:
    return remark[hint.start + len(hint.span) :]


def _beside(hints: tuple[Hint, ...], alone: Sequence[Hint], shifted: Hint | None) -> tuple[Hint, ...]:
    """The links that the earlier question settles, and those that the remark has alone."""

    def free(hint: Hint, others: Sequence[Hint]) -> bool:
        end = hint.start + len(hint.span)
        return not any(hint.start < o.start + len(o.span) and o.start < end for o in others)

    found = [*hints, *(hint for hint in alone if free(hint, hints))]
    if shifted:
        found = [shifted, *(hint for hint in found if hint.kind != "time" and free(hint, [shifted]))]
    return tuple(sorted(found, key=lambda hint: hint.start))


def _unread(change: Change, shifted: Hint | None) -> tuple[str, ...]:
    said = shifted.span.lower().split() if shifted else []
    return tuple(word for word in change.unread if word.lower() not in said)


def _without_lead(context: Context) -> Context:
    """Without links of the words that only lead to the change: 'raise that to …'."""
    lead = LEAD.match(context.question)
    end = lead.end() if lead else 0
    return replace(context, hints=tuple(hint for hint in context.hints if hint.start >= end))


def _unlinked_ones(remark: str, change: Change) -> bool:
    """'The clean ones', where nobody knows what 'clean' means here: it is the very thing to filter by."""
    return any(re.search(rf"\b{re.escape(word)}\W+ones?\b", remark) for word in change.unread)


def _unmatched(names: Sequence[str], before: Turn) -> str:
    quoted = ", ".join(f"“{name}”" for name in names)
    return f"Nothing that you may see matches {quoted}, so “{before['question']}” can't be narrowed by it."


def _unsaid(before: Turn) -> str:
    return (
        f"I can't tell what this changes in “{before['question']}”. Name a value or a period to filter by, a column or "
        "“by month” to group by, another measure, or a number of rows; or ask the whole question."
    )
