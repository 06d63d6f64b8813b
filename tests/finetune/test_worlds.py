"""The invented worlds: every one loads in several ways, and questions can be drawn over them."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

from agents.evaluation.question import read
from agents.paths import alias_for
from data.errors import Invalid, NotFound
from finetune import stored
from finetune.ground import Ground
from finetune.sampler import Sampler
from finetune.worlds import World, files, world, worlds
from finetune.worlds.domain import Domain
from finetune.worlds.names import reserved
from finetune.worlds.rows import Draw

SEEDS = (0, 1, 2)
OF_COLUMNS = ("columns", "measures", "says", "flags", "missing", "present", "superlatives", "asks", "events", "agents")
OF_COLUMNS += ("totals", "sums", "amounts")
OF_TABLES = ("owns", "verbs", "spends", "passive", "made_by", "through")


@pytest.mark.parametrize("name", worlds())
def test_every_world_is_stored_as_its_catalogue_says(name: str) -> None:
    for seed in SEEDS:
        invented = world(name, seed)
        with invented.connect() as connection:
            for table in invented.catalog.tables:
                _check_table(invented, connection, table.full_name)
            _check_links(invented, connection)
        _check_words(invented)


def _check_table(invented: World, connection: duckdb.DuckDBPyConnection, full_name: str) -> None:
    table = invented.catalog.table(full_name)
    described = connection.execute(f"DESCRIBE FROM {full_name}").fetchall()
    assert [(row[0], row[1]) for row in described] == [(c.name, c.type) for c in table.columns]
    assert not {table.name, *(c.name for c in table.columns)} & reserved()
    if table.key:
        keys = connection.execute(f"FROM {full_name} SELECT count(*), count(DISTINCT {table.key})").fetchone()
        assert keys is not None
        assert keys[0] == keys[1] > 0
    if table.label:
        empty = f"FROM {full_name} SELECT count(*) WHERE {table.label} IS NULL OR trim({table.label}) = ''"
        assert connection.execute(empty).fetchone() == (0,)
    for column, texts in invented.values[full_name].items():
        stored = connection.execute(f"FROM {full_name} SELECT DISTINCT {column} WHERE {column} IS NOT NULL").fetchall()
        assert sorted(text for (text,) in stored) == texts


def _check_links(invented: World, connection: duckdb.DuckDBPyConnection) -> None:
    linked = set()
    for link in invented.catalog.relationships:
        keys = f"(FROM {link.to_table} SELECT {link.to_column})"
        lost = f"FROM {link.table} SELECT count(*) WHERE {link.column} NOT IN {keys}"
        assert connection.execute(lost).fetchone() == (0,)
        linked |= {link.table, link.to_table}
    assert linked == {table.full_name for table in invented.catalog.tables}


def _check_words(invented: World) -> None:
    aliases = {f"{r.to_table}.{alias_for(r, invented.catalog)}" for r in invented.catalog.relationships}
    tables = {table.full_name for table in invented.catalog.tables}
    for table in invented.catalog.tables:
        entry = invented.words[table.full_name]
        assert all(noun.count("|") == 1 for noun in entry["nouns"])
        assert {name for kind in OF_COLUMNS for name in entry.get(kind, {})} <= {c.name for c in table.columns}
        assert {name for kind in OF_TABLES for name in entry.get(kind, {})} <= tables | aliases


@pytest.mark.parametrize("name", worlds())
def test_every_table_has_as_many_rows_as_its_file_says(name: str) -> None:
    domain = files.read(name)
    rows = Draw(domain, random.Random(1)).rows()
    assert {(table, len(values)) for table, columns in rows.items() for values in columns.values()} == {
        (table, spec.rows) for table, spec in domain.tables.items()
    }


def test_seed_0_stores_the_names_of_the_file() -> None:
    domain = files.read("school")
    catalog = world("school", 0).catalog
    assert {t.name: [c.name for c in t.columns] for t in catalog.tables} == {
        name: list(spec.columns) for name, spec in domain.tables.items()
    }


def test_equal_seeds_give_equal_worlds_and_others_other_ones() -> None:
    assert world("gym", 5) == world("gym", 5)
    shapes = {
        tuple((t.name, tuple(c.name for c in t.columns)) for t in world("gym", s).catalog.tables) for s in range(8)
    }
    assert len(shapes) == 8
    assert world("gym", 1).stored != world("gym", 2).stored


def test_some_parents_have_many_children_and_some_none() -> None:
    domain = files.read("airline")
    rows = Draw(domain, random.Random(3)).rows()
    count = Counter(rows["booking"]["passenger_id"])
    average = domain.tables["booking"].rows / domain.tables["passenger"].rows
    assert max(count.values()) > 3 * average
    assert len(count) < 0.9 * domain.tables["passenger"].rows


def test_later_times_are_later() -> None:
    flights = Draw(files.read("airline"), random.Random(3)).rows()["flight"]
    pairs = [(a, b) for a, b in zip(flights["departed_at"], flights["landed_at"], strict=True) if b]
    assert pairs
    assert all(0 < (later - earlier).total_seconds() <= 12 * 3600 for earlier, later in pairs)


@pytest.mark.parametrize("name", ["airline", "gym", "restaurant", "school"])
def test_families_draw_many_questions_that_can_be_executed(name: str) -> None:
    invented = world(name, 1)
    sampler = Sampler(invented.catalog, invented.values, invented.words, random.Random(1))
    with invented.connect() as connection:
        drawn = {found.question: found.sql for found in (sampler.draw() for _ in range(600)) if found}
        assert len(drawn) >= 200
        for question, sql in drawn.items():
            assert "{" not in question
            assert connection.execute(sql).description


SHOP = """
tables:
  shop:
    nouns: [shops|shop]
    rows: 6
    columns:
      id: {kind: key}
      name: {kind: name, of: company, label: true}
      open: {kind: choice, values: {yes: 2, no: 1, off: 1}}
  sale:
    nouns: [sales|sale]
    rows: 20
    columns:
      shop_id: {kind: link, to: shop}
      price: {kind: amount, low: 1, high: 9}
      sold_at: {kind: time, from: 2024-01-01, to: 2025-01-01}
      sent_at: {kind: time, after: sold_at, null: 0.2}
    asks:
      price: ["price of {x}"]
