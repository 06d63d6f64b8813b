"""The identifiers that live events have taken, kept in the home: no two runs give out the same."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from filelock import FileLock

FILE = "live.json"
"""The greatest identifier of each stream that was given out."""


class Numbers:
    """Gives out identifiers by blocks; several processes may ask at once."""

    def __init__(self, home: Path, greatest: Mapping[str, int]) -> None:
        """`greatest` are the identifiers that stand in the tables, by stream."""
        self._file = home / FILE
        self._greatest = greatest

    def take(self, counts: Mapping[str, int]) -> dict[str, int]:
        """For each stream the first of so many identifiers, which nobody else gets."""
        with FileLock(f"{self._file}.lock"):
            given = self._given()
            last = {name: max(given.get(name, 0), self._greatest[name]) for name in counts}
            self._keep(given | {name: last[name] + count for name, count in counts.items()})
        return {name: number + 1 for name, number in last.items()}

    def _given(self) -> dict[str, int]:
        try:
            return {str(name): int(number) for name, number in json.loads(self._file.read_text()).items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def _keep(self, given: Mapping[str, int]) -> None:
        draft = self._file.with_name(f".{FILE}.{os.getpid()}")
        draft.write_text(json.dumps(given))
        os.replace(draft, self._file)
