"""Groups that a model's query leaves out: a column that a task tells its numbers by, alone or beside another one."""

from __future__ import annotations

import re
from itertools import pairwise

from sqlglot import exp

from agents.code.writers.slips.joins import Scope, meant
from data.catalog import Catalog
from retrieval import Context
from retrieval.hints import Hint

_UNSORTED = r"(?<!sort )(?<!order )(?<!sorted )(?<!ordered )\b"
_BY = re.compile(_UNSORTED + r"(?:by|per|each|every) (?:the |its )?(?:[\w ]{1,20}'s? )?$", re.IGNORECASE)
_ALONE = re.compile(_UNSORTED + r"(?:by|per|(?:for|in|of) (?:each|every)) (?:[a-z]+(?:'s?)? )?$", re.IGNORECASE)
_AND = re.compile(r"(?: of [\w' ]{1,25}?)? and (?:by |per |the |its |their )*(?:\w+'s )?", re.IGNORECASE)


def ungrouped(tree: exp.Query, catalog: Catalog) -> exp.Query:
    """The query with its plain columns as groups, and no numbers among them."""
    for select in tree.find_all(exp.Select):
        numbers = [_is_number(item) for item in select.selects]
        plain = [n for n, number in enumerate(numbers, 1) if not number]
        group = select.args.get("group")
        if group is None and any(numbers) and plain and all(map(_is_plain, (select.selects[n - 1] for n in plain))):
            select.set("group", exp.Group(expressions=[exp.Literal.number(n) for n in plain]))
        elif group is not None:
            kept = [key for key in group.expressions if not _is_of(key, numbers)]
            group.set("expressions", kept)
            if not kept and not any(group.args.get(way) for way in ("all", "rollup", "cube", "grouping_sets")):
                select.set("group", None)
    return tree


def _is_plain(item: exp.Expr) -> bool:
    return isinstance(item.unalias(), exp.Column)


def _is_number(item: exp.Expr) -> bool:
    """Whether an output is made of many rows; those of a query in it are not meant."""
    numbers = (number for number in item.find_all(exp.AggFunc) if number.parent_select is item.parent_select)
    return item.find(exp.Window) is None and any(numbers)


def _is_of(key: exp.Expr, numbers: list[bool]) -> bool:
    """Whether a key is the place of a number."""
    place = int(key.name) if isinstance(key, exp.Literal) and key.is_int else 0
    return 0 < place <= len(numbers) and numbers[place - 1]


def grouped(tree: exp.Query, found: Context, catalog: Catalog) -> exp.Query:
    """The query with the columns as groups that the task names beside one that it groups by, or as the only one."""
    scope = Scope.of(tree, catalog) if isinstance(tree, exp.Select) else None
    if scope is None:
        return tree
    columns = sorted((hint for hint in found.hints if _is_group(hint, catalog)), key=lambda hint: hint.start)
    if tree.args.get("group"):
        for first, second in pairwise(columns):
            if _are_together(first, second, found.question):
                _add(scope, _shown(scope.select, first), second)
    elif all(map(_is_number, scope.select.selects)):
        told = [hint for hint in columns if _ALONE.search(found.question[: hint.start])]
        if len({hint.targets for hint in told}) == 1:
            _add(scope, [-1], told[0])
    return tree


def _is_group(hint: Hint, catalog: Catalog) -> bool:
    """Whether it names a column by which there can be groups: moments are nearly all different."""
    places = (catalog.locate(target) for target in hint.targets)
    return hint.kind == "column" and not any(at and at[1].type.upper().startswith("TIME") for at in places)


def _are_together(first: Hint, second: Hint, question: str) -> bool:
    between = question[first.start + len(first.span) : second.start]
    return bool(_BY.search(question[: first.start]) and _AND.fullmatch(between))


def _shown(select: exp.Select, hint: Hint) -> list[int]:
    """Where the query shows a column."""
    items = (item.unalias() for item in select.selects)
    return [at for at, item in enumerate(items) if isinstance(item, exp.Column) and item.name in _names(hint)]


def _add(scope: Scope, behind: list[int], hint: Hint) -> None:
    """A column behind the only one of some, if one table has it, and the query makes nothing else of it."""
    select = scope.select
    used = {column.name for item in select.selects for column in item.find_all(exp.Column)}
    places = [(alias, name) for alias, table in scope.tables.items() for name in meant(hint, table)]
    if len(places) != 1 or len(behind) != 1 or used & _names(hint):
        return
    column = exp.column(places[0][1], table=places[0][0] if len(scope.tables) > 1 else None)
    _shift(select, behind[0] + 1)
    select.set("expressions", [*select.selects[: behind[0] + 1], column, *select.selects[behind[0] + 1 :]])
    group = select.args.get("group") or exp.Group()
    group.append("expressions", column.copy())
    select.set("group", group)


def _names(hint: Hint) -> set[str]:
    return {target.rpartition(".")[2] for target in hint.targets}


def _shift(select: exp.Select, last: int) -> None:
    """Count the outputs behind one as one more where they are told by number."""
    for clause in (select.args.get("group"), select.args.get("order")):
        for key in clause.expressions if clause else ():
            place = key.this if isinstance(key, exp.Ordered) else key
            if isinstance(place, exp.Literal) and place.is_int and int(place.name) > last:
                place.set("this", str(int(place.name) + 1))
