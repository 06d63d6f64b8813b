"""Draws questions with their SQL over a catalogue: families by their weights, tables evenly."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from datetime import datetime

from agents.grammar import quote
from agents.paths import Path, paths, pruned
from data.catalog import Catalog
from finetune.families import PLANS, Drawn, Plan, Scene
from finetune.ground import Profile
from finetune.noun_phrases import NOTHING, NOW, Condition, Speaker
from finetune.origin import Values
from finetune.phrasing import Bank, as_typed

TRIES = 8
"""How often a family is tried before another one is drawn."""
FRONT = 0.2
OWN = 0.3
"""How often a table is joined with itself, against other tables."""


class Sampler:
    """An endless source of drawn questions; equal seeds draw equal questions."""

    def __init__(
        self,
        catalog: Catalog,
        values: Values,
        words: Bank,
        rng: random.Random,
        made_up: float = 0.2,
        *,
        profile: Profile = NOTHING,
        now: datetime = NOW,
        phrases: Bank | None = None,
    ) -> None:
        self._rng = rng
        self.speaker = Speaker(catalog, values, words, rng, made_up=made_up, profile=profile, now=now, phrases=phrases)
        self._paths: dict[int, dict[str, list[Path]]] = defaultdict(lambda: defaultdict(list))
        for path in paths(catalog):
            self._paths[len(path.joins)][path.base.full_name].append(path)
        self._barren: set[str] = set()

    def draw(self) -> Drawn | None:
        """One question, or None where the choices did not fit together."""
        plan = self._rng.choices(PLANS, [p.weight for p in PLANS])[0]
        if plan.family.__name__ in self._barren:
            return None
        for _ in range(TRIES):
            if drawn := self._drawn(plan):
                return drawn
        if self._rng.random() < 0.3:
            self._barren.add(plan.family.__name__)
        return None

    def _drawn(self, plan: Plan) -> Drawn | None:
        joins = self._rng.choice(plan.joins)
        by_base = self._paths.get(joins) or self._paths[0]
        base = self._rng.choice(sorted(by_base))
        ways = by_base[base]
        path = self._rng.choices(ways, [OWN if _within(way) else 1.0 for way in ways])[0]
        said = self._conditions(path, plan)
        path = pruned(
            path,
            [
                *(alias for alias, found in said.items() if found),
                *([path.joins[-1].alias] if path.joins else []),
            ],
        )
        if plan.open and not self.speaker.straight(path):
            return None
        scene = Scene(self.speaker, path, self.speaker.speech(path), said)
        if path.joins and not plan.open and not scene.said.get(path.joins[-1].alias):
            return None
        found = plan.family(scene)
        if found is None or not _joins_used(path, found[1]):
            return None
        question = self._typed(found[0], [c.text for conditions in said.values() for c in conditions])
        used = {w: t for w, t in scene.speech.made_up.items() if w in question.lower()}
        return Drawn(question, _as_written(found[1], question), plan.family.__name__, used)

    def _typed(self, question: str, said: list[str]) -> str:
        """As typed, at times with the period first: 'In May 2024, how many …'."""
        for text in said:
            if _PERIOD.match(text) and question.count(f" {text}") == 1 and self._rng.random() < FRONT:
                rest = question.replace(f" {text}", "").strip()
                lead = self._rng.choice(("{}, {}", "{}, {}", "{} {}", "{}: {}"))
                question = lead.format(text, rest[:1].lower() + rest[1:] if rest[1:2].islower() else rest)
        return as_typed(question, self._rng)

    def _conditions(self, path: Path, plan: Plan) -> dict[str, list[Condition]]:
        """Conditions for the tables of a path; the table joined last gets one unless it is grouped by."""
        most = self._rng.choice(plan.conditions)
        said: dict[str, list[Condition]] = {}
        aliases = list(path.scope)
        if path.joins and not plan.open:
            said[aliases[-1]] = self.speaker.conditions(path, aliases[-1], 1)
            most -= 1
        for _ in range(max(most, 0)):
            alias = aliases[0] if self._rng.random() < 0.7 else self._rng.choice(aliases)
            have = said.get(alias, [])
            said[alias] = have + self.speaker.conditions(path, alias, 1, frozenset(c.column for c in have))
        return {alias: said[alias] for alias in aliases if alias in said}


def _within(path: Path) -> bool:
    """True where a table is joined with itself."""
    tables = [table.full_name for table in path.scope.values()]
    return len(set(tables)) < len(tables)


_PERIOD = re.compile(r"(?:in|during|since|on|before|after|between|over|within|throughout|last|this|yesterday)\b", re.I)
_SEARCHED = re.compile(r"ILIKE '(%?)((?:[^'%]|'')+)(%?)'")


def _as_written(sql: str, question: str) -> str:
    """The SQL with the parts of texts that it searches for in the case of the question."""

    def same(match: re.Match[str]) -> str:
        part = match[2].replace("''", "'")
        said = re.search(rf"(?<!\w){re.escape(part)}(?!\w)", question, re.I)
        return f"ILIKE {quote(match[1] + (said.group() if said else part) + match[3])}"

    return _SEARCHED.sub(same, sql)


def _joins_used(path: Path, sql: str) -> bool:
    """True where the query says something of every table that no other is joined through."""
    through = {join.child for join in path.joins}
    rest = sql.replace(path.clause, "")
    return all(f"{join.alias}." in rest for join in path.joins if join.alias not in through)
