"""What a recipe would run on: this machine, or a GPU by its name."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from data.errors import Invalid

GPUS = {
    "t4": (15, 65), "l4": (22, 121), "a10": (22, 125), "rtx3090": (23, 71), "rtx4090": (23, 165), "l40s": (44, 362),
    "a100-40": (39, 312), "a100-80": (79, 312), "h100": (79, 989), "h200": (139, 989),
}  # fmt: skip
"""Usable GB, and 10^12 dense half-precision operations a second by the makers' data sheets."""
REACHED = 0.35
"""The share of those that training is assumed to reach."""
SIZE, TIMES = 1024, 3


@dataclass(frozen=True)
class Machine:
    """`memory_gb` is what is free; `tera` are 10^12 operations a second that training may reach."""

    name: str
    device: str
    memory_gb: float
    tera: float

    @classmethod
    def named(cls, gpu: str) -> Machine:
        """A GPU of the table. Invalid lists them."""
        if gpu.lower() not in GPUS:
            raise Invalid(f"Nothing is known of the GPU {gpu!r}.", f"Use one of: {', '.join(GPUS)}.")
        memory, tera = GPUS[gpu.lower()]
        return cls(gpu.lower(), "cuda", memory, tera * REACHED)

    @classmethod
    def here(cls, wanted: str) -> Machine:
        """This machine's GPU, if there is one and the recipe lets it, or its processor, whose speed is measured."""
        import torch

        if wanted != "cpu" and torch.cuda.is_available():
            free, _ = torch.cuda.mem_get_info()
            return cls(torch.cuda.get_device_name(), "cuda", free / 1e9, _speed("cuda"))
        if wanted == "cuda":
            return cls("no GPU", "cuda", 0.0, 0.0)
        return cls("this processor", "cpu", memory() / 1e9, _speed("cpu"))


def disk(folder: Path) -> int:
    """Bytes that are free where a folder is, or would be."""
    place = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    return shutil.disk_usage(place).free


def memory() -> int:
    """Bytes of memory that a new process may have."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        (line,) = (line for line in lines if line.startswith("MemAvailable:"))
        return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        import os

        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _speed(device: str) -> float:
    """10^12 operations a second of a matrix product in the precision that training takes there."""
    import torch

    from finetune.trainee import precision

    given = torch.ones(SIZE, SIZE, device=device, dtype=precision("auto", device))
    given @ given
    begun = time.perf_counter()
    for _ in range(TIMES):
        float((given @ given)[0, 0])
    return 2 * SIZE**3 * TIMES / (time.perf_counter() - begun) / 1e12 * (REACHED if device == "cuda" else 0.6)
