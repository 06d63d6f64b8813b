"""A bank of words made from a catalogue alone: what its names, descriptions, synonyms and units let people say."""

from __future__ import annotations

import re
from typing import Any

from agents.columns import flags, keys, measures, texts, times
from data.catalog import Catalog, Column, Relationship, Table
from finetune.phrasing import Bank, bank, plural
from retrieval.names import spoken_name

_PREFIX = re.compile(r"^(?:tbl|dim|fct|fact|lkp|vw|t)[_ ]")
"""What names of tables begin with and nobody says."""
_PEOPLE = """
person people user customer client member employee patient student teacher doctor nurse staff driver player coach author
artist guest visitor worker owner passenger pilot contact applicant candidate volunteer donor agent manager tenant
resident citizen instructor trainer learner pupil parent child referee lawyer judge
"""
PEOPLE = frozenset(_PEOPLE.split())
LONGEST = 3
"""Words that a description may have to serve as a name."""


def words_of(catalog: Catalog) -> Bank:
    """A bank in the shape of `wording/demo.yaml`, by the full names of the tables."""
    entries: dict[str, Any] = {table.full_name: _entry(catalog, table) for table in catalog.tables}
    generic = bank("generic")
    return entries | {"places": generic["places"], "named": generic["named"]}


def _entry(catalog: Catalog, table: Table) -> dict[str, Any]:
    generic = bank("generic")
    entry: dict[str, Any] = {
        "nouns": [f"{many}|{one}" for many, one in _nouns(table)],
        "did": generic["did"],
        "columns": {c.name: _called(c) for c in table.columns},
        "says": {c.name: {"adj": "", "post": _posts(c)} for c in texts(table) if c.name not in PLACES},
        "flags": {c.name: _flagged(c) for c in flags(table)},
        "times": generic["times"],
        "superlatives": _superlatives(catalog, table),
        "owns": {}, "agents": {}, "verbs": {},
    }  # fmt: skip
    for link in (r for r in catalog.relationships if r.table == table.full_name):
        _link(catalog, table, link, entry)
    if singular(table.name.split("_")[-1]) in PEOPLE:
        entry["person"] = True
    return entry


def _nouns(table: Table) -> list[tuple[str, str]]:
    said = [_PREFIX.sub("", name).replace("_", " ") for name in (table.name, *table.synonyms)]
    return list(dict.fromkeys((plural(singular(name)), singular(name)) for name in said))


def singular(name: str) -> str:
    """'order lines' -> 'order line', 'countries' -> 'country', 'staff' as it is."""
    head, space, last = name.rpartition(" ")
    if last.endswith("ies") and len(last) > 4:
        last = last[:-3] + "y"
    elif last.endswith(("sses", "ches", "shes", "xes")):
        last = last[:-2]
    elif last.endswith("s") and not last.endswith(("ss", "us", "is")):
        last = last[:-1]
    return head + space + last


def _called(column: Column) -> list[str]:
    """What a column is called: its name, its synonyms, a short description, and what anybody says for such a word."""
    name = column.name.replace("_", " ")
    short = spoken_name(column)
    described = column.description.split("(")[0].strip(" .").lower()
    found = [name, *([short] if short else []), *(s.replace("_", " ") for s in column.synonyms)]
    if described and len(described.split()) <= LONGEST:
        found.append(described)
    known = bank("generic")["columns"].get((short or name).split()[-1], [])
    found += [" ".join((*(short or name).split()[:-1], word)) for word in known]
    return list(dict.fromkeys(found))


PLACES = frozenset(("city", "country", "region", "state", "town"))


def _posts(column: Column) -> list[str]:
    names = _called(column)[:3]
    return [form.format(c=name, x="{}") for name in names for form in bank("generic")["posts"]]


def _flagged(column: Column) -> list[list[str]]:
    word = column.name.removeprefix("is_").removeprefix("has_").replace("_", " ")
    if column.name.startswith("has_"):
        return [[f"with {word}", f"that have {word}"], [f"without {word}", f"that have no {word}"]]
    return [[word, f"that are {word}", f"that were {word}"], [f"not {word}", f"that are not {word}"]]


def _superlatives(catalog: Catalog, table: Table) -> dict[str, Any]:
    known, found = bank("generic")["superlatives"], {}
    for column in measures(catalog, table):
        words = known.get(column.unit or "", known["any"])
        found[column.name] = {side: [_ranked(w, column) for w in words[side]] for side in ("max", "min")}
    for column in times(table):
        if column.name == table.time:
            found[column.name] = known["time"]
    return found


def _ranked(word: str, column: Column) -> str:
    return word.format(column.name.replace("_", " "))


def _link(catalog: Catalog, table: Table, link: Relationship, entry: dict[str, Any]) -> None:
    generic, role = bank("generic"), link.column.removesuffix("_id").replace("_", " ")
    parent = catalog.table(link.to_table)
    twins = [r for r in catalog.relationships if (r.table, r.to_table) == (link.table, link.to_table)]
    if len(twins) > 1 or link.table == link.to_table:
        target = f"{link.to_table}.{link.column.removesuffix('_id')}"
        entry["agents"][link.column] = [f"{plural(role)}|{role}"]
        entry["owns"][target] = [form.format(role, "{}") for form in generic["owns_role"]]
        return
    entry["owns"][link.to_table] = generic["owns"]
    entry["verbs"][link.to_table] = generic["verbs"]
    if role not in (singular(parent.name), parent.name) and link.column in keys(catalog, table):
        entry["agents"][link.column] = [f"{plural(role)}|{role}"]
