"""What goes into the sandbox and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

from data.errors import Forbidden, Invalid

if TYPE_CHECKING:
    import pyarrow as pa

Language = Literal["python", "pyspark"]
EngineName = Literal["sail", "jvm"]
Status = Literal["ok", "error", "timeout", "memory", "output", "killed", "refused"]

LONGEST_CODE = 256 * 1024
"""Bytes of a program."""


@dataclass(frozen=True)
class Limits:
    """What one run may take. Whoever crosses one is ended, or refused what goes beyond it."""

    seconds: float = 30.0
    """Of the clock, from the moment the program is handed over."""
    cpu_seconds: int = 60
    memory_mb: int = 1_024
    """Beyond what the Python runtime with its libraries takes itself."""
    processes: int = 64
    """Threads; processes are none at all, but for Spark on the JVM."""
    open_files: int = 256
    file_mb: int = 64
    """Everything that the program writes into its folder."""
    files: int = 1_000
    output_kb: int = 256
    """Of stdout and of stderr, each."""
    rows: int = 1_000_000
    """Of one table that the program reads."""
    bytes: int = 256 * 1024**2
    """Of one table that the program reads, as Arrow."""
    queries: int = 100
    result_rows: int = 10_000
    result_bytes: int = 32 * 1024**2
    charts: int = 8
    chart_kb: int = 2_048

    def __post_init__(self) -> None:
        """Invalid for a limit that lets nothing run."""
        for field in fields(self):
            value = getattr(self, field.name)
            if value <= 0:
                raise Invalid(f"The limit {field.name} can't be {value}.", "Give a number above 0.")


@dataclass(frozen=True)
class Program:
    """A program as a model wrote it. Its outcome is what it binds to `result`.

    `sample` is for trial runs: at most so many rows of each table. `engine` is what runs PySpark."""

    code: str
    language: Language = "python"
    sample: int | None = None
    engine: EngineName = "sail"

    def __post_init__(self) -> None:
        """Invalid for what no sandbox can run."""
        if self.language not in ("python", "pyspark"):
            raise Invalid(f"The sandbox runs no '{self.language}'.", "Use python or pyspark.")
        if self.engine not in ("sail", "jvm"):
            raise Invalid(f"PySpark has no engine '{self.engine}' here.", "Use sail or jvm.")
        if self.sample is not None and self.sample < 1:
            raise Invalid(f"A sample can't have {self.sample} rows.", "Give a number from 1 on, or leave it out.")
        if len(self.code.encode("utf-8", "surrogatepass")) > LONGEST_CODE:
            raise Invalid("The program is too long.", f"{LONGEST_CODE // 1024} KB are the most.")

    @property
    def kind(self) -> str:
        """What a cell has to be made ready for: `python`, `sail` or `jvm`."""
        return "python" if self.language == "python" else self.engine


@dataclass(frozen=True)
class Fault:
    """What the program raised, and at which of its lines (0: at none)."""

    type: str
    message: str
    line: int = 0


@dataclass(frozen=True)
class Chart:
    """A Vega-Lite description or a PNG image that the program made. Hostile until shown to be harmless."""

    name: str
    kind: Literal["vega", "png"]
    spec: dict[str, Any] | None = None
    png: bytes = b""


@dataclass(frozen=True)
class Outcome:
    """What became of a program. All in it comes from the program, and is bounded but not trusted."""

    status: Status
    stdout: str = ""
    stderr: str = ""
    result: pa.Table | None = None
    truncated: bool = False
    """Whether `result` has fewer rows than the program bound to it."""
    error: Fault | None = None
    charts: tuple[Chart, ...] = ()
    seconds: float = 0.0
    queries: tuple[str, ...] = ()
    """The ids of the audit records of what it read."""
    tables: tuple[str, ...] = ()
    """The full names of the tables it read."""
    refused: Forbidden | None = None
    """The last thing that it asked for and that the principal may not see: the gateway's word, not the program's."""


@dataclass(frozen=True)
class Wall:
    """One thing that keeps a program in. `why` says what is missing where it does not stand."""

    name: str
    stands: bool
    why: str = ""
