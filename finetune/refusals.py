"""Questions that have no answer in a view, `unsure`, and those that can mean several things, `clarify`."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from agents.columns import keys
from data.catalog import Table
from finetune import periods
from finetune.families import Drawn
from finetune.phrasing import as_typed, bank, pseudoword

if TYPE_CHECKING:
    from finetune.view import View

TRIES = 12
OFF_TOPIC = 0.05
_CLAUSE = re.compile(r"(?:how|what|which|who|whose|whom|when|where|why|whether|if)\b", re.I)
_TABLE = re.compile(r"\b(?:FROM|JOIN) (\w+\.\w+)")
_TEXT = re.compile(r"'(?:[^']|'')*'")
_TITLE = re.compile(r"(?:\w+\.)?(\w+) = '((?:[^']|'')+)'")


class Refusals:
    """Draws questions without an answer over one view."""

    def __init__(self, view: View, foreign: Sequence[str]) -> None:
        self._view, self._foreign = view, foreign
        self._rng = random.Random(f"{view.seed}-refused")
        self._phrases = bank("refusals")

    def unsure(self) -> Drawn | None:
        """The data has no such thing."""
        if self._rng.random() < OFF_TOPIC:
            return self._off_topic()
        makers = (self._left_out, self._left_out, self._lacking, self._lacking, self._elsewhere, self._unknown)
        return self._rng.choice(makers)()

    def clarify(self) -> Drawn | None:
        """The question can mean several things."""
        return self._rng.choice((self._vague, self._vague, self._vague, self._pronoun, self._twofold))()

    # Unsure --------------------------------------------------------------------------------------------------------

    def _left_out(self) -> Drawn | None:
        """A question about a table or a column that the view does not have."""
        if self._view.whole:
            return None
        for _ in range(TRIES):
            drawn = self._view.beyond.draw()
            if drawn and self._needs_more(drawn.sql):
                return Drawn(drawn.question, "unsure", "unsure_left_out", {})
        return None

    def _needs_more(self, sql: str) -> bool:
        bare, catalog = _TEXT.sub("", sql), self._view.ground.catalog
        words = set(re.findall(r"\w+", bare))
        return any(self._missing(catalog.table(name), words) for name in _TABLE.findall(bare))

    def _missing(self, table: Table, words: set[str]) -> bool:
        """Whether the SQL reads of the table what the view does not tell: links to a table still count its rows."""
        own = {c.name for c in table.columns} - keys(self._view.ground.catalog, table)
        if table.full_name in self._view.catalog:
            shown = self._view.catalog.table(table.full_name)
            elsewhere = {c.name for t in self._view.catalog.tables for c in t.columns}
            return bool({n for n in own & words if n not in shown} - elsewhere)
        links = [r for r in self._view.ground.catalog.relationships if r.to_table == table.full_name]
        pointed = any(r.table in self._view.catalog for r in links)
        return not pointed or bool(own & words)

    def _lacking(self) -> Drawn | None:
        """What people might want to know of these things, and no table tells."""
        lacks = self._view.ground.lacks
        tables = [t for t in self._view.catalog.tables if lacks.get(t.full_name)]
        if not tables:
            return None
        table = self._rng.choice(tables)
        said = self._rng.choice(list(lacks[table.full_name]))
        kind = "lacking_clause" if _CLAUSE.match(said) else "lacking"
        question = self._rng.choice(self._phrases[kind]).format(x=said)
        if self._rng.random() < 0.35:
            question = f"{question.rstrip('?.')} {self._filter(table)}"
        return Drawn(as_typed(question, self._rng), "unsure", "unsure_lacking", {})

    def _filter(self, table: Table) -> str:
        from agents.paths import Path

        found = self._view.sampler.speaker.conditions(Path(table), table.name, 3)
        said = next((c.text for c in found if c.place == "post"), "")
        return f"of {self._noun(table)} {said}" if said else periods.period(self._rng)

    def _elsewhere(self) -> Drawn | None:
        """A question of another business, about nothing that this one has."""
        for question in self._rng.sample(self._foreign, min(TRIES, len(self._foreign))):
            hints = self._view.context(question).hints
            named = [h.kind for h in hints]
            if "table" not in named and "value" not in named and named.count("column") <= 1:
                return Drawn(question, "unsure", "unsure_elsewhere", {})
        return None

    def _off_topic(self) -> Drawn:
        """What is no question about data, or would change it."""
        table = self._rng.choice(self._view.catalog.tables)
        said = self._rng.choice(self._phrases["off_topic"]).format(n=self._noun(table), s=self._noun(table, 1))
        return Drawn(as_typed(said, self._rng), "unsure", "unsure_off_topic", {})

    def _unknown(self) -> Drawn | None:
        """A question about a named thing that there is not."""
        labels = {t.label for t in self._view.catalog.tables if t.label}
        for _ in range(TRIES):
            drawn = self._view.sampler.draw()
            match = _TITLE.search(drawn.sql) if drawn else None
            if (
                drawn is None
                or drawn.made_up
                or match is None
                or match[1] not in labels
                or match[2] not in drawn.question
            ):
                continue
            name = self._invented(match[2])
            question = drawn.question.replace(match[2], name)
            start = question.find(name)
            hints = self._view.context(question).hints
            if not any(
                h.kind == "value" and h.start < start + len(name) and start < h.start + len(h.span) for h in hints
            ):
                return Drawn(question, "unsure", "unsure_unknown", {})
        return None

    def _invented(self, like: str) -> str:
        """A name of as many words that nothing has."""
        words = like.split()
        return " ".join(pseudoword(self._rng).singular.capitalize() for _ in words[:3])

    # Clarify -------------------------------------------------------------------------------------------------------

    def _noun(self, table: Table, number: int = 0) -> str:
        known = self._view.sampler.speaker.about(table).get("nouns") or [f"{table.name}|{table.name}"]
        return str(self._rng.choice(known)).split("|")[number].replace("_", " ")

    def _vague(self) -> Drawn:
        """'The best customers', 'how are sales doing', 'the numbers for March'."""
        table = self._rng.choice(self._view.catalog.tables)
        form = self._rng.choice(self._phrases["vague"])
        said = form.format(
            n=self._noun(table), s=self._noun(table, 1), p=periods.period(self._rng), x=self._titled(table)
        )
        return Drawn(as_typed(said, self._rng), "clarify", "clarify_vague", {})

    def _titled(self, table: Table) -> str:
        """The title of a row, else the noun."""
        stored = self._view.values.get(table.full_name, {}).get(table.label or "")
        return self._rng.choice(stored) if stored else f"the {self._noun(table)}"

    def _pronoun(self) -> Drawn:
        """A question about what was never named."""
        table = self._rng.choice(self._view.catalog.tables)
        column = self._view.sampler.speaker.column(table, self._rng.choice(table.columns).name)
        said = self._rng.choice(self._phrases["pronoun"]).format(c=column, p=periods.period(self._rng))
        return Drawn(as_typed(said, self._rng), "clarify", "clarify_pronoun", {})

    @cached_property
    def _double(self) -> list[str]:
        """Values that columns of two unrelated tables hold."""
        held: dict[str, set[str]] = defaultdict(set)
        for table, by_column in self._view.values.items():
            for stored in by_column.values():
                for value in stored if len(stored) <= 200 else ():
                    held[value].add(table)
        related = {frozenset((r.table, r.to_table)) for r in self._view.catalog.relationships}
        return sorted(v for v, tables in held.items() if len(tables) == 2 and frozenset(tables) not in related)

    def _twofold(self) -> Drawn | None:
        if not self._double:
            return None
        said = self._rng.choice(self._phrases["twofold"]).format(self._rng.choice(self._double))
        return Drawn(as_typed(said, self._rng), "clarify", "clarify_twofold", {})
