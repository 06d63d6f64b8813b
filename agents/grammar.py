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

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import permutations

from agents.columns import flags, keys, measures, texts, times
from agents.licence import Licence, meant, mentioned
from agents.paths import Path, paths
from data.catalog import Column, Table
from retrieval import Context
from retrieval.hints import Hint

MOST_CONDITIONS = 4


def quote(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def _terminal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _either(options: Iterable[str]) -> str:
    return " | ".join(dict.fromkeys(options))


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
            tuple(dict.fromkeys(h.literals[0] for h in counted if not h.operator)),
            tuple(dict.fromkeys(_comparison(h) for h in counted)),
            tuple(dict.fromkeys((h.literals[0], h.literals[1]) for h in context.hints if h.kind == "time")),
            {target: tuple(dict.fromkeys(found)) for target, found in values.items()},
            context.unknown,
        )


def _comparison(hint: Hint) -> str:
    """A number as SQL compares with it: ' > 500', ' BETWEEN 10 AND 50', ' = 7' where nothing was said."""
    if hint.operator == "between":
        return f" BETWEEN {hint.literals[0]} AND {hint.literals[1]}"
    return f" {hint.operator or '='} {hint.literals[0]}"


class _Rules:
    """Collects rules; a rule whose body is empty is left out, and so is what would refer to it."""

    def __init__(self) -> None:
        self._bodies: dict[str, str] = {}

    def add(self, name: str, options: Iterable[str]) -> str:
        """Defines `name` as one of the options; returns the name, or "" when there is none."""
        body = _either(option for option in options if option)
        if body:
            self._bodies[name] = body
        return name if body else ""

    def text(self) -> str:
        return "\n".join(f"{name}: {body}" for name, body in self._bodies.items())


def lark(context: Context) -> str:
    """The grammar for a question: Lark text with the rule `start`."""
    licence = Licence.of(context)
    text = _Builder(context, licence).text()
    # Where no tables can be joined so that every filter is used, filters may be left out again.
    return text or _Builder(context, replace(licence, required=(), grouped=frozenset())).text()


