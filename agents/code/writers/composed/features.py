"""A feature view for a task in words: what is linked gives the source, the entity and the columns; a small typed
grammar gives aggregations and windows. No model writes here, so that nothing is made up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agents.code.render import feature as rendered
from agents.code.render.naming import identifier, unique
from agents.code.state import Draft, Task
from agents.code.writers.composed.aggregations import SOME, Aggregation, aggregations, lengths
from agents.code.writers.composed.asked import beyond, conditions, split, unused
from agents.code.writers.composed.entities import entities_of
from agents.columns import keys, measures, times
from data.catalog import Catalog, Table
from data.features.definition import Feature, FeatureView
from data.features.duration import microseconds
from data.naming import single, words

if TYPE_CHECKING:
    from agents.code.writers import Bench
    from retrieval import Context

_OWNER = re.compile(r",?\s*\b(?:owner|owned by)(?: is|:)?\s+(?P<owner>[\w.+-]+@[\w-]+(?:\.[\w-]+)+|[\w.-]+)", re.I)
_TTL = re.compile(r",?\s*\b(?:ttl|time to live)(?: of| is|:)?\s+(?P<ttl>\d+\s*\w+)", re.I)
_PURPOSE = re.compile(
    r"\s*\b(?:for|to (?:predict|detect|score)) (?:the |our |an? )?(?:fraud|churn|risk|credit|marketing|ranking|"
    r"recommend|anomaly)\w*(?: (?:detection|models?|scor\w+|prediction|rules?|teams?|use cases?))?\b",
    re.I,
)
"""What features are for says nothing of what they are made of."""

_LEAVE_OUT = (
    r"\b(?:exclud\w+|ignor\w+|skip\w*|leav\w+ out|without counting|not counting|except(?: for)?|drop(?:ping)?|omit\w*)"
)
_LACKING = re.compile(
    rf"{_LEAVE_OUT} (?:the |all |any |those |\w+ )*?(?:without|with no|that have no|lacking|missing) "
    r"(?:an? |any |the )?"
    r"(?P<what>\w+(?: id)?)"
    r"|\b(?:without|with no|lacking) (?:an? |any |the )?(?P<left>\w+(?: id)?) (?:(?:do|does)(?:n['’]t| not) count"
    r"|(?:are|is) (?:ignored|excluded|left out|not counted))",
    re.I,
)
"""`ignore transfers without a device`."""


@dataclass(frozen=True)
class Linked:
    """A task with what its words mean for one source."""

    text: str
    context: Context
    table: Table

    @property
    def catalog(self) -> Catalog:
        return self.context.catalog

    def lacking(self) -> list[str]:
        """The columns that events are to have a value in."""
        said = (lack["what"] or lack["left"] for lack in _LACKING.finditer(self.text))
        return [f"{column} IS NOT NULL" for one in said if (column := self.key(one) or self.column(one))]

    def column(self, said: str) -> str:
        """The column of the source that words name: by a hint, or by the words of its name; "" for none."""
        spoken = [single(word) for word in words(said)]
        hinted = [
            target.rpartition(".")[2]
            for hint in self.context.hints
            for target in hint.targets
            if hint.kind == "column" and re.search(rf"\b{re.escape(hint.span)}\b", said, re.I)
            and target.rpartition(".")[0] == self.table.full_name
        ]  # fmt: skip
        if hinted:
            return max(hinted, key=lambda name: self._alike(name, spoken))
        named = [c.name for c in self.table.columns if all(single(word) in spoken for word in words(c.name))]
        return max(named, key=len, default="")

    def _alike(self, name: str, spoken: list[str]) -> int:
        """How many of the words tell a column: by its name or its description."""
        told = self.table.column(name)
        return len({single(word) for text in (name, told.description or "") for word in words(text)} & {*spoken})

    def measure(self, said: str) -> str:
        """The measure that words name; where they name none, the only amount of the source."""
        column = self.column(said)
        able = [c.name for c in measures(self.catalog, self.table)]
        if column in able:
            return column
        money = [c.name for c in measures(self.catalog, self.table) if c.unit]
        plain = [name for name in able if name.split("_")[0] in ("amount", "value", "price")]
        return able[0] if len(able) == 1 else (plain[0] if plain else money[0] if len(money) == 1 else "")

    def key(self, said: str) -> str:
        """The key of the source that words name: by its name, by the thing that it points at, or by its description."""
        spoken = {single(word) for word in words(said)}
        own = sorted(keys(self.catalog, self.table))
        links = {
            r.column: r.to_table.rpartition(".")[2]
            for r in self.catalog.relationships
            if r.table == self.table.full_name
        }
        stems = {name: {single(w) for w in words(name)} - {"id", "key"} for name in own}
        for told in (
            [name for name in own if stems[name] & spoken],
            [name for name in own if name in links and single(links[name]) in spoken],
            [
                c.name
                for c in self.table.columns
                if c.name in own and spoken & {single(w) for w in words(c.description)}
            ],
        ):
            if told:
                return told[0]
        return ""


def feature_draft(task: Task, bench: Bench) -> Draft:
    """The definition file; a question back where several entities may be meant, and unsure where nothing is linked."""
    owner, ttl = _OWNER.search(task.text), _TTL.search(task.text)
    text = _PURPOSE.sub("", _TTL.sub("", _OWNER.sub("", " ".join(task.text.split()))))
    wanted = aggregations(text)
    if wanted and (odd := beyond(text)):
        said = (
            f"Features of a window are counts, sums, means, extremes, quantiles and the like; '{odd}' is none of them."
        )
        return Draft(reply="unsure", question=said)
    context = bench.retriever.retrieve(bench.principal, text)
    sources = _sources(context, wanted)
    if not wanted or not sources:
        said = (
            "I can't tell which events these features are made of."
            if wanted
            else "I found no aggregation with a window."
        )
        return Draft(reply="unsure", question=f"{said} Name a table, a number and how far back it reaches.")
    linked = Linked(text, context, sources[0])
    entities = entities_of(
        linked.text,
        linked.table,
        linked.catalog,
        [linked.key(_BEHIND.split(w.of)[0]) for w in wanted if w.function == "approx_distinct"],
    )
    entities = [name for name in entities if name != linked.table.key]
    if len(entities) != 1:
        names = ", ".join(entities or sorted(keys(context.catalog, linked.table) - {linked.table.key or ""}))
        return Draft(reply="clarify", question=f"Whose features shall these be? I can group by {names}.")
    numbers = [one for each in wanted for one in _beside(linked, each)]
    asked = split(conditions(linked, numbers, _LEAVE_OUT), len(numbers), text)
    if asked is None:
        return Draft(
            reply="unsure", question=("I can't tell which of the numbers each condition is of. Ask for one of them.")
        )
    features = _features(linked, numbers, {at: " AND ".join(c.test for c in own) for at, own in asked[1].items()})
    if isinstance(features, str):
        return Draft(reply="unsure", question=f"I don't know which column of {linked.table.full_name} '{features}' is.")
    kept = " AND ".join(dict.fromkeys((*(one.test for one in asked[0]), *linked.lacking())))
    view = _view(linked, entities[0], features, owner["owner"] if owner else "", lengths(ttl["ttl"])[:1] if ttl else ())
    view = _timed(replace(view, filter=kept), linked, text)
    used = (view.filter, view.time, view.known_at, *view.keys, *(one.expression for one in features))
    if left := unused(linked, " ".join(used)):
        return Draft(reply="unsure", question=f"I don't know what to make of '{left}'.")
    return Draft(rendered.program(view), None, f"Features of each {view.entity} from {view.source}.")


def _sources(context: Context, wanted: list[Aggregation]) -> list[Table]:
    """Tables of events that the task means, the likeliest first."""
    scores: dict[str, float] = {}
    for hint in context.hints:
        for target in hint.targets:
            table = target if hint.kind == "table" else target.rpartition(".")[0]
            scores[table] = scores.get(table, 0) + {"table": 1.0, "column": 1.0, "value": 1.2}.get(hint.kind, 0) / len(
                hint.targets
            )
    able = [t for t in context.catalog.tables if t.full_name in scores and times(t)]
    pointing = {r.table for r in context.catalog.relationships}
    mentioned = {h.targets[0] for h in context.hints if h.kind == "table" and h.targets}

    def score(table: Table) -> float:
        entity = any(r.to_table == table.full_name for r in context.catalog.relationships)
        own = sum(bool(Linked("", context, table).column(one.of)) for one in wanted if one.of)
        called = {single(name) for name in (table.name, *table.synonyms)}
        own += sum(one.function == "count" and bool(called & {single(w) for w in words(one.of)}) for one in wanted)
        return scores[table.full_name] + own + (table.full_name in pointing) - 1.5 * entity * (len(mentioned) > 1)

    return sorted(able, key=score, reverse=True)


def _beside(linked: Linked, one: Aggregation) -> list[Aggregation]:
    """`number of plays and seconds listened`: what is behind the and is added up, where it is a number."""
    if one.function == SOME:
        column = linked.column(re.sub(r"^\W*(?:and|plus|the|all)\b", "", one.of))
        able = {measure.name for measure in measures(linked.catalog, linked.table)}
        return [replace(one, function="sum" if column in able else "count")]
    counted, _, other = one.of.partition(" and ")
    column = linked.column(other) if one.function == "count" and other else ""
    units = {measure.name: measure.unit for measure in measures(linked.catalog, linked.table)}
    timed = re.match(r"(?:the )?(?:total )?(?:seconds|minutes|hours|time)\b", other) and [*units.values()] == ["s"]
    if column not in units and not (one.function == "count" and timed):
        return [one]
    return [replace(one, of=counted), replace(one, function="sum", of=other)]


def _features(linked: Linked, wanted: list[Aggregation], own: Mapping[int, str]) -> list[Feature] | str:
    """The features, `own` has the conditions of single ones; the words that name no column, where some do not."""
    made: dict[tuple[str, str, float], Feature] = {}
    taken: list[str] = []
    units = {c.name: c.unit or "" for c in linked.table.columns}
    for at, one in enumerate(wanted):
        plain = _expression(linked, one)
        if plain is None or (at in own and one.function == "age"):
            return one.of
        expression = f"CASE WHEN {own[at]} THEN {plain or 1} END" if at in own else plain
        same = (one.function, expression, one.quantile)
        if same in made:
            over = tuple(dict.fromkeys((*made[same].over, *one.over)))
            made[same] = Feature(
                made[same].name, made[same].function, expression, over, one.quantile, unit=made[same].unit
            )
            continue
        name = unique(identifier(_name(linked, one, plain)), taken)
        taken.append(name)
        unit = (
            "s"
            if one.function == "age"
            else units.get(plain, "")
            if one.function not in ("approx_distinct", "count")
            else ""
        )
        made[same] = Feature(name, one.function, expression, one.over, one.quantile, unit=unit)  # type: ignore[arg-type]
    return list(made.values())


def _expression(linked: Linked, one: Aggregation) -> str | None:
    if one.function in ("count", "age"):
        return ""
    if one.function == "approx_distinct":
        one = replace(one, of=_BEHIND.split(one.of)[0])
        return linked.key(one.of) or linked.column(one.of) or None
    if one.function == "last":
        return linked.column(one.of) or None
    return linked.measure(one.of) or None


_BEHIND = re.compile(r"\b(?:used|using|that|who|which|whose|for|with|in|on|per|by|from|to|of)\b", re.I)
"""What stands behind the thing that is counted."""


def _name(linked: Linked, one: Aggregation, expression: str) -> str:
    thing = expression.removesuffix("_id")
    if one.function == "quantile":
        return f"median_{thing}" if one.quantile == 0.5 else f"p{round(one.quantile * 100)}_{thing}"
    names = {
        "count": linked.table.name,
        "age": "quiet",
        "approx_distinct": f"distinct_{thing}s",
        "sum": f"total_{thing}",
        "avg": f"average_{thing}",
    }
    return names.get(one.function, f"{one.function}_{thing}")


_KNOWN = re.compile(
    r"\b(?:known|visible|available|counts?|usable)\b(?: \w+){0,3}? (?:from|at|since|by|as of|on|when|once"
    r"|after|with|until) "
    r"(?:the |its )?(?P<column>\w+)|\bknown[ _]?at(?: is|:|=)? (?P<known>\w+)",
    re.I,
)
_EVENT = re.compile(r"\b(?:event time|time column|timestamp|time)(?: is|:|=)? (?P<column>\w+_\w+)", re.I)


def _timed(view: FeatureView, linked: Linked, text: str) -> FeatureView:
    """The view by the times that the task names: when events were, and when they were known."""
    able = {column.name for column in times(linked.table)}
    event = next((m["column"] for m in _EVENT.finditer(text) if m["column"] in able), view.time)
    named = (m["column"] or m["known"] for m in _KNOWN.finditer(text))
    known = next((name for name in named if name in able and name != event), "")
    return replace(view, time=event, known_at=known or view.known_at)


def _view(linked: Linked, key: str, features: list[Feature], owner: str, ttl: tuple[str, ...]) -> FeatureView:
    table = linked.table
    goal = next((r.to_table for r in linked.catalog.relationships if (r.table, r.column) == (table.full_name, key)), "")
    entity = identifier(single(goal.rpartition(".")[2]) if goal else key.removesuffix("_id"))
    longest = max((length for feature in features for length in feature.over), key=microseconds)
    moment = table.time or times(table)[0].name
    return FeatureView(
        name=identifier(f"{key.removesuffix('_id')}_{table.name}"), entity=entity, keys=(key,), source=table.full_name,
        time=moment, features=features, ttl=ttl[0] if ttl else longest, owner=owner,
        description=linked.text[:200],
    )  # fmt: skip
