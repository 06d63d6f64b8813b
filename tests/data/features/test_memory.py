"""What materialising holds does not grow with the history. The sizes of pieces are scaled down with the history, and
the same runs with pieces that are never cut show that there was something to hold."""

from __future__ import annotations

from pathlib import Path

from data.apart import apart
from data.features.bench import lakehouse
from data.features.bench.memory import materialize

FEW, MANY = 50_000, 500_000
NEVER = 10**9


def materialized(home: Path, cut: bool) -> float:
    """In a process of its own."""
    from data.features import datafiles, fetch, moments, runs, values, workspace
    from data.features.online import refresh

    workspace.MEMORY, workspace.THREADS = ("48MB", 2) if cut else ("4GB", 2)
    datafiles.FILE = 4 * 1024**2
    runs.RUN = moments.PIECE = values.SLICE = refresh.PIECE = fetch.PIECE = fetch.POINTS = 10_000 if cut else NEVER
    return materialize(home)


def test_memory_does_not_grow_with_the_history(tmp_path: Path) -> None:
    peaks = {}
    for name, events, cut in (("few", FEW, True), ("many", MANY, True), ("uncut", MANY, False)):
        lakehouse.build(tmp_path / name, events)
        _, peaks[name] = apart(materialized, tmp_path / name, cut)
    assert peaks["uncut"] - peaks["few"] > 200, "the history is too small to say anything"
    assert peaks["many"] - peaks["few"] < (peaks["uncut"] - peaks["few"]) / 2
