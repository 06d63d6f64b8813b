"""What a query does, read from its tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from sqlglot import exp

from agents.columns import NUMERIC
from data.catalog import Catalog, Column
from data.units import YEAR

LASTING = frozenset({"s", "min", "h", "ms", "days", "weeks", "months", "years"})
"""Units of how long something takes."""
PLACES = ("shown", "computed", "where", "grouped", "ordered")
AGGREGATES = {"count": exp.Count, "sum": exp.Sum, "average": exp.Avg, "median": exp.Median}


@dataclass(frozen=True)
class Shape:
    """A query in the catalogue's own names; columns are full names, `source.table.column`."""

    tree: exp.Query
    catalog: Catalog

    @cached_property
    def outer(self) -> exp.Select:
        """The query itself, without its sub-queries."""
        found = self.tree.find(exp.Select)
        assert found is not None
        return found

    @cached_property
    def items(self) -> tuple[exp.Expr, ...]:
        """What it shows."""
        return tuple(item.unalias() for item in self.outer.selects)

    @cached_property
    def bare(self) -> tuple[exp.Expr, ...]:
        """What it shows of rows or groups, rather than computing it over them."""
        return tuple(item for item in self.items if not item.find(exp.AggFunc))

    @cached_property
    def does(self) -> frozenset[str]:
        """The forms in which it answers, by the names that cues have."""
        computed = [item for item in self.items if item.find(exp.AggFunc)]
        found = {name: any(item.find(kind) for item in computed) for name, kind in AGGREGATES.items()}
        found |= {name: bool(tests) for name, tests in self._tests.items()}
        found["negation"] = found.get("negation", False) or found.get("absent", False)
        found |= {
            "things": bool(self.bare),
            "groups": bool(self.bare) and bool(computed),
            "extreme": self.tree.find(exp.Limit, exp.Qualify, exp.Max, exp.Min) is not None,
            "share": any(_is_share(item) for item in computed),
            "each": any(isinstance(i, exp.Div) and not _is_share(i) and not _by(i) for i in computed),
            "difference": any(item.find(exp.Sub) for item in self.items),
            "distinct": self.tree.find(exp.Distinct) is not None,
            "duration": self.tree.find(exp.DateDiff) is not None,
            "when": bool(self.times),
            "counted": any(having.find(exp.Count) for having in self.tree.find_all(exp.Having)),
            "told": self._tells_rank,
            "running": any(isinstance(item, exp.Window) and bool(item.args.get("order")) for item in self.items),
            "converted": any(_by(item) for item in self.tree.find_all(exp.Div)),
        }
        return frozenset(name for name, there in found.items() if there)

    @cached_property
    def times(self) -> frozenset[str]:
        """The days, times and years that it shows."""
        columns = (column for item in self.bare for column in item.find_all(exp.Column))
        return frozenset(self.named(column) for column in columns if self.tells_time(column))

    @property
    def _tells_rank(self) -> bool:
        """Whether it shows, beside what it chooses, by what: the first of all, or those of which there are so many."""
        by = [each.this for each in self.tree.find_all(exp.Ordered)] if self.descending is not None else []
        by += [each for having in self.tree.find_all(exp.Having) for each in having.find_all(exp.AggFunc)]
        return len(self.items) > 1 and bool({each.sql() for each in by} & {item.sql() for item in self.items})

    @cached_property
    def _tests(self) -> dict[str, list[exp.Expr]]:
        """Conditions by kind. That the rows of a sub-query have a key is no condition of anybody's."""
        found: dict[str, list[exp.Expr]] = {}
        for node in (each for clause in self.clauses for each in clause.walk()):
            if (kind := self._kind(node)) and not _is_guard(node):
                found.setdefault(kind, []).append(node)
            if isinstance(node, exp.In | exp.Is) and kind == "negation" and not _is_guard(node):
                found.setdefault("absent", []).append(node)
        return found

    @property
    def present(self) -> frozenset[str]:
        """The columns that it wants to hold anything at all."""
        tests = (node.this for node in self._tests.get("present", ()))
        return frozenset(self.named(column) for column in tests if isinstance(column, exp.Column))

    def _kind(self, node: exp.Expr) -> str:
        negated = isinstance(node.parent, exp.Not)
        match node:
            case exp.Is() if isinstance(node.expression, exp.Null):
                return "present" if negated else "negation"
            case exp.In() if node.args.get("query") is not None:
                return "negation" if negated else "member"
            case exp.Boolean() | exp.NEQ():
                return "negation" if isinstance(node, exp.NEQ) or not node.this else "flag"
            case exp.ILike():
                return "search"
            case exp.GT() | exp.LT() | exp.GTE() | exp.LTE() | exp.EQ():
                if node.find(exp.Avg) and node.find(exp.Subquery):
                    return "beyond"
                sides = (node.this, node.expression)
                both = all(isinstance(side, exp.Column) or _times_column(side) for side in sides)
                return "compared" if both else ""
            case exp.Or():
                return "both"
        return ""

    @property
    def clauses(self) -> Iterator[exp.Expr]:
        """Its conditions, those of its parts too."""
        for clause in self.tree.find_all(exp.Where, exp.Filter):
            if clause.find_ancestor(exp.Where, exp.Filter) is None:
                yield clause

    @cached_property
    def tables(self) -> frozenset[str]:
        """The tables that it reads, by full name."""
        return frozenset(self._scope.values())

    @cached_property
    def base(self) -> str:
        """The table that it starts from."""
        named = self.outer.args.get("from_") or self.outer.args.get("from")
        table = named.this if named is not None else None
        return f"{table.db}.{table.name}" if isinstance(table, exp.Table) else ""

    @cached_property
    def twice(self) -> bool:
        """Whether it joins a table with itself; two roles of one table, such as where from and where to, are none."""
        inner = (each.this for query in self.tree.find_all(exp.In) if (each := _base(query.args.get("query"))))
        return any(self._scope.get(one) == self._scope.get(other) for one, other in self._joins) or any(
            isinstance(table, exp.Table) and f"{table.db}.{table.name}" == self.base for table in inner
        )

    @cached_property
    def _joins(self) -> list[tuple[str, str]]:
        """The aliases that each join of the query itself connects."""
        own = (join for join in self.outer.find_all(exp.Join) if join.find_ancestor(exp.Select) is self.outer)
        on = (join.args.get("on") for join in own)
        ends = ([column.table for column in each.find_all(exp.Column)] for each in on if each)
        return [(pair[0], pair[1]) for pair in ends if len(pair) == 2]

    def hanging(self, needed: frozenset[str]) -> int:
        """How many of its tables neither are `needed`, by alias, nor stand between two that are."""
        left, links = {alias for link in self._joins for alias in link}, list(self._joins)
        while bare := [a for a in left - needed if sum(a in link for link in links) < 2]:
            left -= {*bare}
            links = [link for link in links if not {*bare} & {*link}]
        return len({alias for link in self._joins for alias in link}) - len(left)

    @cached_property
    def aliases(self) -> dict[str, str]:
        """The full names of the tables of the query itself, by alias."""
        own = {alias for link in self._joins for alias in link}
        return {alias: name for alias, name in self._scope.items() if alias in own}

    @cached_property
    def speaking(self) -> frozenset[str]:
        """The aliases of which it uses a column for more than joining, and that what a sub-query is of."""
        columns = self.tree.find_all(exp.Column)
        return frozenset(column.table for column in columns if column.find_ancestor(exp.Join) is None)

    @cached_property
    def joined(self) -> frozenset[str]:
        """The columns by which it joins."""
        on = (join.args.get("on") for join in self.tree.find_all(exp.Join))
        return frozenset(self.named(column) for each in on if each for column in each.find_all(exp.Column))

    @cached_property
    def _scope(self) -> dict[str, str]:
        """Full names by alias; an inner alias that an outer one has too means the same table."""
        named = ((table.alias_or_name, f"{table.db}.{table.name}") for table in self.tree.find_all(exp.Table))
        return {alias: name for alias, name in named if name in self.catalog}

    def named(self, column: exp.Column) -> str:
        """The full name of a column; "" where it is of no table."""
        if column.table:
            owner = self._scope.get(column.table, "")
            known = owner in self.catalog and column.name in self.catalog.table(owner)
            return f"{owner}.{column.name}" if known else ""
        select = column.find_ancestor(exp.Select)
        while select is not None:
            for table in (t for t in select.find_all(exp.Table) if t.find_ancestor(exp.Select) is select):
                name = f"{table.db}.{table.name}"
                if name in self.catalog and column.name in self.catalog.table(name):
                    return f"{name}.{column.name}"
            select = select.find_ancestor(exp.Select)
        return ""

    @cached_property
    def columns(self) -> dict[str, frozenset[str]]:
        """Columns by where they stand; those of joins, and what a sub-query hands out, are left out."""
        found: dict[str, set[str]] = {place: set() for place in PLACES}
        for column in self.tree.find_all(exp.Column):
            place = self._place(column)
            if place and (name := self.named(column)):
                found[place].add(name)
        return {place: frozenset(names) for place, names in found.items()}

    @cached_property
    def used(self) -> frozenset[str]:
        """All columns but those of joins."""
        return frozenset().union(*self.columns.values())

    @cached_property
    def counted(self) -> frozenset[str]:
        """The columns whose values it counts, not each of them once."""
        counts = (item.this for each in self.items for item in each.find_all(exp.Count))
        return frozenset(filter(None, (self.named(c) for c in counts if isinstance(c, exp.Column))))

    @cached_property
    def fixed(self) -> frozenset[str]:
        """The columns that have one value in all of its rows."""
        where = self.outer.args.get("where")
        tests = where.this.flatten() if where and isinstance(where.this, exp.And) else [where.this] if where else []
        same = (t for t in tests if isinstance(t, exp.EQ) and isinstance(t.expression, exp.Literal))
        return frozenset(self.named(t.this) for t in same if isinstance(t.this, exp.Column))

    @cached_property
    def missing(self) -> frozenset[str]:
        """The columns that have no value in any of its rows."""
        where = self.outer.args.get("where")
        tests = where.this.flatten() if where and isinstance(where.this, exp.And) else [where.this] if where else []
        empty = (t.this for t in tests if isinstance(t, exp.Is) and isinstance(t.expression, exp.Null))
        return frozenset(self.named(column) for column in empty if isinstance(column, exp.Column))

    @cached_property
    def told_already(self) -> bool:
        """Whether it shows nothing but what its conditions say."""
        where = self.outer.args.get("where")
        same = (
            {test.this.sql() for test in where.find_all(exp.EQ) if isinstance(test.expression, exp.Literal)}
            if where
            else set()
        )
        return (
            bool(self.items) and all(item.sql() in same for item in self.items) and self.columns["shown"] <= self.fixed
        )

    @cached_property
    def divisors(self) -> frozenset[str]:
        """The columns of which it computes what it divides by."""
        below = (item.expression for item in self.tree.find_all(exp.Div))
        columns = (column for each in below if not each.find(exp.Filter) for column in each.find_all(exp.Column))
        return frozenset(filter(None, map(self.named, columns)))

    @cached_property
    def idle_ratio(self) -> bool:
        """Whether it divides something by itself."""
        return any(item.this.sql() == item.expression.sql() for item in self.tree.find_all(exp.Div))

    @cached_property
    def literals(self) -> frozenset[str]:
        """The constants, as text."""
        return frozenset(str(item.this) for item in self.tree.find_all(exp.Literal))

    @cached_property
    def texts(self) -> frozenset[str]:
        """The constants of conditions that are text and no days."""
        found = (item for clause in self.clauses for item in clause.find_all(exp.Literal) if item.is_string)
        return frozenset(str(item.this).strip("%") for item in found if not str(item.this)[:4].isdigit())

    @cached_property
    def descending(self) -> bool | None:
        """Whether it ranks the greatest first; None where it ranks nothing."""
        if self.tree.find(exp.Limit, exp.Qualify) is None or (order := self.tree.find(exp.Ordered)) is None:
            return None
        return bool(order.args.get("desc"))

    @cached_property
    def ranks_time(self) -> bool:
        """Whether what it ranks by is a day or a time."""
        order = self.tree.find(exp.Ordered)
        return isinstance(order.this, exp.Column) and self.tells_time(order.this) if order else False

    def column(self, name: str) -> Column:
        """A column by its full name."""
        table, _, own = name.rpartition(".")
        return self.catalog.table(table).column(own)

    def tells_time(self, column: exp.Column) -> bool:
        """Whether a column keeps days or times."""
        name = self.named(column)
        return bool(name) and is_time(self.column(name))

    def _place(self, column: exp.Column) -> str:
        node: exp.Expr | None = column
        while node is not None and not isinstance(node, exp.Select):
            match node:
                case exp.Join():
                    return ""
                case exp.Where():
                    return "where"
                case exp.AggFunc():
                    return "computed"
                case exp.Group():
                    return "grouped"
                case exp.Order() | exp.Qualify():
                    return "ordered"
            node = node.parent
        return "shown" if node is self.outer else ""


