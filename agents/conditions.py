"""The WHERE clauses of a question's grammar: each constant of the question at most once, the required ones always."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import permutations

from agents.columns import dated, ends, flags, keys, measures, tells, texts
from agents.licence import Filter, Licence, meant, mentioned
from agents.paths import Path, paths
from data.catalog import Column, Table
from retrieval import Context
from retrieval.hints import Hint

MOST_ROLES = 3
MOST_WORDS = 4
"""Unknown names that may stand in any text."""


def quote(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def terminal(text: str) -> str:
    """A text as a terminal of a Lark grammar."""
    return json.dumps(text, ensure_ascii=False)


def either(options: Iterable[str]) -> str:
    """Alternatives, each once."""
    return " | ".join(dict.fromkeys(options))


def comparison(hint: Hint) -> str:
    """A number as SQL compares with it: ' > 500', ' BETWEEN 10 AND 50', ' = 7' where nothing was said."""
    if hint.operator == "between":
        return f" BETWEEN {hint.literals[0]} AND {hint.literals[1]}"
    return f" {hint.operator or '='} {hint.literals[0]}"


class Rules:
    """Collects rules. One whose body is empty is left out, and a body that was there before keeps its name."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def add(self, options: Iterable[str]) -> str:
        """A rule for one of the options; returns its name, or "" when there is none."""
        body = either(option for option in options if option)
        return self._names.setdefault(body, f"r{len(self._names)}") if body else ""

    def text(self) -> str:
        """All rules as Lark text."""
        return "\n".join(f"{name}: {body}" for body, name in self._names.items())


def sequence(items: Sequence[str], between: str) -> list[str]:
    """Bodies that write any of the items in their order, at least one."""
    rest = [f"({terminal(between)} {item})?" for item in items]
    return [" ".join((item, *rest[i + 1 :])) for i, item in enumerate(items)]


@dataclass(frozen=True)
class Holder:
    """`key IN (FROM path SELECT column …)` with the rules of the filters that fit into it."""

    key: str
    path: Path
    column: str
    rules: dict[Filter, str]


_CALLED = {"IN": "ever", "NOT IN": "never"}
"""What has to be licensed for a sub-query."""


def _orders(must: Sequence[str]) -> list[str]:
    return [' " AND " '.join(order) for order in permutations(must)]


def _timed(written: str, column: Column, hint: Hint) -> str:
    """Both ends of a period, each terminal apart: `x` alone may also be followed by `IS NULL`."""
    return f"{terminal(written)} " + f' " AND " {terminal(written)} '.join(map(terminal, ends(column, hint)))


