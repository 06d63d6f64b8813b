"""How a policy is written down: the YAML file, checked line by line against the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from data.catalog import Catalog, Table, nearest
from data.document import Document, Loc
from data.functions import ALLOWED
from data.policy import Grant, Mask, Policy, Principal, RowFilter, known_groups
from data.system import with_system, without_system

Name = Annotated[str, Field(min_length=1)]


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class PrincipalDeclaration(_Declared):
    name: Name
    groups: list[Name] = []
    attributes: dict[Name, str] = {}


class GrantDeclaration(_Declared):
    to: Name
    on: Name
    columns: Annotated[list[Name], Field(min_length=1)] | None = None


class RowFilterDeclaration(_Declared):
    for_: Name = Field(alias="for")
    on: Name
    where: Name


class MaskDeclaration(_Declared):
    for_: Name = Field(alias="for")
    mask: Literal["partial", "hash", "null", "redact"]
    tag: Name | None = None
    columns: Annotated[list[Name], Field(min_length=1)] | None = None


class FunctionsDeclaration(_Declared):
    allow: list[Name] = []
    deny: list[Name] = []


class PolicyDeclaration(_Declared):
    version: int = Field(ge=1, le=1)
    principals: Annotated[list[PrincipalDeclaration], Field(min_length=1)]
    grants: list[GrantDeclaration] = []
    row_filters: list[RowFilterDeclaration] = []
    masks: list[MaskDeclaration] = []
    functions: FunctionsDeclaration = FunctionsDeclaration()


def load_policy(path: Path, catalog: Catalog) -> Policy:
    """Read, check and freeze a policy file."""
    return policy_of(Document.load(path), catalog)


def policy_of(document: Document, catalog: Catalog) -> Policy:
    """The policy that a document declares over a catalogue; Invalid names its line otherwise."""
    declared = document.read(PolicyDeclaration)
    catalog = with_system(catalog)
    principals = _principals(document, declared)
    groups = known_groups(principals.values())
    _check_groups(document, declared, groups)
    allowed = frozenset(name.lower() for name in declared.functions.allow)
    denied = frozenset(name.lower() for name in declared.functions.deny)
    return Policy(
        catalog=catalog,
        principals=principals,
        grants=tuple(_grants(document, declared, catalog)),
        unrestricted=frozenset(g.to for g in declared.grants if g.on == "*" and g.columns is None),
        row_filters=tuple(_row_filters(document, declared, catalog, principals)),
        column_masks=tuple(_masks(document, declared, catalog)),
        functions=(ALLOWED | allowed) - denied,
    )


def _principals(document: Document, declared: PolicyDeclaration) -> dict[str, Principal]:
    principals: dict[str, Principal] = {}
    for index, entry in enumerate(declared.principals):
        if entry.name in principals:
            raise document.invalid(("principals", index, "name"), f"'{entry.name}' is declared twice.", "Rename one.")
        principals[entry.name] = Principal(entry.name, frozenset(entry.groups), dict(entry.attributes))
    return principals


def _check_groups(document: Document, declared: PolicyDeclaration, groups: frozenset[str]) -> None:
    # A misspelt group would leave a filter or a mask out without a word, so it is an error everywhere.
    named: list[tuple[Loc, str]] = [(("grants", i, "to"), g.to) for i, g in enumerate(declared.grants)]
    named += [(("row_filters", i, "for"), f.for_) for i, f in enumerate(declared.row_filters)]
    named += [(("masks", i, "for"), m.for_) for i, m in enumerate(declared.masks)]
    for loc, group in named:
        if group not in groups:
            hint = nearest(group, groups) or "Put a principal into it first."
            raise document.invalid(loc, f"nobody is in the group '{group}'.", hint)


def _grants(document: Document, declared: PolicyDeclaration, catalog: Catalog) -> Iterator[Grant]:
    for index, grant in enumerate(declared.grants):
        tables = _tables(document, ("grants", index, "on"), catalog, grant.on)
        for table in tables:
            for at, name in enumerate(grant.columns or ()):
                _check_column(document, ("grants", index, "columns", at), table, name)
            columns = None if grant.columns is None else frozenset(name.lower() for name in grant.columns)
            yield Grant(grant.to, table.full_name, columns)


def _row_filters(
    document: Document, declared: PolicyDeclaration, catalog: Catalog, principals: dict[str, Principal]
) -> Iterator[RowFilter]:
    from data.gateway.filters import check

    for index, rule in enumerate(declared.row_filters):
        loc = ("row_filters", index, "where")
        members = [principal for principal in principals.values() if rule.for_ in principal.groups]
        for table in _tables(document, ("row_filters", index, "on"), catalog, rule.on):
            problem = check(rule.where, table, catalog, members)
            if problem:
                raise document.invalid(loc, f"'{rule.where}': {problem}")
            yield RowFilter(rule.for_, table.full_name, rule.where)


def _masks(document: Document, declared: PolicyDeclaration, catalog: Catalog) -> Iterator[Mask]:
    for index, rule in enumerate(declared.masks):
        if (rule.tag is None) == (rule.columns is None):
            raise document.invalid(("masks", index), "a mask names either a `tag` or `columns`.", "Give one of them.")
        if rule.tag is not None:
            yield from _tagged(document, ("masks", index, "tag"), catalog, rule.for_, rule.tag, rule.mask)
        for at, path in enumerate(rule.columns or ()):
            found = catalog.locate(path)
            if found is None:
                known = (f"{table.full_name}.{column.name}" for table in catalog.tables for column in table.columns)
                loc = ("masks", index, "columns", at)
                raise document.invalid(loc, f"there is no column '{path}' in the catalogue.", nearest(path, known))
            yield Mask(rule.for_, found[0].full_name, found[1].name.lower(), rule.mask)


def _tagged(document: Document, loc: Loc, catalog: Catalog, group: str, tag: str, kind: str) -> Iterator[Mask]:
    tagged = [(table, c) for table in catalog.tables for c in table.columns if tag in c.tags]
    if not tagged:
        known = {name for table in catalog.tables for column in table.columns for name in column.tags}
        raise document.invalid(loc, f"no column has the tag '{tag}'.", nearest(tag, known))
    for table, column in tagged:
        yield Mask(group, table.full_name, column.name.lower(), kind)


def _tables(document: Document, loc: Loc, catalog: Catalog, pattern: str) -> tuple[Table, ...]:
    if pattern == "*":
        return without_system(catalog).tables
    if pattern.endswith(".*"):
        names = [source.name for source in catalog.sources]
        found = tuple(t for t in catalog.tables if t.source.lower() == pattern[:-2].lower())
        if pattern[:-2].lower() not in (name.lower() for name in names):
            raise document.invalid(loc, f"there is no source '{pattern[:-2]}'.", nearest(pattern[:-2], names))
        return found
    if pattern not in catalog:
        hint = nearest(pattern, (table.full_name for table in catalog.tables))
        raise document.invalid(loc, f"there is no table '{pattern}' in the catalogue.", hint)
    return (catalog.table(pattern),)


def _check_column(document: Document, loc: Loc, table: Table, name: str) -> None:
    if name not in table:
        hint = nearest(name, (column.name for column in table.columns))
        raise document.invalid(loc, f"'{table.full_name}' has no column '{name}'.", hint)
