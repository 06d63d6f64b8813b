"""Numbers in the unit that a question names: what a query shows is converted, and so is what it compares with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlglot import exp

from agents import statement
from agents.ask.rerank.shape import Shape
from agents.ask.rerank.units import converts, factors
from data.errors import Invalid
from retrieval.spans import words

if TYPE_CHECKING:
    from retrieval import Context
    from retrieval.hints import Hint

_MEASURED = (exp.Sum, exp.Avg, exp.Max, exp.Min, exp.Median)
_COMPARED = (exp.GT, exp.GTE, exp.LT, exp.LTE, exp.EQ)
_NEXT = re.compile(r"\s*[€$£]?\s*\w*")


def converted(text: str, context: Context) -> str:
    """A query with what it shows in the unit that the question asks for; as it is where it already is, or none is."""
    shape = _shape(text, context)
    if shape is None or converts(shape, context.question) != "missing" or _says_bounds_only(context):
        return text
    found = False
    for node in list(_shown(shape)):
        name = shape.named(node if isinstance(node, exp.Column) else node.this)
        by = factors(shape.column(name).unit, context.question) if name else set()
        if by:
            found = True
            whole = node.parent if isinstance(node.parent, exp.Filter) else node
            whole.replace(exp.Div(this=whole.copy(), expression=exp.Literal.number(min(by))))
    return _written(text, shape.tree) if found else text


def _shown(shape: Shape) -> Iterator[exp.Expr]:
    """The columns that it shows, and the aggregates of one column that are neither divided nor multiplied."""
    for item in shape.outer.selects:
        for node in item.find_all(exp.Column, *_MEASURED):
            alone = isinstance(node, exp.Column) and node.find_ancestor(exp.Func, exp.Filter, exp.Select) is shape.outer
            aggregate = isinstance(node, _MEASURED) and isinstance(node.this, exp.Column)
            if (alone or aggregate) and node.find_ancestor(exp.Div, exp.Mul) is None:
                yield node


def scaled(text: str, context: Context) -> str:
    """A query whose numbers, said with a unit, are compared as the store keeps them: 5,000 euros are 500,000 cents."""
    shape = _shape(text, context)
    if shape is None:
        return text
    changed = False
    for test in shape.tree.find_all(*_COMPARED):
        number = test.expression
        name = shape.named(test.this) if isinstance(test.this, exp.Column) else ""
        if name and isinstance(number, exp.Literal) and not number.is_string:
            by = _factor(shape.column(name).unit, str(number.this), context)
            if by != 1:
                changed = True
                number.replace(exp.Literal.number(f"{float(number.this) * by:.12g}"))
    return _written(text, shape.tree) if changed else text


def _factor(unit: str | None, number: str, context: Context) -> float:
    for hint in context.hints:
        if hint.kind == "number" and number in hint.literals and not _is_counted(hint):
            return max(factors(unit, _phrase(hint, context.question)), default=1.0)
    return 1.0


def _phrase(hint: Hint, question: str) -> str:
    """A number with the word behind it, and the sign before it."""
    end = hint.start + len(hint.span)
    follows = _NEXT.match(question[end:])
    return question[max(0, hint.start - 1) : end] + (follows.group() if follows else "")


def _is_counted(hint: Hint) -> bool:
    """Whether the unit was counted in when the number was read, as in 'five minutes' for 300 seconds."""
    return bool(re.search(r"\b(?:sec|min|h(?:ou)?r)\w*$", hint.span, re.IGNORECASE))


def _says_bounds_only(context: Context) -> bool:
    """Whether the question names units with the numbers that bound alone."""
    bare = context.question
    for hint in sorted(context.hints, key=lambda hint: -hint.start):
        if hint.kind == "number":
            end = hint.start + len(_phrase(hint, context.question)) - (1 if hint.start else 0)
            bare = bare[: max(0, hint.start - 1)] + bare[end:]
    return bare != context.question and not any(
        factors(column.unit, bare) for table in context.catalog.tables for column in table.columns
    )


def _shape(text: str, context: Context) -> Shape | None:
    if not words(text):
        return None
    try:
        shape = Shape(statement.query(text), context.catalog)
    except Invalid:
        return None
    return shape if shape.tree.find(exp.Select) is not None else None


def _written(text: str, tree: exp.Query) -> str:
    return tree.sql(dialect=statement.DIALECT)
