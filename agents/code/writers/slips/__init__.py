"""The slips of a small model in the SQL that it writes for a task, each with its mend.

A slip is what can hardly be meant: a column of a table that was not joined, a condition that the task names and the
query has not, a number divided by itself. What is not plain stays: a query that was right is not to be changed.
"""

from __future__ import annotations

from sqlglot import exp

from agents.code.writers.slips.bounds import bounded, counted
from agents.code.writers.slips.conditions import founded, narrowed
from agents.code.writers.slips.elapsed import elapsed
from agents.code.writers.slips.groups import grouped, ungrouped
from agents.code.writers.slips.joins import joined
from agents.code.writers.slips.labels import labelled
from agents.code.writers.slips.numbers import numbered
from agents.code.writers.slips.orders import sorted_first, untied
from agents.code.writers.slips.partitions import partitioned
from agents.code.writers.slips.periods import dated, extended
from agents.code.writers.slips.shares import shared, told_apart
from agents.code.writers.slips.units import converted
from data.catalog import Catalog
from retrieval import Context

ALONE = (joined, ungrouped, shared, partitioned, told_apart)
"""Steps that need to know nothing of the task."""
BESIDE = (
    founded, narrowed, grouped, bounded, counted, extended, dated, elapsed, converted, numbered, labelled, sorted_first,
    untied,
)  # fmt: skip
"""Steps that look for what the task says and the query does not."""


def consistent(tree: exp.Query, catalog: Catalog) -> exp.Query:
    """The query without the slips that show in itself."""
    for step in ALONE:
        tree = step(tree, catalog)
    return tree


def mended(tree: exp.Query, found: Context, catalog: Catalog) -> exp.Query:
    """The query without its slips; `found` is what was retrieved for the task."""
    tree = consistent(tree, catalog)
    for step in BESIDE:
        tree = step(tree, found, catalog)
    return tree
