"""The held-out questions about databases unlike the demo: each gold query runs and says something definite."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlglot
from sqlglot import exp

from agents.evaluation.gold import queried
from agents.evaluation.question import Line, read
from data import onboard
from data.federation import open_gateway
from data.gateway import Gateway
from tests.strangers.roster import STRANGERS
from tests.strangers.store import Stranger

QUESTIONS = Path(__file__).parents[1] / "questions" / "strangers"
KINDS = ("unanswerable", "ambiguous", "plain")
Rows = list[list[Any]]


def items(stranger: Stranger) -> list[dict[str, Any]]:
    return [json.loads(text) for text in (QUESTIONS / f"{stranger.name}.jsonl").read_text("utf-8").splitlines()]


def kind(item: dict[str, Any]) -> str:
    return next((kind for kind in KINDS if kind in item["tags"]), "plain")


@pytest.fixture(scope="module", params=STRANGERS, ids=lambda stranger: stranger.name)
def stranger(request: pytest.FixtureRequest) -> Stranger:
    return request.param


@pytest.fixture(scope="module")
def added(stranger: Stranger, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway whose catalogue holds the database and nothing else, as `catalog add` leaves it."""
    folder = tmp_path_factory.mktemp(stranger.name)
    onboard.add(folder / "home", stranger.name, "sqlite", str(stranger.write(folder)))
    gateway = open_gateway(folder / "home", threads=1)
    yield gateway
    gateway.close()


def test_a_database_is_small_and_always_the_same(stranger: Stranger) -> None:
    rows = stranger.rows(Random(stranger.seed))
    assert rows == stranger.rows(Random(stranger.seed))
    assert 5 <= len(rows) <= 12
    assert all(rows.values())
    assert 50 <= max(map(len, rows.values())) <= 3_100


def test_there_are_enough_questions_of_each_kind(stranger: Stranger) -> None:
    kinds = Counter(kind(item) for item in items(stranger))
    assert kinds["plain"] >= 40
    assert kinds["unanswerable"] >= 8
    assert kinds["ambiguous"] in (0, 3)


def test_what_may_be_refused_is_tagged_so(stranger: Stranger) -> None:
    for item in items(stranger):
        gold = "sql" in item
        assert (gold, "status" in item) == {
            "plain": (True, False),
            "ambiguous": (gold, True),
            "unanswerable": (False, True),
        }[kind(item)], item["id"]


def test_no_question_is_asked_twice() -> None:
    everything = [item for stranger in STRANGERS for item in items(stranger)]
    for key in ("id", "question"):
        (_, most), *_ = Counter(str(item[key]).lower() for item in everything).most_common(1)
        assert most == 1
    assert len(everything) >= 11 * 51


def test_every_gold_query_gives_something(stranger: Stranger, added: Gateway) -> None:
    for line, sql, rows in golds(stranger, added):
        assert rows, f"{line.where}: no rows: {sql}"
        assert len(rows) <= 450, f"{line.where}: it lists whole tables: {sql}"
        assert any(cell not in (None, 0) for row in rows for cell in row), f"{line.where}: only nothing: {sql}"


def test_no_gold_query_leaves_a_tie_to_chance(stranger: Stranger, added: Gateway) -> None:
    for line in read(QUESTIONS / f"{stranger.name}.jsonl"):
        for sql in one_of_each_order(line):
            tree = sqlglot.parse_one(sql, read="duckdb")
            keys = [tuple(row) for row in run(line, added, by_key(tree))]
            cut = limit(tree)
            assert cut is None or len(keys) >= cut, f"{line.where}: fewer rows than asked for: {sql}"
            assert cut is None or len(keys) == cut or keys[cut - 1] != keys[cut], f"{line.where}: a tie: {sql}"
            if line.question.ordered:
                assert len(set(keys)) == len(keys), f"{line.where}: rows in no certain order: {sql}"


def golds(stranger: Stranger, gateway: Gateway) -> Iterator[tuple[Line, str, Rows]]:
    for line in read(QUESTIONS / f"{stranger.name}.jsonl"):
        for sql in line.question.gold_sql:
            yield line, sql, run(line, gateway, sql)


def run(line: Line, gateway: Gateway, sql: str) -> Rows:
    return queried(line, sql, gateway, gateway.policy.principal("owner")).rows


def one_of_each_order(line: Line) -> list[str]:
    """Of the gold queries that are ordered, one for each way from FROM on: the others differ in columns only. Those
    that keep all that tie for a rank leave nothing to chance."""
    trees = {sql: sqlglot.parse_one(sql, read="duckdb") for sql in line.question.gold_sql if "ORDER BY" in sql}
    return list({sql[sql.index(" FROM ") :]: sql for sql, tree in trees.items() if tree.args.get("order")}.values())


def by_key(tree: exp.Expression) -> str:
    """The same query giving what it sorts by instead, and one row more."""
    sorted_by = [meant(tree, item.this) for item in tree.args["order"].expressions]
    keys = [item.copy().as_(f"k{place}") for place, item in enumerate(sorted_by)]
    wider = tree.copy()
    for place in ("group", "order"):
        for item in wider.args[place].expressions if wider.args.get(place) else ():
            told = item.this if place == "order" else item
            told.replace(meant(tree, told).copy())
    wider = wider.select(*keys, append=False)
    return (wider.limit(limit(tree) + 1) if limit(tree) else wider).sql("duckdb")


def meant(tree: exp.Expression, item: exp.Expression) -> exp.Expression:
    """What a number or an output's name stands for, as in ORDER BY 2."""
    if isinstance(item, exp.Literal):
        return tree.selects[int(item.this) - 1].unalias()
    named = {each.alias: each.unalias() for each in tree.selects if each.alias}
    return named.get(item.name, item) if isinstance(item, exp.Column) and not item.table else item


def limit(tree: exp.Expression) -> int | None:
    found = tree.args.get("limit")
    return int(found.expression.this) if found else None
