"""Pictures of a training: the loss, of the held examples too, and the speed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from finetune.lora import Trained

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Points = Sequence[tuple[int, float]]


def draw(trained: Trained, folder: Path) -> None:
    """Write `loss.png` and, where it was noted, `speed.png`."""
    folder.mkdir(parents=True, exist_ok=True)
    lines: dict[str, Points] = {"learnt": list(enumerate(trained.losses, 1))}
    if held := trained.series.get("held_loss"):
        lines["held back"] = held
    _picture(folder / "loss.png", "Loss per answer token", lines)
    if speed := trained.series.get("examples_per_second"):
        _picture(folder / "speed.png", "Examples per second", {"mean so far": speed})


def _picture(file: Path, title: str, lines: dict[str, Points]) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.5, 4))
    axes: Axes = figure.add_subplot()
    for name, points in lines.items():
        axes.plot([step for step, _ in points], [value for _, value in points], label=name)
    axes.set(title=title, xlabel="step")
    axes.legend()
    figure.savefig(file, dpi=110, bbox_inches="tight")
