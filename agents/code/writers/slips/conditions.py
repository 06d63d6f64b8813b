"""Conditions on texts: those that a task names and a model's query leaves out, and those that it has from nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from agents.code.writers.slips.joins import Scope, Way, meant
from agents.code.writers.sound import OUT, WHOLE, compared, place_of
from data.catalog import Catalog
from retrieval import Context
from retrieval.hints import Hint

CODE, STEM = 2, 5
"""Letters of a country's code, and those by which a word is known in its other forms."""
_DENIED = re.compile(rf"\b(?:{OUT} |never mind (?:the )?|not |non[- ])$", re.IGNORECASE)
_WITHOUT = re.compile(r"\bwithout(?: the| any| an?)* $", re.IGNORECASE)
_PART = re.compile(
    r"\b(?:share|percent(?:age)?|proportion|fraction|rate|ratio|number|count|how many|feel)(?: of)?"
    r"(?: the| all| its| their)* $",
    re.IGNORECASE,
)
"""What comes before a value that is counted beside others, and not all that is asked about."""
_ELSE = re.compile(
    r" (?:than|teams?|office|desk|squad|colleagues|department|people|folks|(?:month|day|week|year|hour)s?"
    r"|(?:ones )?(?:included|too|as well))\b",
    re.IGNORECASE,
)
"""What comes after a word that is no value, names who asks, or lets rows in that would be there anyhow."""


def founded(tree: exp.Query, found: Context, catalog: Catalog) -> exp.Query:
    """The query without the demand of several texts of which the task has nothing, or of a text that another column has
    and this one has not. A single text may be what the task says in other words."""
    for where in list(tree.find_all(exp.Where)):
        if isinstance(where.parent, exp.Filter):
            continue  # What is counted apart is a column, and no condition.
        tests = list(where.this.flatten()) if isinstance(where.this, exp.And) else [where.this]
        kept = [test for test in tests if not _is_baseless(test, found, catalog)]
        if not kept:
            where.pop()
        elif len(kept) < len(tests):
            where.set("this", exp.and_(*kept, copy=False))
    return tree


def _is_baseless(test: exp.Expr, found: Context, catalog: Catalog) -> bool:
    bare = test.unnest()
    if not isinstance(bare, (exp.EQ, exp.In)) or not isinstance(bare.this, exp.Column):
        return False
    sides = bare.expressions if isinstance(bare, exp.In) else [bare.expression]
    texts = [side.name for side in sides if isinstance(side, exp.Literal) and side.is_string]
    if not texts or len(texts) < len(sides):
        return False
    unheard = len(texts) > 1 and all(_is_unheard(text, found) for text in texts)
    return unheard or all(_is_elsewhere(bare, text, found, catalog) for text in texts)


def _is_unheard(text: str, found: Context) -> bool:
    """Whether neither the task nor what it means has anything of a text."""
    told = {literal.casefold() for hint in found.hints for literal in hint.literals}
    return text.casefold() not in told and text.casefold()[:STEM] not in found.question.casefold()


def _is_elsewhere(test: exp.Expr, text: str, found: Context, catalog: Catalog) -> bool:
    """Whether a text that the task names is no value of this column, and there is one place to look for it."""
    at, tree = place_of(test.this, catalog), test.root()
    values = found.values.get(at[0].full_name, {}).get(at[1], ()) if at else ()
    if text in values or not 0 < len(values) <= WHOLE:
        return False
    said = (hint for hint in found.hints if _is_said(hint, found.question) and text in hint.literals)
    return any(len(_found(tree, hint, catalog)) == 1 for hint in said)


def narrowed(tree: exp.Query, found: Context, catalog: Catalog) -> exp.Query:
    """The query with a condition for each value that the question names and the query leaves out, where one table of it
    has such a column, or one that a key leads to."""
    for hint in list(_left_out(tree, found, catalog)):
        places = _found(tree, hint, catalog)
        if len(places) == 1:
            places[0].narrow(hint.literals[0], found.question[: hint.start])
    return tree


