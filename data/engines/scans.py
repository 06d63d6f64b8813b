"""How a Spark would read files, from the text of its physical plan. There is no form of it that all servers share."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from data.engines.base import Access

SCAN = re.compile(r"(DataSourceExec|FileScan \w+)\b.*")
"""The line of a scan: Sail's (as DataFusion writes it), and that of Spark on the JVM."""
NUMBERED = re.compile(r"[@#]\d+L?")
"""The number behind the name of a column."""
COLUMNS = re.compile(r"projection=\[(.*?)\](?:,|$)|FileScan \w+ ?\[(.*?)\] ")
FILTERS = re.compile(r"[, ]predicate=(.*?)(?:, [a-z_]+=|$)|PushedFilters: \[(.*?)\](?:, \w+: |$)")
LATER = "DynamicFilter"
"""How a filter begins that is only known while the query runs."""
LIMIT = re.compile(r"[, ]limit=(\d{1,18})\b")
"""A limit that reaches the files. One of 19 digits is a fence."""


def accesses(explained: str, places: Mapping[str, Sequence[str]], secrets: Sequence[str]) -> Iterator[Access]:
    """The scans of a plan. `places` has the paths of each table's files, or how they begin; a filter with one of the
    `secrets` in it is left out."""
    for found in SCAN.finditer(explained):
        line = found[0]
        table = next((name for name, paths in places.items() if any(path in line for path in paths)), None)
        if table is None:
            continue
        columns = dict.fromkeys(re.split(r" as\b", text)[0] for text in _parts(_first(COLUMNS, line)))
        filters = dict.fromkeys(text for text in _parts(_first(FILTERS, line)) if _may_be_told(text, secrets))
        limit = "store" if LIMIT.search(line) else ""
        yield Access(table, found[1].partition(" ")[0].upper(), tuple(columns), tuple(filters), (), limit)


def _may_be_told(text: str, secrets: Sequence[str]) -> bool:
    return not text.startswith(LATER) and not any(secret in text for secret in secrets)


def _first(pattern: re.Pattern[str], line: str) -> str:
    found = pattern.search(line)
    return NUMBERED.sub("", next((group for group in found.groups() if group is not None), "")) if found else ""


def _parts(text: str) -> Iterator[str]:
    """What stands between commas, or ANDs, outside of parentheses."""
    depth, start = 0, 0
    for at, letter in enumerate(text):
        depth += (letter in "([") - (letter in ")]")
        for word in (",", " AND "):
            if depth == 0 and text.startswith(word, at) and at >= start:
                yield text[start:at].strip()
                start = at + len(word)
    if text[start:].strip():
        yield text[start:].strip()
