"""A source is learnt in stages, under the rights of whoever learns it, and nothing is promoted by half."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from agents.endpoints import Endpoint
from agents.endpoints.scripted import scripted
from agents.evaluation.question import read
from data.errors import Forbidden, Invalid, NotFound
from data.federation import open_gateway
from finetune import examples, promotion, stack
from finetune.dataset import Example
from finetune.learn import contest, course, drawing, job
from finetune.learn.course import Plan
from finetune.learn.drawing import EXAMPLES, Row
from finetune.learn.withheld import withheld
from finetune.recipe import Bounds, Parity, Recipe
from finetune.workshop import Workshop
from retrieval import Retriever

PLAN = Plan("ask", minutes=0.05, device="cpu")
WORLD: Row = {"system": "tables of a world", "user": "how many", "answer": "unsure", "family": "count"}


@pytest.fixture(autouse=True)
def no_worlds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Invented worlds take their time; here one example stands for them all. Shards are small."""
    monkeypatch.setattr(drawing, "foreign", lambda *_: [])
    monkeypatch.setattr(job, "replay", lambda size, *_: ([WORLD], [WORLD]))
    monkeypatch.setattr(drawing, "SHARD", 12)
    monkeypatch.setattr(drawing, "SHARD_HELD", 6)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What each adapter writes whatever it is asked: right is the first held-back question's SQL."""
    said = {"start": "unsure", "adapter": "unsure"}

    def opened(folder: Path, *_: object) -> Endpoint:
        return scripted(*[said[folder.name]] * 400)

    monkeypatch.setattr(contest, "opened", opened)
    return said


def test_what_is_learnt_is_drawn_over_plain_names_and_linked_over_stored_ones(shop: Workshop) -> None:
    outcome = job.learn("bakery", shop, Plan("ask", 0.05, until="examples"))
    assert (outcome.stage, outcome.promoted, outcome.adapter) == ("examples", False, "")
    folder = shop.home / "learn" / "bakery"
    rows = examples.read(folder / EXAMPLES)[1]
    assert rows[-1] == WORLD
    text = json.dumps(rows)
    assert "order_date" in text
    assert "ORD_DT" not in text
    lines = read(folder / "questions.jsonl")
    gold = [sql for line in lines for sql in line.question.gold_sql]
    assert any("bakery.ORD" in sql for sql in gold)
    for sql in gold:
        shop.gateway.query(shop.principal, sql)


def test_no_personal_value_that_somebody_may_not_see_is_taught(shop: Workshop, bakery: Path) -> None:
    hidden = withheld(shop.gateway, shop.principal)
    assert "bakery.CUST.CUST_NM" in hidden
    outcome = job.learn("bakery", shop, Plan("ask", 0.05, until="examples"))
    assert "bakery.CUST.CUST_NM" in outcome.findings["withheld"]
    text = (bakery / "learn" / "bakery" / EXAMPLES).read_text()
    assert "customer" in text
    assert not [name for name in ("Ada Stone", "Ben Carter", "Hana Bell") if name.lower() in text.lower()]


def test_what_everybody_sees_may_be_taught(shop: Workshop, bakery: Path) -> None:
    policy = bakery / "policy.yaml"
    policy.write_text(policy.read_text().replace("{to: guests, on: bakery.PROD}", '{to: guests, on: "*"}'))
    gateway = open_gateway(bakery)
    assert withheld(gateway, gateway.policy.principal("owner")) == frozenset()


def test_a_job_that_is_killed_goes_on_behind_its_last_stage(shop: Workshop, bakery: Path, weights: Path) -> None:
    job.learn("bakery", shop, Plan("ask", 0.05, until="examples"))
    folder = bakery / "learn" / "bakery"
    drawn = (folder / EXAMPLES).read_bytes()
    code = f"""
import os, signal
from pathlib import Path
from data.federation import open_gateway
from finetune import loop
from finetune.workshop import Workshop
from finetune.learn import job
from finetune.learn.course import Plan
from retrieval import Retriever
home, models = Path({str(bakery)!r}), Path({str(weights)!r})
gateway = open_gateway(home)
owner, retriever = gateway.policy.principal("owner"), Retriever(gateway, models, home / "index")
shop = Workshop(gateway, owner, retriever, models, home, print)
loop.Loop.advance = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
job.learn("bakery", shop, Plan("ask", 0.05, until="train"))
"""
    ended = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, env={**os.environ})
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()[-500:]
    assert not (folder / "train.stage.json").exists()
    outcome = job.learn("bakery", shop, Plan("ask", 0.05, until="train"))
    assert outcome.stage == "train"
    assert (folder / EXAMPLES).read_bytes() == drawn
    assert (folder / "adapter" / "adapter_model.safetensors").is_file()


