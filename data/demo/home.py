"""Makes the demo's home: everything is built in a folder beside, and moved into place when it is whole.

The catalogue is moved last, so that a home without one is known to be unfinished.
"""

import math
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from data.catalog import Catalog, SourceConfig, Table
from data.demo import cluster, features, generate, postgres, receipt, stores
from data.demo.schema import CATALOG, DOCUMENTS, POLICY
from data.errors import Invalid

STAGING, MOVING = ".demo-building", ".demo-moving"
"""Where the demo is built, and the same folder once it is whole and its pieces go to their places."""
STORES = ("lake/square", "lake/tbd", "lake/growth", "tidal.sqlite", "postgres", "truth", "handbook")
PIECES = (*STORES, receipt.FILE, POLICY.name, CATALOG.name)
"""All that the demo puts into a home, in the order in which it is moved there."""

Tables = dict[Table, pa.Table]
Progress = Callable[[str], None]


def build(home: Path, *, scale: float, seed: int = 7, progress: Progress) -> dict[str, int]:
    """Build the demo lakehouse in `home`; rows by full table name. Same scale and seed, same rows.

    Raises Invalid for a scale or seed that makes no sense, or where the home holds files that are not
    the demo's; Unavailable where PostgreSQL does not answer or is in use.
    """
    home = home.expanduser().resolve()
    _check_numbers(scale, seed)
    _check_home(home)
    _clear(home)
    staging = home / STAGING
    staging.mkdir(parents=True)
    try:
        rows = _fill(staging, scale, seed, progress)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    shutil.rmtree(home / MOVING, ignore_errors=True)
    _move(staging.rename(home / MOVING), home)
    features.provide(home)
    return rows


def _check_numbers(scale: float, seed: int) -> None:
    if not math.isfinite(scale) or scale <= 0:
        raise Invalid(f"The scale '{scale}' is not a number above 0.", "Use 0.01 for a try, 1 for a million rows.")
    if seed < 0:
        raise Invalid(f"The seed '{seed}' is below 0.", "Use 0 or any whole number above it.")


def _check_home(home: Path) -> None:
    """Nothing of a stranger's is replaced: neither edited files nor stores that the demo did not make."""
    if home.exists() and not home.is_dir():
        raise Invalid(f"The home '{home}' is not a folder.", "Choose another with --home.")
    ours = receipt.read(home)
    for shipped in (CATALOG, POLICY):
        file = home / shipped.name
        if file.exists() and receipt.digest(file) not in (receipt.digest(shipped), ours.get(shipped.name)):
            raise _stranger(file)
    if not ours and not (home / MOVING).exists():
        for piece in STORES:
            if (home / piece).exists():
                raise _stranger(home / piece)


def _stranger(path: Path) -> Invalid:
    return Invalid(f"'{path}' is not the demo's, or was edited.", "Move it away, or choose another --home.")


def _clear(home: Path) -> None:
    """Take away what an interrupted build left; Unavailable if the home's PostgreSQL is in use."""
    for place in (home / STAGING, home / MOVING, home):
        cluster.stop_leftover(place / postgres.FOLDER)
    shutil.rmtree(home / STAGING, ignore_errors=True)


def _fill(staging: Path, scale: float, seed: int, progress: Progress) -> dict[str, int]:
    catalog = Catalog.load(CATALOG)
    progress(f"making rows (scale {scale:g}, seed {seed})")
    world = generate.generate(scale, seed)
    tables = generate.tables(world, catalog)
    for source in catalog.sources:
        part = {table: tables[table] for table in source.tables}
        progress(f"{source.name}: {sum(data.num_rows for data in part.values()):,} rows into {source.kind}")
        _write(staging, source, part, catalog)
    (staging / "truth").mkdir()
    for name, labels in generate.truth(world).items():
        pq.write_table(labels, staging / "truth" / f"{name}.parquet")
    rows = {table.full_name: data.num_rows for table, data in tables.items()}
    _sign(staging, {"scale": scale, "seed": seed, "rows": rows})
    return rows


def _write(staging: Path, source: SourceConfig, tables: Tables, catalog: Catalog) -> None:
    """One writer per kind of store."""
    place = staging / source.location
    match source.kind:
        case "delta":
            stores.write_delta(place, tables)
        case "parquet":
            stores.write_parquet(place, tables)
        case "sqlite":
            stores.write_sqlite(place, tables, catalog)
        case "documents":
            shutil.copytree(DOCUMENTS, place)
        case _:
            postgres.load(source, staging, tables, catalog)


def _sign(staging: Path, built: dict[str, object]) -> None:
    for shipped in (CATALOG, POLICY):
        shutil.copyfile(shipped, staging / shipped.name)
        built[shipped.name] = receipt.digest(shipped)
    receipt.write(staging, built)


def _move(whole: Path, home: Path) -> None:
    """Take the old catalogue away first and bring the new one last; what lies between can be repeated."""
    (home / CATALOG.name).unlink(missing_ok=True)
    (home / "lake").mkdir(exist_ok=True)
    for piece in PIECES:
        target = home / piece
        if target.is_dir():
            shutil.rmtree(target)
        else:
            target.unlink(missing_ok=True)
        if (whole / piece).exists():
            (whole / piece).rename(target)
    shutil.rmtree(whole)
