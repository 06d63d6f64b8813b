"""A world as a SQLite file is onboarded as any other store: tables, keys, links and rows are all there."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from data import onboard
from data.federation import open_gateway
from finetune.worlds import world
from finetune.worlds.store import store


def test_a_world_is_found_as_it_was_made(tmp_path: Path) -> None:
    made = world("chess_club", 1)
    onboard.add(tmp_path / "home", "chess_club", "sqlite", str(store(made, tmp_path / "chess.sqlite")))
    with closing(open_gateway(tmp_path / "home", threads=1)) as gateway:
        assert {t.full_name for t in made.catalog.tables} <= {t.full_name for t in gateway.catalog.tables}
        links = {(r.table, r.column, r.to_table) for r in made.catalog.relationships}
        assert links <= {(r.table, r.column, r.to_table) for r in gateway.catalog.relationships}
        owner = gateway.policy.principal("owner")
        for table in made.catalog.tables:
            [count] = gateway.query(owner, f"SELECT count(*) FROM {table.full_name}").table.column(0).to_pylist()
            assert count == len(next(iter(made.stored[table.full_name].values())))