def is_time(column: Column) -> bool:
    """Whether a column keeps days or times, or years as numbers."""
    kind, named = column.type.upper(), column.unit == YEAR or "year" in column.name.lower().split("_")
    return kind.startswith(("DATE", "TIME")) or (named and column.unit not in LASTING and kind.startswith(NUMERIC))


def _base(query: object) -> exp.Expr | None:
    """The FROM of a sub-query."""
    select = query.find(exp.Select) if isinstance(query, exp.Expr) else None
    found = select.args.get("from_") or select.args.get("from") if select is not None else None
    return found if isinstance(found, exp.Expr) else None


def _is_guard(node: exp.Expr) -> bool:
    """Whether a condition only keeps missing keys from what a NOT IN compares with."""
    select = node.find_ancestor(exp.Select)
    inside = select is not None and select.find_ancestor(exp.In) is not None
    return inside and isinstance(node, exp.Is) and any(node.this == item for item in select.selects)  # type: ignore[union-attr]


def _times_column(side: exp.Expr) -> bool:
    """Whether it is a multiple of a column."""
    factors = {type(side.this), type(side.expression)} if isinstance(side, exp.Mul) else set()
    return factors == {exp.Column, exp.Literal}


def _by(item: exp.Expr) -> bool:
    """Whether something is divided by a constant."""
    return isinstance(item, exp.Div) and isinstance(item.expression, exp.Literal)


def _is_share(item: exp.Expr) -> bool:
    return any(
        str(found.this) == "100.0" and not isinstance(found.parent, exp.Div) for found in item.find_all(exp.Literal)
    ) or (isinstance(item, exp.Div) and item.find(exp.Filter) is not None)
