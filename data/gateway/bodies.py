"""What views are made of, read with the rights of whoever wrote the catalogue or of whoever asks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import cast

from data.audit import Audit
from data.catalog import Catalog, Column, Table, nearest
from data.engines.parser import Parser
from data.errors import Forbidden, NotFound, Unavailable
from data.gateway.authorise import authorise
from data.gateway.parse import parse
from data.gateway.query import Door, Query, SourceUse
from data.gateway.resolve import lookup, references, rename, resolve, written
from data.policy import Policy, Principal
from data.shapes import columns_of
from data.sources.base import State

DEFINER = Principal("definer", frozenset({":definer"}))
"""Whoever wrote the catalogue. No rule can name its group, as no group's name has a colon."""

LIVE = "live"
"""The version of what has none."""


def read(sql: str, catalog: Catalog, functions: frozenset[str]) -> Query:
    """A SELECT that has passed the steps of every query, but for the last ones, with the whole catalogue in
    sight. Raises what a query raises."""
    return _passed(sql, DEFINER, catalog, _door(catalog, functions))


def named(sql: str, catalog: Catalog) -> tuple[Table, ...]:
    """The tables that stand in one SELECT. NotFound for one that is not in the catalogue."""
    query = Query(DEFINER, sql, catalog)
    parse(query, _door(catalog, frozenset()))
    found = []
    for node in references(query.tree):
        table = lookup(node, catalog)
        if table is None:
            hint = nearest(written(node), (known.full_name for known in catalog.tables))
            raise NotFound(f"There is no table '{written(node)}' in the catalogue.", hint)
        found.append(table)
    return tuple(found)


def shape(sql: str, catalog: Catalog, functions: frozenset[str]) -> tuple[Query, tuple[Column, ...]]:
    """A SELECT as `read` gives it, and its columns. Raises what a query raises."""
    query = read(sql, catalog, functions)
    for node, table in query.references:
        rename(node, table)
    return query, columns_of(query.tree, query.tables)


def body(table: Table, principal: Principal, visible: Catalog, door: Door) -> Query:
    """What a view is made of, not yet rewritten. With `invoker` rights it is read as if the principal had
    written it, and Forbidden where they may not; the error names no more than the view."""
    view = door.catalog.table(table.full_name).view
    if view is None:
        raise Unavailable(f"'{table.full_name}' is no view.", "Ask again.")
    if view.rights == "invoker":
        return _invoked(table, view.sql, principal, visible, door)
    return _passed(view.sql, DEFINER, door.catalog, door)


def beneath(query: Query) -> tuple[Table, ...]:
    """The tables of stores that a rewritten query reads, each once."""
    return tuple({table.full_name: table for _, table in query.scanned}.values())


def version(query: Query, versions: Iterable[str]) -> str:
    """The version of a view: it changes with its definition and with the rows of every table beneath it."""
    known = list(versions)
    return LIVE if LIVE in known else ".".join((_definition(query), *known))


def uses(query: Query) -> tuple[SourceUse, ...]:
    """What an answer says it was made of: the tables that the caller named, and of what views are made of
    those tables that the caller may see. A view is there under its own name."""
    scans = {} if query.plan is None else {scan.table.full_name: scan for scan in query.plan.scans.values()}
    named = {table.full_name for table in query.tables}
    for view in query.bodies.values():
        named |= {table.full_name for table in beneath(view) if table.full_name in query.visible}
    found = [SourceUse(name, *_told(s.state)) for name, s in scans.items() if name in named]
    for name, view in query.bodies.items():
        states = [scans[table.full_name].state for table in beneath(view)]
        fresh, whole = _oldest(s.freshness for s in states), _oldest(s.watermark for s in states)
        found.append(SourceUse(name, version(view, (state.version for state in states)), fresh, whole))
    return tuple(found)


def _told(state: State) -> tuple[str, datetime | None, datetime | None]:
    return state.version, state.freshness, state.watermark


def _oldest(moments: Iterable[datetime | None]) -> datetime | None:
    """The earliest of them, unknown where one is."""
    known = list(moments)
    return None if None in known else min((m for m in known if m is not None), default=None)


def _passed(sql: str, principal: Principal, visible: Catalog, door: Door) -> Query:
    query = Query(principal, sql, visible)
    for step in (parse, resolve, authorise):
        step(query, door)
    return query


def _door(catalog: Catalog, functions: frozenset[str]) -> Door:
    """A door for reading alone: nothing runs behind it and nothing is recorded."""
    policy = Policy(catalog, {}, (), frozenset(), (), (), functions)
    return Door(catalog, policy, {}, _parser(), cast(Audit, None))


def _invoked(table: Table, sql: str, principal: Principal, visible: Catalog, door: Door) -> Query:
    try:
        return _passed(sql, principal, visible, door)
    except (Forbidden, NotFound):
        remedy = "Ask the owner of the policy for it, or leave it out."
        raise Forbidden(f"The view '{table.full_name}' reads what you may not see.", remedy) from None


def _definition(query: Query) -> str:
    texts = [query.asked, *(_definition(inner) for inner in query.bodies.values())]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:8]


@lru_cache(maxsize=1)
def _parser() -> Parser:
    return Parser()
