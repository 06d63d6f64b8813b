"""From the policy's file to the policy: every rule is checked line by line against the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from data import buckets
from data.budget import BudgetRule, size
from data.catalog import Catalog, Column, Table, nearest
from data.document import Document
from data.documents import grants_of
from data.errors import DataError, Invalid
from data.functions import ALLOWED
from data.grants import Denial, Grant, Mask, RowFilter, WriteGrant
from data.markup import Loc
from data.policy import Policy, Principal
from data.policy_file import MaskDeclaration, PolicyDeclaration
from data.selection import column_named, columns_of, tables_of
from data.subjects import check_subjects, principals_of
from data.system import with_system


def load_policy(path: Path, catalog: Catalog) -> Policy:
    """Read, check and freeze a policy file."""
    return policy_of(Document.load(path), catalog)


def policy_of(document: Document, catalog: Catalog) -> Policy:
    """The policy that a document declares over a catalogue; Invalid names its line otherwise."""
    declared = document.read(PolicyDeclaration)
    catalog = with_system(catalog)
    principals = principals_of(document, declared)
    check_subjects(document, declared, principals)
    allowed = ALLOWED | {name.lower() for name in declared.functions.allow}
    return Policy(
        catalog=catalog,
        principals=principals,
        grants=tuple(_grants(document, declared, catalog)),
        unrestricted=frozenset(g.to for g in declared.grants if g.on == "*" and g.columns is None),
        row_filters=tuple(_row_filters(document, declared, catalog, principals, allowed)),
        column_masks=tuple(_masks(document, declared, catalog)),
        functions=allowed - {name.lower() for name in declared.functions.deny},
        denials=tuple(_denials(document, declared, catalog)),
        budgets=tuple(_budgets(document, declared)),
        documents=tuple(grants_of(document, declared, catalog)),
        writes=tuple(_writes(document, declared, catalog)),
    )


def _grants(document: Document, declared: PolicyDeclaration, catalog: Catalog) -> Iterator[Grant]:
    for index, grant in enumerate(declared.grants):
        line = document.line(("grants", index))
        for table in tables_of(document, ("grants", index), catalog, grant.on):
            for at, name in enumerate(grant.columns or ()):
                column_named(document, ("grants", index, "columns", at), table, name)
            columns = None if grant.columns is None else frozenset(name.lower() for name in grant.columns)
            yield Grant(grant.to, table.full_name, columns, line)


def _writes(document: Document, declared: PolicyDeclaration, catalog: Catalog) -> Iterator[WriteGrant]:
    """A table that a rule names may be one that is to be made; its source has to be there."""
    for index, rule in enumerate(declared.writes):
        loc = ("writes", index, "on")
        source, _, table = rule.on.partition(".")
        known = {one.name.lower(): one for one in catalog.sources if one.kind == "delta"}
        if source.lower() not in known:
            remedy = nearest(source, known) or "Write `source.*` or `source.table` of a source of kind delta."
            raise document.invalid(loc, f"'{rule.on}' names no Delta source of the catalogue.", remedy)
        if not table:
            raise document.invalid(loc, f"'{rule.on}' names no table.", f"Write '{source}.*' for all of its tables.")
        yield WriteGrant(rule.to, known[source.lower()].name, "" if table == "*" else table, document.line(loc[:2]))


def _denials(document: Document, declared: PolicyDeclaration, catalog: Catalog) -> Iterator[Denial]:
    for index, rule in enumerate(declared.deny):
        line = document.line(("deny", index))
        found: dict[str, set[str]] = {}
        for table, column, _ in columns_of(document, ("deny", index), catalog, rule.tag, rule.columns):
            found.setdefault(table.full_name, set()).add(column.name.lower())
        for name, columns in found.items():
            yield Denial(rule.for_, name, frozenset(columns), line)


def _row_filters(
    document: Document,
    declared: PolicyDeclaration,
    catalog: Catalog,
    principals: dict[str, Principal],
    functions: frozenset[str],
) -> Iterator[RowFilter]:
    for index, rule in enumerate(declared.row_filters):
        loc = ("row_filters", index)
        members = [principal for principal in principals.values() if rule.for_ in principal.groups]
        tables = tables_of(document, loc, catalog, rule.on, rule.tag)
        for table in tables:
            _check_filter(document, (*loc, "where"), rule.where, table, catalog, members)
        if tables:
            _check_functions(document, (*loc, "where"), rule.where, tables[0], catalog, functions)
        for table in tables:
            yield RowFilter(rule.for_, table.full_name, rule.where, document.line(loc))


def _check_filter(
    document: Document, loc: Loc, where: str, table: Table, catalog: Catalog, members: list[Principal]
) -> None:
    from data.gateway.filters import check

    problem = check(where, table, catalog, members)
    if problem:
        raise document.invalid(loc, f"'{where}': {problem}")


def _check_functions(
    document: Document, loc: Loc, where: str, table: Table, catalog: Catalog, functions: frozenset[str]
) -> None:
    from data.gateway.bodies import read
    from data.gateway.filters import probe

    try:
        read(probe(where, table), catalog, functions)
    except DataError as error:
        raise document.invalid(loc, f"'{where}': {error.message}", error.remedy) from None


def _masks(document: Document, declared: PolicyDeclaration, catalog: Catalog) -> Iterator[Mask]:
    for index, rule in enumerate(declared.masks):
        line = document.line(("masks", index))
        for table, column, loc in columns_of(document, ("masks", index), catalog, rule.tag, rule.columns):
            _check_size(document, index, loc, rule, column)
            yield Mask(rule.for_, table.full_name, column.name.lower(), rule.mask, rule.size, line)


def _check_size(document: Document, index: int, loc: Loc, rule: MaskDeclaration, column: Column) -> None:
    if rule.mask != "bucket":
        if rule.size is not None:
            at = ("masks", index, "size")
            raise document.invalid(at, f"a '{rule.mask}' mask has no size.", "Remove it: only `bucket` has one.")
        return
    if rule.size is None:
        raise document.invalid(("masks", index), "'size' is missing.", "Add it, such as 100 or month.")
    problem = buckets.problem(column, rule.size)
    if problem:
        raise document.invalid(loc, problem, "Change the `size`, or choose another mask.")


def _budgets(document: Document, declared: PolicyDeclaration) -> Iterator[BudgetRule]:
    for index, rule in enumerate(declared.budgets):
        loc = ("budgets", index)
        scan, memory = (_size(document, (*loc, name), getattr(rule, name)) for name in ("scan", "memory"))
        yield BudgetRule(
            rule.for_,
            rule.rows,
            scan,
            rule.seconds,
            memory,
            rule.concurrency,
            rule.requests,
            rule.tokens,
            document.line(loc),
        )


def _size(document: Document, loc: Loc, text: int | str | None) -> int | None:
    try:
        return None if text is None else size(text)
    except Invalid as error:
        raise document.invalid(loc, error.message, error.remedy) from None