class _Builder:
    def __init__(self, context: Context, licence: Licence) -> None:
        self._catalog, self._literals, self._rules = context.catalog, Literals.of(context), _Rules()
        self._licence, self._meant, self._mentioned = licence, meant(context), mentioned(context)
        self._paths = [path for path in paths(context.catalog) if self._likely(path)]

    def _likely(self, path: Path) -> bool:
        """A table is joined last only when the question means it, or when it has titles to show."""
        through = {join.child for join in path.joins}
        last = [join.parent for join in path.joins if join.alias not in through]
        return all(table.label or table.full_name in self._meant for table in last)

    def text(self) -> str:
        self._constants()
        queries = [q for i, path in enumerate(self._paths) if (q := self._query(i, path))]
        return "\n".join((f"start: {_either(queries)}", self._rules.text())) if queries else ""

    def _constants(self) -> None:
        self._compared = self._rules.add("compared", (_terminal(c) for c in self._literals.comparisons))
        counts = ("1", *(n for n in self._literals.numbers if n.isdigit()))
        self._rules.add("count", (_terminal(n) for n in counts))

    # One query --------------------------------------------------------------------------------------

    def _query(self, index: int, path: Path) -> str:
        """The rules of all queries over one path; returns the name of the topmost."""
        p = f"p{index}"
        add = self._rules.add
        scope = path.scope.items()
        any_column = add(f"{p}col", (self._columns(path, a, t, [c.name for c in t.columns], "col") for a, t in scope))
        number = add(
            f"{p}num",
            (self._columns(path, a, t, [c.name for c in measures(self._catalog, t)], "num") for a, t in scope),
        )
        time = add(f"{p}time", (self._columns(path, a, t, [c.name for c in times(t)], "time") for a, t in scope))
        condition = add(f"{p}cond", (self._conditions(path, a, t) for a, t in scope))
        must = [(hint.kind, self._must(f"{p}r{i}", path, hint)) for i, hint in enumerate(self._licence.required)]
        if any(not rule for kind, rule in must if kind != "number"):
            return ""
        where = self._where(f"{p}where", condition, [rule for _, rule in must if rule])
        counted = any(kind == "number" for kind, _ in must)
        fewer = self._where(f"{p}fewer", condition, [rule for kind, rule in must if kind != "number"])
        aggregate = self._aggregates(p, any_column, number, time, condition)
        plain = self._plain(any_column)
        bodies = [] if ("number", "") in must or self._licence.grouped else [
            f'{aggregate} (", " {aggregate}){{0,2}} {where}',
            f"{plain[0]} {where} {plain[1]}",
        ]  # fmt: skip
        having, tail = self._having(p, aggregate, number), self._tail(p, aggregate)
        shown = f'(", " {aggregate}){{1,2}}'
        ranked = f'" ORDER BY " {aggregate} " DESC"? " LIMIT " count'
        for dimensions, by in self._grouped(p, path, any_column, time):
            # Groups of which nothing is shown are there to be ranked, or to be counted against a bound.
            if ("number", "") not in must:
                bodies.append(f"{dimensions} {shown} {where} {by} {tail}")
                bodies += [f"{dimensions} {where} {by} {ranked}"] if "ranked" in self._licence else []
            if having:
                bodies.append(f"{dimensions} ({shown})? {fewer if counted else where} {by} {having} {tail}")
        body = add(f"{p}body", bodies)
        return add(f"{p}q", (f"{_terminal(path.clause + ' SELECT ')} {body}",)) if body else ""

    def _where(self, rule: str, condition: str, must: list[str]) -> str:
        """WHERE with every condition of `must` in any order, and others around them."""
        if not condition:
            return ""
        if not must:
            body = f'(" WHERE " {condition} (" AND " {condition}){{0,{MOST_CONDITIONS - 1}}})?'
            return self._rules.add(rule, (body,))
        orders = (' " AND " '.join(order) for order in permutations(must))
        more = f'(" AND " {condition}){{0,2}}'
        bodies = (f'" WHERE " ({condition} " AND "){{0,2}} {order} {more}' for order in orders)
        return self._rules.add(rule, bodies)

    def _must(self, rule: str, path: Path, hint: Hint) -> str:
        """The conditions of a path that use a hint; "" when it has none."""
        options = []
        for alias, table in path.scope.items():
            if hint.kind == "value":
                named = (c for c in texts(table) if f"{table.full_name}.{c.name}" in hint.targets)
                options += [self._text(path.column(alias, c.name), table, c) for c in named]
            elif hint.kind == "time":
                options += [self._timed(path.column(alias, c.name)) for c in times(table)]
            elif self._compared:
                written = (path.column(alias, c.name) for c in measures(self._catalog, table))
                options += [f"{_terminal(name)} compared" for name in written]
        return self._rules.add(rule, options)

    def _columns(self, path: Path, alias: str, table: Table, names: list[str], kind: str) -> str:
        """A rule for these columns of an alias, shared by all paths that write them alike."""
        rule = f"{kind}_{self._spot(path, alias, table)}"
        return self._rules.add(rule, (_terminal(path.column(alias, name)) for name in names))

    def _spot(self, path: Path, alias: str, table: Table) -> str:
        written = alias if path.joins else "bare"
        return f"{written}_{table.source}_{table.name}".lower()

    def _aggregates(self, p: str, column: str, number: str, time: str, condition: str) -> str:
        may = self._licence
        filtered = f'" FILTER (WHERE " {condition} (" AND " {condition}){{0,2}} ")"'
        shared = "share" in may and condition
        per = f'(" / count(DISTINCT " {column} ")")?' if "per" in may else ""
        functions = ["avg(", "min(", "max(", *(["median("] if "median" in may else [])]
        return self._rules.add(
            f"{p}agg",
            (
                f'"count(*)" {per}',
                f'"count(DISTINCT " {column} ")"' if "distinct" in may else "",
                f'"sum(" {number} ")" {per}' if number else "",
                f'({_either(map(_terminal, functions))}) {number} ")"' if number else "",
                f'("min(" | "max(") {time} ")"' if time else "",
                f'"100.0 * count(*)" {filtered} " / count(*)"' if shared else "",
                f'"100.0 * sum(" {number} ")" {filtered} " / sum(" {number} ")"' if shared and number else "",
            ),
        )

    def _plain(self, column: str) -> tuple[str, str]:
        order = f'(" ORDER BY " {column} " DESC"?)? {self._limit()}'
        return f'"DISTINCT "? {column} (", " {column}){{0,4}}', order

    def _grouped(self, p: str, path: Path, column: str, time: str) -> list[tuple[str, str]]:
        """(what is grouped by, GROUP BY): any dimensions, or a thing that has a key and a title."""
        buckets = (f'{_terminal(b.split("{}")[0])} {time} ")"' for b in self._licence.buckets) if time else ()
        dimension = self._rules.add(f"{p}dim", (column, *buckets))
        if self._licence.grouped:
            named = self._rules.add(f"{p}by", map(_terminal, self._named_dimensions(path)))
            body = f'({named} (", " {dimension})? | {dimension} ", " {named})'
            return [(body, '" GROUP BY ALL"')] if named else []
        forms = [(f'{dimension} (", " {dimension}){{0,2}}', '" GROUP BY ALL"')]
        for alias, table in path.scope.items():
            if table.key and table.label and table.key in table and table.label in table:
                key, label = path.column(alias, table.key), path.column(alias, table.label)
                forms.append((_terminal(label), _terminal(f" GROUP BY {key}, {label}")))
        return forms

    def _named_dimensions(self, path: Path) -> list[str]:
        """The columns of a path that the question groups by."""
        wanted = self._licence.grouped
        scope = path.scope.items()
        return [path.column(a, c.name) for a, t in scope for c in t.columns if f"{t.full_name}.{c.name}" in wanted]

    def _tail(self, p: str, aggregate: str) -> str:
        """What follows the groups."""
        order = f'(" ORDER BY " (("1" | {aggregate}) " DESC"?))? {self._limit()}'
        return self._rules.add(f"{p}tail", (order,))

    def _limit(self) -> str:
        """LIMIT, where a word ranks or a number may be how many are wanted."""
        return '(" LIMIT " count)?' if "ranked" in self._licence or self._literals.numbers else ""

    def _having(self, p: str, aggregate: str, number: str) -> str:
        """A bound on the groups; money is no bound for a count."""
        if not self._literals.comparisons:
            return ""
        if "money" in self._licence:
            aggregate = f'("sum(" | "avg(" | "min(" | "max(") {number} ")"' if number else ""
        return self._rules.add(f"{p}having", (f'" HAVING " {aggregate} compared' if aggregate else "",))

    # Conditions -------------------------------------------------------------------------------------

    def _conditions(self, path: Path, alias: str, table: Table) -> str:
        rule = f"cond_{self._spot(path, alias, table)}"
        options = [
            *(self._text(path.column(alias, c.name), table, c) for c in texts(table)),
            *(self._measured(path.column(alias, c.name), table, c) for c in measures(self._catalog, table)),
            *(self._timed(path.column(alias, c.name)) for c in times(table)),
            *(f'{_terminal(path.column(alias, c.name))} (" = true" | " = false")' for c in flags(table)),
            *(self._missing(path.column(alias, c.name)) for c in table.columns if self._nullable(table, c)),
            *(self._related(path.column(alias, key), table, key) for key in sorted(keys(self._catalog, table))),
        ]
        return self._rules.add(rule, options)

    def _text(self, written: str, table: Table, column: Column) -> str:
        literals = self._literals.values.get(f"{table.full_name}.{column.name}", ())
        options = [_terminal(f" = {quote(v)}") for v in literals] + [_terminal(f" != {quote(v)}") for v in literals]
        if len(literals) > 1:
            value = _either(_terminal(quote(v)) for v in literals)
            options.append(f'" IN (" ({value}) (", " ({value})){{1,4}} ")"')
        for word in self._literals.words:
            options += [_terminal(f" = {quote(word)}"), _terminal(f" ILIKE {quote(f'%{word}%')}")]
        return f"{_terminal(written)} ({_either(options)})" if options else ""

    def _measured(self, written: str, table: Table, column: Column) -> str:
        average = f'(" > " | " < ") {_terminal(f"(FROM {table.full_name} SELECT avg({column.name}))")}'
        compared = _either(c for c in (average if "average" in self._licence else "", self._compared) if c)
        return f"{_terminal(written)} ({compared})" if compared else ""

    def _timed(self, written: str) -> str:
        """Both ends of a period, each terminal apart: `x` alone may also be followed by `IS NULL`."""
        options = []
        for since, until in self._literals.periods:
            ends = [f" {sign} {quote(day)}" for sign, day in ((">=", since), ("<", until)) if day]
            options.append(f"{_terminal(written)} " + f' " AND " {_terminal(written)} '.join(map(_terminal, ends)))
        return _either(options)

    def _nullable(self, table: Table, column: Column) -> bool:
        """Whether the question can be about this column's being missing: it names it, or time goes on."""
        named = f"{table.full_name}.{column.name}" in self._mentioned
        return column.name != table.key and (named or column.name.startswith(("end", "clos", "cancel")))

    def _missing(self, written: str) -> str:
        signs = [s for s, word in ((" IS NULL", "absent"), (" IS NOT NULL", "present")) if word in self._licence]
        return f"{_terminal(written)} ({_either(map(_terminal, signs))})" if signs else ""

    def _related(self, written: str, table: Table, key: str) -> str:
        """`key [NOT] IN (…)` over each path whose last table points at this one."""
        ends = [sub for path in self._paths for sub in self._pointing(path, table, key)]
        options = []
        for path, column in ends:
            spot = self._rules.add(
                f"sub_{len(path.joins)}_{self._spot(path, path.base.name, path.base)}", (self._inner(path),)
            )
            more = f'(" AND " {spot}){{0,2}}' if spot else ""
            positive = f'(" WHERE " {spot} {more})?' if spot else ""
            head = f"(FROM {path.clause.removeprefix('FROM ')} SELECT {column}"
            if "ever" in self._licence:
                options.append(f'{_terminal(f" IN {head}")} {positive} ")"')
            if "never" in self._licence:
                options.append(f'{_terminal(f" NOT IN {head} WHERE {column} IS NOT NULL")} {more} ")"')
        return f"{_terminal(written)} ({_either(options)})" if options else ""

    def _pointing(self, path: Path, table: Table, key: str) -> list[tuple[Path, str]]:
        if len(path.joins) > 1 or table.full_name in [t.full_name for t in path.scope.values()]:
            return []
        if path.base.full_name not in self._meant:
            return []
        last = path.joins[-1].alias if path.joins else path.base.name
        ends = path.scope[last]
        pointing = [
            r
            for r in self._catalog.relationships
            if (r.table, r.to_table, r.to_column) == (ends.full_name, table.full_name, key)
        ]
        return [(path, path.column(last, r.column)) for r in pointing]

    def _inner(self, path: Path) -> str:
        """The simple conditions inside a sub-query: texts, numbers and periods of its base table."""
        alias, table = path.base.name, path.base
        return _either(
            option
            for option in (
                *(self._text(path.column(alias, c.name), table, c) for c in texts(table)),
                *(self._timed(path.column(alias, c.name)) for c in times(table)),
                *(self._number_only(path.column(alias, c.name)) for c in measures(self._catalog, table)),
            )
            if option
        )

    def _number_only(self, written: str) -> str:
        return f"{_terminal(written)} compared" if self._compared else ""
