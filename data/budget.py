"""What one principal may take of the machine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Budget:
    """Rows of an answer; bytes that a query may read, estimated before it runs; seconds; bytes of an answer in
    memory; queries at once."""

    rows: int = 10_000
    scan_bytes: int | None = None
    seconds: float = 30.0
    memory_bytes: int = 256 * 1024**2
    concurrency: int = 8
