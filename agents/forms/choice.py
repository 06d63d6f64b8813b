"""Which of several likely bindings is taken, and between which a person chooses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agents.forms.binding import Binding

SURE = 0.76
"""Confidence from which a value is filled in."""
LIKELY = 0.5
"""Confidence from which it is offered as a candidate."""
CLEAR = 0.08
"""How much better than the next the best has to be."""
MOST_CANDIDATES = 4


def chosen(found: Sequence[Binding]) -> tuple[Binding, ...]:
    """The one that is taken, or the candidates between which a person chooses."""
    best = sorted(found, key=lambda one: -one.confidence)
    if not best or best[0].confidence < LIKELY:
        return (Binding("person"),)
    next_best = next((one.confidence for one in best[1:]), 0.0)
    if best[0].confidence >= SURE and best[0].confidence - next_best >= CLEAR:
        return (replace(best[0], confidence=min(best[0].confidence, 1.0)),)
    near = [one for one in best if one.confidence >= max(LIKELY, best[0].confidence - 0.25)]
    return _several(tuple(replace(one, confidence=min(one.confidence, 1.0)) for one in near[:MOST_CANDIDATES]))


def sure(found: Sequence[Binding]) -> Binding | None:
    """The one that is taken; None where there is none, or a person has to choose."""
    taken = chosen(found)
    return taken[0] if len(taken) == 1 and taken[0].way != "person" else None


def _several(near: tuple[Binding, ...]) -> tuple[Binding, ...]:
    """Candidates; a single one is doubtful all the same, and stands beside that only a person can tell."""
    return near if len(near) > 1 else (*near, Binding("person", confidence=0.0))
