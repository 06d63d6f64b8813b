"""What a demo home needs for its live events: streams.yaml, and a source `live` whose tables are still empty."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from filelock import FileLock

from data import manuscript, onboard
from data.catalog import Catalog, Table
from data.declarations import catalog_of
from data.demo import receipt
from data.demo.businesses import BUSINESSES
from data.demo.schema import CATALOG, POLICY, arrow_schema
from data.document import Document
from data.errors import Invalid, NotFound
from data.policy import Policy
from data.sources import open_source
from data.sources.delta import DeltaSource

HERE = Path(__file__).parent
STREAMS, SCHEMAS = "streams.yaml", "schemas"
SOURCE = "live"
LOCK = ".live.lock"


def prepare(home: Path) -> list[str]:
    """Put into the home what is not there yet; what was done, in words, nothing at the second time.

    What a person has written stays: their streams.yaml and schemas, and a policy that they have edited.
    NotFound where the home does not hold the demo, Invalid where it has another source of that name.
    """
    with FileLock(home / LOCK):
        path = home / CATALOG.name
        missing = _lacks_live(home)
        addition = (HERE / "live.yaml").read_text(encoding="utf-8") if missing else ""
        grown = catalog_of(Document.parse(path, manuscript.graft(path.read_text(encoding="utf-8"), addition)))
        # The tables come first: what the catalogue names can be read.
        made = _tables(home, grown)
        if missing:
            _catalogue(home, addition)
            made.append(f"the source '{SOURCE}' is in the catalogue")
        return [*made, *_policy(home, grown, told=missing), *_files(home)]


def _lacks_live(home: Path) -> bool:
    """Whether the demo's catalogue has no live tables yet."""
    catalog = Catalog.load(home / CATALOG.name)
    names = {table for business in BUSINESSES for table in business.tables}
    missing = sorted(name for name in names if name not in catalog)
    if others := [name for name in missing if not name.startswith(f"{SOURCE}.")]:
        raise NotFound(
            f"This home does not hold the demo: there is no table '{others[0]}'.",
            "Make it, in a home of its own: lakewright init --demo",
        )
    mine = [source for source in catalog.sources if source.name.lower() == SOURCE]
    if mine and (missing or mine[0].kind != "delta"):
        raise Invalid(f"The home has another source '{SOURCE}'.", f"Remove it with: lakewright catalog remove {SOURCE}")
    return bool(missing)


def _catalogue(home: Path, addition: str) -> None:
    untouched = receipt.untouched(home, CATALOG.name)
    onboard.graft(home, addition)
    if untouched:
        receipt.renew(home, CATALOG.name)


def _policy(home: Path, catalog: Catalog, *, told: bool) -> list[str]:
    """Grant the live transfers to those who see the wallet's; only in a policy that nobody has edited."""
    path = home / POLICY.name
    text = path.read_text(encoding="utf-8")
    if f"{SOURCE}." in text:
        return []
    if not receipt.untouched(home, path.name):
        return [f"'{path.name}' was edited and stays: grant '{SOURCE}.*' in it as you like"] if told else []
    draft = home / f".{os.getpid()}.{path.name}"
    try:
        shutil.copyfile(path, draft)
        addition = (HERE / "live_policy.yaml").read_text(encoding="utf-8")
        draft.write_text(manuscript.graft(text, addition), encoding="utf-8")
        Policy.load(draft, catalog)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    receipt.renew(home, path.name)
    return ["the wallet's analysts and its support may see the live transfers"]


def _tables(home: Path, catalog: Catalog) -> list[str]:
    """Make the Delta tables that are missing, so that they can be asked before an event has come."""
    config = catalog.source(SOURCE)
    source = open_source(config, home)
    assert isinstance(source, DeltaSource)
    return [f"the table '{table.full_name}' is made" for table in config.tables if _made(source.folder(table), table)]


def _made(folder: Path, table: Table) -> bool:
    from deltalake import DeltaTable

    if DeltaTable.is_deltatable(str(folder)):
        return False
    folder.mkdir(parents=True, exist_ok=True)
    DeltaTable.create(str(folder), arrow_schema(table), mode="ignore", name=table.name, description=table.description)
    return True


def _files(home: Path) -> list[str]:
    """Copy the declaration and its schemas where there are none."""
    (home / SCHEMAS).mkdir(exist_ok=True)
    names = [f"{SCHEMAS}/{file.name}" for file in sorted((HERE / SCHEMAS).glob("*.json"))] + [STREAMS]
    missing = [name for name in names if not (home / name).exists()]
    for name in missing:
        draft = home / f"{name}.{os.getpid()}"
        shutil.copyfile(HERE / name, draft)
        os.replace(draft, home / name)
    return [f"'{name}' is in the home" for name in missing]
