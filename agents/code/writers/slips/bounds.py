"""Bounds that a task includes or leaves out, where a model's query does the other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot import exp

from agents import statement
from agents.code.demands.values import NUMBER, number
from data.catalog import Catalog
from data.naming import single
from retrieval import Context

_TOLD: tuple[tuple[str, type[exp.Binary]], ...] = (
    (rf"{NUMBER}(?: \w+)? or (?:more|above|over|later|longer|higher)\b", exp.GTE),
    (rf"\b(?:at least|a minimum of|no (?:fewer|less) than) (?:[$€£] ?)?{NUMBER}", exp.GTE),
    (rf"(?<!\bno )\b(?:more|greater|larger|higher|longer) than (?:[$€£] ?)?{NUMBER}", exp.GT),
    (rf"{NUMBER}(?: \w+)? or (?:fewer|less|below|under|shorter|lower)\b", exp.LTE),
    (rf"\b(?:at most|a maximum of|no more than) (?:[$€£] ?)?{NUMBER}", exp.LTE),
    (rf"\b(?:fewer|less|smaller|lower|shorter) than (?:[$€£] ?)?{NUMBER}", exp.LT),
)
_OTHER: dict[type[exp.Binary], type[exp.Binary]] = {exp.GT: exp.GTE, exp.GTE: exp.GT, exp.LT: exp.LTE, exp.LTE: exp.LT}


def bounded(tree: exp.Query, found: Context, catalog: Catalog) -> exp.Query:
    """The query with the bounds as they are told, of numbers of which the task and the query have one bound each."""
    told = [(number(said["n"]), kind) for said, kind in _told(found.question)]
    for bound, kind in told:
        tests = [test for test in tree.find_all(*_OTHER) if _number(test) == bound]
        if sum(one == bound for one, _ in told) == len(tests) == 1 and _OTHER[type(tests[0])] is kind:
            tests[0].replace(kind(this=tests[0].this, expression=tests[0].expression))
    return tree


def _told(question: str) -> Iterator[tuple[re.Match[str], type[exp.Binary]]]:
    """What a task says of bounds, and how it compares."""
    return ((found, kind) for said, kind in _TOLD for found in re.finditer(said, question, re.IGNORECASE))


def _number(test: exp.Expr) -> float | None:
    """What something is compared with."""
    bound = test.args["expression"]
    return float(bound.name) if isinstance(bound, exp.Literal) and bound.is_number else None


def counted(tree: exp.Query, found: Context, catalog: Catalog) -> exp.Query:
    """The query with the number of rows in the place of a sum, where the task bounds how many rows a group has."""
    for having in tree.find_all(exp.Having):
        select = having.parent_select
        tables = [statement.table(node, catalog) for node in statement.sources(select)] if select else []
        if not tables or tables[0] is None:
            continue
        things = {tables[0].name.lower(), single(tables[0].name.lower())}
        for test in having.find_all(*_OTHER):
            bound = _number(test)
            if isinstance(test.this, (exp.Sum, exp.Avg)) and bound in _of(found.question, things):
                test.this.replace(exp.Count(this=exp.Star()))
    return tree


def _of(question: str, things: set[str]) -> set[float]:
    """The bounds of how many of some things there are."""
    return {
        number(said["n"])
        for said, _ in _told(question)
        if things & set(re.findall(r"\w+", question[said.end() :].lower())[:3])
    }
