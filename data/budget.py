"""How much one query may take: rows, bytes read, seconds, memory, and how many may run at once; and how much of the
language models one principal may use."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields

from data.errors import Invalid

SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(B|[KMGTP]i?B)?\s*", re.IGNORECASE)
POWERS = {letter: power for power, letter in enumerate("KMGTP", start=1)}


@dataclass(frozen=True)
class Budget:
    """What one principal's query may take. A limit that is None does not hold."""

    rows: int = 10_000
    """The most rows of an answer."""
    scan_bytes: int | None = None
    """Bytes that a query may read from the stores, as estimated before it runs."""
    seconds: float = 30.0
    memory_bytes: int = 256 * 1024**2
    """Bytes of one answer that are held in memory."""
    concurrency: int = 8
    """Queries of one principal at once."""
    requests: int | None = None
    """Requests to language models of one principal in a minute."""
    tokens: int | None = None
    """Tokens, read and written, that language models may spend on one principal in a day."""


@dataclass(frozen=True)
class BudgetRule:
    """What the policy's `line` sets for members of `group`; what it leaves out is None."""

    group: str
    rows: int | None = None
    scan_bytes: int | None = None
    seconds: float | None = None
    memory_bytes: int | None = None
    concurrency: int | None = None
    requests: int | None = None
    tokens: int | None = None
    line: int = 0


def largest(rules: Iterable[BudgetRule]) -> Budget:
    """The budget that some rules give together: of each quantity the largest, and the default where no rule
    sets it."""
    held = tuple(rules)
    found = {}
    for field in fields(Budget):
        values = [getattr(rule, field.name) for rule in held if getattr(rule, field.name) is not None]
        if values:
            found[field.name] = max(values)
    return Budget(**found)


def size(text: str | int) -> int:
    """Bytes of `10GB` (powers of 1000), `256MiB` (powers of 1024) or a plain number; Invalid for anything
    else and for nothing."""
    match = SIZE.fullmatch(str(text))
    number, unit = match.groups() if match else ("0", "")
    unit = (unit or "B").upper()
    count = int(float(number) * (1024 if "I" in unit else 1000) ** POWERS.get(unit[0], 0))
    if count < 1:
        raise Invalid(f"'{text}' is not a size.", "Write one such as 10GB, 256MiB or a number of bytes.")
    return count
