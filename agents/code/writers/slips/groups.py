"""Groups by two columns that a task names together, of which a model's query has the first alone."""

from __future__ import annotations

import re
from itertools import pairwise

from sqlglot import exp

from agents.code.writers.slips.joins import Scope
from data.catalog import Catalog
from retrieval import Context
from retrieval.hints import Hint

_BY = re.compile(
    r"\b(?<!sort )(?<!order )(?<!sorted )(?<!ordered )(?:by|per|each|every) (?:the |its )?(?:[\w ]{1,20}'s? )?$", re.I
)
_AND = re.compile(r"(?: of [\w' ]{1,25}?)? and (?:by |per |the |its |their )*(?:\w+'s )?", re.I)


def grouped(tree: exp.Query, found: Context, catalog: Catalog) -> exp.Query:
    """The query grouped by the second column as well."""
    scope = Scope.of(tree, catalog) if isinstance(tree, exp.Select) and tree.args.get("group") else None
    columns = [hint for hint in found.hints if hint.kind == "column"]
    for first, second in pairwise(sorted(columns, key=lambda hint: hint.start)):
        if scope is not None and _are_together(first, second, found.question):
            _add(scope, first, second)
    return tree


def _are_together(first: Hint, second: Hint, question: str) -> bool:
    between = question[first.start + len(first.span) : second.start]
    return bool(_BY.search(question[: first.start]) and _AND.fullmatch(between))


def _add(scope: Scope, first: Hint, second: Hint) -> None:
    """The second behind the first, where the query shows that and has nothing of the second."""
    select, used = scope.select, {column.name for column in scope.select.find_all(exp.Column)}
    places = [
        (alias, target.rpartition(".")[2])
        for alias, table in scope.tables.items()
        for target in second.targets
        if target.startswith(f"{table.full_name}.")
    ]
    shown = [
        at for at, item in enumerate(select.selects)
        if isinstance(item.unalias(), exp.Column) and item.unalias().name in _names(first)
    ]  # fmt: skip
    if len(places) != 1 or len(shown) != 1 or used & _names(second):
        return
    alias, name = places[0]
    column = exp.column(name, table=alias if len(scope.tables) > 1 else None)
    _shift(select, shown[0] + 1)
    select.selects.insert(shown[0] + 1, column)
    select.set("expressions", select.selects)
    select.args["group"].append("expressions", column.copy())


def _names(hint: Hint) -> set[str]:
    return {target.rpartition(".")[2] for target in hint.targets}


def _shift(select: exp.Select, last: int) -> None:
    """Count the outputs behind one as one more where they are told by number."""
    for clause in (select.args.get("group"), select.args.get("order")):
        for key in clause.expressions if clause else ():
            place = key.this if isinstance(key, exp.Ordered) else key
            if isinstance(place, exp.Literal) and int(place.name) > last:
                place.set("this", str(int(place.name) + 1))
