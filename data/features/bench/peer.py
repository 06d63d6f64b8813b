"""An environment with Feast, apart from ours, and what is asked of it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from data import environment
from data.errors import Invalid, Unavailable

WANTED = "feast[duckdb]==0.67.*"
SIDE = Path(__file__).with_name("feast_side.py")
REMEDY = f"Make an environment with '{WANTED}' and name its Python with --peer-python."


class Peer:
    """Feast, run by a Python that has it."""

    def __init__(self, python: Path) -> None:
        """Invalid where there is no Feast."""
        self._python = python
        found = self._run("-c", "import feast, duckdb, ibis; print(feast.__version__)", seconds=120)
        if found.returncode != 0:
            raise Invalid(f"'{python}' has no Feast with DuckDB.", REMEDY)
        self.version = found.stdout.split()[-1]

    def ask(self, *arguments: object, seconds: float = 1_800) -> dict[str, Any]:
        """What `feast_side.py` answers. Unavailable where it fails, or takes longer."""
        try:
            found = self._run(str(SIDE), *map(str, arguments), seconds=seconds)
        except subprocess.TimeoutExpired:
            raise Unavailable(f"Feast took more than {seconds:g} s to {arguments[0]}.", "Measure less.") from None
        if found.returncode != 0:
            said = (found.stderr.strip().splitlines() or ["killed"])[-1]
            raise Unavailable(f"Feast failed to {arguments[0]}: {said}", "Measure less, or look at its environment.")
        answer: dict[str, Any] = json.loads(found.stdout.splitlines()[-1])
        return answer

    def _run(self, *arguments: str, seconds: float) -> subprocess.CompletedProcess[str]:
        return environment.run(self._python, *arguments, seconds=seconds, remedy=REMEDY)


def provide(python: Path | None, say: Callable[[str], None]) -> Peer:
    """The environment that is named, or one in the cache folder, which is made where it is not there."""
    return Peer(python or environment.provide("feast", "Feast", [WANTED], REMEDY, say))
