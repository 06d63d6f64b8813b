"""Draws questions with their SQL over a catalogue, evenly over its tables."""

from __future__ import annotations

import random
from collections import defaultdict

from agents.paths import Path, paths, pruned
from data.catalog import Catalog
from finetune.families import PLANS, Drawn, Plan, Scene
from finetune.noun_phrases import Condition, Speaker, Values
from finetune.phrasing import Bank, as_typed


class Sampler:
    """An endless source of drawn questions; equal seeds draw equal questions."""

    def __init__(self, catalog: Catalog, values: Values, words: Bank, rng: random.Random, made_up: float = 0.2) -> None:
        self._rng = rng
        self._speaker = Speaker(catalog, values, words, rng, made_up=made_up)
        self._paths: dict[int, dict[str, list[Path]]] = defaultdict(lambda: defaultdict(list))
        for path in paths(catalog):
            self._paths[len(path.joins)][path.base.full_name].append(path)

    def draw(self) -> Drawn | None:
        """One question, or None where the choices did not fit together."""
        plan = self._rng.choices(PLANS, [p.weight for p in PLANS])[0]
        joins = self._rng.choice(plan.joins)
        by_base = self._paths.get(joins) or self._paths[0]
        base = self._rng.choice(sorted(by_base))
        path = self._rng.choice(by_base[base])
        said = self._conditions(path, plan)
        path = pruned(
            path,
            [
                *(alias for alias, found in said.items() if found),
                *([path.joins[-1].alias] if path.joins else []),
            ],
        )
        if plan.open and not self._speaker.straight(path):
            return None
        scene = Scene(self._speaker, path, self._speaker.speech(path), said)
        if path.joins and not plan.open and not scene.said.get(path.joins[-1].alias):
            return None
        found = plan.family(scene)
        if found is None or not _joins_used(path, found[1]):
            return None
        question = as_typed(found[0], self._rng)
        used = {w: t for w, t in scene.speech.made_up.items() if w in question.lower()}
        return Drawn(question, found[1], plan.family.__name__, used)

    def _conditions(self, path: Path, plan: Plan) -> dict[str, list[Condition]]:
        """Conditions for the tables of a path; the table joined last gets one unless it is grouped by."""
        most = self._rng.choice(plan.conditions)
        said: dict[str, list[Condition]] = {}
        aliases = list(path.scope)
        if path.joins and not plan.open:
            said[aliases[-1]] = self._speaker.conditions(path, aliases[-1], 1)
            most -= 1
        for _ in range(max(most, 0)):
            alias = aliases[0] if self._rng.random() < 0.7 else self._rng.choice(aliases)
            have = said.get(alias, [])
            said[alias] = have + self._speaker.conditions(path, alias, 1, frozenset(c.column for c in have))
        return {alias: said[alias] for alias in aliases if alias in said}


def _joins_used(path: Path, sql: str) -> bool:
    """True where the query says something of every table that no other is joined through."""
    through = {join.child for join in path.joins}
    rest = sql.replace(path.clause, "")
    return all(f"{join.alias}." in rest for join in path.joins if join.alias not in through)
