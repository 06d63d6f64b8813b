"""The columns that a task names, put into the SQL: a program's output is a contract, so its words count."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from agents import statement
from agents.columns import measures, times
from data.catalog import Catalog, Table
from data.naming import single, words

_UNITS = {"day": "day", "date": "day", "week": "week", "month": "month", "quarter": "quarter", "year": "year"}
_WHEN = {"first", "last", "date", "time", "when", "latest", "earliest", "newest", "oldest", "at", "day", "moment"}
_CUTS = (exp.TimestampTrunc, exp.DateTrunc)
_PARTS: dict[str, type[exp.Expr]] = {
    "year": exp.Year, "month": exp.Month, "quarter": exp.Quarter, "day": exp.Day, "hour": exp.Hour,
    "weekday": exp.Dayname,
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A column of a table under the alias that it has in a query."""

    alias: str
    table: Table
    column: str
    bare: bool

    @property
    def node(self) -> exp.Column:
        return exp.column(
            self.column, table=None if self.bare else self.alias, quoted=False if self.column.isidentifier() else None
        )


def arranged(sql: str, outputs: tuple[str, ...], catalog: Catalog) -> str | None:
    """The query with the outputs that are asked for, in their order; None where it has not all of them.

    What names a column of one of its tables becomes that column, grouped by where the query has groups; what does not
    is one of the numbers that the query computes, in their order.
    """
    tree = statement.query(sql)
    if not outputs or not isinstance(tree, exp.Select):
        return None
    if isinstance(tree.args["from_"].this, exp.Subquery):
        return sql if len(tree.selects) == len(outputs) else None
    tables = list(_tables(tree, catalog))
    if not tables:
        return None
    grouped = tree.args.get("group") is not None or any(_aggregates(item) for item in tree.selects)
    if spread := _spread(tree, outputs):
        return spread
    items = [_found(output, tree, tables, grouped=grouped) for output in outputs]
    left = [item for item in _numbers(tree) if not any(item is one for one in items)]
    for counted in (True, False):
        for at, output in enumerate(outputs):
            if items[at] is None and _counts(output, tables) is counted:
                items[at] = _number(output, left, tables, counted=counted)
    if any(item is None for item in items) or len({item.sql() for item in items if item}) < len(items):
        return None
    chosen = [item.copy() for item in items if item is not None]
    if grouped and _by_size(tree, chosen, tables, catalog):
        return None
    if grouped:
        _group(tree, chosen)
    _settle(tree)
    tree.set("expressions", chosen)
    return tree.sql(dialect=statement.DIALECT)


def _by_size(tree: exp.Select, chosen: list[exp.Expr], tables: list[Place], catalog: Catalog) -> bool:
    """Whether rows would be put together by a number of their own, which the query does not do."""
    group = tree.args.get("group")
    keys = {key.sql() for key in group.expressions} if group else set()
    sizes = {
        (place.alias, place.column)
        for place in tables
        if place.column in {column.name for column in measures(catalog, place.table)}
    }
    base = tree.args["from_"].this.alias_or_name
    new = [item for item in chosen if isinstance(item, exp.Column) and item.sql() not in keys]
    return any((item.table or base, item.name) in sizes for item in new)


def _aggregates(item: exp.Expr) -> bool:
    """Whether an output is made of many rows; what only looks at other rows is not."""
    return any(found.find_ancestor(exp.Window) is None for found in item.find_all(exp.AggFunc))


def _spread(tree: exp.Select, outputs: tuple[str, ...]) -> str:
    """The query as it is where the outputs are the values that its numbers are of, besides its groups; "" else."""
    filters = [item.find(exp.Filter) for item in tree.selects]
    numbers = [found for found in filters if found is not None]
    values = [next((one.name for one in found.find_all(exp.Literal) if one.is_string), "") for found in numbers]
    named = [output.lower() for output in outputs]
    keys = len(tree.selects) - len(numbers)
    if len(numbers) > 1 and [value.lower() for value in values] in (named, named[keys:]):
        return tree.sql(dialect=statement.DIALECT)
    return ""


