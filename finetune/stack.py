"""Everything that decides what a tuned model answers, kept with each of its versions as one MLflow model."""

from __future__ import annotations

from pathlib import Path

from agents.endpoints import seal, tensors
from data.errors import DataError

KIND = "adapter"
INSIDE = Path("data") / "adapter"
"""Where MLflow's model folder has the adapter."""


def inside(folder: Path) -> Path:
    """The adapter's own folder, given it or MLflow's model folder."""
    return folder / INSIDE if (folder / "MLmodel").is_file() else folder


def same(one: Path, other: Path) -> bool:
    """Whether two folders hold the same weights."""
    try:
        return tensors.fingerprint([one / seal.WEIGHTS]) == tensors.fingerprint([other / seal.WEIGHTS])
    except DataError:
        return False
