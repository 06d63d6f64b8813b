"""The files of the domains: found, read and checked."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import yaml

from data.document import Document
from data.errors import NotFound
from finetune.worlds.domain import Domain, Key, Link, Moment, Named, Number, Section, TableSpec

FOLDER = Path(__file__).parent / "domains"
Fault = tuple[tuple[str, ...], str, str]
"""Where a value stands, what is wrong with it, and what to do."""


class _Words(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML in which 'yes', 'no', 'on', 'off' and 'null' are words."""


_Words.yaml_implicit_resolvers = {
    letter: [(tag, form) for tag, form in known if letter in "tTfF" or not tag.endswith((":bool", ":null"))]
    for letter, known in _Words.yaml_implicit_resolvers.items()
}


def names(folder: Path = FOLDER) -> tuple[str, ...]:
    """The domains that have a file, in alphabetical order."""
    return tuple(sorted(path.stem for path in folder.glob("*.yaml")))


@lru_cache(maxsize=64)
def read(name: str, folder: Path = FOLDER) -> Domain:
    """A domain; Invalid names the file, the line and the value that is wrong."""
    path = folder / f"{name}.yaml"
    if not path.is_file():
        raise NotFound(f"There is no world '{name}'.", f"Give one of: {', '.join(names(folder))}.")
    parsed = Document.load(path)
    document = Document(path, parsed.text, yaml.load(parsed.text, _Words))
    domain = document.read(Domain)
    for where, message, remedy in _faults(domain):
        raise document.invalid(where, f"{'.'.join(where)}: {message}", remedy)
    return domain


def _faults(domain: Domain) -> Iterator[Fault]:
    for name, table in domain.tables.items():
        at = ("tables", name)
        for where, message, remedy in _of_table(table):
            yield (*at, *where), message, remedy
        for column, spec in table.links.items():
            yield from _of_link(domain, (*at, "columns", column, "to"), spec)
    reached = {spec.to for table in domain.tables.values() for spec in table.links.values()}
    for name, table in domain.tables.items():
        if not table.links and name not in reached:
            yield ("tables", name), "no link leads to or from this table.", "Link it with another."


def _of_table(table: TableSpec) -> Iterator[Fault]:
    columns = table.columns
    for kind, count in (
        ("key", sum(isinstance(spec, Key) for spec in columns.values())),
        ("label", sum(spec.label for spec in columns.values())),
        ("event", sum(isinstance(spec, Moment) and spec.event for spec in columns.values())),
    ):
        if count > 1:
            yield ("columns",), f"{count} columns are the {kind}.", "Keep one."
    if table.label and not table.key:
        yield ("columns",), f"'{table.label}' is a label, but no column is the key.", "Add a column of kind key."
    yield from (
        (("asks", name), f"there is no column '{name}'.", f"Give one of: {', '.join(columns)}.")
        for name in table.asks
        if name not in columns
    )
    yield from (
        (("asks", name), f"{text!r} does not say '{{x}}'.", "Write {x} where the row's title goes.")
        for name, texts in table.asks.items()
        for text in texts
        if "{x}" not in text
    )
    for name, spec in columns.items():
        for message, remedy in _of_column(table, spec):
            yield ("columns", name), message, remedy


def _of_column(table: TableSpec, spec: Section) -> Iterator[tuple[str, str]]:
    if isinstance(spec, Named) and bool(spec.of) == bool(spec.parts):
        yield "either 'of' or 'parts' is needed.", "Say what names these are, or give their parts."
    if isinstance(spec, Number) and spec.low >= spec.high:
        yield f"low {spec.low:g} is not below high {spec.high:g}.", "Swap or mend them."
    if isinstance(spec, Moment) and spec.since >= spec.until:
        yield f"from {spec.since} is not before to {spec.until}.", "Swap or mend them."
    if isinstance(spec, Moment) and spec.after:
        chain, seen = spec.after, [spec.after]
        while isinstance(earlier := table.columns.get(chain), Moment) and earlier.after and len(seen) < 20:
            chain = earlier.after
            seen.append(chain)
        if not isinstance(earlier, Moment) or len(seen) == 20:
            yield f"after '{spec.after}' leads to no time or date of this table.", "Name a column of kind time or date."


def _of_link(domain: Domain, at: tuple[str, ...], link: Link) -> Iterator[Fault]:
    if link.to not in domain.tables:
        yield at, f"there is no table '{link.to}'.", f"Give one of: {', '.join(domain.tables)}."
    elif domain.tables[link.to].key is None:
        yield at, f"'{link.to}' has no column of kind key.", "Give it one."
