"""Step 2: which names are tables of the catalogue, and which columns of them are read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlglot import exp

from data.catalog import Catalog, Table, nearest
from data.errors import DataError, Forbidden, NotFound
from data.gateway.flow import flow
from data.gateway.lineage import columns_read
from data.gateway.measures import expand
from data.gateway.query import Door, Query
from data.sources import default_schema


def resolve(query: Query, door: Door) -> None:
    """Set `query.references`, `ctes`, `lineage` and `flow`. Names that the caller may not see are as if they were
    not."""
    ctes: set[str] = set()
    found: list[exp.Table] = []
    _walk(query.tree, frozenset(), found, ctes)
    query.ctes = frozenset(ctes)
    query.references = [(node, _visible(node, query, door)) for node in found]
    expand(query, door)
    _strip_qualifiers(query)
    query.lineage = columns_read(query, door)
    query.flow = flow(query.tree, query.references)


def references(tree: exp.Query) -> list[exp.Table]:
    """The references to tables in a tree, without those to its CTEs."""
    found: list[exp.Table] = []
    _walk(tree, frozenset(), found, set())
    return found


def _walk(node: exp.Expr, scope: frozenset[str], found: list[exp.Table], ctes: set[str]) -> None:
    """Collect references to real tables. `scope` has the names of the CTEs that can be seen from here."""
    clause = node.args.get("with_")
    if clause is not None:
        for cte in clause.expressions:
            name = cte.alias.lower()
            # Without RECURSIVE, the name inside its own body still means the table that it shadows outside.
            _walk(cte.this, scope | {name} if clause.args.get("recursive") else scope, found, ctes)
            scope |= {name}
            ctes.add(name)
    named = isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier)
    if isinstance(node, exp.Table) and named and (node.db or node.name.lower() not in scope):
        found.append(node)
    for child in node.iter_expressions():
        if child is not clause:
            _walk(child, scope, found, ctes)


def _visible(node: exp.Table, query: Query, door: Door) -> Table:
    name = written(node)
    table = lookup(node, query.visible)
    if table is None:
        raise unseen(name, query, door)
    return table


def written(node: exp.Table) -> str:
    """The name of a table as the caller wrote it, without quotes."""
    return ".".join(part.name for part in node.parts)


def lookup(node: exp.Table, catalog: Catalog) -> Table | None:
    """The table of the catalogue that a reference names, if there is one."""
    return find([part.name for part in node.parts], catalog)


def find(parts: Sequence[str], catalog: Catalog) -> Table | None:
    """The table of `source.table`, or of `source.schema.table` with the source's usual schema."""
    if len(parts) == 3 and ".".join(parts) not in catalog:
        kind = next((source.kind for source in catalog.sources if source.name.lower() == parts[0].lower()), None)
        if kind is not None and parts[1].lower() == default_schema(kind):
            parts = [parts[0], parts[2]]
    name = ".".join(parts)
    return catalog.table(name) if len(parts) > 1 and name in catalog else None


def unseen(name: str, query: Query, door: Door) -> DataError:
    """The error for a table that is not there or may not be seen: who is restricted is not told which."""
    hint = nearest(name, (table.full_name for table in query.visible.tables))
    there = find(name.split("."), door.catalog) is not None
    if door.policy.sees_all(query.principal) and not there:
        return NotFound(f"There is no table '{name}'.", hint or "See `lakewright catalog list`.", table=name)
    remedy = hint or "See `lakewright catalog list` for those that you may see."
    return Forbidden(f"'{name}' is not among the tables that you may see.", remedy, table=name)


def _strip_qualifiers(query: Query) -> None:
    # `square.payments.amount` names the table in full; once the table is a sub-query, only its alias is left.
    aliases = _aliases(node for node, _ in query.references)
    by_name = {table.full_name.lower(): table for table in query.tables}
    for column in query.tree.find_all(exp.Column):
        parts = [part.name for part in column.parts]
        if len(parts) < 3 or parts[0].lower() in aliases:
            continue
        if ".".join(parts[:2]).lower() in by_name:
            _keep(column, 1)
        elif len(parts) == 4 and {".".join(parts[:3]).lower(), f"{parts[0]}.{parts[2]}".lower()} & by_name.keys():
            _keep(column, 2)


def _keep(column: exp.Column, start: int) -> None:
    kept = [part.copy() for part in column.parts[start:]]
    names = ("this", "table", "db", "catalog")
    for name, part in zip(names, [*reversed(kept), None, None, None], strict=False):
        column.set(name, part)


def _aliases(nodes: Iterable[exp.Table]) -> set[str]:
    return {node.alias.lower() for node in nodes if node.alias}


def alias_of(node: exp.Table) -> exp.TableAlias:
    """The alias of a reference; without one, the table's name serves."""
    alias = node.args.get("alias")
    return alias.copy() if alias is not None else exp.TableAlias(this=exp.to_identifier(node.name, quoted=True))


def reference(table: Table) -> exp.Table:
    """A reference by the names of the catalogue, under the table's own name."""
    source, name = (exp.to_identifier(part, quoted=True) for part in (table.source, table.name))
    return exp.Table(this=name, db=source, alias=exp.TableAlias(this=name.copy()))


def rename(node: exp.Table, table: Table) -> None:
    """Give a reference the names of the catalogue, whatever case, quotes or schema it was written in."""
    if not node.alias:
        node.set("alias", alias_of(node))
    own = reference(table)
    node.set("this", own.this)
    node.set("db", own.args["db"])
    node.set("catalog", None)
