"""The training set: drawn over worlds and over the demo, linked as in use, written as the grammar can, and executed."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.ask.prompts import system
from agents.grammar import OTHERWISE
from agents.grammar.acceptance import accepts
from data.federation import open_gateway
from data.gateway import Gateway
from finetune import corpus, dataset
from finetune import sampler as drawing
from finetune.dataset import Asked, Builder, Example
from finetune.families import PLANS, Drawn, Plan
from finetune.families.scene import in_order
from finetune.ground import Ground
from finetune.hinting import linked
from finetune.neighbours import Meanings
from finetune.refusals import Refusals
from finetune.sampler import Sampler
from finetune.view import View, views
from finetune.worlds import world
from retrieval import Context, Retriever
from retrieval.embedding import MiniLM

SIZE = 25
WORLD = "airline"


@pytest.fixture(scope="module")
def gateway(demo_home: Path) -> Iterator[Gateway]:
    gateway = open_gateway(demo_home, threads=1)
    yield gateway
    gateway.close()


@pytest.fixture(scope="module")
def retriever(gateway: Gateway, models: Path, tmp_path_factory: pytest.TempPathFactory) -> Retriever:
    return Retriever(gateway, models, tmp_path_factory.mktemp("index"))


@pytest.fixture(scope="module")
def meanings(models: Path) -> Meanings:
    return Meanings(MiniLM(models))


@pytest.fixture(scope="module")
def ground() -> Ground:
    return Ground.of(world(WORLD, 0))


@pytest.fixture(scope="module")
def view(ground: Ground, meanings: Meanings) -> View:
    return next(views(ground, meanings, 1, 0.0, whole=1.0))


@pytest.fixture(scope="module")
def asked(ground: Ground, meanings: Meanings) -> list[Asked]:
    foreign = [f"How many {things} are there in the workshop?" for things in ("lathes", "drills", "clamps")]
    return Builder(ground, meanings, seed=3, foreign=foreign).asked(120)


@pytest.fixture(scope="module")
def examples(asked: list[Asked]) -> list[Example]:
    return [found.example for found in asked]


def of_demo(gateway: Gateway, retriever: Retriever, meanings: Meanings, name: str) -> list[Example]:
    ground = corpus.demo(gateway, gateway.policy.principal(name), retriever)
    return Builder(ground, meanings, seed=3, whole=1.0).examples(SIZE)


def test_equal_seeds_give_equal_examples(ground: Ground, meanings: Meanings) -> None:
    first, same, other = (Builder(ground, meanings, seed=seed).examples(SIZE) for seed in (5, 5, 6))
    assert first == same
    assert first != other


def test_no_question_comes_twice(asked: list[Asked]) -> None:
    assert len({found.question.casefold() for found in asked}) == len(asked) == 120


def test_every_answer_can_be_executed(ground: Ground, examples: list[Example]) -> None:
    for example in examples:
        assert example.answer in OTHERWISE or ground.run(example.answer).num_columns > 0


def test_the_demo_is_drawn_over_through_the_gateway(gateway: Gateway, retriever: Retriever, meanings: Meanings) -> None:
    owner = gateway.policy.principal("owner")
    examples = of_demo(gateway, retriever, meanings, "owner")
    assert len(examples) == SIZE
    assert not [e for e in examples if e.answer not in OTHERWISE and not gateway.query(owner, e.answer, limit=1)]


def test_answers_use_only_the_tables_that_are_shown(examples: list[Example]) -> None:
    for example in examples:
        shown = {line.split("(")[0] for line in example.system.splitlines()[1:]}
        assert set(re.findall(rf"{WORLD}\.\w+", example.answer)) <= shown


def test_examples_of_one_view_share_their_prompt(examples: list[Example]) -> None:
    of_each = Counter(example.system for example in examples)
    assert len(of_each) <= len(examples) / dataset.SIZES[0] + 1


def test_some_questions_have_no_answer_but_most_do(examples: list[Example]) -> None:
    refused = sum(example.answer in OTHERWISE for example in examples)
    assert 0.05 * len(examples) < refused < 0.3 * len(examples)


def test_no_family_crowds_out_the_others(examples: list[Example]) -> None:
    assert len({example.family for example in examples}) > 25
    assert Counter(e.family for e in examples).most_common(1)[0][1] <= 0.25 * len(examples)


SOURCES = frozenset(("square", "cash", "tidal", "tbd", "growth"))


def test_a_principal_learns_only_from_what_it_may_see(
    gateway: Gateway, retriever: Retriever, meanings: Meanings
) -> None:
    analyst = gateway.policy.principal("cash-analyst")
    examples = of_demo(gateway, retriever, meanings, "cash-analyst")
    readable = retriever.reader(analyst).values.columns
    assert {example.system for example in examples} == {system(gateway.askable(analyst), readable)}
    text = "".join(example.user + example.answer for example in examples)
    assert not any(f"{source}." in text for source in SOURCES - {"cash"})


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.family.__name__)
def test_every_family_draws_what_can_be_executed(
    plan: Plan, ground: Ground, view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "PLANS", (plan,))
    over = ground if plan.family.__name__ not in ELSEWHERE else Ground.of(world(ELSEWHERE[plan.family.__name__], 0))
    words = view.words if over is ground else over.words

    sampler = Sampler(over.catalog, over.values, words, random.Random(2), 0.1, profile=over.profile, now=over.now)
    drawn = [found for found in (sampler.draw() for _ in range(60)) if found][:5]
    assert drawn
    for question in drawn:
        assert "{" not in question.question
        assert over.run(question.sql).num_columns > 0


ELSEWHERE = {"against_parent": "gym", "elapsed": "gym"}
"""Families for which the world of these tests has no columns."""


FORMS = {
    "tied_groups": r"GROUP BY (1|\S+, \S+) QUALIFY rank\(\) OVER \(ORDER BY .+\) <?= \d$",
    "tied_rows": r"QUALIFY rank\(\) OVER \(ORDER BY \S+( DESC)?\) = 1$",
    "best_per_group": r"QUALIFY row_number\(\) OVER \(PARTITION BY \S+ ORDER BY \S+( DESC)?\) <= \d$",
    "leader_per_group": r"GROUP BY 1, 2 QUALIFY rank\(\) OVER \(PARTITION BY \S+ ORDER BY count\(\*\) DESC\) = 1$",
    "running_total": r"AS p, sum\((sum|count)\(.+\)\) OVER \(ORDER BY date_trunc.+ GROUP BY 1 ORDER BY p$",
    "groups_of_size": r"^FROM \(FROM .+ HAVING count\(\*\) .+\) SELECT count\(\*\)$",
    "typical_size": r"^FROM \(FROM .+ AS n.* GROUP BY ALL\) SELECT (avg|max|min|median)\(n\)$",
    "runner_up": r"LIMIT 1 OFFSET [12]$",
    "change": r"FILTER \(WHERE .+\) - .+FILTER \(WHERE",
    "ratio": r"(sum|avg)\(.+ ?/ ?",
}


@pytest.mark.parametrize("family", sorted(FORMS))
def test_new_forms_are_written_in_one_way(family: str, ground: Ground, view: View) -> None:
    plan = next(plan for plan in PLANS if plan.family.__name__ == family)
    drawn = list(_drawn(view, plan))
    assert drawn
    assert not [question.sql for question in drawn if not re.search(FORMS[family], question.sql)]


@pytest.mark.parametrize("family", ["tied_groups", "best_per_group", "running_total", "runner_up", "exists", "lookup"])
def test_what_is_drawn_lies_in_the_grammar(family: str, view: View) -> None:
    plan = next(plan for plan in PLANS if plan.family.__name__ == family)
    drawn = list(_drawn(view, plan))
    contexts = [(question, _context(view, question)) for question in drawn]
    written = [accepts(context, question.sql, context.values) for question, context in contexts]
    assert sum(written) >= 0.7 * len(written) > 0


def _context(view: View, drawn: Drawn) -> Context:
    link = view.context(drawn.question)
    return Context(drawn.question, view.catalog, link.hints, link.unknown, link.now, view.values)


def _drawn(view: View, plan: Plan) -> Iterator[Drawn]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawing, "PLANS", (plan,))
        found = [view.sampler.draw() for _ in range(12)]
        view.sampler._barren.clear()
    yield from (question for question in found if question)


def test_hints_are_lost_and_mistaken_now_and_then(view: View) -> None:

    drawn = next(d for d in iter(view.sampler.draw, "") if d and len(view.context(d.question).hints) > 1)
    right = _context(view, drawn).hints
    slipped = [linked(view, drawn, random.Random(seed)).hints for seed in range(60)]
    assert any(len(hints) < len(right) for hints in slipped)
    assert sum(hints == right for hints in slipped) > 20


def test_what_is_left_out_of_a_view_is_not_known(ground: Ground, meanings: Meanings) -> None:
    part = next(view for view in views(ground, meanings, 7, 0.0, whole=0.0) if len(view.catalog.tables) < 4)
    refusals = Refusals(part, ())
    left_out = [found for found in (refusals._left_out() for _ in range(10)) if found]
    assert left_out
    assert {found.sql for found in left_out} == {"unsure"}


def test_names_that_nothing_has_are_not_known(view: View) -> None:
    refusals = Refusals(view, ())
    unknown = [found for found in (refusals._unknown() for _ in range(20)) if found]
    assert unknown
    stored = {text for t in view.catalog.tables if t.label for text in view.values[t.full_name].get(t.label, ())}
    assert not [found.question for found in unknown if any(len(t) > 5 and t in found.question for t in stored)]


def test_questions_of_others_are_refused_only_where_nothing_fits(view: View) -> None:
    refusals = Refusals(view, ["How many flights are there?", "How many lathes are broken?"])
    found = {drawn.question for drawn in (refusals._elsewhere() for _ in range(8)) if drawn}
    assert found == {"How many lathes are broken?"}


def test_vague_questions_are_to_be_clarified(view: View) -> None:
    refusals = Refusals(view, ())
    found = [drawn for drawn in (refusals.clarify() for _ in range(20)) if drawn]
    assert found
    assert {drawn.sql for drawn in found} == {"clarify"}
    assert all("{" not in drawn.question for drawn in found)


def test_constants_stand_before_flags_and_those_before_sub_queries() -> None:
    said = ["user_id IN (FROM a SELECT b WHERE c = 1)", "explicit = true", "note IS NULL", "name = 'x IS y'", "n > 5"]
    assert in_order(said) == ["name = 'x IS y'", "n > 5", "explicit = true", "note IS NULL", said[0]]