def test_only_an_adapter_that_is_better_and_served_as_trained_is_installed(
    shop: Workshop, weights: Path, answers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = weights / "adapters" / "ask" / "adapter_model.safetensors"
    before = installed.read_bytes()
    judge: Any = contest.facts

    def better(asked: contest.Asked) -> dict[str, Any]:
        return {**judge(asked), "learned": {**judge(asked)["learned"], "right": 0.9}}

    monkeypatch.setattr(contest, "facts", better)
    outcome = job.learn("bakery", shop, PLAN)  # so few steps of so small a model leave it undecided between tokens
    assert (outcome.stage, outcome.promoted) == ("promote", False)
    assert "not what was trained; off is the precision (merged)" in outcome.why
    assert installed.read_bytes() == before
    told = Path(outcome.card).read_text()
    assert outcome.why in told
    assert "generated over the source, not asked by people" in told
    assert "bakery.CUST.CUST_NM" in told

    wide = Bounds(agreement=0, logprob=9)
    alike = Parity(prompts=2, tokens=4, merged=wide, quantised=wide, endpoint=wide)
    monkeypatch.setattr(course, "Recipe", partial(Recipe, parity=alike))
    with monkeypatch.context() as killed:
        killed.setattr(promotion, "place", lambda *_: sys.exit("killed"))
        with pytest.raises(SystemExit):
            job.learn("bakery", shop, PLAN)
    assert installed.read_bytes() == before
    outcome = job.learn("bakery", shop, PLAN)
    assert outcome.promoted, outcome.why
    assert "The served forms write what the trainer writes" in outcome.why
    assert installed.read_bytes() == (Path(outcome.adapter) / "adapter_model.safetensors").read_bytes()
    from finetune.gate import Gate

    versions = Gate(shop.home).registry.store.versions("ask")
    assert [version.version for version in versions if "champion" in version.aliases] == [outcome.version]
    assert len(versions) == 3  # one that was not served alike, the one before, and one that was killed on its way
    back = Gate(shop.home).rollback("ask", "It was a test.")
    assert (stack.inside(back.folder) / "adapter_model.safetensors").read_bytes() == before


def test_who_sees_nothing_of_a_source_learns_nothing(shop: Workshop, bakery: Path) -> None:
    policy = bakery / "policy.yaml"
    policy.write_text(policy.read_text().replace("  - {to: guests, on: bakery.PROD}\n", ""))
    gateway = open_gateway(bakery)
    retriever = Retriever(gateway, shop.models, bakery / "index")
    guest = Workshop(gateway, gateway.policy.principal("guest"), retriever, shop.models, bakery, shop.say)
    with pytest.raises(Forbidden, match="'guest' sees no table of 'bakery'"):
        job.learn("bakery", guest, PLAN)


def test_wrong_names(shop: Workshop) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        job.learn("nowhere", shop, PLAN)
    with pytest.raises(Invalid, match="is a folder"):
        job.learn("bakery", shop, Plan("/some/where"))


@pytest.mark.parametrize(("wide", "rate"), [(64, 1e-4), (576, 1e-4), (1_152, 5e-5)])
def test_a_wider_model_learns_more_slowly(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch, wide: int, rate: float
) -> None:
    made = job.Learning("bakery", shop, PLAN)
    made.set_aside()
    monkeypatch.setattr("agents.endpoints.weights.config", lambda _: {"hidden_size": wide})
    assert made.recipe(8).train.lr == pytest.approx(rate)


def test_what_is_learnt_of_invented_worlds_comes_from_all_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [Example(f"tables of world {number // 20}", f"{number}", "unsure", "count") for number in range(80)]

    class Worlds:
        def __init__(self, dataset: object, folder: Path, *_: object) -> None:
            examples.write(folder / drawing.VALIDATION, "", [WORLD])

        def examples(self, _: None) -> list[Example]:
            return made

    monkeypatch.setattr(drawing, "Corpus", Worlds)
    rows, held = drawing.replay(16, tmp_path, tmp_path, print)
    assert (len(rows), len({row["user"] for row in rows}), held) == (16, 16, [WORLD])
    assert {row["system"] for row in rows} == {made.system for made in made}
