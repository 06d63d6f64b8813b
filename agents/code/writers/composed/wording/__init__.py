"""A task in plain words: without what asks nothing, and with the rest as its readers know it."""

from __future__ import annotations

from itertools import chain

from agents.code.writers.composed.wording import asides, columns, numbers, prefaces, remarks, rows, spans

TABLES = (remarks.RULES, prefaces.RULES, asides.RULES, spans.RULES, rows.RULES, columns.RULES, numbers.RULES)
"""What is said plainly, one kind after the other: what is dropped first, then what is put in other words."""


def plain(task: str) -> str:
    """The task, said plainly."""
    for pattern, said in chain.from_iterable(TABLES):
        task = pattern.sub(said, task)
    return task
