"""The names of classes, where a model's query has shorter ones than the task."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot import exp

from data.catalog import Catalog
from retrieval import Context

_SAME = (
    (re.compile(r"<(\d+)"), r"(?:under|below|less than) {0}"),
    (re.compile(r"(\d+)-(\d+)"), r"{0} ?(?:to|and|-|–) ?{1}"),
    (re.compile(r"(\d+)\+"), r"{0} (?:or|and) (?:more|over|above|older|up)"),
    (re.compile(r">(\d+)"), r"(?:over|above|more than) {0}"),
)


def labelled(tree: exp.Query, found: Context, catalog: Catalog) -> exp.Query:
    """The query with the labels of its classes as the task has them."""
    for case in tree.find_all(exp.Case):
        for label in _labels(case):
            if label.name not in found.question and (told := _told(label.name, found.question)):
                label.set("this", told)
    return tree


def _labels(case: exp.Case) -> Iterator[exp.Literal]:
    results = (*(branch.args["true"] for branch in case.args["ifs"]), case.args.get("default"))
    return (label for label in results if isinstance(label, exp.Literal) and label.is_string)


def _told(label: str, question: str) -> str:
    """What the task calls a class, if it does."""
    for short, long in _SAME:
        if numbers := short.fullmatch(label):
            said = re.search(rf"(?<![\w-]){long.format(*numbers.groups())}\b", question, re.IGNORECASE)
            return said.group() if said else ""
    return ""
