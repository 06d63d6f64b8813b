"""An example made of feedback: what the model would have read, and the answer that it should have written."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from agents import grammar
from agents.ask.compose import rows_of
from agents.ask.prompts import system, user
from agents.evaluation.gold import golds, matches
from agents.grammar import quote
from agents.grammar.acceptance import accepts
from agents.semantic import Semantic
from data.errors import DataError
from finetune.learn.drawing import Row
from finetune.learn.feedback import Case
from finetune.phrasing import pseudoword

if TYPE_CHECKING:
    from agents.endpoints import Endpoint
    from agents.evaluation.gold import Gold
    from data.gateway import Gateway
    from retrieval import Context

MOST, TOKENS = 8, 256
"""Candidates that are looked at for one that is right, and how long each may be."""


def lesson(case: Case, context: Context, gateway: Gateway, endpoint: Endpoint, withheld: frozenset[str]) -> Row | None:
    """The example; None where the model can't write what is right. `context` is that of the question over the stored
    names; of the stored columns in `withheld` no value stands in it."""
    semantic = Semantic.of(context.catalog)
    told = semantic.context(context)
    answer = _answer(case, told, semantic, gateway, endpoint)
    if answer is None:
        return None
    hidden = frozenset(semantic.called(name) for name in withheld)
    told, answer = disguised(told, answer, hidden)
    return {
        "system": system(told.catalog, told.values),
        "user": user(told.question, told.hints),
        "answer": answer,
        "family": case.kind,
    }


def _answer(case: Case, told: Context, semantic: Semantic, gateway: Gateway, endpoint: Endpoint) -> str | None:
    """The right SQL as it was given, if the model could write it so, or else what the model itself would write that
    gives the same rows."""
    if semantic.stored(case.sql) == case.sql and accepts(told, case.sql, told.values):
        return case.sql
    try:
        right = golds(case.line, gateway, case.principal)
    except DataError:
        return None
    if not any(gold.rows for gold in right):
        return None
    written = (candidate for candidate in candidates(endpoint, told) if candidate not in grammar.OTHERWISE)
    return next((text for text in written if _same(case, semantic.stored(text), right, gateway)), None)


def candidates(endpoint: Endpoint, told: Context) -> list[str]:
    """What the model might write."""
    from langchain_core.messages import HumanMessage, SystemMessage

    said = [SystemMessage(system(told.catalog, told.values)), HumanMessage(user(told.question, told.hints))]
    found = endpoint.candidates(said, grammar.lark(told) or None, TOKENS, MOST)
    return [candidate.text.strip() for candidate in found]


def _same(case: Case, sql: str, right: Sequence[Gold], gateway: Gateway) -> bool:
    try:
        _, rows = rows_of(gateway.query(case.principal, sql, question=case.question))
    except DataError:
        return False
    return matches(case.line.question, right, rows)


def disguised(told: Context, answer: str, hidden: frozenset[str]) -> tuple[Context, str]:
    """The context and the answer with invented words in the place of personal values, and of names that nothing is
    known of."""
    question, hints = told.question, []
    rng = random.Random(question)
    for hint in told.hints:
        if hint.kind == "value" and hidden & set(hint.targets):
            word = pseudoword(rng).singular.title()
            question = _put(question, hint.span, word)
            answer = answer.replace(quote(hint.literals[0]), quote(word))
            hint = replace(hint, span=word, literals=(word,))
        hints.append(hint)
    strange = [*told.unknown, *_unlinked(answer, told)] if hidden else []
    for name in dict.fromkeys(strange):
        word = pseudoword(rng).singular.title()
        question, answer = _put(question, name, word), _put(answer, name, word)
    values = {
        table: {column: texts for column, texts in by.items() if f"{table}.{column}" not in hidden}
        for table, by in told.values.items()
    }
    return replace(told, question=question, hints=tuple(hints), values=values), answer


def _unlinked(answer: str, told: Context) -> list[str]:
    """Texts in the answer that no hint explains: a part of a name that is searched for, or what is compared with a
    column whose values are too many to know."""
    linked = {literal for hint in told.hints for literal in hint.literals}
    found = (text.replace("''", "'").strip("%") for text in re.findall(r"'((?:[^']|'')*)'", answer))
    return [text for text in found if text and text not in linked and re.search(r"[^\W\d]", text) and _said(text, told)]


def _said(text: str, told: Context) -> bool:
    return text.casefold() in told.question.casefold()


def _put(text: str, old: str, new: str) -> str:
    return re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", lambda _: new, text, flags=re.I)
