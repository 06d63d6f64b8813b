"""What a cell is to be, and which of its walls stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

VIEW = "/program"
"""Where a program finds its folder when it sees nothing of the machine's files."""


@dataclass
class Plan:
    """One cell on its way: what was asked for, and for each wall why it is missing, or nothing where it stands."""

    kind: str
    place: str
    """A folder of the machine over which the view is laid."""
    own: str
    """The program's folder on the machine's disk, where there is no view."""
    file_mb: int
    files: int
    without: frozenset[str] = frozenset()
    """Walls that are to be left out, as on a machine that has none of them."""
    user: int = 0
    """Who the program runs as, as far as that can be chosen."""
    walls: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, spec: dict[str, Any]) -> Plan:
        names = ("kind", "place", "own", "file_mb", "files")
        return cls(**{name: spec[name] for name in names}, without=frozenset(spec["without"]))

    @property
    def jvm(self) -> bool:
        """Whether there is to be a JVM, which is more than one process."""
        return self.kind == "jvm"

    def stands(self, name: str) -> bool:
        return self.walls.get(name) == ""

    def put_up(self, name: str, build: Callable[[Plan], None]) -> None:
        """Build one wall, and note what became of it."""
        try:
            if name in self.without:
                raise OSError("left out by the settings")
            build(self)
            self.walls[name] = ""
        except (OSError, KeyError) as error:
            self.walls[name] = str(error) or type(error).__name__

    @property
    def home(self) -> str:
        """The program's folder as the program sees it."""
        return VIEW if self.stands("files") else self.own