def _counts(output: str, places: list[Place]) -> bool:
    """Whether an output is a number of rows: 'number of plays', 'plays', 'how many'."""
    said = [single(word) for word in words(output)]
    bare = [word for word in said if word not in ("number", "count", "of", "total", "new", "the", "how", "many")]
    return "number" in said or "count" in said or said[:2] == ["how", "many"] or bare == [single(places[0].table.name)]


def _numbers(tree: exp.Select) -> list[exp.Expr]:
    """What the query computes: what it shows, then what it only orders or bounds its groups by."""
    shown = [item for item in tree.selects if item.find(exp.AggFunc, exp.Window, exp.Binary, exp.DateDiff)]
    hidden = [tree.args.get(part) for part in ("order", "having")]
    inner = [found for part in hidden if part is not None for found in part.find_all(exp.AggFunc)]
    known = {item.unalias().sql() for item in shown}
    return [
        *shown,
        *(item for item in inner if item.sql() not in known and not item.find_ancestor(exp.Div, exp.Filter)),
    ]


def _number(output: str, left: list[exp.Expr], places: list[Place], *, counted: bool) -> exp.Expr | None:
    """The next number of the query for an output: a count of rows for one that counts, else anything else first."""
    fit = [item for item in left if _is_moment(item, places) <= bool(_WHEN & set(words(output)))]
    able = [item for item in fit if _of_rows(item) is counted] or ([] if counted else fit)
    able = [item for item in left if _distinct_of(item, output)] or able
    if able:
        left[:] = [item for item in left if item is not able[0]]
        return able[0]
    return exp.Count(this=exp.Star()) if counted else _different(output, places)


def _is_moment(item: exp.Expr, places: list[Place]) -> bool:
    """Whether it is the first or last of some moments: no amount."""
    inner = item.unalias()
    if not isinstance(inner, (exp.Min, exp.Max)) or not isinstance(inner.this, exp.Column):
        return False
    name = inner.this.name.lower()
    return any(
        place.column.lower() == name and place.column in {c.name for c in times(place.table)} for place in places
    )


def _of_rows(item: exp.Expr) -> bool:
    count = item.find(exp.Count)
    return count is not None and not isinstance(count.this, exp.Distinct)


def _distinct_of(item: exp.Expr, output: str) -> bool:
    """Whether it counts the different things that an output names: `senders` of `count(DISTINCT sender_id)`."""
    count = item.find(exp.Count)
    column = count.this.find(exp.Column) if count is not None and isinstance(count.this, exp.Distinct) else None
    return column is not None and words(column.name)[0] in {single(word) for word in words(output)}


def _different(output: str, places: list[Place]) -> exp.Expr | None:
    """'cards', 'different cards': how many the rows point at."""
    stem = single(words(output)[-1]) if words(output) else ""
    for place in places:
        if place.alias == places[0].alias and words(place.column) == [stem, "id"]:
            return exp.Count(this=exp.Distinct(expressions=[place.node]))
    return None


def _tables(tree: exp.Select, catalog: Catalog) -> Iterator[Place]:
    """Every column of the tables of a query."""
    nodes = statement.sources(tree)
    for node in nodes:
        table = statement.table(node, catalog)
        if table is not None:
            yield from (Place(node.alias_or_name, table, column.name, len(nodes) == 1) for column in table.columns)


def _found(output: str, tree: exp.Select, places: list[Place], *, grouped: bool) -> exp.Expr | None:
    """The expression that an output names, if it names a column, a part of time, or the title of a thing."""
    said = tuple(words(output))
    if part := _period(said, tree):
        return part
    exact = [place for place in places if tuple(words(place.column)) == said or place.column.lower() == output.lower()]
    if not exact and said in (("id",), ("name",), ("title",)):
        base = places[0].table
        wanted = base.key if said == ("id",) else base.label
        exact = [place for place in places if place.column == wanted and place.table is base]
    if not exact and said[:1] == ("when",):
        base = places[0].table
        exact = [place for place in places if place.table is base and place.column == (base.time or "")]
    if not exact:
        exact = list(_titled(said, places))
    if grouped:
        exact = [place for place in exact if not _measured(place, tree)]
    return _best(exact, tree, places) if exact else None