@dataclass(frozen=True)
class _Place:
    """A column of a table of a SELECT, which may have to be joined first."""

    scope: Scope
    alias: str
    column: str
    way: Way | None = None

    def narrow(self, text: str, before: str) -> None:
        """Take the rows that have a text there, or those that have another one, as what stands `before` it says."""
        lacking = _WITHOUT.search(before) and not self.scope.select.find_ancestor(exp.Not)
        test = exp.NEQ if lacking or _DENIED.search(before) else exp.EQ
        if test is exp.EQ and self._is_told_by():
            return
        if self.way:
            self.scope.join(self.way)
        column = exp.column(self.column, table=self.alias if len(self.scope.tables) > 1 else None)
        self.scope.select.where(test(this=column, expression=exp.Literal.string(text)), copy=False)

    def _is_told_by(self) -> bool:
        """Whether the query tells numbers by this column, of which one value would leave nothing to tell."""
        items = (item.unalias() for item in self.scope.select.selects if self.scope.select.args.get("group"))
        return any(isinstance(item, exp.Column) and item.name == self.column for item in items)


def _left_out(tree: exp.Query, found: Context, catalog: Catalog) -> Iterator[Hint]:
    """The values in so many words that stand nowhere in a query. One of a column that is compared with another may be
    what is left of it, of several that are listed each may be a row, and one may be what a column is called."""
    texts = [text.name.casefold().strip("%") for text in tree.find_all(exp.Literal) if text.is_string]
    tested = {f"{at[0].full_name}.{at[1]}" for column, _ in compared(tree) if (at := place_of(column, catalog))}
    said = (hint for hint in found.hints if _is_said(hint, found.question))
    named = {item.alias.casefold() for select in tree.find_all(exp.Select) for item in select.selects}
    lost = [hint for hint in said if not any(_like(hint.literals[0], text) for text in (*texts, *named))]
    for hint in {(hint.targets, hint.literals): hint for hint in reversed(lost)}.values():
        listed = {other.literals for other in lost if set(other.targets) & set(hint.targets)}
        if len(listed) == 1 and not tested & set(hint.targets):
            yield hint


def _like(value: str, text: str) -> bool:
    """Whether one of two texts stands in the other."""
    return bool(text) and (text in value.casefold() or value.casefold() in text)


def _is_said(hint: Hint, question: str) -> bool:
    """Whether a phrase is a value as it is stored, or a country by its name, and narrows what is asked."""
    if hint.kind != "value" or hint.alike or len(hint.literals) != 1:
        return False
    text, end = hint.literals[0], hint.start + len(hint.span)
    country = len(text) == CODE < len(hint.span) and text.isupper() and hint.span[0].isupper()
    exact = hint.span.casefold() == text.casefold()
    return (exact or country) and not _PART.search(question[: hint.start]) and not _ELSE.match(question[end:])


def _found(tree: exp.Expr, hint: Hint, catalog: Catalog) -> list[_Place]:
    """Where a value may be looked for."""
    return list(_places(tree, hint, catalog)) or list(_reached(tree, hint, catalog))


def _scopes(tree: exp.Expr, catalog: Catalog) -> Iterator[Scope]:
    found = (Scope.of(select, catalog) for select in tree.find_all(exp.Select))
    return (scope for scope in found if scope)


def _places(tree: exp.Expr, hint: Hint, catalog: Catalog) -> Iterator[_Place]:
    """Where a value may be looked for without another join."""
    for scope in _scopes(tree, catalog):
        for alias, table in scope.tables.items():
            for column in meant(hint, table):
                if alias not in scope.optional:
                    yield _Place(scope, alias, column)


def _reached(tree: exp.Expr, hint: Hint, catalog: Catalog) -> Iterator[_Place]:
    """Where it may be looked for behind a key."""
    for scope in _scopes(tree, catalog):
        for way in scope.beside():
            for column in meant(hint, way.table):
                if way.joins and way.table.name not in scope.tables:
                    yield _Place(scope, way.table.name, column, way)
