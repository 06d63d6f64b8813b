"""ORDER BY and LIMIT."""

from __future__ import annotations


def limited(by: str, count: str) -> str:
    """The first so many by a rule, at times without the very first."""
    return f'" ORDER BY " {by} " DESC"? " LIMIT " {count} (" OFFSET 1" | " OFFSET 2")?'


def ordered(by: str, count: str) -> str:
    """An order by a rule, at times only the first so many of it."""
    return f'" ORDER BY " {by} " DESC"? (" LIMIT " {count} (" OFFSET 1" | " OFFSET 2")?)?'
