"""The demo at the smallest scale: its tables in memory, and a home with all stores."""

from pathlib import Path

import pyarrow as pa
import pytest

from data.catalog import Catalog
from data.demo import build, generate
from data.demo.schema import CATALOG
from data.demo.world import World

SCALE, SEED = 0.01, 7


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("LAKEWRIGHT_CASH_URL", raising=False)
        return Catalog.load(CATALOG)


@pytest.fixture(scope="session")
def world() -> World:
    return generate.generate(SCALE, SEED)


@pytest.fixture(scope="session")
def tables(world: World, catalog: Catalog) -> dict[str, pa.Table]:
    return {table.full_name: rows for table, rows in generate.tables(world, catalog).items()}


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("demo") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("LAKEWRIGHT_CASH_URL", raising=False)
        build(home, scale=SCALE, seed=SEED, progress=lambda _: None)
    return home
