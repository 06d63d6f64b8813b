"""Drafts set into a catalogue's text where it says nothing: what a person has written stays as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import yaml

from data.catalog import Column, SourceConfig, Table
from data.errors import Invalid
from data.manuscript import COLUMN_FACTS, TABLE_FACTS, Notes, column_line, facts_of, items, section, table_lines

SAID = frozenset({"description", "synonyms", "draft"})
"""Settings that a person has been at, be it to say nothing: these entries stay."""
Insertion = tuple[int, str]
"""A place in the text and what goes there."""


def infill(text: str, source: SourceConfig, notes: Notes) -> str:
    """The text with the drafts of a source's tables and columns where it has none, and with tables and columns that it
    lacks. Invalid where tables are not written as a list of lines."""
    text = _opened(text, source.name)
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    node = next(one for one in items(root, "sources") if _name(one) == source.name.lower())
    for at, addition in sorted(_insertions(text, node, source, notes), reverse=True):
        text = text[:at] + addition + text[at:]
    return text


def _opened(text: str, source: str) -> str:
    """The text with a source's `tables: []` as the beginning of a list of lines, which the first table goes into."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    node = next(one for one in items(root, "sources") if _name(one) == source.lower())
    tables = section(node, "tables")
    if not isinstance(tables, yaml.SequenceNode) or tables.value or getattr(node, "flow_style", False):
        return text
    return text[: tables.start_mark.index].rstrip() + text[tables.end_mark.index :]


def _insertions(text: str, node: yaml.Node, source: SourceConfig, notes: Notes) -> Iterator[Insertion]:
    there = {_name(one): one for one in items(node, "tables")}
    for table in source.tables:
        found = there.get(table.name.lower())
        if found is not None:
            yield from _table(text, found, table, notes)
    new = [table for table in source.tables if table.name.lower() not in there]
    lines = [line for table in new for line in table_lines(table, notes)]
    if lines and not there and isinstance(section(node, "tables"), yaml.ScalarNode):
        key = next(key for key, _ in node.value if key.value == "tables")
        indent = " " * (key.start_mark.column + 2)
        yield _line_end(text, key), "".join(f"\n{indent}{line}" for line in lines)
    else:
        yield from _appended(text, section(node, "tables"), lines)


def _table(text: str, node: yaml.Node, table: Table, notes: Notes) -> Iterator[Insertion]:
    yield from _facts(text, node, table, TABLE_FACTS)
    there = {_name(one): one for one in items(node, "columns")}
    for column in table.columns:
        found = there.get(column.name.lower())
        if found is not None:
            yield from _facts(text, found, column, COLUMN_FACTS)
    new = [column for column in table.columns if column.name.lower() not in there]
    yield from _appended(text, section(node, "columns"), [f"- {column_line(table, c, notes)}" for c in new])


def _facts(text: str, node: yaml.Node, thing: Table | Column, names: tuple[str, ...]) -> Iterator[Insertion]:
    settings = _settings(node)
    if not thing.draft or SAID & settings.keys():
        return
    facts = facts_of(thing, [name for name in names if name not in settings])
    if len(facts) == 1:
        return  # nothing is new but that it would be a draft
    if isinstance(node, yaml.MappingNode) and node.flow_style:
        end = node.end_mark.index - 1
        comma = "" if text[:end].rstrip().endswith(",") else ", "
        yield len(text[:end].rstrip()), comma + ", ".join(facts)
    else:
        indent = " " * node.start_mark.column
        yield _line_end(text, settings["name"]), "".join(f"\n{indent}{fact}" for fact in facts)


def _appended(text: str, node: yaml.Node | None, lines: list[str]) -> Iterator[Insertion]:
    if not lines:
        return
    if not isinstance(node, yaml.SequenceNode) or node.flow_style:
        raise Invalid(
            "`tables` and `columns` are not written as lists of lines that begin with '-'.", "Rewrite them so."
        )
    indent = " " * node.start_mark.column
    yield _line_end(text, _last(node)), "".join(f"\n{indent}{line}" for line in lines)


def _last(node: yaml.Node) -> yaml.Node:
    """The last value within a node: a block's own end is behind the comments after it."""
    if isinstance(node, yaml.ScalarNode) or getattr(node, "flow_style", False) or not node.value:
        return node
    last = node.value[-1]
    return _last(last[1] if isinstance(last, tuple) else last)


def _line_end(text: str, node: yaml.Node) -> int:
    end = node.end_mark.index - (1 if node.end_mark.column == 0 else 0)
    found = text.find("\n", end)
    return len(text) if found < 0 else found


def _settings(node: yaml.Node) -> Mapping[str, yaml.Node]:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return {str(key.value): value for key, value in pairs}


def _name(node: yaml.Node) -> str:
    name = _settings(node).get("name")
    return str(name.value).lower() if name is not None else ""
