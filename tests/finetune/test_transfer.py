"""Questions that people worded, over every way to store their world."""

from __future__ import annotations

import random

import pytest

from agents.grammar import OTHERWISE
from finetune.ground import Ground
from finetune.homes import moved
from finetune.transfer import Transfer, tables_of
from finetune.worded import Worded, worded
from finetune.worlds import world, worlds

SEEDS = (0, 3, 11)


def ground(name: str, seed: int) -> tuple[Ground, Transfer]:
    made = world(name, seed)
    found = Ground.of(made)
    found = moved(found, random.Random(seed)) if seed else found
    return found, Transfer.of(name, found, made.sources)


@pytest.mark.parametrize("name", ["airline", "theatre", "warehouse_parts"])
def test_what_is_asked_runs_wherever_it_can_be_asked(name: str) -> None:
    for seed in SEEDS:
        found, transfer = ground(name, seed)
        drawn = [d for asked in worded(name) if (d := transfer.drawn(asked, random.Random(seed)))]
        assert len(drawn) > len(worded(name)) / 3
        for one in drawn:
            if one.sql not in OTHERWISE:
                found.run(one.sql)


def test_the_file_s_own_way_leaves_the_sql_as_it_was_written() -> None:
    _, transfer = ground("airline", 0)
    for asked in worded("airline"):
        if asked.sql not in OTHERWISE:
            assert transfer.sql(asked.sql, random.Random(1)) == (asked.sql, {})


def test_another_way_has_its_own_names_and_values() -> None:
    asked = Worded(
        ("Which city is Kings Gate in?",), "FROM bank_branches.branches SELECT city WHERE branch_name = 'Kings Gate'"
    )
    for seed in range(1, 12):
        found, transfer = ground("bank_branches", seed)
        drawn = transfer.drawn(asked, random.Random(seed))
        if drawn is None:
            continue
        assert next(tables_of(drawn.sql)) in {table.full_name for table in found.catalog.tables}
        told = drawn.sql.rsplit("'", 2)[1]
        assert told.casefold() in drawn.question.casefold()
        assert found.run(drawn.sql).num_rows


def test_what_a_way_to_store_lacks_is_not_asked_there() -> None:
    _, transfer = ground("airline", 0)
    unknown = Worded(("How many unicorns are there?",), "FROM airline.unicorn SELECT count(*)")
    assert transfer.drawn(unknown, random.Random(1)) is None


def test_every_file_is_of_a_world_and_has_questions_without_an_answer() -> None:
    asked = {name: worded(name) for name in worlds()}
    assert sum(map(len, asked.values())) > 2_000
    for name, lines in asked.items():
        assert not lines or any(line.sql in OTHERWISE for line in lines), name
        assert all(line.questions for line in lines)
