"""Tables of what is said, and of the plainer words for it."""

from __future__ import annotations

import re
from collections.abc import Callable

Said = str | Callable[[re.Match[str]], str]
Rule = tuple[re.Pattern[str], Said]


def table(*rows: tuple[str, Said], flags: re.RegexFlag = re.I) -> tuple[Rule, ...]:
    """The rules of (pattern, what is said instead), in the order in which they are applied."""
    return tuple((re.compile(pattern, flags), said) for pattern, said in rows)