"""


def _read(tmp_path: Path, text: str) -> Domain:
    (tmp_path / "shop.yaml").write_text(text, encoding="utf-8")
    return files.read("shop", tmp_path)


def test_yes_and_no_are_words(tmp_path: Path) -> None:
    rows: dict[str, dict[str, list[Any]]] = Draw(_read(tmp_path, SHOP), random.Random(1)).rows()
    assert set(rows["shop"]["open"]) <= {"yes", "no", "off"}


WRONG = (
    ("to: shop}", "to: store}", "there is no table 'store'"),
    ("low: 1, high: 9", "low: 9, high: 1", "low 9 is not below high 1"),
    ("{kind: key}", "{kind: code, pattern: X#}", "no column is the key"),
    ("after: sold_at", "after: price", "after 'price' leads to no time"),
    ("[sales|sale]", "[sales]", "'sales': two forms with a bar"),
    ("null: 0.2", "nulls: 0.2", "no setting 'nulls'"),
    ("asks:\n      price", "asks:\n      prize", "there is no column 'prize'"),
    ("price of {x}", "price of it", "does not say '{x}'"),
    ("of: company, ", "", "either 'of' or 'parts'"),
    ("kind: amount", "kind: money", "'money'"),
)


@pytest.mark.parametrize(("right", "wrong", "message"), WRONG, ids=[wrong for _, wrong, _ in WRONG])
def test_a_wrong_file_is_refused_with_what_is_wrong(tmp_path: Path, right: str, wrong: str, message: str) -> None:
    assert right in SHOP
    with pytest.raises(Invalid) as refused:
        _read(tmp_path, SHOP.replace(right, wrong, 1))
    assert message in str(refused.value)
    assert "shop.yaml:" in str(refused.value)


def test_an_unknown_world_is_named_with_those_there_are() -> None:
    with pytest.raises(NotFound, match="no world 'atlantis'"):
        world("atlantis", 0)


def test_a_world_is_stored_with_what_people_asked_of_it(tmp_path: Path) -> None:
    database, questions = stored.write("winery", 3, tmp_path / "made")
    made = world("winery", 3)
    with closing(sqlite3.connect(database)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert tables == {table.name for table in made.catalog.tables}
    run, asked = Ground.of(made).run, [line.question for line in read(questions)]
    assert any(one.answerable for one in asked)
    assert any(not one.answerable for one in asked)
    for sql in (sql for one in asked for sql in one.gold_sql):
        run(sql)
    with pytest.raises(FileExistsError):
        stored.write("winery", 3, tmp_path / "made")
