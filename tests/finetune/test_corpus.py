"""The corpus of a recipe: shards over worlds, worlds that are held out, and going on after an interruption."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents.evaluation.question import read
from data.errors import Invalid
from finetune import corpus, examples
from finetune.corpus import QUESTIONS, VALIDATION, Corpus, Options
from finetune.recipe import Dataset
from finetune.transfer import FAMILY

HELD_OUT = ("zoo", "taxi")


def dataset(**options: str | float | bool) -> Dataset:
    small = {"worlds": 2, "demo": 0.0, "held_out": ", ".join(HELD_OUT), "held_back": 20}
    return Dataset(builder="ask", size=40, seed=3, options=small | options)


def quiet(_: str) -> None:
    """Progress that nobody reads."""


@pytest.fixture(scope="module")
def folder(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("work") / "corpus"
    Corpus(dataset(), folder, models, quiet).examples(None)
    return folder


def test_every_world_has_a_shard_and_the_held_out_ones_have_none(folder: Path) -> None:
    shards = {file.name.rsplit("-", 1)[0] for file in folder.glob("*-*.jsonl")}
    assert len(shards) == 2
    assert not shards & set(HELD_OUT)


def test_shards_that_are_there_are_not_drawn_again(folder: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = Corpus(dataset(), folder, models, quiet).examples(None)
    gone = next(folder.glob("*-*.jsonl"))
    gone.unlink()
    drawn: list[str] = []
    draw = corpus.draw
    monkeypatch.setattr(corpus, "draw", lambda shard, models: drawn.append(shard.file) or draw(shard, models))
    assert Corpus(dataset(workers=1), folder, models, quiet).examples(None) == before
    assert drawn == [gone.name]


def test_another_dataset_starts_anew(folder: Path, models: Path, tmp_path: Path) -> None:
    work = tmp_path / "corpus"
    work.mkdir()
    (work / "stamp.json").write_text("{}")
    (work / "airline-0.jsonl").write_text("left over")
    Corpus(dataset(worlds=0, held_back=0), work, models, quiet).examples(None)
    assert [file.name for file in work.iterdir()] == ["stamp.json"]


def test_what_is_held_back_are_questions_for_an_evaluation(folder: Path) -> None:
    lines = read(folder / QUESTIONS)
    assert len([line for line in lines if FAMILY not in line.question.tags[0]]) == 20
    assert len([line for line in lines if FAMILY in line.question.tags[0]]) > 20
    text = (folder / QUESTIONS).read_text(encoding="utf-8")
    assert {json.loads(line)["world"] for line in text.splitlines()} == set(HELD_OUT)
    assert len(examples.read(folder / VALIDATION)[1]) == len(lines)
    assert all(line.question.tags for line in lines)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"wrlds": 3}, "wrlds"), ({"demo": 3.0}, "not 3.0"), ({"held_out": "zoo, atlantis"}, "'atlantis'")],
)
def test_a_wrong_option_is_named(options: dict[str, str | float], message: str) -> None:
    with pytest.raises(Invalid, match=message):
        assert Options.of(Dataset(builder="ask", size=1, options=dict(options))).kept_apart
