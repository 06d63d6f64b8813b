"""Which columns of tables the name of a wanted column means."""

from __future__ import annotations

import re

from agents.reader.frame import Targets
from agents.reader.items import Items
from agents.reader.marked import Marked
from agents.reader.nouns import is_measure, is_time, noun, owner
from agents.reader.wanted import Wanted
from data.catalog import Table
from data.naming import single, words

_GENERAL = frozenset(["account", "current", "present", "full", "own"])
"""What may stand before the name of a column without telling another one."""


def columns(want: Wanted, items: Items) -> Targets:
    """The columns that a name may mean, those of tables that the task names first."""
    said = want.words[1:] if len(want.words) > 1 and want.words[0] in _GENERAL else want.words
    every = [
        f"{table.full_name}.{column.name}"
        for table in items.marked.catalog.tables
        for column in table.columns
        if tuple(single(word) for word in words(column.name)) == said
    ]
    own = tuple(target for target in every if target.rpartition(".")[0] in items.near)
    first = f"{items.frame.subject}.{'_'.join(said)}"
    return (first,) if said != want.words and first in own else own or tuple(every)


def title(want: Wanted, items: Items) -> Targets:
    """The column of a thing that a name tells: `merchant name`, `artist`, `sender's name`."""
    said, catalog = list(want.words), items.marked.catalog
    for link in catalog.relationships:
        parent = catalog.table(link.to_table)
        role = len(said) > 1 and said[0] == words(link.column)[0] and link.table in items.near
        if role and (named := _column_of(parent, said[1:])):
            return (f"{parent.full_name}.{named}",)
    return next((found for table in catalog.tables if (found := _title_of(table, said))), ())


def _title_of(table: Table, said: list[str]) -> Targets:
    """The column of a table's things that words tell, which begin with the thing."""
    thing = [single(word) for word in words(table.name)]
    if said == thing and table.label:
        return (f"{table.full_name}.{table.label}",)
    begins = len(said) > len(thing) and said[: len(thing)] == thing
    column = _column_of(table, said[len(thing) :]) if begins else ""
    return (f"{table.full_name}.{column}",) if column else ()


def _column_of(table: Table, said: list[str]) -> str:
    """The column of a table by its words; its title by `name`."""
    if said in (["name"], ["title"]) and table.label:
        return table.label
    return next((c.name for c in table.columns if [single(word) for word in words(c.name)] == said), "")


def roles(items: Items) -> frozenset[str]:
    """The parts of things that columns tell of: sender and receiver of `sender_country` and `receiver_country`."""
    links = items.marked.catalog.relationships
    several = {
        words(link.column)[0]
        for link in links
        if link.table in items.near
        and sum((one.table, one.to_table) == (link.table, link.to_table) for one in links) > 1
    }
    return frozenset(
        want.words[0]
        for want in items.wanted
        if len(want.words) > 1 and want.words[0] in several and not columns(want, items)
    )


def counts_things(want: Wanted, items: Items) -> bool:
    """Whether a name is a number of things, not the name of one: `artists`."""
    targets = title(want, items)
    return (want.name.lower().endswith("s") and len(want.words) == 1) or is_measure(targets, items.marked)


def keyed(want: Wanted, items: Items) -> Targets:
    """The column that the words of a name are linked to, where rows are put together by it or nothing is."""
    if not re.fullmatch(r"(?:<[tc]\d+> ?)+", want.marks) or "<c" not in want.marks:
        return ()
    column = noun(want.marks, items.marked).column
    if not column or is_measure(column, items.marked) or is_time(column, items.marked):
        return ()
    groups = items.frame.groups
    own = [group.column for group in groups if set(group.column) & set(column)]
    named = [group.column for group in groups if _ends(group.column, want.words)]
    return own[0] if own else named[0] if len(named) == 1 else () if groups else column


def _ends(column: Targets, said: tuple[str, ...]) -> bool:
    """Whether a column's name ends in words: `coin` of `from_coin`."""
    own = [single(word) for word in words(column[0].rpartition(".")[2])] if column else []
    return len(own) > len(said) and tuple(own[-len(said) :]) == said


def of_role(want: Wanted, targets: Targets) -> bool:
    """Whether the title of a thing is called by its role, not by the thing: `sender name` of users."""
    return want.words[0] not in {single(word) for word in words(owner(targets).rpartition(".")[2])}


def full(mark: str, marked: Marked) -> Targets:
    """All columns that a word may name, also those of tables that nothing else names."""
    hint = marked.hint(mark)
    span, named = hint.span.lower(), {target.rpartition(".")[2] for target in hint.targets}
    return tuple(
        f"{table.full_name}.{column.name}"
        for table in marked.catalog.tables
        for column in table.columns
        if column.name in named and single(span) == single(column.name)
    )
