"""What is changed in the files of a home holds from the next query on, without a restart."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data import onboard
from data.errors import Forbidden, NotFound
from data.federation import open_gateway
from data.gateway import Gateway


def count(gateway: Gateway, table: str, name: str = "owner") -> object:
    result = gateway.query(gateway.policy.principal(name), f"SELECT count(*) AS n FROM {table}")
    return result.table.to_pydict()["n"][0]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_source_that_is_added_is_there_and_one_that_is_removed_is_not(home: Path, tmp_path: Path) -> None:
    gateway = open_gateway(home, threads=1)
    assert count(gateway, "shop.orders") == 5
    (tmp_path / "more").mkdir()
    pq.write_table(pa.table({"id": [1, 2]}), tmp_path / "more" / "things.parquet")
    onboard.add(home, "more", "parquet", str(tmp_path / "more"))
    assert count(gateway, "more.things") == 2
    onboard.remove(home, "more")
    with pytest.raises(NotFound, match=r"more\.things"):
        count(gateway, "more.things")
    assert count(gateway, "shop.orders") == 5
    gateway.close()


def test_a_changed_location_is_followed(home: Path, tmp_path: Path) -> None:
    gateway = open_gateway(home, threads=1)
    assert count(gateway, "files.visits") == 3
    (tmp_path / "elsewhere").mkdir()
    rows = pa.table({"id": [1], "customer_id": [1], "page": ["x"]})
    pq.write_table(rows, tmp_path / "elsewhere" / "visits.parquet")
    edit(home / "catalog.yaml", "${LAKEHOUSE_FILES:-files}", str(tmp_path / "elsewhere"))
    assert count(gateway, "files.visits") == 1
    gateway.close()


def test_a_grant_that_is_taken_away_is_gone(home: Path) -> None:
    gateway = open_gateway(home, threads=1)
    assert count(gateway, "shop.orders", "seller") == 5
    edit(home / "policy.yaml", "- {to: sellers, on: shop.*}", "- {to: sellers, on: shop.customers}")
    with pytest.raises(Forbidden):
        count(gateway, "shop.orders", "seller")
    gateway.close()


def test_a_column_that_is_declared_anew_is_read(home: Path) -> None:
    gateway = open_gateway(home, threads=1)
    owner = gateway.policy.principal("owner")
    sql = "SELECT typeof(amount) AS kind FROM shop.orders LIMIT 1"
    assert gateway.query(owner, sql).table.to_pydict() == {"kind": ["DECIMAL(12,2)"]}
    edit(home / "catalog.yaml", 'type: "DECIMAL(12,2)", unit: USD', "type: DOUBLE, unit: USD")
    assert gateway.query(owner, sql).table.to_pydict() == {"kind": ["DOUBLE"]}
    gateway.close()


@pytest.mark.parametrize("file", ["catalog.yaml", "policy.yaml"])
def test_a_file_that_has_become_wrong_changes_nothing(home: Path, file: str, caplog: pytest.LogCaptureFixture) -> None:
    gateway = open_gateway(home, threads=1)
    good = (home / file).read_text(encoding="utf-8")
    (home / file).write_text("version: 1\nnonsense: true\n", encoding="utf-8")
    assert count(gateway, "shop.orders", "agent-ca") == 3
    assert "nonsense" in caplog.text
    (home / file).write_text(good.replace("country: CA}", "country: US}"), encoding="utf-8")
    assert count(gateway, "shop.orders", "agent-ca") == (1 if file == "policy.yaml" else 3)
    gateway.close()
