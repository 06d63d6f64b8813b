"""Questions worded as tasks for code. What the model reads is what is left of a task once the program is left out."""

from __future__ import annotations

import random
import re
from dataclasses import replace

from agents.code.writers.composed.request import Request
from finetune.families import Drawn

_FORMS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), forms)
    for pattern, forms in (
        (r"^how many (?P<what>.+?) (?:are there|do we have|exist)(?P<rest>.*)$", (
            "number of {what}{rest}", "count {what}{rest}", "the count of {what}{rest}",
            "a count of all {what}{rest}")),
        (r"^how many (?P<what>.+)(?P<rest>)$", ("how many {what}", "compute how many {what}")),
        (r"^(?:what(?:'s| is| was| are| were)|how (?:large|high|big) (?:is|was)) (?:the )?(?P<what>.+)(?P<rest>)$", (
            "the {what}", "{what}", "compute the {what}", "calculate the {what}", "returns the {what}")),
        (r"^(?:which|what) (?P<what>.+)(?P<rest>)$", ("find which {what}", "which {what}")),
        (r"^(?:list|show|give|name|display|get|find)(?: me| us)? (?:all )?(?:the )?(?P<what>.+)(?P<rest>)$", (
            "all {what}", "list {what}", "the {what}", "select {what}", "a list of {what}")),
    )
)  # fmt: skip
"""What becomes of a question's opening in a task, the first pattern that fits."""
_TASKS = (
    "Write a PySpark job that returns {}", "PySpark: {}", "In Spark, {}", "Give me a Spark DataFrame with {}",
    "SQL for {}", "Write a SQL query for {}", "Query: {}", "I need a query giving {}", "Polars: {}", "With Polars, {}",
    "Use pandas: {}", "Python script: {}", "Write pandas code for {}", "{}, as a DataFrame", "{}, in PySpark please",
    "Compute in Python {}",
)  # fmt: skip


def as_task(drawn: Drawn, rng: random.Random) -> Drawn:
    """The same with its question in the words of a task; one that the wording would change stays as it is."""
    said = drawn.question.strip().rstrip("?. ")
    for pattern, forms in _FORMS:
        if found := pattern.match(said):
            said = rng.choice(forms).format(**found.groupdict())
            break
    request = Request.of(rng.choice(_TASKS).format(said))
    # A list that was taken for the columns of the task would be missing from what the model reads.
    return drawn if request.outputs or not request.question else replace(drawn, question=request.question)
