"""What speaks for and against a question's having an answer in the data, as named numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlglot import exp

from agents.ask.abstain.explained import explains, of_a_kind
from agents.ask.sketch.whole import wholes
from retrieval.spans import normal
from retrieval.thesaurus import synonyms
from retrieval.unread import asks
from retrieval.verbs import is_verb

if TYPE_CHECKING:
    from agents.ask.rerank.candidate import Weighed
    from agents.ask.rerank.shape import Shape
    from retrieval import Context
    from retrieval.hints import Hint
    from retrieval.unread import Unread

Encode = Callable[[Sequence[str]], Sequence[Any]]
"""Texts as vectors of unit length."""

FAINT, MOST = -9.0, 3
"""The least logprob that tells anything, and the most that is counted."""
_OPINION = re.compile(
    r"^\W*why\b[^?.]*[?.]?\W*$|^\W*(?:should|will|how come|do you (?:think|like)|is it (?:a good|worth)|are you)\b"
    r"|\b(?:when|what|how many|how much|which|who)\b.*\bwill\b|\bopinion|\brecommend|\bpredict|\bforecast"
    r"|\btomorrow\b|\bnext (?:year|month|week|quarter|summer|winter)\b|\bcompetitors?\b|\bin the future\b"
    r"|\bshould (?:i|we)\b|\bfavou?rite\b|\bhow (?:happy|satisfied|content|good)\b",
    re.IGNORECASE,
)
"""Forecasts, opinions, causes and advice."""
_HEAD = re.compile(
    r"\b(?:how (?:many|much)|which|whose|number of|count of|what(?:['’]?s| is| are| was| were)?(?: the| our)?)\s+$",
    re.I,
)
_SAID = {"count": "number of", "sum": "total", "average": "average", "share": "percentage", "extreme": "top"}
_GUESSED = ("free_shown", "free_measure", "free_filter", "free_text", "free_order", "free_table", "told_already",
    "counts_one", "nothing", "zero", "lost_table", "lost_column", "lost_value", "lost_alike", "lost_time")  # fmt: skip
"""What a query does that nothing in the question asks for, and what it leaves out, as ranking names it."""
_MISMATCHED = ("counts_other", "shows_other", "shows_unnamed", "who_unnamed", "undone_when", "undone_duration",
    "rows_for_number", "number_for_things")  # fmt: skip
"""What a query tells of another kind than the question asks for: a name for 'when', a place for 'who'."""


def evidence(context: Context, weighed: Weighed | None, declines: float, encode: Encode) -> dict[str, float]:
    """Of a question, the query that would answer it, and the logprob with which the model would rather decline."""
    left = [word for word in context.unread if weighed is None or not explains(weighed.shape, word)]
    named = [word for word in left if word.thing]
    things = [word for word in named if not _modifies(word, context)]
    found = {
        "declines": max(FAINT, declines),
        "things": _few(things),
        "modifiers": _few(named) - _few(things),
        "asked": _few([word for word in things if word.asked]),
        "kinds": _few([word for word in things if synonyms(word.text)]),
        "names": _few([word for word in left if word.name]),
        "doings": _few([word for word in left if not word.thing]),
        "done": _few([word for word in left if not word.thing and word.asked]),
        "untold": _few([word for word in left if of_a_kind(word)]),
        "head": float(any(_heads(word, context) for word in things)),
        "rare": max((word.rarity for word in things), default=0.0),
        "no_query": float(weighed is None),
        "read": float(bool(wholes(context))),
    }
    found |= _asks(context) | _far(context, things, encode)
    if weighed is None:
        return found
    found["stand_ins"] = _stand_ins(left, weighed)
    found["plain"] = float(bool(left) and _is_plain(weighed.shape))
    return found | _of(weighed) | _said(context, weighed.shape, left, encode)


def _few(found: Sequence[object]) -> float:
    return float(min(MOST, len(found)))


def _heads(word: Unread, context: Context) -> bool:
    """Whether a word is what is counted or chosen: 'how many visitors', 'which toll'."""
    return bool(_HEAD.search(context.question[: word.start]))


def _modifies(word: Unread, context: Context) -> bool:
    """Whether a word stands directly before one that was found, as in 'network areas': it tells more of that."""
    end = word.start + len(word.text)
    said = context.question
    told = (hint for hint in context.hints if hint.kind in ("table", "column", "value") and hint.start > word.start)
    return any(said[end : hint.start] in (" ", "-") and not is_verb(said, hint.span, hint.start) for hint in told)


def _asks(context: Context) -> dict[str, float]:
    """What the question wants, and how firmly its words were found."""
    hints, said = context.hints, context.question
    kinds, sensed = {hint.kind for hint in hints}, [hint for hint in hints if _by_sense(hint, said)]
    now = context.now.date().isoformat()
    return {
        "opinion": float(bool(_OPINION.search(said))),
        "ahead": float(any(hint.kind == "time" and hint.literals[0][:10] > now for hint in hints)),
        "no_column": float(not {"column", "value"} & kinds),
        "alike": _few([hint for hint in hints if hint.alike]),
        "sensed": _few(sensed),
        "asked_alike": float(any(asks(said[: hint.start]) for hint in sensed)),
    }


def _by_sense(hint: Hint, question: str) -> bool:
    """Whether the name of a thing was found by nothing but its sense."""
    if not hint.alike or hint.kind == "value" or is_verb(question, hint.span, hint.start):
        return False
    named = {normal(part) for target in hint.targets for part in _called(target)}
    return not named & {*synonyms(hint.span)}


def _called(target: str) -> tuple[str, str]:
    name = target.rpartition(".")[2]
    return name, name.rpartition("_")[2]


def _far(context: Context, things: Sequence[Unread], encode: Encode) -> dict[str, float]:
    """How far the things that nothing was found for are in sense from all that the data has a name for."""
    named = {name for table in context.catalog.tables for name in (table.name, *(c.name for c in table.columns))}
    if not things or not named:
        return {"far": 0.0}
    texts = [*(word.text for word in things), *(name.replace("_", " ") for name in sorted(named))]
    vectors = np.stack(list(encode(texts)))
    near = (vectors[: len(things)] @ vectors[len(things) :].T).max(axis=1)
    return {"far": float(1 - near.min())}


def _of(weighed: Weighed) -> dict[str, float]:
    guessed = {name: weighed.features.get(name, 0.0) for name in _GUESSED}
    return {
        "logprob": max(FAINT, weighed.logprob or 0.0),
        "sketched": float(weighed.logprob is None),
        "faults": min(6.0, max(-2.0, weighed.faults)),
        "mismatch": float(min(2, sum(weighed.features.get(name, 0.0) for name in _MISMATCHED))),
        **guessed,
    }


def _stand_ins(left: Sequence[Unread], weighed: Weighed) -> float:
    """Columns that nothing points at, beside words that nothing was found for: those stand in for what was asked."""
    free = ("free_shown", "free_measure", "free_filter", "free_order")
    return float(min(len(left), sum(weighed.features.get(name, 0.0) for name in free)))


def _is_plain(shape: Shape) -> bool:
    """Whether a query lists all rows of a table, as if nothing more were asked."""
    return len(shape.tables) == 1 and not shape.tree.find(exp.Where, exp.Limit, exp.AggFunc, exp.Having, exp.Qualify)


def _said(context: Context, shape: Shape, left: Sequence[Unread], encode: Encode) -> dict[str, float]:
    """How near the query comes to the question in sense, and how much nearer without a word that it can't explain."""
    question = context.question
    without = [question[: w.start] + question[w.start + len(w.text) :] for w in left]
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
