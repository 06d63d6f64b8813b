"""One model at one question: what it is asked, inside which grammar, and how what it says is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from agents import grammar, statement
from agents.ask import instruct, recency
from agents.ask.messages import messages
from agents.ask.rerank.candidate import Weighed
from agents.ask.sketch.amended import amended
from agents.ask.sketch.brief import Brief
from agents.ask.sketch.sketches import sketches
from agents.ask.sketch.whole import wholes
from agents.ask.state import AskState
from agents.ask.units import converted, scaled
from agents.semantic import Semantic
from data.errors import DataError, Invalid

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

    from agents.ask.converse import Reply
    from agents.ask.rerank.shape import Shape
    from agents.endpoints import Candidate, Endpoint
    from retrieval import Context

# Tokens that a reply may have: SQL alone, or SQL with a chatty model's words (and thoughts) around it.
MOST_TOKENS, MOST_TOKENS_INSTRUCT = 256, 1024
MOST = 4
"""Candidates that are asked for."""

Update = dict[str, Any]


@dataclass(frozen=True)
class Pen:
    """`context` is what the model is shown of the question; `semantic` turns the names that it writes into stored
    ones, None for a model that reads the stored ones."""

    endpoint: Endpoint
    context: Context
    state: AskState
    semantic: Semantic | None = None

    @classmethod
    def of(cls, endpoint: Endpoint, state: AskState) -> Pen:
        context: Context = state["context"]
        if endpoint.instruct:
            return cls(endpoint, context, state)
        semantic = Semantic.of(context.catalog)
        return cls(endpoint, semantic.context(context), state, semantic)

    def messages(self, tools: str = "") -> list[BaseMessage]:
        """What the model is asked; `tools` tells what its tools know of."""
        return messages(self.endpoint, self.context, self.state, tools)

    def options(self) -> Update:
        """Invalid where no query over the tables that the question means can keep to its period."""
        most = MOST_TOKENS_INSTRUCT if self.endpoint.instruct else MOST_TOKENS
        return {"max_tokens": most, **({"grammar": self._grammar()} if self.endpoint.grammar else {})}

    def candidates(self) -> list[Candidate]:
        """What the model wrote, and its alternatives to it, the most probable first; none of a model that has none,
        or where writing them fails: the answer that was written does not hang on them."""
        if self.endpoint.ranking is None:
            return []
        try:
            options = self.options()
            found = self.endpoint.candidates(self.messages(), options.get("grammar"), options["max_tokens"], MOST)
        except DataError:
            return []
        return [replace(each, text=self.converted(each.text)) for each in found]

    def converted(self, text: str) -> str:
        """What was written, in the unit that the question names."""
        if self.semantic is None or text.strip() in grammar.OTHERWISE:
            return text
        return converted(text, self.context)

    def sketches(self) -> list[Weighed]:
        """Queries that no model wrote, those of most worth first; none beside a model that gives one answer."""
        if self.endpoint.ranking is None:
            return []
        drawn = dict.fromkeys((*self.wholes, *map(self.converted, sketches(self.context))))
        weighed = (self.weighed(text, None) for text in drawn)
        return sorted((one for one in weighed if one), key=lambda one: -one.worth)

    @cached_property
    def wholes(self) -> tuple[str, ...]:
        """What the question says where every word of it is understood, nothing else."""
        return tuple(map(self.converted, wholes(self.context)))

    def queries(self) -> Iterator[str]:
        """The candidates that are SQL."""
        for candidate in self.candidates():
            try:
                sql = str(self.read(candidate.text)["sql"])
                statement.query(sql)
            except Invalid:
                continue
            yield sql

    def read(self, reply: str) -> Update:
        """What a reply says: SQL, or that the model can't or needs to know more."""
        if not self.endpoint.instruct or self.endpoint.grammar:
            said = reply.strip().rstrip("; \n")
            declined = said if said in grammar.OTHERWISE else ""
            sql = self.semantic.stored(scaled(said, self.context)) if self.semantic else said
            return {"reply": "", "sql": "" if declined else sql, "declined": declined}
        declined, words = instruct.declined(reply)
        return {"reply": words, "sql": "" if declined else instruct.sql(reply), "declined": declined}

    def reconsiders(self, reply: Reply, update: Update) -> bool:
        """Whether a reply that gives up says how surely, so that its queries can be weighed against that."""
        return update["declined"] == "unsure" and reply.otherwise is not None

    def amended(self, shape: Shape) -> Iterator[str]:
        """A query with what it leaves out."""
        return map(self.converted, amended(shape, Brief(self.context)))

    def weighed(self, text: str, logprob: float | None, *, amended: bool = False) -> Weighed | None:
        """A reply weighed against the question; None for what is no query. `amended`: it was made of another one."""
        if text.strip() in grammar.OTHERWISE:
            return None
        weighed = Weighed.of(text, self.context, logprob, larger=self.endpoint.larger)
        return weighed.gave(read=text in self.wholes, amended=amended) if weighed else None

    def sure(self, logprob: float | None) -> Update:
        """How sure a query is: as the model sees it, and as often as such queries proved right."""
        known = self.endpoint.calibration
        if logprob is None or known is None:
            return {"logprob": logprob, "confidence": None, "doubtful": ""}
        confidence, least = known.confidence(logprob), known.unsure_below
        doubtful = "nothing" if confidence < least / 2 else "guess" if confidence < least else ""
        return {"logprob": logprob, "confidence": confidence, "doubtful": doubtful}

    def _grammar(self) -> str:
        text = grammar.lark(self.context)
        if not text and (period := recency.brief(self.context)):
            raise Invalid(f"No table that this is about can tell “{period.span}”.", "Ask about a table that has times.")
        return text
