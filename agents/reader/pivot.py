"""Values that become columns: `one column per method`."""

from __future__ import annotations

import re
from dataclasses import replace

from agents.grammar import quote
from agents.reader.frame import Frame, Group, Measure, Test
from agents.reader.marked import Marked, cut

MOST = 12
"""Columns that values become."""
_COLUMNS = re.compile(
    r"[,;]? ?(?:and |with |pivot(?:ed|ing)? (?:on |by |over |so that )?)*(?:(?:one|a|separate|a separate"
    r"|its own|different) columns? "
    r"(?:per|for each|for every|for|by)|(?:the )?<[ct]\d+> as columns of|pivot(?:ed)? (?:on|by|over)"
    r"|spread over columns by) (?:the )?(?P<c><c\d+>)"
    r"(?: as (?:separate )?columns)?|[,;]? ?(?:pivot(?:ed)? )?so that (?:each|every) (?P<c3><c\d+>) (?:becomes"
    r"|is|gets|has) (?:a|its own|one) column|[,;]? ?(?:with |and )?(?:the )?(?P<c2><c\d+>)(?: values?)? (?:as"
    r"|in) (?:separate |the )?columns"
)


def columns(text: str, frame: Frame, marked: Marked) -> str:
    """`one column per method`."""
    found = _COLUMNS.search(text)
    if found is None:
        return text
    frame.pivot = marked.hint(found["c"] or found["c2"] or found["c3"]).targets
    return cut(text, found)


def spread(frame: Frame, marked: Marked) -> bool:
    """Each number once for each value, in the order of the outputs where these are values; False where it is not known
    which values there are."""
    known = _values(frame, marked)
    named = [value for output in frame.outputs for value in known if value.lower() == output.lower()]
    values = named if named and len(named) == len(frame.outputs) else sorted(known)
    plain = [number for number in frame.numbers if isinstance(number, Measure)]
    if not 1 < len(values) <= MOST or len(plain) < len(frame.numbers) or not plain:
        return False
    frame.groups = [group for group in frame.groups if not (set(group.column) & set(frame.pivot) and not group.unit)]
    frame.groups = list(dict.fromkeys(frame.groups))
    frame.numbers = [
        replace(number, tests=(*number.tests, Test(frame.pivot, f" = {quote(value)}")))
        for value in values
        for number in plain
    ]
    return bool(frame.groups) and all(isinstance(group, Group) for group in frame.groups)


def _values(frame: Frame, marked: Marked) -> list[str]:
    for target in frame.pivot:
        table, _, column = target.rpartition(".")
        if found := marked.values.get(table, {}).get(column):
            return list(found)
    return []
