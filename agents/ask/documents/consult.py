"""Which documents answer a question, alone or with the tables; most questions are none for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agents.ask.documents.comparison import Comparison, compared
from agents.ask.documents.cues import cue
from agents.ask.documents.limit import Limit, limits, number_of
from agents.ask.documents.quotation import SURE, Sentence, quotations, scored
from agents.ask.outcome import Outcome
from agents.ask.state import Status
from agents.semantic import Semantic

if TYPE_CHECKING:
    from data.policy import Principal
    from retrieval import Context
    from retrieval.documents import Library

MOST_TITLES = 8


def consult(
    library: Library, principal: Principal, context: Context, refusal: str, retrieve: Callable[[str], Context]
) -> Mapping[str, Any]:
    """What the documents make of a question: nothing, an outcome, or another question for the tables with the limit
    that its answer is compared with. `retrieve` links another question for the same principal."""
    told, comparison = cue(context.question, context), compared(context.question)
    lost = refusal in ("unsure", "forbidden")
    if not (told or comparison or lost) or not library.holds(principal):
        return {}
    sentences = scored(context.question, library.search(principal, context.question), library)
    if comparison and (found := _limited(comparison, sentences, context, retrieve)):
        return found
    quoted = quotations(context.question, sentences) if told in ("named", "asked") or _sure(sentences) else []
    if quoted and not (comparison and context.linked):
        answer = " ".join(quotation.text for quotation in quoted)
        return {"outcome": Outcome("answered", answer, sources=[quotation.source for quotation in quoted])}
    return {"outcome": _unsure(library, principal, comparison)} if told == "named" else {}


def judged(outcome: Outcome, limit: Limit) -> Outcome:
    """The answer of the tables beside the limit of the document, with a verdict where it asks for one."""
    status, said = _verdict(outcome, limit)
    return replace(outcome, status=status, answer=said, sources=[*outcome.sources, limit.quotation.source])


def _verdict(outcome: Outcome, limit: Limit) -> tuple[Status, str]:
    quote = limit.quotation.text
    if limit.comparison.head:
        return outcome.status, f"{outcome.answer} The limit is {limit.quantity.text}: {quote}."
    value = number_of(outcome.rows)
    if value is None:
        unsure: Status = "empty" if outcome.status == "empty" else "unsure"
        return unsure, f"{outcome.answer} That can't be compared with the limit: {quote}."
    verdict = "Yes" if limit.comparison.holds(value, limit.value, limit.quantity.bound) else "No"
    return outcome.status, f"{verdict}. {outcome.answer} That is compared with {limit.quantity.text}: {quote}."


def _limited(
    comparison: Comparison, sentences: list[Sentence], context: Context, retrieve: Callable[[str], Context]
) -> Mapping[str, Any]:
    """The question for the tables and the limit; a question back where documents set several limits."""

    def meant(text: str) -> Context:
        """What a text means, in names and units of plain words."""
        linked = retrieve(text)
        return Semantic.of(linked.catalog).context(linked)

    subject = meant(comparison.subject)
    found = limits(comparison, sentences, subject, meant) if subject.linked else []
    if not found:
        return {}
    if len(found) > 1:
        several = " ".join(limit.quotation.text for limit in found[:3])
        sources = [limit.quotation.source for limit in found[:3]]
        return {"outcome": Outcome("clarify", f"Which of these limits do you mean? {several}", sources=sources)}
    limit = found[0]
    asked = retrieve(limit.question)
    return {"question": limit.question, "remark": context.question, "context": asked, "limit": limit, "refusal": ""}


def _sure(sentences: list[Sentence]) -> bool:
    return bool(sentences) and sentences[0].score >= SURE


def _unsure(library: Library, principal: Principal, comparison: Comparison | None) -> Outcome:
    titles = [file.title for shelf in library.shelves(principal) for file in shelf.files if file.title]
    more = " and others" if len(titles) > MOST_TITLES else ""
    what = "sets a limit that these tables could be compared with" if comparison else "answers this"
    return Outcome(
        "unsure", f"No document that you may read {what}. There are: {', '.join(titles[:MOST_TITLES])}{more}."
    )
