"""The hints that stand under a drawn question: those of the linker, with the slips that a linker makes."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from finetune.families import Drawn
from retrieval import Context
from retrieval.hints import Hint

if TYPE_CHECKING:
    from finetune.view import View

LOST, WRONG, LOST_VALUE = 0.1, 0.05, 0.05


def linked(view: View, drawn: Drawn, rng: random.Random) -> Context:
    """The question's context.

    An invented word gets the hint that a glossary would give. Of the other names some lose their hint and some get a
    wrong one, so that the model also reads the tables.
    """
    context = view.context(drawn.question)
    hints = [slipped for hint in context.hints if (slipped := _slip(hint, view, rng))]
    for word, target in drawn.made_up.items():
        for match in re.finditer(rf"\b{re.escape(word)}\b", drawn.question, re.I):
            hints = [h for h in hints if not _named_within(h, match)]
            hints.append(Hint(match.group(), "table", (target,), start=match.start()))
    return replace(context, hints=tuple(sorted(hints, key=lambda h: h.start)))


def _slip(hint: Hint, view: View, rng: random.Random) -> Hint | None:
    share = rng.random()
    if hint.kind == "value":
        return None if share < LOST_VALUE else hint
    if hint.kind not in ("table", "column") or share >= LOST + WRONG:
        return hint
    if share < LOST:
        return None
    table = rng.choice(view.catalog.tables)
    target = table.full_name if hint.kind == "table" else f"{table.full_name}.{rng.choice(table.columns).name}"
    return replace(hint, targets=(target,))


def _named_within(hint: Hint, match: re.Match[str]) -> bool:
    overlaps = hint.start < match.end() and match.start() < hint.start + len(hint.span)
    return overlaps and hint.kind in ("table", "column", "value")
