"""Noun phrases with the conditions that they say: 'failed payments over $500 at Canadian shops in March 2025'."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

from agents.paths import Join, Path, paths
from data.catalog import Catalog, Relationship, Table
from finetune.conditions import Condition, Conditions
from finetune.ground import Profile
from finetune.origin import Values
from finetune.phrasing import Bank, Noun, bank, plural, pseudoword
from retrieval.lexicon import spoken

__all__ = ["Condition", "Speaker", "Speech", "Values"]

NOTHING = Profile()
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Speech:
    """Words for one path's tables, chosen once for a question; `made_up` are the pseudowords among them, by table."""

    nouns: dict[str, Noun]
    made_up: dict[str, str] = field(default_factory=dict)


class Speaker:
    """Chooses words and conditions over a catalogue with the values that stand in it."""

    def __init__(
        self,
        catalog: Catalog,
        values: Values,
        words: Bank,
        rng: random.Random,
        *,
        made_up: float,
        profile: Profile = NOTHING,
        now: datetime = NOW,
        phrases: Bank | None = None,
    ) -> None:
        """`profile` tells what numbers and times are stored, `now` what periods are counted from; `phrases` are the
        wordings to choose from, all that ship by default."""
        self.catalog, self.values, self.words, self.rng, self._made_up = catalog, values, words, rng, made_up
        self.profile, self.now = profile, now
        self.phrases = phrases or bank("phrases")
        self._conditions = Conditions(self)

    # Words ---------------------------------------------------------------------------------------------------------

    def about(self, table: Table) -> Bank:
        """The bank's entry for a table."""
        entry: Bank = self.words.get(table.full_name, {})
        return entry

    def speech(self, path: Path) -> Speech:
        """A noun for each table of the path; some are words that nobody uses."""
        speech = Speech({})
        for alias, table in path.scope.items():
            speech.nouns[alias] = self._noun(table, speech)
        return speech

    def _noun(self, table: Table, speech: Speech) -> Noun:
        if self.rng.random() < self._made_up:
            noun = pseudoword(self.rng)
            speech.made_up[noun.plural], speech.made_up[noun.singular] = table.full_name, table.full_name
            return noun
        known = self.about(table).get("nouns") or [
            f"{table.name.replace('_', ' ')}|{table.name.rstrip('s').replace('_', ' ')}"
        ]
        first = self.rng.random() < 0.3
        return Noun(*(known[0] if first else self.rng.choice(known)).split("|"))

    def agent(self, link: Relationship, speech: Speech) -> tuple[Noun, bool]:
        """What the things that a link points at are called, and whether by what they do: 'listeners', 'senders'."""
        known = self.about(self.catalog.table(link.table)).get("agents", {}).get(link.column)
        if known and self.rng.random() < 0.55:
            return Noun(*self.rng.choice(known).split("|")), True
        if self._by_role(link):
            role = link.column.removesuffix("_id").replace("_", " ")
            return Noun(plural(role), role), False
        return self._noun(self.catalog.table(link.to_table), speech), False

    def _by_role(self, link: Relationship) -> bool:
        """True where only its role tells which of the things is meant: of several links, or of one to its own table."""
        twins = [r for r in self.links(self.catalog.table(link.table)) if r.to_table == link.to_table]
        return len(twins) > 1 or link.table == link.to_table

    def noun(self, path: Path, alias: str, speech: Speech) -> Noun:
        """What the things of an alias are called: by their role where it is not their table's name."""
        table = path.scope[alias]
        if alias == table.name:
            return speech.nouns[alias]
        join = next(j for j in path.joins if j.alias == alias)
        known = self.about(path.scope[join.child]).get("agents", {}).get(join.column)
        if known and self.rng.random() < 0.6:
            return Noun(*self.rng.choice(known).split("|"))
        role = alias.replace("_", " ")
        return Noun(plural(role), role)

    # Links ---------------------------------------------------------------------------------------------------------

    def links(self, table: Table) -> list[Relationship]:
        """The relationships by which a table's rows point at others."""
        return [r for r in self.catalog.relationships if r.table == table.full_name]

    def pointing(self, table: Table) -> list[tuple[Path, Relationship]]:
        """What points at a table's rows: tables, and tables joined to one more, with the link that arrives."""
        found = []
        for path in paths(self.catalog, 1):
            ends = list(path.scope.values())
            if table in ends:
                continue
            for link in self.links(ends[-1]):
                reached = link.to_table == table.full_name
                direct = path.joins and table.full_name in {r.to_table for r in self.links(path.base)}
                if reached and not direct and self._meant_way(path.base, table, ends[1:]):
                    found.append((path, link))
        return found

    def straight(self, path: Path) -> bool:
        """True where the path to the table joined last is the one that people mean."""
        tables = list(path.scope.values())
        return self._meant_way(path.base, tables[-1], tables[1:-1])

    def meant_link(self, path: Path, link: Relationship) -> bool:
        """True where the path and then the link is the way to a table that people mean."""
        return self._meant_way(path.base, self.catalog.table(link.to_table), list(path.scope.values())[1:])

    def _meant_way(self, base: Table, end: Table, between: list[Table]) -> bool:
        through = self.about(base).get("through", {}).get(end.full_name)
        return not through or through in [t.full_name for t in between]

    def column(self, table: Table, name: str) -> str:
        """What a column is called."""
        entry = self.about(table)
        said = entry.get("columns", {}).get(name) or entry.get("measures", {}).get(name)
        return str(self.rng.choice(said)) if said else name.replace("_", " ")

    # Conditions ----------------------------------------------------------------------------------------------------

    def conditions(self, path: Path, alias: str, most: int, avoid: frozenset[str] = frozenset()) -> list[Condition]:
        """Up to `most` conditions on different columns of one table of the path."""
        return self._conditions.of(path, alias, most, avoid)

    def say(self, value: str, stored: list[str]) -> str:
        """The value as stored, or what people say for its code."""
        said = [words for words, literal in spoken(stored) if literal == value]
        return self.rng.choice(said) if said and self.rng.random() < 0.75 else value

    # Phrases -------------------------------------------------------------------------------------------------------

    def phrase(
        self, path: Path, alias: str, speech: Speech, said: dict[str, list[Condition]], number: str = "plural"
    ) -> str:
        """The noun phrase of one table of the path with its conditions and those of what it points at."""
        conditions = said.get(alias, [])
        noun = getattr(speech.nouns[alias], number)
        before = [c.text for c in conditions if c.place == "adj"]
        after = [c.text for c in conditions if c.place == "post"]
        after += [self.rng.choice(self.words["named"][:2]).format(c.text) for c in conditions if c.place == "named"]
        for join in path.joins:
            if join.child == alias:
                after += self._owned(path, join.alias, alias, speech, said)
        self.rng.shuffle(after)
        if number == "singular":
            after = [_ONE.sub(lambda m: f"{m[1]} {_OF_ONE[m[2]]}", text) for text in after]
        return " ".join((*before, noun, *after))

    def _owned(self, path: Path, alias: str, child: str, speech: Speech, said: dict[str, list[Condition]]) -> list[str]:
        """How the conditions of a joined table are said behind its child's noun; nothing when there are none to say."""
        conditions = said.get(alias, [])
        below = any(said.get(j.alias) for j in path.joins if j.child == alias)
        if not conditions and not below:
            return []
        table, forms = path.scope[alias], self._forms(path, child, alias)
        if len(conditions) == 1 and not below:
            only = conditions[0]
            if only.place == "named":
                return [
                    self.rng.choice(forms).format(
                        self.rng.choice(
                            (
                                only.text,
                                only.text,
                                f"{speech.nouns[alias].singular} {only.text}",
                                f"the {speech.nouns[alias].singular} {only.text}",
                            )
                        )
                    )
                ]
            if only.column == "city" and self.rng.random() < 0.4:
                return [f"in {only.sql.split(chr(39))[1]}"] if " = " in only.sql else [only.text]
        return [self.rng.choice(forms).format(self.phrase(path, alias, speech, said))] if table else []

    def verbs(self, path: Path, alias: str, kind: str) -> tuple[str, str] | None:
        """(do, did): what the things of a joined table do with the base's rows (`verbs`) or money (`spends`)."""
        entry, name = self.about(path.base).get(kind, {}), path.scope[alias].full_name
        known = entry.get(f"{name}.{alias}") or entry.get(name)
        if not known:
            return None
        do, _, did = self.rng.choice(known).partition("|")
        return do, did

    def _forms(self, path: Path, child: str, alias: str) -> list[str]:
        return self._known_forms(path.scope[child], path.scope[alias], alias) or ["of {}"]

    def owned(self, path: Path, join: Join) -> list[str]:
        """How the base's rows are said to belong to a joined thing; empty where the bank doesn't know."""
        return self._known_forms(path.base, join.parent, join.alias)

    def _known_forms(self, child: Table, parent: Table, alias: str) -> list[str]:
        owns = self.about(child).get("owns", {})
        forms: list[str] = owns.get(f"{parent.full_name}.{alias}") or owns.get(parent.full_name) or []
        return forms

    def dimension_name(self, path: Path, alias: str, column: str, speech: Speech) -> tuple[str, str]:
        """(singular, plural) of a column that one groups by; a joined table's column is often said with its noun."""
        table = path.scope[alias]
        name = self.column(table, column)
        owner = self.noun(path, alias, speech).singular
        clash = alias != path.base.name and column in path.base
        if alias != path.base.name and (clash or self.rng.random() < 0.6):
            if self.rng.random() < 0.7:
                return f"{owner} {name}", f"{owner} {plural(name)}"
            return f"{name} of the {owner}", f"{plural(name)} of the {owner}"
        return name, plural(name)


_OF_ONE = {"are": "is", "were": "was", "have": "has"}
_ONE = re.compile(r"^(that|which|who) (are|were|have)\b")
