"""What speaks for and against a question's having an answer in the data, as named numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from retrieval.unread import asks

if TYPE_CHECKING:
    from agents.ask.rerank.candidate import Weighed
    from agents.ask.rerank.shape import Shape
    from retrieval import Context

Encode = Callable[[Sequence[str]], Sequence[Any]]
"""Texts as vectors of unit length."""

FAINT, MOST = -9.0, 3
"""The least logprob that tells anything, and the most that is counted."""
_OPINION = re.compile(
    r"^\W*why\b[^?.]*[?.]?\W*$|^\W*(?:should|will|how come|do you (?:think|like)|is it (?:a good|worth)|are you)\b"
    r"|\b(?:when|what|how many|how much|which|who)\b.*\bwill\b|\bopinion|\brecommend|\bpredict|\bforecast"
    r"|\btomorrow\b|\bcompetitors?\b|\bin the future\b|\bshould (?:i|we)\b",
    re.IGNORECASE,
)
"""Forecasts, opinions, causes and advice."""
_SAID = {"count": "number of", "sum": "total", "average": "average", "share": "percentage", "extreme": "top"}


def evidence(context: Context, weighed: Weighed | None, declines: float, encode: Encode) -> dict[str, float]:
    """Of a question, the query that would answer it, and the logprob with which the model would rather decline."""
    left, kinds = context.unread, [hint.kind for hint in context.hints]
    found = {
        "declines": max(FAINT, declines),
        "things": float(min(MOST, sum(word.thing for word in left))),
        "doings": float(min(MOST, sum(not word.thing for word in left))),
        "asked": float(min(MOST, sum(word.asked for word in left))),
        "rare": max((word.rarity for word in left), default=0.0),
        "opinion": float(bool(_OPINION.search(context.question))),
        "no_column": float(not {"column", "value"} & {*kinds}),
        "alike": float(min(MOST, sum(hint.alike for hint in context.hints))),
        "asked_alike": float(any(h.alike and asks(context.question[: h.start]) for h in context.hints)),
        "no_query": float(weighed is None),
    }
    found |= _far(context, encode)
    return found if weighed is None else found | _of(weighed) | _said(context, weighed.shape, encode)


def _far(context: Context, encode: Encode) -> dict[str, float]:
    """How far the things that nothing was found for are in sense from all that the data has a name for."""
    things = [word.text for word in context.unread if word.thing]
    named = {name for table in context.catalog.tables for name in (table.name, *(c.name for c in table.columns))}
    if not things or not named:
        return {"far": 0.0}
    vectors = np.stack(list(encode([*things, *(name.replace("_", " ") for name in sorted(named))])))
    near = (vectors[: len(things)] @ vectors[len(things) :].T).max(axis=1)
    return {"far": float(1 - near.min())}


def _of(weighed: Weighed) -> dict[str, float]:
    return {
        "logprob": max(FAINT, weighed.logprob or 0.0),
        "sketched": float(weighed.logprob is None),
        "faults": min(6.0, max(-2.0, weighed.faults)),
        "free_shown": weighed.features.get("free_shown", 0.0),
        "free_measure": weighed.features.get("free_measure", 0.0),
    }


def _said(context: Context, shape: Shape, encode: Encode) -> dict[str, float]:
    """How near the query comes to the question in sense, and how much nearer without a word that it can't explain."""
    question = context.question
    without = [question[: w.start] + question[w.start + len(w.text) :] for w in context.unread]
    vectors = np.stack(list(encode([told(shape), question, *without])))
    near = vectors[1:] @ vectors[0]
    return {"near": float(near[0]), "foreign": float(max([*near[1:] - near[0], 0.0]))}


def told(shape: Shape) -> str:
    """The names and values that a query uses, as words."""
    columns = [name.rpartition(".")[2] for place in shape.columns.values() for name in sorted(place)]
    tables = sorted(shape.tables, key=lambda name: (name != shape.base, name))
    names = [*(name.rpartition(".")[2] for name in tables), *columns]
    forms = [said for form, said in _SAID.items() if form in shape.does]
    return " ".join(dict.fromkeys([*forms, *(name.replace("_", " ") for name in names), *sorted(shape.texts)]))
