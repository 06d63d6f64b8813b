"""Python environments apart from ours, for programs whose requirements do not go together with ours."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from data.errors import Invalid, Unavailable

MADE = "made"
"""The file that says what a finished environment holds: one that is not finished is made anew."""


def provide(name: str, title: str, wanted: Sequence[str], remedy: str, say: Callable[[str], None]) -> Path:
    """The Python of the environment `name` in the cache folder, made with `wanted` where it is not there.

    Unavailable, with pip's last words and the remedy, where it can't be made; `title` is what people call it."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lakewright" / name
    mark = folder / MADE
    if not mark.exists() or mark.read_text(encoding="utf-8") != "\n".join(wanted):
        say(f"Installing {', '.join(wanted)} in {folder}…")
        _make(folder, title, wanted, remedy)
        mark.write_text("\n".join(wanted), encoding="utf-8")
    return folder / "bin" / "python"


def alone() -> dict[str, str]:
    """The variables for a program of another environment: nothing of ours is on its path."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}


def run(
    python: Path, *arguments: str, seconds: float, remedy: str, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """A program of another environment, ended. Invalid, with the remedy, where the Python can't be run;
    subprocess.TimeoutExpired where it takes longer."""
    try:
        return subprocess.run(
            [str(python), *arguments], capture_output=True, text=True, timeout=seconds, check=False,
            env={**alone(), **(variables or {})},
        )  # fmt: skip
    except OSError as error:
        raise Invalid(f"'{python}' can't be run: {error}.", remedy) from None


def _make(folder: Path, title: str, wanted: Sequence[str], remedy: str) -> None:
    steps = (
        [sys.executable, "-m", "venv", "--clear", str(folder)],
        [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", *wanted],
    )
    for step in steps:
        done = subprocess.run(step, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            said = (done.stderr.strip().splitlines() or ["no reason was given"])[-1]
            raise Unavailable(f"{title} can't be installed: {said}", remedy)
