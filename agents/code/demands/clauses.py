"""What the clauses of a query say beside the task: conditions that exclude each other, bounds of the wrong number, no
order, and listed columns that are made of something else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sqlglot import exp

from agents import statement
from agents.code.demands.values import BOUNDS, number
from data.catalog import Table
from data.naming import single, words

_COMPARES = (exp.GT, exp.GTE, exp.LT, exp.LTE, exp.EQ)
_THEN = re.compile(
    r"\bfirst,? (?:and )?then (?:by )?\w+|\b(?:sort|order)(?:ed)?\b[^.;]*?,? then (?:by )?\w+|\bbreaks? (?:the )?ties\b"
    r"|\bif \w+ (?:are|were|is) equal\b|\bif two \w+ (?:are |were )?\w+",
    re.I,
)
_ORDERED = re.compile(
    r"\b(?:sort(?:ed)? by|order(?:ed)? by|chronological|(?:high|larg|bigg|new|old)est (?:\w+ )?first)\b", re.I
)
_ONE_ROW = re.compile(r"\b(?:one|single) row(?= ?[:,(.?]|$)|\bin one row\b(?! (?:per|for))", re.I)
_LEFT_OUT = re.compile(
    r"\b(?:exclud(?:e|ing)|ignor(?:e|ing)|except(?: for)?|leav(?:e|ing) out)(?: the| all| any)? (?P<word>\w{3,})", re.I
)
_NEGATIVE = re.compile(r"\bnot\b|\bin\b|<>|!=|\bnull\b|\bhaving\b|\bexcept\b", re.I)


def misread(task: str, tree: exp.Query, tables: Sequence[Table], listed: Sequence[str]) -> Iterator[str]:
    """What of a task the clauses of a query over `tables` don't say."""
    yield from _impossible(tree)
    yield from _bounds(task, tree, tables)
    yield from _left_out(task, tree)
    yield from _order(task, tree, {table.key for table in tables if table.key})
    if listed:
        yield from _listed(tree, tables, listed)


def _impossible(tree: exp.Query) -> Iterator[str]:
    """Conditions of one clause that exclude each other."""
    for clause in tree.find_all(exp.Where):
        equal: dict[str, set[str]] = {}
        null, compared, alike = set[str](), set[str](), dict[str, str]()
        for test in _all_of(clause.this):
            name = test.this.sql().lower() if isinstance(test.this, exp.Column) else ""
            if isinstance(test, exp.Is) and isinstance(test.expression, exp.Null):
                null.add(name)
            elif name and isinstance(test, (exp.Like, exp.ILike)):
                alike[name] = test.expression.name.strip("%").lower()
            elif name and isinstance(test, _COMPARES):
                compared.add(name)
                if isinstance(test, exp.EQ) and isinstance(test.expression, exp.Literal):
                    equal.setdefault(name, set()).add(test.expression.name)
        twice = {
            name for name, values in equal.items()
            if len(values) > 1 or any(alike.get(name, "") not in value.lower() for value in values)
        }  # fmt: skip
        yield from (f"conditions on {name} that a row can meet" for name in sorted((null & compared | twice) - {""}))


def _all_of(test: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(test, (exp.And, exp.Paren)):
        for part in (test.this, test.args.get("expression")):
            if part is not None:
                yield from _all_of(part)
    else:
        yield test


def _bounds(task: str, tree: exp.Query, tables: Sequence[Table]) -> Iterator[str]:
    """A bound of how many there are that the query puts on something else."""
    counted = {word for table in tables for word in (table.name.lower(), single(table.name.lower()))}
    known = {column.name.lower() for table in tables for column in table.columns}
    for pattern in BOUNDS:
        for found in pattern.finditer(task):
            behind = re.match(r"((?: [a-z]+){0,2})", task[found.end() :].lower())[1].split()  # type: ignore[index]
            if not ({"different", "distinct"} & set(behind[:1]) or counted & set(behind)):
                continue
            sides = list(_sides(tree, number(found["n"])))
            if sides and all(_no_count(side, known) for side in sides):
                yield f"'{found.group().strip()} {' '.join(behind)}'"


def _sides(tree: exp.Query, bound: float) -> Iterator[exp.Expr]:
    """What is compared with a number."""
    for test in tree.find_all(*_COMPARES):
        literal = test.expression
        if isinstance(literal, exp.Literal) and literal.is_number and abs(float(literal.name) - bound) <= 1:
            yield test.this


def _no_count(side: exp.Expr, known: set[str]) -> bool:
    named = [column.name.lower() in known for column in side.find_all(exp.Column)]
    return side.find(exp.Count, exp.Window, exp.Filter) is None and bool(named) and all(named)


def _left_out(task: str, tree: exp.Query) -> Iterator[str]:
    text = tree.sql(dialect=statement.DIALECT)
    for found in _LEFT_OUT.finditer(task):
        if single(found["word"].lower()) not in text.lower() and not _NEGATIVE.search(text):
            yield f"'{found.group()}'"


def _order(task: str, tree: exp.Query, keys: set[str]) -> Iterator[str]:
    """An order that the query has not, or not to the end: behind a key there are no ties."""
    orders = list(tree.find_all(exp.Order))
    if (found := _ORDERED.search(task)) and not orders:
        yield f"'{found.group()}'"
    if (found := _THEN.search(task)) and not any(_settled(order, keys) for order in orders):
        yield f"'{found.group()}'"
    group = tree.args.get("group")
    if (
        (found := _ONE_ROW.search(task))
        and group is not None
        and not re.search(r"\bone row (?:per|for each)\b", task, re.I)
    ):
        yield f"'{found.group()}'"


def _settled(order: exp.Order, keys: set[str]) -> bool:
    named = {column.name for term in order.expressions for column in term.find_all(exp.Column)}
    return len(order.expressions) > 1 or bool(named & keys)


def _listed(tree: exp.Query, tables: Sequence[Table], listed: Sequence[str]) -> Iterator[str]:
    """Listed columns that are called as something which the query does not touch."""
    used = {column.name.lower() for column in tree.find_all(exp.Column)}
    known = {column.name.lower() for table in tables for column in table.columns if not column.name.endswith("_id")}
    things = {single(word) for table in tables for word in words(table.name)}
    heads = {words(name)[0] for name in known if words(name)} - things
    for name in listed:
        lacking = {word for word in words(name) if word in heads} if name.lower() not in known else {name.lower()}
        touched = used | {word for column in used for word in words(column)}
        if lacking and not lacking & touched:
            yield f"the column {name}"
    yield from _values(tree, listed)


def _values(tree: exp.Query, listed: Sequence[str]) -> Iterator[str]:
    """Listed columns beside such that count one value each, which count any."""
    if len(tree.selects) != len(listed):
        return
    filters = [item.find(exp.Filter) for item in tree.selects]
    values = [sorted(one.name.lower() for one in found.find_all(exp.Literal)) if found else [] for found in filters]
    if not any(name.lower() in said for name, said in zip(listed, values, strict=True)):
        return
    things = {single(word) for table in tree.find_all(exp.Table) for word in words(table.name)}
    for name, said, item in zip(listed, values, tree.selects, strict=True):
        bare = isinstance(item.unalias(), exp.Count) and not said
        many = len(said) > 1 and name.lower() in said
        thing = any(single(word) in things for word in words(name))
        if many or (bare and not thing and not re.search(r"total|count|all|number", name, re.I)):
            yield f"the column {name}"
