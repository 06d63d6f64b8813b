"""How people speak of a world's tables, in the shape that `finetune.noun_phrases` reads."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from agents.paths import alias_for
from data.catalog import Catalog, Relationship
from finetune.phrasing import Bank
from finetune.worlds.domain import Choice, Code, Flag, Link, Moment, Named, Note, Number, Superlatives
from finetune.worlds.names import ENDING, words
from finetune.worlds.variant import Made, MadeTable

PLACES = ["in {}", "from {}", "based in {}", "located in {}", "out of {}", "in {}"]
NAMED = ["called {}", "named {}", "{}"]
_NUMBERS = Superlatives(max=("highest", "largest"), min=("lowest", "smallest"))
_TIMES = Superlatives(max=("latest", "newest", "most recent"), min=("earliest", "oldest", "first"))
_OUTCOMES = frozenset(("status", "state", "outcome", "result", "verdict"))
_DID = ("are there", "do we have")
_NUMBER = re.compile(r" no$")
_LED = re.compile(r"^(is|has|was) ")
_HAPPENED = re.compile(r"(\b(at|on|born|left|since|made|sent|bought|sold|paid)|ed)$")
_ASKING = re.compile(r"^(how|what|when|where|which|who|whom|whose|why|whether)\b")
"""What stands as a question, and not behind 'the' or 'average'."""


def wording(world: str, tables: tuple[MadeTable, ...], catalog: Catalog) -> Bank:
    """The bank of all tables."""
    found: Bank = {f"{world}.{table.name}": _entry(world, table, tables, catalog) for table in tables}
    for name, entry in found.items():
        ways = list(_ways(name, catalog))
        entry["through"] = _through(ways)
        entry["owns"] = {end: ["of {}"] for end, _ in ways} | entry.get("owns", {})
    return found | {"places": PLACES, "named": NAMED}


def _entry(world: str, table: MadeTable, tables: tuple[MadeTable, ...], catalog: Catalog) -> Bank:
    spec = table.spec
    entry: Bank = {"nouns": list(spec.nouns), "did": ["", *(did for did in spec.did or _DID if did)]}
    if spec.person:
        entry["person"] = True
    for column in table.columns:
        _add_words(entry, table, column)
        _add_conditions(entry, table, column)
    for link in (r for r in catalog.relationships if r.table == f"{world}.{table.name}"):
        _add_link(entry, table, link, tables, catalog)
    for source, asked in spec.asks.items():
        name = table.named(source)
        if name and not isinstance(spec.columns[source], Link):
            entry.setdefault("asks", {})[name] = list(asked)
    return entry


def _spoken(column: Made) -> list[str]:
    """What a column is called, the name that it has here first."""
    if column.said:
        return [column.said]
    names = [words(column.name)] if column.readable else []
    names.append(words(column.source))
    if isinstance(column.spec, Link):
        names = [words(ENDING.sub("", name.replace(" ", "_"))) for name in names]
    known = [said for said in column.spec.words if not _ASKING.match(said)]
    if isinstance(column.spec, Moment):
        names = [name for name in names if not _HAPPENED.search(name)]
        known = known if names or known else [_moment(column)]
    return list(dict.fromkeys(_LED.sub("", _NUMBER.sub(" number", said)) for said in (*names, *known)))


def _moment(column: Made) -> str:
    """What 'landed_at' is called: 'landed time'."""
    stem = re.sub(r"_(at|on)$", "", column.source)
    return f"{words(stem)} {'time' if column.type == 'TIMESTAMP' else 'date'}"


def _add_words(entry: Bank, table: MadeTable, column: Made) -> None:
    spec, name = column.spec, column.name
    kind = "measures" if isinstance(spec, Number) else "columns"
    entry.setdefault(kind, {})[name] = _spoken(column)
    if isinstance(spec, Number):
        for key in ("totals", "sums", "amounts"):
            if getattr(spec, key):
                entry.setdefault(key, {})[name] = list(getattr(spec, key))
    if spec.superlatives or (isinstance(spec, Moment) and spec.event):
        usual = _NUMBERS if isinstance(spec, Number) else _TIMES
        own = spec.superlatives or usual
        entry.setdefault("superlatives", {})[name] = {
            "max": _with_word(own.max, usual.max),
            "min": _with_word(own.min, usual.min),
        }


def _with_word(own: tuple[str, ...], usual: tuple[str, ...]) -> list[str]:
    """The adjectives, one of a single word among them."""
    return list(own if any(" " not in word for word in own) else (*own, usual[0]))


def _add_conditions(entry: Bank, table: MadeTable, column: Made) -> None:
    spec, name = column.spec, column.name
    for kind in ("missing", "present"):
        if spec.null and getattr(spec, kind):
            entry.setdefault(kind, {})[name] = list(getattr(spec, kind))
    if isinstance(spec, Moment):
        forms = list(spec.born or spec.times)
        if forms:
            entry.setdefault("events", {})[name] = forms
        if spec.event and forms:
            entry["times"] = forms
        if spec.born:
            entry["birth"] = forms
    if isinstance(spec, Flag):
        entry.setdefault("flags", {})[name] = [list(spec.yes), list(spec.no)]
    if isinstance(spec, Choice | Named | Code | Note) and (spec.adj or spec.post or isinstance(spec, Choice)):
        said = _spoken(column)
        post = list(spec.post) or [f"with {said[0]} {{}}", f"with {said[-1]} {{}}", f"whose {said[0]} is {{}}"]
        entry.setdefault("says", {})[name] = {"adj": spec.adj, "post": post}
    if isinstance(spec, Choice):
        outcome = spec.adj and _OUTCOMES & {word for said in _spoken(column) for word in said.split()}
        rates = spec.rates or ({v: (f"{v} rate",) for v in spec.values if " " not in v} if outcome else {})
        convert = column.convert or str
        entry.setdefault("rates", {}).update({convert(value): list(said) for value, said in rates.items()})


def _add_link(
    entry: Bank, table: MadeTable, link: Relationship, tables: tuple[MadeTable, ...], catalog: Catalog
) -> None:
    column = next(c for c in table.columns if c.name == link.column)
    spec = column.spec
    assert isinstance(spec, Link)
    twins = sum(r.to_table == link.to_table for r in catalog.relationships if r.table == link.table)
    target = link.to_table if twins == 1 else f"{link.to_table}.{alias_for(link, catalog)}"
    for kind in ("owns", "verbs", "spends", "passive"):
        if getattr(spec, kind):
            entry.setdefault(kind, {})[target] = list(getattr(spec, kind))
    if spec.agents:
        entry.setdefault("agents", {})[link.column] = list(spec.agents)
    if twins == 1:
        parent = next(t for t in tables if t.source == spec.to)
        entry.setdefault("made_by", {})[link.to_table] = _made_by(table, column, spec, parent)


def _made_by(table: MadeTable, column: Made, spec: Link, parent: MadeTable) -> Bank:
    """Questions for the one thing that a row points at."""
    nouns = [said for said in spec.words if not _ASKING.match(said)]
    nouns = nouns or [pair.split("|")[1] for pair in parent.spec.nouns[:2]]
    who = "who" if parent.spec.person else f"which {nouns[0]}"
    asks = list(table.spec.asks.get(column.source, ()))
    asks += [f"{who} {pair.split('|')[1]} {{x}}?" for pair in spec.verbs]
    asks += [f"{'who' if parent.spec.person else 'what'} is the {noun} of {{x}}?" for noun in nouns]
    return {"ask": [*asks, f"{nouns[-1]} of {{x}}"], "nouns": nouns}


def _through(ways: list[tuple[str, str]]) -> dict[str, str]:
    """Of several ways to a table two links away, the first that the catalogue has."""
    count = Counter(end for end, _ in ways)
    return {end: between for end, between in reversed(ways) if count[end] > 1}


def _ways(name: str, catalog: Catalog) -> Iterator[tuple[str, str]]:
    """(table two links away, the table between)"""
    near = {r.to_table for r in catalog.relationships if r.table == name}
    for first in (r for r in catalog.relationships if r.table == name and r.to_table != name):
        for second in (r for r in catalog.relationships if r.table == first.to_table):
            if second.to_table not in near | {name} and second.to_table != first.to_table:
                yield second.to_table, first.to_table
