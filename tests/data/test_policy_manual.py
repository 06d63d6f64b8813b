"""The manual's example is what it says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import duckdb
import pytest

from data.errors import Forbidden
from data.federation import open_gateway
from data.values import plain

MANUAL = (Path(__file__).parents[2] / "docs/policy.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (\w+) \| `(SELECT.+?)` \| (?:`(.+)`|forbidden) \|$", re.MULTILINE)


def test_everybody_in_the_manual_sees_what_it_says(tmp_path: Path) -> None:
    catalog, policy = re.findall(r"```yaml\n(.*?)```", MANUAL, re.DOTALL)
    (tmp_path / "catalog.yaml").write_text(catalog, encoding="utf-8")
    (tmp_path / "policy.yaml").write_text(policy, encoding="utf-8")
    (tmp_path / "files").mkdir()
    for name, text in re.findall(r"```csv (\w+)\n(.*?)```", MANUAL, re.DOTALL):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        duckdb.sql(f"COPY (FROM '{tmp_path}/{name}.csv') TO '{tmp_path}/files/{name}.parquet'")
    said = ROW.findall(MANUAL)
    assert len(said) == MANUAL.count("| `SELECT")
    gateway = open_gateway(tmp_path, threads=1)
    for name, sql, rows in said:
        principal = gateway.policy.principal(name)
        if not rows:
            with pytest.raises(Forbidden):
                gateway.query(principal, sql)
        else:
            found = gateway.query(principal, sql).table.to_pylist()
            assert [[plain(value) for value in row.values()] for row in found] == json.loads(rows), (name, sql)
    gateway.close()
