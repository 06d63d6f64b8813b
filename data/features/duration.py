"""Lengths of time as definitions write them: `5m`, `1h`, `90d`."""

from __future__ import annotations

import re

from data.errors import Invalid

UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
WRITTEN = re.compile(r"(\d{1,6})([smhdw])")
SECOND = 1_000_000


def microseconds(text: str) -> int:
    """The length of `5m`, `1h`, `90d` and the like; Invalid for anything else."""
    found = WRITTEN.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise Invalid(f"'{text}' is not a length of time.", "Write one such as 5m, 1h, 1d, 7d, 30d or 90d.")
    return int(found[1]) * UNITS[found[2]] * SECOND
