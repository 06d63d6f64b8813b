"""The same plan as SQL: in DuckDB for random events, and on a real Spark Connect server over the Delta table."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.features.compile import plan_of
from data.features.history import History
from data.features.ingest import ingest
from data.features.plan import KNOWN, TIME
from data.features.results import microseconds
from data.features.sql import select
from data.gateway import Gateway
from tests.data.engines.conftest import Sail
from tests.data.features import naive, strategies
from tests.data.features.conftest import START, pay, payment
from tests.data.features.views import CARDS, prepared

TYPES = {"key": pa.int64(), TIME: pa.int64(), KNOWN: pa.int64()}
TYPES |= {s.name: {"float": pa.float64(), "text": pa.string()}.get(s.kind, pa.int64()) for s in strategies.STORED}


@pytest.fixture(scope="module")
def sail() -> Iterator[Any]:
    pytest.importorskip("pysail")
    from pyspark.sql import SparkSession

    server = Sail()
    server.start()
    session = SparkSession.builder.remote(server.address).create()
    yield session
    session.stop()
    server.stop()


@given(strategies.rows(), st.lists(st.tuples(st.integers(0, 4), strategies.moments()), max_size=12))
@settings(max_examples=25, deadline=None)
def test_duckdb_has_the_references_values(rows: list[dict[str, Any]], asked: list[tuple[int, int]]) -> None:
    plan = strategies.plan(quantile=0.9)
    history = pa.table({name: pa.array([row[name] for row in rows], kind) for name, kind in TYPES.items()})
    questions = pa.table(
        {
            "_row": pa.array(range(len(asked)), pa.int64()),
            "key": pa.array([key for key, _ in asked], pa.int64()),
            "_at": pa.array([at for _, at in asked], pa.int64()),
        }
    )
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register("history", history)
        connection.register("asked", questions)
        found = connection.execute(select(plan, "history", "asked")).to_arrow_table().to_pylist()
    assert len(found) == len(asked)
    for row in found:
        key, at = asked[row.pop("_row")]
        assert row == naive.features(plan, rows, (key,), at)


def test_spark_has_the_references_values(home: Path, gateway: Gateway, sail: Any) -> None:
    coin = random.Random(11)
    plan = plan_of(CARDS, gateway.catalog, gateway.policy.functions)
    shops = ("a", "b", None)
    rows = [
        payment(coin.randrange(4), coin.uniform(0, 200), f"{coin.randrange(9000)}.5", shop=coin.choice(shops),
                late=coin.choice((0, 40)), score=coin.choice((None, coin.random())))
        for _ in range(120)
    ]  # fmt: skip
    pay(home, rows)
    ingest(plan, gateway, gateway.policy.principal("owner"), home, START)
    asked = [(coin.randrange(5), microseconds(START) + coin.randrange(300) * strategies.MINUTE) for _ in range(60)]
    columns = zip(*((row, card, at) for row, (card, at) in enumerate(asked)), strict=True)
    names = ("_row", "card", "_at")
    pq.write_table(pa.table(dict(zip(names, map(pa.array, columns), strict=True))), home / "asked.parquet")
    history = History.of(plan, home)
    frame = sail.read.format("delta").option("versionAsOf", history.version).load(str(history.folder))
    frame.createOrReplaceTempView("history")
    sail.read.parquet(str(home / "asked.parquet")).createOrReplaceTempView("asked")
    found = sail.sql(select(plan, "history", "asked", "spark")).toArrow().to_pylist()
    events = prepared(rows)
    assert len(found) == len(asked)
    for row in found:
        card, at = asked[row.pop("_row")]
        assert row == naive.features(plan, events, (card,), at)