class Conditions:
    """What may stand in the WHERE of a path, for one question."""

    def __init__(self, context: Context, licence: Licence, rules: Rules) -> None:
        self._catalog, self._licence, self._rules = context.catalog, licence, rules
        self._meant, self._mentioned, self._words = meant(context), mentioned(context), context.unknown[:MOST_WORDS]

    def where(self, path: Path, *, bounded: bool = False) -> str | None:
        """A rule for WHERE; "" where nothing can be asked, None where a required filter has no column.

        With `bounded` the required comparison bounds the groups and is left out here.
        """
        asked = [f for f in self._licence.filters if not (bounded and f.required and f.kind == "number")]
        filters = self._merged(path, asked)
        written = {f: self._filter(path, f) for f in filters}
        must = [rule for f, rule in written.items() if f.required]
        others = [rule for f, rule in written.items() if not f.required and rule]
        if "negated" in self._licence:
            bodies = self._negated(path, written, others) if all(must) else []
            bodies += self._within(path, written, others, ("NOT IN",))
            return self._rules.add(bodies) or None
        within = self._within(path, written, others, ("IN", "NOT IN"))
        if all(must):
            return self._rules.add([*self._plain(path, must, others), *within])
        return self._rules.add(within) or None

    def _plain(self, path: Path, must: Sequence[str], others: Sequence[str]) -> list[str]:
        """WHERE with all of `must`, in any order; without `must` also nothing."""
        last = [*self._own(path), *self._twice(path, ("IN", "NOT IN"))]
        if not must:
            some = self._rules.add(sequence([*others, *last], " AND "))
            return [f'(" WHERE " {some})?'] if some else []
        head, tail = self._before(others), self._behind(last)
        return [f'" WHERE " {head} {order} {tail}' for order in _orders(must)]

    def _ending(self, path: Path, must: Sequence[str], others: Sequence[str], final: str, *, own: bool) -> list[str]:
        """WHERE with all of `must`, with `own` then conditions without a constant, then `final`."""
        head, tail = self._before(others), self._behind(self._twice(path, ("IN", "NOT IN"))[:1])
        middle = self._before([*self._own(path), *self._twice(path, ("IN",))[:1]]) if own else ""
        orders = [f'{order} " AND "' for order in _orders(must)] if must else [""]
        return [f'" WHERE " {head} {order} {middle} {final} {tail}' for order in orders]

    def _before(self, items: Sequence[str]) -> str:
        text = " ".join(f'({item} " AND ")?' for item in items)
        return self._rules.add((text,)) if text else ""

    def _behind(self, items: Sequence[str]) -> str:
        text = " ".join(f'(" AND " {item})?' for item in items)
        return self._rules.add((text,)) if text else ""

    def _negated(self, path: Path, written: dict[Filter, str], others: list[str]) -> list[str]:
        """WHERE in which something is missing, is not so, or is not among others."""
        must = [rule for f, rule in written.items() if f.required]
        missing, absent = self._rules.add(self._negations(path)), self._rules.add(self._absent(path))
        bodies = self._ending(path, must, others, missing, own=False) if missing else []
        bodies += self._ending(path, must, others, absent, own=True) if absent else []
        for filter_, rule in written.items():
            if filter_.kind == "value" and (opposite := self._rules.add(self._values(path, filter_, "!="))):
                needed, free = ([r for r in rules if r != rule] for rules in (must, others))
                bodies += self._ending(path, needed, free, opposite, own=True)
        return bodies

    def _within(self, path: Path, written: dict[Filter, str], others: list[str], signs: tuple[str, ...]) -> list[str]:
        """WHERE with required filters inside `key [NOT] IN (…)`: 'merchants that had a payment above 300'."""
        required = [f for f in written if f.required]
        licensed = [sign for sign in signs if _CALLED[sign] in self._licence]
        bodies = []
        for holder in self._holders(path, required) if licensed else ():
            alone = tuple(f for f in holder.rules if not written[f])
            for inside in dict.fromkeys((tuple(holder.rules), alone)):
                left = [f for f in required if f not in inside]
                outside = [written[f] for f in left if written[f]]
                lost = [f for f in left if not written[f]]
                for final in self._finals(path, holder, inside, lost, licensed):
                    bodies += self._ending(path, outside, others, final, own=True)
        return bodies

    def _finals(
        self, path: Path, holder: Holder, inside: Sequence[Filter], lost: list[Filter], signs: Sequence[str]
    ) -> list[str]:
        """The sub-query with the filters `inside`, and a second one for those that are `lost` elsewhere."""
        if not inside:
            return []
        firsts = [self._holding(holder, inside, sign) for sign in signs]
        if not lost:
            return firsts
        seconds = [o for o in self._holders(path, lost) if o.path != holder.path and len(o.rules) == len(lost)]
        return [f'{a} " AND " {self._holding(o, lost, sign)}' for a in firsts for o in seconds for sign in signs]

    def _holders(self, path: Path, filters: Sequence[Filter]) -> list[Holder]:
        """The sub-queries that can hold some of the filters."""
        found = []
        for alias, table in path.scope.items():
            for key in sorted(keys(self._catalog, table)):
                for other, column in self._pointing(path, table, key):
                    rules = {f: rule for f in filters if (rule := self._inner_filter(other, f))}
                    found += [Holder(path.column(alias, key), other, column, rules)] if rules else []
        return found

    def _holding(self, holder: Holder, filters: Sequence[Filter], sign: str) -> str:
        start = f" {sign} (FROM {holder.path.clause.removeprefix('FROM ')} SELECT {holder.column}"
        head = (
            f'{terminal(start)} " WHERE "' if sign == "IN" else terminal(f"{start} WHERE {holder.column} IS NOT NULL")
        )
        orders = _orders([holder.rules[f] for f in filters])
        join = "" if sign == "IN" else '" AND "'
        return self._rules.add(f'{terminal(holder.key)} {head} {join} {order} ")"' for order in orders)

    def reach(self, path: Path) -> bool:
        """Whether every table that is joined last can have a condition: else the join only loses rows."""
        through = {join.child for join in path.joins}
        for join in path.joins:
            if join.alias in through:
                continue
            alone = Path(path.base, (join,)) if join.child == path.base.name else path
            tables = [f"{join.parent.full_name}.{c.name}" for c in join.parent.columns]
            named = any(name in self._mentioned for name in tables)
            compared = any(f.kind == "number" for f in self._licence.filters) and measures(self._catalog, join.parent)
            related = self._related(alone, join.alias, join.parent, ("IN", "NOT IN"))
            if not (named or compared or related):
                return False
        return True

    def some(self, path: Path) -> str:
        """A rule for one or more conditions, each at most once: what FILTER holds."""
        asked = self._merged(path, self._licence.filters)
        filters = [rule for f in asked if (rule := self._filter(path, f, loose=True))]
        return self._rules.add(sequence([*filters, *self._own(path), *self._twice(path, ("IN", "NOT IN"))], " AND "))

    def _merged(self, path: Path, filters: Sequence[Filter]) -> list[Filter]:
        """The filters, with those of one that hold their values in the same columns of this path."""
        merged: dict[object, Filter] = {}
        for filter_ in filters:
            columns = tuple(self._columns(path, filter_)) if filter_.kind == "value" else ()
            other = merged.get(columns) if columns else None
            if other:
                filter_ = Filter((*other.hints, *filter_.hints), other.required or filter_.required, other.roles)
            merged[columns or filter_] = filter_
        return list(merged.values())

    # Constants of the question ------------------------------------------------------------------------------------

    def _filter(self, path: Path, filter_: Filter, *, loose: bool = False) -> str:
        if filter_.kind == "value":
            signs = ("=", "!=") if "unlike" in self._licence else ("=",)
            options = [o for sign in signs for o in self._values(path, filter_, sign)]
            if loose or not filter_.required:
                options += [o for value in filter_.values for o in self._single(path, filter_, value, "=")]
        elif filter_.kind == "time":
            hint = filter_.hints[0]
            options = [_timed(name, column, hint) for name, column in self._about(path, hint)]
        elif filter_.kind == "column":
            options = self._flag(path, filter_)
        else:
            options = self._numbered(path, filter_)
        return self._rules.add(options)

    def _times(self, path: Path) -> list[tuple[str, Column]]:
        """The times of a path that a period may be about: the base's, and of others those that are named."""
        base = dated(path.base)
        return [
            (path.column(alias, column.name), column)
            for alias, table in path.scope.items()
            for column in dated(table)
            if not base or table is path.base or f"{table.full_name}.{column.name}" in self._mentioned
        ]

    def _about(self, path: Path, hint: Hint) -> list[tuple[str, Column]]:
        """The times that can tell a period. Minutes are those of the row itself, unless another time is named.

        No model has seen many questions about minutes, so it is not left to choose.
        """
        able = [(name, column) for name, column in self._times(path) if tells(column, hint)]
        if not hint.brief:
            return able
        named = [
            (n, c) for n, c in able if any(f"{t.full_name}.{c.name}" in self._mentioned for t in path.scope.values())
        ]
        own = [(n, c) for n, c in able if c.name == path.base.time]
        return named or own or able

    def _flag(self, path: Path, filter_: Filter) -> list[str]:
        scope, targets = path.scope.items(), filter_.hints[0].targets
        names = [path.column(a, c.name) for a, t in scope for c in flags(t) if f"{t.full_name}.{c.name}" in targets]
        signs = [" = true", *([" = false"] if "unlike" in self._licence else [])]
        return [f"{terminal(name)} {terminal(sign)}" for name in names for sign in signs]

    def _columns(self, path: Path, filter_: Filter) -> list[str]:
        """The columns of a path, as it writes them, that hold the values of a filter."""
        targets = set(filter_.hints[0].targets)
        scope = path.scope.items()
        return [path.column(a, c.name) for a, t in scope for c in texts(t) if f"{t.full_name}.{c.name}" in targets]

    def _single(self, path: Path, filter_: Filter, value: str, sign: str) -> list[str]:
        return [f"{terminal(name)} {terminal(f' {sign} {quote(value)}')}" for name in self._columns(path, filter_)]

    def _values(self, path: Path, filter_: Filter, sign: str) -> list[str]:
        """Conditions with all values of a filter: on one column, or one each where there are several roles."""
        if len(filter_.values) == 1:
            return self._single(path, filter_, filter_.values[0], sign)
        columns = self._columns(path, filter_)
        among = f" {'NOT ' * (sign == '!=')}IN ({', '.join(map(quote, filter_.values))})"
        options = [] if filter_.roles and sign == "=" else [f"{terminal(name)} {terminal(among)}" for name in columns]
        if sign == "=" and len(filter_.values) <= min(len(columns), MOST_ROLES):
            for roles in permutations(columns, len(filter_.values)):
                pairs = zip(roles, filter_.values, strict=True)
                options.append(' " AND " '.join(f"{terminal(n)} {terminal(f' = {quote(v)}')}" for n, v in pairs))
        return options

    def _numbered(self, path: Path, filter_: Filter) -> list[str]:
        """A measure compared; or, where the number bounds a count, the things that have so many."""
        compared = terminal(comparison(filter_.hints[0]))
        if "bound" in self._licence and filter_.required:
            scope = path.scope.items()
            key = ((path.column(a, t.key), t) for a, t in scope if t.key and t.key in t)
            return [o for written, table in key for o in self._having(written, table, path, compared)]
        scope = path.scope.items()
        return [f"{terminal(path.column(a, c.name))} {compared}" for a, t in scope for c in measures(self._catalog, t)]

    # Conditions without a constant --------------------------------------------------------------------------------

    def _own(self, path: Path) -> list[str]:
        """Each a rule: averages, flags, missing values, and texts that may hold an unknown name."""
        found = [self._rules.add(options) for a, t in path.scope.items() for options in self._table_own(path, a, t)]
        return [rule for rule in found if rule]

    def _twice(self, path: Path, signs: tuple[str, ...]) -> list[str]:
        """Rows in other tables: those with one thing and another, or without it."""
        scope = path.scope.items()
        related = self._rules.add(o for a, t in scope for o in self._related(path, a, t, signs))
        return [related, related] if related else []

    def _table_own(self, path: Path, alias: str, table: Table) -> list[list[str]]:
        above = "above average" in self._licence
        return [
            *([self._average(path.column(alias, c.name), table, c)] for c in measures(self._catalog, table) if above),
            *([f'{terminal(path.column(alias, c.name))} (" = true" | " = false")'] for c in self._flags(table)),
            *(self._missing(path.column(alias, c.name), table, c) for c in table.columns),
            *(self._unknown(path.column(alias, c.name)) for c in texts(table)),
        ]

    def _flags(self, table: Table) -> list[Column]:
        return [c for c in flags(table) if f"{table.full_name}.{c.name}" in self._mentioned]

    def _average(self, written: str, table: Table, column: Column) -> str:
        inner = f"(FROM {table.full_name} SELECT avg({column.name}))"
        return f'{terminal(written)} (" > " | " < ") {terminal(inner)}'

    def _missing(self, written: str, table: Table, column: Column) -> list[str]:
        if not self._nullable(table, column):
            return []
        signs = ((" IS NULL", "absent"), (" IS NOT NULL", "present"))
        return [f"{terminal(written)} {terminal(sign)}" for sign, word in signs if word in self._licence]

    def _nullable(self, table: Table, column: Column) -> bool:
        """Whether the question can be about this column's being missing: it names it, or time goes on."""
        named = f"{table.full_name}.{column.name}" in self._mentioned
        return column.name != table.key and (named or column.name.startswith(("end", "clos", "cancel")))

    def _unknown(self, written: str) -> list[str]:
        """A name that nothing matched may stand in any text."""
        signs = (sign for word in self._words for sign in (f" = {quote(word)}", f" ILIKE {quote(f'%{word}%')}"))
        return [f"{terminal(written)} {terminal(sign)}" for sign in signs]

    def _negations(self, path: Path) -> list[str]:
        scope = path.scope.items()
        missing = [(a, c) for a, t in scope for c in t.columns if self._nullable(t, c) and c not in flags(t)]
        false = [(a, c) for a, t in scope for c in self._flags(t)] if "absence" not in self._licence else []
        tests = [(" IS NULL", missing), (" = false", false)]
        return [f"{terminal(path.column(a, c.name))} {terminal(test)}" for test, found in tests for a, c in found]

    def _absent(self, path: Path) -> list[str]:
        return [option for a, t in path.scope.items() for option in self._related(path, a, t, ("NOT IN",))]

    # Rows in other tables -----------------------------------------------------------------------------------------

    def _related(self, path: Path, alias: str, table: Table, signs: tuple[str, ...]) -> list[str]:
        """`key [NOT] IN (…)` over each path, apart from this one, whose last table points at the alias."""
        options = []
        for key in sorted(keys(self._catalog, table)):
            written = terminal(path.column(alias, key))
            for other, column in self._pointing(path, table, key):
                conditions = self._inner(other)
                some = self._rules.add(sequence(conditions, " AND "))
                more = " ".join(f'(" AND " {c})?' for c in conditions)
                head = f"(FROM {other.clause.removeprefix('FROM ')} SELECT {column}"
                if "IN" in signs and "ever" in self._licence:
                    inside = f'(" WHERE " {some})?' if some else ""
                    options.append(f'{written} {terminal(f" IN {head}")} {inside} ")"')
                if "never" in self._licence:
                    tail = self._rules.add((more,)) if more else ""
                    options.append(f'{written} {terminal(f" NOT IN {head} WHERE {column} IS NOT NULL")} {tail} ")"')
        return options

    def _having(self, written: str, table: Table, path: Path, compared: str) -> list[str]:
        """`key IN (…)` of the things that so many rows of another table point at."""
        options = []
        for other, column in self._pointing(path, table, table.key or ""):
            some = self._rules.add(sequence(self._inner(other), " AND "))
            head = terminal(f" IN (FROM {other.clause.removeprefix('FROM ')} SELECT {column}")
            inside = f'(" WHERE " {some})?' if some else ""
            group = terminal(f" GROUP BY {column} HAVING count(*)")
            options.append(f'{terminal(written)} {head} {inside} {group} {compared} ")"')
        return options

    def _pointing(self, path: Path, table: Table, key: str) -> list[tuple[Path, str]]:
        """Short paths from a table that the question means to one that points at `table.key`, clear of `path`."""
        used = {t.full_name for t in path.scope.values()}
        found = []
        for other in paths(self._catalog):
            if len(other.joins) > 1 or other.base.full_name not in self._meant:
                continue
            if used & {t.full_name for t in other.scope.values()}:
                continue
            last = other.joins[-1].alias if other.joins else other.base.name
            ends = (other.scope[last].full_name, table.full_name, key)
            links = (r for r in self._catalog.relationships if (r.table, r.to_table, r.to_column) == ends)
            found += [(other, other.column(last, r.column)) for r in links]
        return found

    def _inner(self, path: Path) -> list[str]:
        """The conditions inside a sub-query, each a rule: the question's constants and flags of its base table."""
        named = {rule: None for f in self._licence.filters if (rule := self._inner_filter(path, f))}
        flagged = [
            self._rules.add([f'{terminal(path.column(path.base.name, c.name))} (" = true" | " = false")'])
            for c in self._flags(path.base)
        ]
        return [*named, *flagged]

    def _inner_filter(self, path: Path, filter_: Filter) -> str:
        """A filter on the base table of a sub-query, with names as the sub-query's path writes them."""
        table, hint = path.base, filter_.hints[0]
        if filter_.kind == "value":
            columns = [c for c in texts(table) if f"{table.full_name}.{c.name}" in hint.targets]
            tests = [f" = {quote(value)}" for value in filter_.values]
            if len(tests) > 1:
                tests = [f" IN ({', '.join(map(quote, filter_.values))})", *tests]
        elif filter_.kind == "column":
            flagged = Path(table), filter_
            return self._rules.add(self._flag(*flagged)) if not path.joins else ""
        elif filter_.kind == "time":
            told = [c for c in dated(table) if tells(c, hint)]
            return self._rules.add(_timed(path.column(table.name, c.name), c, hint) for c in told)
        else:
            columns, tests = list(measures(self._catalog, table)), [comparison(hint)]
        names = [terminal(path.column(table.name, column.name)) for column in columns]
        return self._rules.add(f"{name} {terminal(test)}" for name in names for test in tests)
