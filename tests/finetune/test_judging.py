"""What the judge of queries learns from, and that it does."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from safetensors.numpy import load_file

from agents import statement
from agents.ask.rerank.fit import Ballots, Rival
from agents.ask.rerank.judge import FILE, network
from agents.grammar import OTHERWISE
from data.catalog import Catalog
from finetune.judging.alterations import ALTERATIONS, altered
from finetune.judging.examples import Example, balloted, drawn
from finetune.judging.training import Stage, save, train
from finetune.worded import worded
from finetune.worlds import world


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return world("winery", 0).catalog


@pytest.mark.parametrize("alteration", ALTERATIONS)
def test_each_alteration_makes_another_query(alteration: object, catalog: Catalog) -> None:
    made = []
    for sql in worlds_queries("winery"):
        for seed in range(3):
            tree = statement.query(sql)
            if alteration(tree, catalog, random.Random(seed)):  # type: ignore[operator]
                made.append((sql, tree.sql("duckdb")))
    assert made
    for before, after in made:
        assert statement.query(after).sql("duckdb") != statement.query(before).sql("duckdb")


def worlds_queries(name: str) -> list[str]:
    return [one.sql for one in worded(name) if one.sql not in OTHERWISE]


def test_nothing_that_is_altered_stays_the_same(catalog: Catalog) -> None:
    rng = random.Random(7)
    for sql in worlds_queries("winery"):
        tree = statement.query(sql)
        other = altered(tree, catalog, rng)
        assert other != tree
        assert tree == statement.query(sql)


def test_of_what_people_asked_one_query_is_right() -> None:
    found = [*drawn("winery", 0)]
    assert found == [*drawn("winery", 0)]
    for example in found:
        assert len(example.queries) == len(set(example.queries)) == len(example.right) == len(example.worths)
    told = [example for example in found if any(example.right)]
    assert all(example.right[0] and not any(example.right[1:]) for example in told)
    asked = {question: one.sql for one in worded("winery") for question in one.questions}
    lacking = [example for example in found if example not in told]
    assert told
    assert lacking
    assert all(asked.get(example.question, "unsure") in OTHERWISE for example in lacking)


def test_the_queries_of_a_ballot_come_once_those_of_most_worth_first() -> None:
    rivals = (
        Rival(text="FROM zoo.animals SELECT name", evidence={"logprob": -3.0}, right=False),
        Rival(text="SELECT name FROM zoo.animals", evidence={"sketched": 1.0, "judged": 9.0}, right=False),
        Rival(text="FROM zoo.animals SELECT weight_kg", evidence={"logprob": -1.0}, right=True),
    )
    one = Ballots(set="zoo", question="weights", answerable=True, candidates=rivals, doubt={})
    (example,) = balloted([one, Ballots(set="zoo", question="x", answerable=False, candidates=(), doubt={})])
    assert sorted(example.queries) == ["SELECT name FROM animals", "SELECT weight kg FROM animals"]
    assert max(example.worths) < 5  # What was judged before is no part of what a judge adds to.
    assert example.right[example.queries.index("SELECT weight kg FROM animals")]


def test_a_judge_learns_which_is_right(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    queries = ("SELECT AVG(weight) FROM boats", "SELECT MAX(length) FROM boats")
    examples = [
        Example(f"{said} {thing}", queries, right, (0.0, 0.0))
        for thing in ("boats", "our boats")
        for said, right in (("average weight of", (True, False)), ("length of the longest of", (False, True)))
    ]
    save(train([Stage("boats", examples, 60, 1e-4)]), tmp_path / "judge.safetensors")
    assert [*tmp_path.iterdir()] == [tmp_path / "judge.safetensors"]
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("boats: ")]
    first, last = (float(line.split("loss ")[1].split(",")[0]) for line in told)
    assert last < first / 2
    learnt, fresh = load_file(tmp_path / "judge.safetensors"), network(tmp_path / "judge.safetensors")
    assert {name for name, _ in fresh.named_parameters() if "embeddings" not in name} == {*learnt}


def test_what_ships_is_whole() -> None:
    import numpy as np

    kept = load_file(FILE)
    assert {*kept} == {name for name, _ in network().named_parameters() if "embeddings" not in name}
    assert all(np.isfinite(value.astype(np.float32)).all() for value in kept.values())
