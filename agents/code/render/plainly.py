"""A query said in the few shapes that a plan is made of.

People say the same in many ways: `EXISTS` or `IN`, a condition in ON or in WHERE, a step before in WITH or in FROM, the
hours between two moments as a difference or by a function. Each rewriting here keeps the rows.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

from sqlglot import exp

from agents import statement
from agents.code.render.expressions import bare
from agents.code.render.naming import unique
from agents.code.render.plan import ELAPSED, Unsupported
from data.catalog import Catalog

_PARTS: dict[str, type[exp.Expr]] = {
    "YEAR": exp.Year, "QUARTER": exp.Quarter, "MONTH": exp.Month, "DAY": exp.Day, "HOUR": exp.Hour,
    "DAYOFWEEK": exp.DayOfWeek, "DOW": exp.DayOfWeek, "ISODOW": exp.DayOfWeekIso,
}  # fmt: skip
_SECONDS = {"SECOND": 1, "MINUTE": 60, "HOUR": 3600, "DAY": 86_400, "WEEK": 604_800}
_COMPARED = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)


def plainly(tree: exp.Expr, catalog: Catalog) -> exp.Expr:
    """The same query in plain shapes; Unsupported for what can only be said otherwise."""
    return reduce(lambda said, rewrite: rewrite(said), REWRITINGS, _using(_before(tree.copy()), catalog))


def _before(tree: exp.Expr) -> exp.Expr:
    """WITH as the sub-queries that it stands for."""
    known: dict[str, exp.Expr] = {}
    with_ = tree.args.get("with_")
    if with_ is None:
        return tree
    if with_.args.get("recursive"):
        raise Unsupported.of(tree)
    for made in with_.expressions:
        if made.args["alias"].args.get("columns"):
            raise Unsupported.of(made)
        known[made.alias.lower()] = _inlined(made.this.copy(), known)
    tree.set("with_", None)
    return _inlined(tree, known)


def _inlined(tree: exp.Expr, known: dict[str, exp.Expr]) -> exp.Expr:
    for table in list(tree.find_all(exp.Table)):
        query = known.get(table.name.lower())
        if query is not None and not table.db:
            made = exp.Subquery(this=query.copy(), alias=exp.TableAlias(this=exp.to_identifier(table.alias_or_name)))
            made.set("joins", table.args.get("joins"))
            table.replace(made)
    return tree


def _using(tree: exp.Expr, catalog: Catalog) -> exp.Expr:
    """USING as the equality that it stands for."""
    for select in tree.find_all(exp.Select):
        sides = [select.args["from_"].this] if select.args.get("from_") else []
        for join in select.args.get("joins") or ():
            names = [name.name for name in join.args.get("using") or ()]
            if names:
                join.set("using", None)
                join.set("on", exp.and_(*(_same(name, sides, join, select, catalog) for name in names)))
            sides.append(join.this)
    return tree


def _same(name: str, sides: list[exp.Expr], join: exp.Join, select: exp.Select, catalog: Catalog) -> exp.Expr:
    """The equality of a column with the one of the first table that has it, whose name it then goes by."""
    left = next((side for side in sides if name in _names(side, catalog)), None)
    if left is None:
        raise Unsupported.of(join)
    for found in _own(select, exp.Column):
        if not found.args.get("table") and found.name == name:
            found.set("table", exp.to_identifier(left.alias_or_name))
    return exp.EQ(this=exp.column(name, left.alias_or_name), expression=exp.column(name, join.this.alias_or_name))


def _names(side: exp.Expr, catalog: Catalog) -> list[str]:
    """The columns of a table or a sub-query."""
    if isinstance(side, exp.Subquery):
        return [str(item.alias_or_name) for item in side.this.selects]
    table = statement.table(side, catalog)
    return [column.name for column in table.columns] if table else []


def _parts(tree: exp.Expr) -> exp.Expr:
    """EXTRACT as the function of its part."""
    for node in list(tree.find_all(exp.Extract)):
        made = _PARTS.get(node.this.name.upper())
        if made is None:
            raise Unsupported.of(node)
        tree = _put(tree, node, made(this=node.expression))
    return tree


def _floors(tree: exp.Expr) -> exp.Expr:
    """`floor(year / 10)` as the whole division that it is: parts of a time are whole and not below zero."""
    for node in list(tree.find_all(exp.Floor)):
        inner = node.this
        if isinstance(inner, exp.Div) and isinstance(inner.this, tuple(_PARTS.values())):
            tree = _put(tree, node, exp.IntDiv(this=inner.this, expression=inner.expression))
    return tree


def _elapsed(tree: exp.Expr) -> exp.Expr:
    """Differences of moments as the seconds between them."""
    for difference in list(tree.find_all(exp.Sub)):
        sides = (difference.this, difference.expression)
        if all(_is_epoch(side) for side in sides):
            tree = _put(tree, difference, _between(*(_epoch_of(side) for side in sides)))
    for node in [found for found in tree.find_all(exp.Expr) if _is_epoch(found)]:
        inner = bare(_epoch_of(node))
        if isinstance(inner, exp.Sub):
            tree = _put(tree, node, _between(inner.this, inner.expression))
    for test in list(tree.find_all(*_COMPARED)):
        left, right = bare(test.this), bare(test.expression)
        if isinstance(left, exp.Sub) and isinstance(right, exp.Interval):
            test.set("this", _between(left.this, left.expression))
            test.set("expression", exp.Literal.number(_seconds(right)))
    return tree


def _is_epoch(node: exp.Expr) -> bool:
    return isinstance(node, (exp.Anonymous, exp.TimeToUnix)) and (
        isinstance(node, exp.TimeToUnix) or node.name.upper() == "EPOCH"
    )


def _epoch_of(node: exp.Expr) -> exp.Expr:
    made: exp.Expr = node.expressions[0] if isinstance(node, exp.Anonymous) else node.this
    return made


def _between(end: exp.Expr, start: exp.Expr) -> exp.Expr:
    return exp.DateDiff(this=end.copy(), expression=start.copy(), unit=exp.var(ELAPSED))


def _seconds(interval: exp.Interval) -> int:
    unit, amount = interval.text("unit").upper().removesuffix("S"), interval.this
    if unit not in _SECONDS or not isinstance(amount, exp.Literal) or not amount.name.isdigit():
        raise Unsupported.of(interval)
    return int(amount.name) * _SECONDS[unit]


def _joins(tree: exp.Expr) -> exp.Expr:
    """What else ON asks in WHERE, or, where rows without a partner stay, in a sub-query."""
    for select in list(tree.find_all(exp.Select)):
        for join in select.args.get("joins") or ():
            on = join.args.get("on")
            tests = list(on.flatten()) if isinstance(on, exp.And) else [on] if on is not None else []
            other = [test for test in tests if not _is_link(test, join.this.alias_or_name)]
            if not other or len(other) == len(tests):
                continue
            join.set("on", exp.and_(*(test for test in tests if test not in other)))
            if join.side:
                _narrowed(join, other)
            else:
                select.where(*(test.copy() for test in other), copy=False)
    return tree


def _is_link(test: exp.Expr, alias: str) -> bool:
    sides = (test.this, test.expression) if isinstance(test, exp.EQ) else ()
    if not sides or not all(isinstance(side, exp.Column) for side in sides):
        return False
    return [side.table == alias for side in sides].count(True) == 1


def _narrowed(join: exp.Join, tests: list[exp.Expr]) -> None:
    """A left join to those rows alone that meet the tests."""
    alias = join.this.alias_or_name
    columns = [column for test in tests for column in test.find_all(exp.Column)]
    if not isinstance(join.this, exp.Table) or any(column.table != alias for column in columns):
        raise Unsupported.of(join)
    inner = exp.select("*").from_(join.this.copy()).where(*(test.copy() for test in tests))
    join.set("this", exp.Subquery(this=inner, alias=exp.TableAlias(this=exp.to_identifier(alias))))


def _among(tree: exp.Expr) -> exp.Expr:
    """EXISTS over rows with the same key as `key IN`; the rows without a key have no such rows."""
    for node in list(tree.find_all(exp.Exists)):
        query = node.this
        if not isinstance(query, exp.Select) or query.args.get("group") or query.args.get("limit"):
            raise Unsupported.of(node)
        inner, outer = _correlated(query)
        among = query.copy()
        among.set("expressions", [inner.copy()])
        made: exp.Expr = exp.In(this=outer.copy(), query=exp.Subquery(this=among))
        tree = _put(tree, node, made)
    return tree


def _correlated(query: exp.Select) -> tuple[exp.Column, exp.Column]:
    """The only equality of a sub-query with a row outside, taken out of it: (its own column, the one outside)."""
    own = _within(query)
    where = query.args.get("where")
    tests = list(where.this.flatten()) if where is not None and isinstance(where.this, exp.And) else []
    tests = tests or ([where.this] if where is not None else [])
    outside = [test for test in tests if any(c.table and c.table.lower() not in own for c in test.find_all(exp.Column))]
    if len(outside) != 1 or not isinstance(outside[0], exp.EQ):
        raise Unsupported.of(query)
    sides = [outside[0].this, outside[0].expression]
    if not all(isinstance(side, exp.Column) for side in sides):
        raise Unsupported.of(query)
    sides.sort(key=lambda side: side.table.lower() not in own)
    rest = [test for test in tests if test is not outside[0]]
    query.set("where", exp.Where(this=exp.and_(*rest)) if rest else None)
    return sides[0], sides[1]


def _values(tree: exp.Expr) -> exp.Expr:
    """A number of the rows with the same key, computed for each row, as a join with the numbers of all keys."""
    for select in list(tree.find_all(exp.Select)):
        taken = {table.alias_or_name for table in statement.sources(select)}
        for node in [found for found in _own(select, exp.Subquery) if _is_value(found)]:
            inner, outer = _correlated(node.this)
            query, name = node.this.copy(), unique("same", taken)
            taken.add(name)
            value = query.selects[0].unalias()
            if not value.find(exp.AggFunc):
                raise Unsupported.of(node)
            query.set("expressions", [exp.alias_(inner.copy(), "same_key"), exp.alias_(value, "same_value")])
            query.set("group", exp.Group(expressions=[exp.Literal.number(1)]))
            on = exp.EQ(this=exp.column("same_key", name), expression=outer.copy())
            joined = exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier(name)))
            select.append("joins", exp.Join(this=joined, side="LEFT", on=on))
            found: exp.Expr = exp.column("same_value", name)
            zero = isinstance(value, exp.Count)
            node.replace(exp.Coalesce(this=found, expressions=[exp.Literal.number(0)]) if zero else found)
    return tree


def _is_value(node: exp.Expr) -> bool:
    """Whether a sub-query is a value that depends on a row outside."""
    query = node.this
    if isinstance(node.parent, (exp.From, exp.Join, exp.In)) or not isinstance(query, exp.Select):
        return False
    return any(column.table and column.table.lower() not in _within(query) for column in query.find_all(exp.Column))


def _orders(tree: exp.Expr) -> exp.Expr:
    """ORDER BY the name of an output as its place: a column of several tables may be called so too."""
    for select in tree.find_all(exp.Select):
        places = {item.alias_or_name.lower(): n for n, item in enumerate(select.selects, 1) if item.alias_or_name}
        for item in select.args["order"].expressions if select.args.get("order") else ():
            named = isinstance(item.this, exp.Column) and not item.this.table
            if named and (place := places.get(item.this.name.lower())):
                item.set("this", exp.Literal.number(place))
    return tree


REWRITINGS: tuple[Callable[[exp.Expr], exp.Expr], ...] = (
    _parts, _floors, _elapsed, _joins, _among, _values, _orders,
)  # fmt: skip


def _put(tree: exp.Expr, node: exp.Expr, made: exp.Expr) -> exp.Expr:
    """The tree with one node in the place of another."""
    if node is tree:
        return made
    node.replace(made)
    return tree


def _within(query: exp.Expr) -> set[str]:
    """The names of all tables of a query and of the queries in it."""
    return {table.alias_or_name.lower() for select in query.find_all(exp.Select) for table in statement.sources(select)}


def _own(select: exp.Select, kind: type[exp.Expr]) -> list[exp.Expr]:
    """The nodes of a kind in a SELECT, without those of the queries in it."""
    inner = [node for node in select.find_all(exp.Select) if node is not select]
    deep = {id(found) for query in inner for found in query.walk()}
    return [node for node in select.find_all(kind) if id(node) not in deep]