def _measured(place: Place, tree: exp.Select) -> bool:
    """Whether a query over groups only aggregates a column."""
    inside = [node for node in tree.find_all(exp.Column) if node.name.lower() == place.column.lower()]
    return any(node.find_ancestor(exp.AggFunc) is not None for node in inside)


def _period(said: tuple[str, ...], tree: exp.Select) -> exp.Expr | None:
    for item in tree.selects:
        node = item.unalias()
        if len(said) == 1 and isinstance(node, _CUTS) and _UNITS.get(said[0]) == node.args["unit"].name.lower():
            return node
        if len(said) == 1 and said[0] in _PARTS and isinstance(node, _PARTS[said[0]]):
            return node
    return None


def _titled(said: tuple[str, ...], places: list[Place]) -> Iterator[Place]:
    """'merchant name': a column of the table that the first words name."""
    for place in places:
        table, column = (tuple(words(name)) for name in (place.table.name, place.column))
        alias = tuple(words(place.alias))
        for name in {table, tuple(_singular(word) for word in table), alias}:
            if said == name and place.column == place.table.label and place.alias != places[0].alias:
                yield place
            if said == (*name, *column) or (
                said[-1:] in (("name",), ("title",)) and said[:-1] == name and place.column == place.table.label
            ):
                yield place


def _best(exact: list[Place], tree: exp.Select, places: list[Place]) -> exp.Expr:
    """The one that the query shows already, else that of the table which is joined last: `name` of what it is about."""
    shown = {item.unalias().sql().lower() for item in tree.selects}
    for place in exact:
        if place.node.sql().lower() in shown:
            return place.node
    aliases = list(dict.fromkeys(place.alias for place in places))
    grouped = tree.args.get("group") is not None
    keyed = [place for place in exact if place.column == place.table.key]
    pool = keyed if keyed and grouped else exact
    return min(pool, key=lambda place: aliases.index(place.alias)).node


def _group(tree: exp.Select, items: list[exp.Expr]) -> None:
    """Group by what is shown, with the keys that kept things of one name apart."""
    shown = [item.unalias() for item in items if not item.find(exp.AggFunc, exp.Window)]
    group = tree.args.get("group")
    if group is None:
        return
    before = list(_grouped(tree, group))
    texts = {node.sql().lower() for node in shown}
    tables = {node.table for node in shown if isinstance(node, exp.Column)}
    own = [node for node in before if node.sql().lower() not in texts and _identifies(node, tables)]
    tree.set("group", exp.Group(expressions=[node.copy() for node in (*own, *shown)]))


def _grouped(tree: exp.Select, group: exp.Group) -> Iterator[exp.Expr]:
    if group.args.get("all"):
        yield from (item.unalias() for item in tree.selects if not item.find(exp.AggFunc, exp.Window))
    for node in group.expressions:
        number = int(node.name) if isinstance(node, exp.Literal) and node.is_int else 0
        yield tree.selects[number - 1].unalias() if 0 < number <= len(tree.selects) else node


def _identifies(node: exp.Expr, tables: set[str]) -> bool:
    """Whether grouping by it besides the shown columns keeps rows of one title apart."""
    return isinstance(node, exp.Column) and node.table in tables and node.name.lower().endswith("id")


def _settle(tree: exp.Select) -> None:
    """Numbers in ORDER BY become what they stand for, as the outputs change their places."""
    for item in (tree.args.get("order") or exp.Order(expressions=[])).expressions:
        if isinstance(item.this, exp.Literal) and item.this.is_int:
            item.set("this", tree.selects[int(item.this.name) - 1].unalias().copy())


def _singular(word: str) -> str:
    return re.sub(r"(?<=[^s])s$", "", word)
