"""The grammar that the model's SQL is decoded in, made for one question and one caller.

It is a Lark grammar for llguidance over FROM-first DuckDB SQL. The tables are chosen first, so every later
name is one of their columns; columns are used by what they are (only measures are summed, only times are
compared with dates); texts, dates and numbers come from the question and from the values that retrieval
linked. A name that the caller may not see can't be written, as it is in no rule.

What no word of the question calls for is left out, and a filter on what it names can't be forgotten
(`agents.licence`).

llguidance's lexer takes the longest match and does not go back: no terminal of a rule may be the beginning of
another terminal followed by something else that is allowed there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from agents.columns import keys, measures, times
from agents.conditions import Conditions, Rules, comparison, either, quote, terminal
from agents.licence import Licence, dimension, meant
from agents.paths import Path, paths
from data.catalog import Table
from retrieval import Context

__all__ = ["Literals", "lark", "quote"]

MOST_NUMBERS = 12
UNITS = {"minutes": " / 60.0", "hours": " / 3600.0"}
"""What seconds are divided by."""


@dataclass(frozen=True)
class Literals:
    """What the question lets the model write as constants."""

    numbers: tuple[str, ...]
    comparisons: tuple[str, ...]
    periods: tuple[tuple[str, str], ...]
    values: dict[str, tuple[str, ...]] = field(hash=False)
    words: tuple[str, ...] = ()

    @classmethod
    def of(cls, context: Context) -> Literals:
        """The numbers, periods and linked values of a context, and the names in it that nothing matched."""
        values: dict[str, list[str]] = defaultdict(list)
        for hint in context.hints:
            if hint.kind == "value":
                for target in hint.targets:
                    values[target].append(hint.literals[0])
        counted = [hint for hint in context.hints if hint.kind == "number"]
        return cls(
            tuple(dict.fromkeys(h.literals[0] for h in counted if not h.operator))[:MOST_NUMBERS],
            tuple(dict.fromkeys(comparison(h) for h in counted))[:MOST_NUMBERS],
            tuple(dict.fromkeys((h.literals[0], h.literals[1]) for h in context.hints if h.kind == "time")),
            {target: tuple(dict.fromkeys(found)) for target, found in values.items()},
            context.unknown,
        )


def lark(context: Context) -> str:
    """The grammar for a question: Lark text with the rule `start`."""
    licence = Licence.of(context)
    text = _Builder(context, licence).text()
    # Where no tables can be joined so that every filter is used, filters may be left out again.
    return text or _Builder(context, licence.relaxed()).text()


class _Builder:
    def __init__(self, context: Context, licence: Licence) -> None:
        self._catalog, self._literals, self._rules = context.catalog, Literals.of(context), Rules()
        self._licence, self._meant = licence, meant(context)
        self._paths = [path for path in paths(context.catalog) if self._likely(path)]
        self._conditions = Conditions(context, licence, self._rules)
        bounds = [h for h in context.hints if h.kind == "number" and (h.operator or "ranked" not in licence)]
        self._compared = self._rules.add(map(terminal, map(comparison, bounds[:MOST_NUMBERS])))
        counts = [n for n in self._literals.numbers if n.isdigit()] or ([] if "ordered" in licence else ["1"])
        self._count = self._rules.add(map(terminal, counts)) if counts else ""

    def _likely(self, path: Path) -> bool:
        """Whether a question may be about this path.

        It starts at a table that the question means or that points at one, and ends at such tables or at
        ones that have titles to show.
        """
        through = {join.child for join in path.joins}
        last = [join.parent for join in path.joins if join.alias not in through]
        pointing = {r.table for r in self._catalog.relationships if r.to_table in self._meant}
        near = self._meant | pointing
        return all(table.label or table.full_name in near for table in last) and (
            not near or path.base.full_name in near
        )

    def text(self) -> str:
        queries = [query for path in self._paths if (query := self._query(path))]
        return "\n".join((f"start: {either(queries)}", self._rules.text())) if queries else ""

    # One query --------------------------------------------------------------------------------------

    def _query(self, path: Path) -> str:
        """The rule of all queries over one path."""
        where = self._conditions.where(path)
        bounded = self._conditions.where(path, bounded=True) if self._bound else None
        dimensions = self._dimensions(path)
        bodies = [
            *([] if where is None else self._flat(path, where)),
            *([] if where is None else self._groups(path, where, dimensions)),
            *([] if bounded is None else self._bounded_groups(path, bounded, dimensions)),
        ]
        body = self._rules.add(bodies)
        return self._rules.add((f"{terminal(path.clause + ' SELECT ')} {body}",)) if body else ""

    @property
    def _bound(self) -> bool:
        """Whether a comparison may bound the groups."""
        return bool(self._compared)

    def _flat(self, path: Path, where: str) -> list[str]:
        """Queries without groups: aggregates, or rows."""
        if self._licence.grouped:
            return []
        aggregate, rows = self._aggregates(path), self._rows(path)
        counted = aggregate and self._conditions.reach(path)
        whole = [f'{aggregate} (", " {aggregate}){{0,2}} {where}'] if counted else []
        listed = [f'"DISTINCT "? {rows} {where} {self._row_order(path)}'] if rows and not self._computed else []
        return [*whole, *listed]

    @property
    def _computed(self) -> bool:
        """Whether the words ask for a number that no row holds."""
        may = self._licence
        summed = "amounts" in may and "tabled" not in may
        return "one number" in may or (("average" in may or summed) and "ranked" not in may)

    def _groups(self, path: Path, where: str, dimensions: list[tuple[str, str]]) -> list[str]:
        aggregate = self._aggregates(path, grouped=True)
        if not aggregate or not self._may_group:
            return []
        tail, ranked = self._tail(aggregate), self._limited(aggregate)
        bodies = []
        for columns, by in dimensions:
            bodies.append(f'{columns} (", " {aggregate}){{1,3}} {where} {by} {tail}')
            # Groups of which nothing is shown are there to be ranked.
            bodies += [f"{columns} {where} {by} {ranked}"] if ranked else []
        return bodies

    @property
    def _may_group(self) -> bool:
        """Whether a word asks for groups, or for what only groups have; a bound that counts belongs to them."""
        may = self._licence
        called = may.called & {
            "tabled",
            "count",
            "sum",
            "average",
            "ranked",
            "ordered",
            "share",
            "distinct",
            "measured",
        }
        return bool(called or may.buckets) and not may.called & {"one number", "bound"}

    def _bounded_groups(self, path: Path, where: str, dimensions: list[tuple[str, str]]) -> list[str]:
        """Groups with a bound; money is no bound for a count, and the number of things is none for a sum."""
        every, number = self._aggregates(path, every=True, grouped=True), self._measures(path)
        bound = '"count(*)"' if "bound" in self._licence else every
        if "money" in self._licence:
            bound = self._rules.add((f'("sum(" | "avg(" | "min(" | "max(") {number} ")"',)) if number else ""
        if "distinct" in self._licence and "bound" in self._licence and (things := self._keys(path)):
            bound = self._rules.add((bound, f'"count(DISTINCT " {things} ")"'))
        if not bound or "one number" in self._licence:
            return []
        tail = self._tail(every)
        shown = f'(", " {every}){{{int("count" in self._licence)},2}}'
        return [
            f'{columns} {shown} {where} {by} " HAVING " {bound} {self._compared} {tail}' for columns, by in dimensions
        ]

    # What is selected -------------------------------------------------------------------------------

    def _written(self, path: Path, targets: Iterable[str]) -> list[str]:
        """The columns of a path, as it writes them, among these full names."""
        wanted = set(targets)
        scope = path.scope.items()
        return [path.column(a, c.name) for a, t in scope for c in t.columns if f"{t.full_name}.{c.name}" in wanted]

    def _measures(self, path: Path, unit: str | None = None) -> str:
        scope = path.scope.items()
        found = (path.column(a, c.name) for a, t in scope for c in measures(self._catalog, t) if unit in (None, c.unit))
        return self._rules.add(map(terminal, found))

    def _times(self, path: Path) -> str:
        return self._rules.add(terminal(path.column(a, c.name)) for a, t in path.scope.items() for c in times(t))

    def _keys(self, path: Path) -> str:
        """What is counted once: keys, titles and what the question names."""
        scope = path.scope.items()
        pointing = {(r.table, r.column) for r in self._catalog.relationships}
        own = [(a, n) for a, t in scope for n in (t.key, t.label) if n and n in t]
        links = [(a, c.name) for a, t in scope for c in t.columns if (t.full_name, c.name) in pointing]
        names = (path.column(alias, name) for alias, name in (*own, *links))
        return self._rules.add(map(terminal, (*names, *self._columns(path))))

    @property
    def _shown(self) -> list[str]:
        return [target for targets in self._licence.shown for target in targets]

    def _aggregates(self, path: Path, *, every: bool = False, grouped: bool = False) -> str:
        """What the words compute: `every` leaves the number of rows among them in any case."""
        may, number, time = self._licence, self._measures(path), self._times(path)
        only_average = "average" in may and not {"sum", "count"} & may.called
        count = every or not ("measured" in may or only_average) or "count" in may
        per = f'" / count(DISTINCT " {self._keys(path)} ")"' if "per" in may else ""
        ranked = "ranked" in may
        functions = [
            *(["sum("] if not only_average else []),
            *(["avg("] if "average" in may else []),
            *(["min(", "max("] if ranked else []),
            *(["median("] if "median" in may else []),
        ]
        options = [
            '"count(*)"' if count else "",
            f'"count(*)" {per}' if per else "",
            f'"count(DISTINCT " {self._keys(path)} ")"' if "distinct" in may else "",
            f'({either(map(terminal, functions))}) {number} ")" {self._divisor(path)}' if number and functions else "",
            f'"sum(" {number} ")" {per}' if number and per else "",
            f'("min(" | "max(") {time} ")"' if time and ranked else "",
        ]
        return self._rules.add([*options, *self._shares(path, number, grouped=grouped)])

    def _divisor(self, path: Path) -> str:
        """Seconds in larger units."""
        units = [terminal(sql) for word, sql in UNITS.items() if word in self._licence]
        return f"({either(units)})?" if units and self._measures(path, "s") else ""

    def _shares(self, path: Path, number: str, *, grouped: bool) -> list[str]:
        if "share" not in self._licence:
            return []
        some = self._conditions.some(path)
        part = f'" FILTER (WHERE " {some} ")"'
        of_rows = [f'{part} " / count(*)"' if some else "", '" / sum(count(*)) OVER ()"' if grouped else ""]
        return [
            f'"100.0 * count(*)" ({either(o for o in of_rows if o)})' if any(of_rows) else "",
            f'"100.0 * sum(" {number} ")" {part} " / sum(" {number} ")"' if some and number else "",
        ]

    def _rows(self, path: Path) -> str:
        """Columns of a list; one that is only filtered on is not shown, nor a key that nobody named."""
        said = set(self._shown)
        filtered = {t for f in self._licence.filters if f.kind == "value" for t in f.hints[0].targets} - said
        names = [
            path.column(alias, column.name)
            for alias, table in path.scope.items()
            for column in table.columns
            if (full := f"{table.full_name}.{column.name}") not in filtered
            and (full in said or column.name not in keys(self._catalog, table) or column.name == path.base.key)
        ]
        column = self._rules.add(map(terminal, names))
        return f'{column} (", " {column}){{0,5}}' if column else ""

    def _heads(self, path: Path, alias: str, table: Table) -> list[str]:
        """What stands for a row: its title, or else its key."""
        name = table.label or table.key
        return [path.column(alias, name)] if name and name in table else []

    # Groups -----------------------------------------------------------------------------------------

    def _dimensions(self, path: Path) -> list[tuple[str, str]]:
        """(what is grouped by, GROUP BY): any dimensions, or a thing that has a key and a title."""
        time = self._times(path)
        buckets = [f'{terminal(b.split("{}")[0])} {time} ")"' for b in self._licence.buckets] if time else []
        if self._licence.grouped:
            named = self._rules.add(map(terminal, self._written(path, self._licence.grouped)))
            column = self._rules.add((*map(terminal, self._columns(path)), *buckets))
            body = f'({named} (", " {column})? | {column} ", " {named})'
            return [(body, '" GROUP BY ALL"')] if named else []
        column = self._rules.add((*map(terminal, self._columns(path)), *buckets))
        forms = [(f'{column} (", " {column}){{0,2}}', '" GROUP BY ALL"')] if column else []
        return [*forms, *self._things(path)]

    def _columns(self, path: Path) -> list[str]:
        """The columns to group by: those that the question names, those whose values it sets side by side."""
        filters = (f for f in self._licence.filters if f.kind == "value" and len(f.values) > 1)
        sides = [target for f in filters for target in f.hints[0].targets]
        wanted = [*self._shown, *sides]
        found = self._written(path, (t for t in wanted if dimension(self._catalog, t)))
        if not any(dimension(self._catalog, target) for target in wanted):
            scope = path.scope.items()
            every = (f"{t.full_name}.{c.name}" for _, t in scope for c in t.columns)
            return self._written(path, (t for t in every if dimension(self._catalog, t)))
        joined = (t for t in path.scope.values() if t is not path.base and t.label and self._is_named(t))
        titles = (f"{t.full_name}.{t.label}" for t in joined)
        return list(dict.fromkeys((*found, *self._written(path, titles))))

    def _is_named(self, table: Table) -> bool:
        return not self._licence.named or table.full_name in self._licence.named

    def _things(self, path: Path) -> list[tuple[str, str]]:
        """Joined things by title, kept apart by key; each row of the base is a thing of its own."""
        forms = []
        for alias, table in path.scope.items():
            if table is not path.base and table.key and table.label and table.key in table and table.label in table:
                key, label = path.column(alias, table.key), path.column(alias, table.label)
                forms.append((terminal(label), terminal(f" GROUP BY {key}, {label}")))
        return forms

    # Order ------------------------------------------------------------------------------------------

    def _tail(self, aggregate: str) -> str:
        """What follows the groups: an order, and how many."""
        order = f'" ORDER BY " ("1" | {aggregate}) {self._licence.directions}'
        by_time = '" ORDER BY 1"' if self._licence.buckets else ""
        limit = f'(" LIMIT " {self._count})?' if self._may_limit else ""
        options = [f"{order} {limit}", by_time]
        return f"({either(o for o in options if o)})" + ("" if "ordered" in self._licence else "?")

    def _limited(self, aggregate: str) -> str:
        if "ranked" not in self._licence or not self._count:
            return ""
        return f'" ORDER BY " {aggregate} {self._licence.directions} " LIMIT " {self._count}'

    def _row_order(self, path: Path) -> str:
        scope = path.scope.items()
        sorting = [
            *(path.column(a, c.name) for a, t in scope for c in (*measures(self._catalog, t), *times(t))),
            *(name for a, t in scope for name in self._heads(path, a, t)),
        ]
        order = f'" ORDER BY " {self._rules.add(map(terminal, sorting))} {self._licence.directions}'
        limit = f'(" LIMIT " {self._count})?' if self._may_limit else ""
        return f"({order} {limit})" + ("" if "ordered" in self._licence else "?")

    @property
    def _may_limit(self) -> bool:
        """LIMIT, where a word ranks or a number may be how many are wanted."""
        return bool(self._count) and ("ranked" in self._licence or bool(self._literals.numbers))
