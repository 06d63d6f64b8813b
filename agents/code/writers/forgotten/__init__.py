"""What a model's query plainly forgot of its task, and is made whole by: a small model drops the end of a sentence
sooner than its beginning."""

from __future__ import annotations

from sqlglot import exp

from agents.code.writers.forgotten.conditions import narrowed
from agents.code.writers.forgotten.elapsed import elapsed
from agents.code.writers.forgotten.joins import joined
from agents.code.writers.forgotten.shares import shared
from agents.code.writers.forgotten.ties import untied
from agents.code.writers.forgotten.years import extended
from data.catalog import Catalog
from retrieval import Context

STEPS = (joined, narrowed, extended, elapsed, shared, untied)
"""Each takes a query with what was found of its task, and gives it back with what it is sure of changed."""


def completed(tree: exp.Query, found: Context, catalog: Catalog) -> exp.Query:
    """The query with all that it forgot."""
    for step in STEPS:
        tree = step(tree, found, catalog)
    return tree
