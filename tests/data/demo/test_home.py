"""The home: the stores with the rows; nothing of a stranger's replaced, nothing half built."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from data.catalog import Catalog
from data.demo import build, cluster, home, stores
from data.demo.schema import CATALOG, POLICY
from data.errors import DataError, Invalid, Unavailable

CASH = ("users", "cards", "devices", "transfers")


def quick(folder: Path, *, scale: float = 0.001, seed: int = 7) -> dict[str, int]:
    return build(folder, scale=scale, seed=seed, progress=lambda _: None)


def fail(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL that is not the home's own."""
    with cluster.own_server(tmp_path_factory.mktemp("server") / "data") as url:
        yield url


@pytest.fixture
def given(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The same server, empty, as the one that the demo is told to use."""
    monkeypatch.setenv("LAKEWRIGHT_CASH_URL", server)
    yield server
    with psycopg.connect(server) as connection:
        connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")


def test_delta_holds_the_rows(demo_home: Path, tables: dict[str, pa.Table]) -> None:
    for full in ("square.merchants", "square.payments", "square.refunds", "square.disputes", "growth.offers"):
        source, name = full.split(".")
        stored = DeltaTable(demo_home / "lake" / source / name)
        rows = pa.table(stored.to_pyarrow_table()).sort_by(stored.schema().fields[0].name)
        assert stored.version() == 0
        assert rows.cast(tables[full].schema).equals(tables[full])


def test_parquet_holds_the_rows(demo_home: Path, tables: dict[str, pa.Table]) -> None:
    for name in ("wallets", "swaps"):
        assert pq.read_table(demo_home / "lake" / "tbd" / f"{name}.parquet").equals(tables[f"tbd.{name}"])


def test_sqlite_holds_the_rows_and_keys(demo_home: Path, tables: dict[str, pa.Table]) -> None:
    with closing(sqlite3.connect(demo_home / "tidal.sqlite")) as connection:
        for name in ("artists", "tracks", "plays", "subscriptions"):
            stored = connection.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall()
            assert stored == list(stores._sqlite_rows(tables[f"tidal.{name}"]))
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert {row[2:5] for row in connection.execute("PRAGMA foreign_key_list(plays)")} == {
            ("tracks", "track_id", "track_id"),
            ("artists", "artist_id", "artist_id"),
        }
        indexed = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}
    assert {"plays_track_id_idx", "plays_artist_id_idx", "plays_played_at_idx"} <= indexed


def test_postgres_holds_the_rows_and_keys(demo_home: Path, tables: dict[str, pa.Table]) -> None:
    with cluster.own_server(demo_home / "postgres") as url, psycopg.connect(url) as connection:
        for name in CASH:
            stored = connection.execute(f"SELECT * FROM {name} ORDER BY 1".encode()).fetchall()
            assert stored == [tuple(row.values()) for row in tables[f"cash.{name}"].to_pylist()]
        query = """SELECT contype::text, count(*) FROM pg_constraint WHERE contype IN ('p', 'f')
            AND connamespace = 'public'::regnamespace GROUP BY 1"""
        assert dict(connection.execute(query).fetchall()) == {"p": 4, "f": 5}


def test_the_home_is_whole(demo_home: Path, tables: dict[str, pa.Table]) -> None:
    receipt = json.loads((demo_home / "demo.json").read_text())
    assert receipt["rows"] == {name: rows.num_rows for name, rows in tables.items()}
    assert (receipt["scale"], receipt["seed"]) == (0.01, 7)
    assert (demo_home / "catalog.yaml").read_bytes() == CATALOG.read_bytes()
    assert (demo_home / "policy.yaml").read_bytes() == POLICY.read_bytes()
    assert not list(demo_home.glob(".demo-*"))


def test_the_truth_is_beside_the_catalogue_not_in_it(demo_home: Path, catalog: Catalog) -> None:
    assert {file.stem for file in (demo_home / "truth").iterdir()} == {
        "fraud_payments", "fraud_rings", "churning_merchants"}  # fmt: skip
    assert not any("truth" in source.location for source in catalog.sources)
    assert all(source.location not in {"", ".", "./"} for source in catalog.sources)


@pytest.mark.parametrize(
    ("scale", "seed", "shown"),
    [
        (0.0, 7, "'0.0'"),
        (-1.0, 7, "'-1.0'"),
        (float("nan"), 7, "'nan'"),
        (float("inf"), 7, "'inf'"),
        (1.0, -3, "'-3'"),
    ],
)
def test_a_senseless_size_is_refused(tmp_path: Path, scale: float, seed: int, shown: str) -> None:
    with pytest.raises(Invalid, match=shown):
        quick(tmp_path / "home", scale=scale, seed=seed)
    assert not (tmp_path / "home").exists()


STRANGERS: dict[str, Callable[[Path], object]] = {
    "catalog.yaml": lambda file: file.write_text("version: 1\nsources: []\n"),
    "policy.yaml": lambda file: file.write_text("version: 1\n"),
    "tidal.sqlite": lambda file: file.write_bytes(b"mine"),
    "postgres": lambda folder: folder.mkdir(),
    "lake/square": lambda folder: folder.mkdir(parents=True),
}


@pytest.mark.parametrize("name", STRANGERS)
def test_a_strangers_file_is_named_and_kept(tmp_path: Path, name: str) -> None:
    STRANGERS[name](tmp_path / name)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(Invalid, match=name):
        quick(tmp_path)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_file_as_home_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(Invalid, match="not a folder"):
        quick(tmp_path / "home")


def test_an_interrupted_build_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "write_parquet", fail)
    with pytest.raises(KeyboardInterrupt):
        quick(tmp_path / "home")
    assert list((tmp_path / "home").iterdir()) == []


def test_a_build_that_was_killed_is_cleared_and_repeated(
    tmp_path: Path, given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / home.STAGING / "lake").mkdir(parents=True)
    with monkeypatch.context() as patch:
        patch.setattr("data.demo.home.shutil.rmtree", fail)
        (tmp_path / "lake" / "square").mkdir(parents=True)
        (tmp_path / home.MOVING).mkdir()
        with pytest.raises(KeyboardInterrupt):
            home._move(tmp_path / home.MOVING, tmp_path)
    assert not (tmp_path / "catalog.yaml").exists()
    quick(tmp_path)
    assert (tmp_path / "catalog.yaml").exists()
    assert not list(tmp_path.glob(".demo-*"))


def test_building_again_replaces_the_demo_and_keeps_the_rest(tmp_path: Path, given: str) -> None:
    quick(tmp_path)
    audit = tmp_path / "lake" / "system" / "audit"
    audit.mkdir(parents=True)
    rows = quick(tmp_path, scale=0.03)
    assert json.loads((tmp_path / "demo.json").read_text())["rows"] == rows
    assert pq.read_table(tmp_path / "lake" / "tbd" / "swaps.parquet").num_rows == rows["tbd.swaps"]
    assert audit.is_dir()


def test_an_edited_policy_is_kept(tmp_path: Path, given: str) -> None:
    quick(tmp_path)
    (tmp_path / "policy.yaml").write_text("version: 1\n")
    with pytest.raises(Invalid, match=r"policy\.yaml.*edited"):
        quick(tmp_path)


def test_a_given_server_gets_the_wallet_tables(tmp_path: Path, given: str) -> None:
    quick(tmp_path)
    rows = quick(tmp_path)
    assert not (tmp_path / "postgres").exists()
    with psycopg.connect(given) as connection:
        for name in CASH:
            found = connection.execute(f"SELECT count(*) FROM public.{name}".encode()).fetchone()
            assert found == (rows[f"cash.{name}"],)


def test_a_strangers_table_is_kept(tmp_path: Path, given: str) -> None:
    with psycopg.connect(given) as connection:
        connection.execute("CREATE TABLE users (mine int); INSERT INTO users VALUES (1)")
    with pytest.raises(Invalid, match=r"public\.users"):
        quick(tmp_path)
    with psycopg.connect(given) as connection:
        assert connection.execute("SELECT * FROM users").fetchall() == [(1,)]
        assert connection.execute("SELECT to_regclass('cards')").fetchone() == (None,)


def test_a_view_on_the_demo_is_not_dropped(tmp_path: Path, given: str) -> None:
    quick(tmp_path)
    with psycopg.connect(given) as connection:
        connection.execute("CREATE VIEW mine AS SELECT user_id FROM users")
    with pytest.raises(Unavailable, match="database of its own"):
        quick(tmp_path)


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("postgresql://demo:hidden@127.0.0.1:1/demo", Unavailable),
        ("localhost", Invalid),
        ("mysql://localhost/x", Invalid),
    ],
)
def test_a_server_that_is_none_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, kind: type[DataError]
) -> None:
    monkeypatch.setenv("LAKEWRIGHT_CASH_URL", url)
    with pytest.raises(kind) as caught:
        quick(tmp_path / "home")
    assert "hidden" not in str(caught.value)
    assert "127.0.0.1:1" in str(caught.value) or url in str(caught.value)


def test_a_running_server_of_the_home_is_not_pulled_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAKEWRIGHT_CASH_URL", raising=False)
    quick(tmp_path)
    with cluster.own_server(tmp_path / "postgres"):
        with pytest.raises(Unavailable, match="in use by process"):
            quick(tmp_path)
        (tmp_path / "postgres" / ".handle_pids.json").write_text("[]")
        cluster.stop_leftover(tmp_path / "postgres")
        assert not (tmp_path / "postgres" / "postmaster.pid").exists()
    assert quick(tmp_path)["cash.users"] == 400
