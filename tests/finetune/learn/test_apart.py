"""What is held back from training."""

from __future__ import annotations

import pytest

from finetune.families import Drawn
from finetune.learn.apart import held, seen, unseen, wordings
from finetune.phrasing import bank


def drawn(sql: str, question: str = "?") -> Drawn:
    return Drawn(question, sql, "count", {})


def test_no_wording_is_both_learnt_and_held_back() -> None:
    learnt, back = wordings(back=False), wordings(back=True)
    divided = [kind for kind in learnt if learnt[kind] != back[kind]]
    assert len(divided) > 50
    for kind in divided:
        assert not set(learnt[kind]) & set(back[kind])
        assert sorted([*learnt[kind], *back[kind]]) == sorted(bank("phrases")[kind])
    assert sum(len(learnt[kind]) for kind in divided) > 3 * sum(len(back[kind]) for kind in divided)


def test_a_combination_is_held_back_whatever_the_constants() -> None:
    marks = {unseen(drawn(f"FROM a.b SELECT count(*) WHERE x > {n}")) for n in range(9)}
    assert len(marks) == 1
    many = [unseen(drawn(f"FROM a.t{n} SELECT count(*)")) for n in range(200)]
    assert 20 < sum(many) < 60


def test_a_value_that_is_held_back_is_in_no_question_to_learn_from() -> None:
    back = next(word for word in map(str, range(1000, 2000)) if held(f"w{word}"))
    shapes = (f"FROM a.t{n} SELECT count(*) WHERE x = " for n in range(99))
    shape = next(shape for shape in shapes if not held(f"{shape}?"))
    assert unseen(drawn(f"{shape}'w{back}'"))
    assert unseen(drawn(f"{shape}'W{back}'"))


def test_moments_are_no_values() -> None:
    sql = [drawn(f"FROM a.b SELECT count(*) WHERE d >= '20{n:02}-01-01'") for n in range(40)]
    assert len({unseen(one) for one in sql}) == 1


@pytest.mark.parametrize("question", [f"What is the mood of day {n}?" for n in range(8)])
def test_a_question_without_an_answer_goes_by_its_words(question: str) -> None:
    assert unseen(drawn("unsure", question)) == held(question)
    assert seen(drawn("unsure", question)) != unseen(drawn("unsure", question))
