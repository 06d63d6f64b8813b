"""The catalogue's text: sources and relationships are set into it and cut out of it; all else stays."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import yaml

from data.catalog import Column, Table
from data.errors import Invalid

PLAIN = re.compile(r"[A-Za-z_][\w./-]*")
WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
"""Plain words that YAML reads as something else than text."""


Notes = Mapping[str, str]
"""What stands as a comment behind a table (`table`), a column (`table.column`) or a relationship
(`source.table.column`)."""


def add_source(
    text: str,
    name: str,
    kind: str,
    location: str,
    tables: Sequence[Table],
    notes: Notes = MappingProxyType({}),
    *,
    about: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """The text with one more source at the end of `sources`, with what is known `about` it (owner, description).
    Invalid when they are not written as a list."""
    lines = [f"- name: {scalar(name)}", f"  kind: {scalar(kind)}", f"  location: {scalar(location)}"]
    lines += [f"  {fact}: {scalar(said)}" for fact, said in about.items() if said]
    lines += ["  tables:" if tables else "  tables: []"]
    for table in tables:
        lines += [f"    {line}" for line in table_lines(table, notes)]
    return _append(text, "sources", lines)


def add_relationships(text: str, links: Sequence[tuple[str, str]], notes: Notes = MappingProxyType({})) -> str:
    """The text with more relationships, each (from, to) as `source.table.column`."""
    lines = [f"- {{from: {scalar(start)}, to: {scalar(end)}}}{_note(notes, start)}" for start, end in links]
    return _append(text, "relationships", lines) if lines else text


def graft(text: str, other: str) -> str:
    """The text with the items of another one's lists at the end of its own lists, as they are written there."""
    root, lines = yaml.compose(other, Loader=yaml.SafeLoader), other.splitlines()
    for key, _ in root.value if isinstance(root, yaml.MappingNode) else []:
        for item in items(root, key.value):
            first = item.start_mark.line
            dash = lines[first].index("-")
            text = _append(text, key.value, [line[dash:] for line in lines[first : _last_line(item) + 1]])
    return text


def cut_source(text: str, name: str) -> str:
    """The text without a source and without the relationships that touch it."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    gone = [item for item in items(root, "sources") if _value(item, "name").lower() == name.lower()]
    for link in items(root, "relationships"):
        if any(_value(link, side).lower().startswith(f"{name.lower()}.") for side in ("from", "to")):
            gone.append(link)
    lines = text.splitlines(keepends=True)
    for item in sorted(gone, key=lambda item: item.start_mark.line, reverse=True):
        first = item.start_mark.line
        if not _flows(item) and not lines[first - 1].strip():
            first -= 1
        del lines[first : _last_line(item) + 1]
    return _mend("".join(lines))


def scalar(value: str) -> str:
    """A text as YAML reads it back, also within braces; quoted only where it must be."""
    plain = PLAIN.fullmatch(value) and value.lower() not in WORDS
    return value if plain else json.dumps(value, ensure_ascii=False)


def table_lines(table: Table, notes: Notes) -> Iterable[str]:
    """A table as an item of a list of lines."""
    yield f"- name: {scalar(table.name)}{_note(notes, table.name)}"
    for role in ("description", "key", "label", "time"):
        if getattr(table, role):
            yield f"  {role}: {scalar(getattr(table, role))}"
    yield from (f"  {said}" for said in facts_of(table, ("synonyms", "draft")))
    yield "  columns:"
    for column in table.columns:
        yield f"    - {column_line(table, column, notes)}"


def column_line(table: Table, column: Column, notes: Notes) -> str:
    """A column on one line."""
    facts = [f"name: {scalar(column.name)}", f"type: {scalar(column.type)}"]
    return f"{{{', '.join([*facts, *facts_of(column)])}}}{_note(notes, f'{table.name}.{column.name}')}"


COLUMN_FACTS = ("description", "synonyms", "unit", "format", "labels", "legend", "tags", "draft")
TABLE_FACTS = ("description", "synonyms", "draft")


def facts_of(thing: Table | Column, names: Sequence[str] = COLUMN_FACTS) -> list[str]:
    """What is known of a table or a column, each as YAML writes it; nothing for what is not."""
    return [f"{name}: {_value_text(value)}" for name in names if (value := getattr(thing, name))]


def _value_text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return scalar(value)
    ordered = _ordered(value)
    if ordered and isinstance(ordered[0], tuple):
        return f"{{{', '.join(f'{scalar(code)}: {scalar(label)}' for code, label in ordered)}}}"
    return f"[{', '.join(scalar(one) for one in ordered)}]"


def _ordered(values: object) -> list[Any]:
    assert isinstance(values, tuple | frozenset)
    return list(values) if isinstance(values, tuple) else sorted(values)


def _note(notes: Notes, name: str) -> str:
    # On one line and without control characters: it is made of what is in the store.
    note = "".join(letter if letter.isprintable() else " " for letter in notes.get(name, ""))
    return f"  # {note}" if note else ""


def _append(text: str, name: str, item: Sequence[str]) -> str:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    node = section(root, name)
    lines = text.splitlines()
    if node is None:
        return "\n".join([*lines, "", f"{name}:", *(f"  {line}" for line in item)]) + "\n"
    if not isinstance(node, yaml.SequenceNode) or (node.flow_style and node.value):
        raise Invalid(f"`{name}` is not written as a list of lines that begin with '-'.", "Rewrite it so.")
    if not node.value:
        lines[node.start_mark.line] = f"{name}:"
        at, indent = node.start_mark.line + 1, "  "
    else:
        at, indent = _last_line(node.value[-1]) + 1, " " * (node.start_mark.column)
    # A blank line sets sources of several lines apart, as people write them.
    gap = [""] if len(item) > 1 and name == "sources" and node.value else []
    return "\n".join([*lines[:at], *gap, *(f"{indent}{line}" for line in item), *lines[at:]]) + "\n"


def section(root: yaml.Node | None, name: str) -> yaml.Node | None:
    """The value of a setting of a mapping."""
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    return next((value for key, value in pairs if key.value == name), None)


def items(root: yaml.Node | None, name: str) -> list[yaml.Node]:
    """The items of a setting that is a list."""
    node = section(root, name)
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _value(item: yaml.Node, name: str) -> str:
    pairs = item.value if isinstance(item, yaml.MappingNode) else []
    return next((str(value.value) for key, value in pairs if key.value == name), "")


def _flows(node: yaml.Node) -> bool:
    """Whether a node is written in brackets or braces."""
    return isinstance(node, yaml.CollectionNode) and bool(node.flow_style)


def _last_line(node: yaml.Node) -> int:
    """The line on which a node's last value ends; a block's own end mark is behind the comments after it."""
    if isinstance(node, yaml.ScalarNode) or _flows(node) or not node.value:
        return int(node.end_mark.line) if node.end_mark.column else int(node.end_mark.line) - 1
    last = node.value[-1]
    return _last_line(last[1] if isinstance(last, tuple) else last)


def _mend(text: str) -> str:
    """Sections that have lost their last item are empty lists, and blank lines do not pile up."""
    text = re.sub(r"\n{3,}", "\n\n", text)
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    for name in ("sources", "relationships"):
        if isinstance(section(root, name), yaml.ScalarNode):
            text = re.sub(rf"(?m)^{name}:[ \t]*$", f"{name}: []", text)
    return text
