"""The corpus of a recipe: examples over many ways to store many invented worlds, and over the demo lakehouse.

Each way is a shard with a file of its own, so that a corpus that was interrupted goes on where it stood.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field, ValidationError

from agents.grammar import OTHERWISE
from data.errors import Invalid
from finetune import examples
from finetune.dataset import Asked, Builder, Example
from finetune.ground import Ground
from finetune.homes import beside, moved
from finetune.neighbours import Meanings
from finetune.phrasing import bank
from finetune.recipe import Dataset, Section
from finetune.transfer import Transfer
from finetune.worded import worded

if TYPE_CHECKING:
    from data.gateway import Gateway
    from data.policy import Principal
    from retrieval import Retriever

Say = Callable[[str], None]
STRANGERS, EACH = 4, 25
"""How many other worlds lend questions that a world can't answer, and how many each."""
PAIRED = 0.12
"""The share of shards over two worlds at once."""
WORDINGS = 2
"""How often a question that somebody worded is drawn over each way to store its world, in one of its wordings."""
QUESTIONS, VALIDATION = "questions.jsonl", "validation.jsonl"


class Options(Section):
    """Of the builders `ask` and `code`."""

    worlds: int = Field(default=400, ge=0)
    """Ways to store the worlds: each of them is drawn about equally often."""
    demo: float = Field(default=0.1, ge=0, le=1)
    """The share of the examples that is asked over the demo lakehouse."""
    held_out: str = (
        "zoo, car_rental, language_school, software_projects, bank_branches, city_council, charity, gym, hotel, "
        "law_firm, restaurant, telecom"
    )
    """Worlds that nothing is learnt from, with commas between."""
    held_back: int = Field(default=600, ge=0)
    """How many questions are drawn over those, beside what people worded."""
    made_up: float = Field(default=0.06, ge=0, le=1)
    """The share of nouns that are words that nobody uses."""
    variations: int = Field(default=2, ge=0)
    """Of `code`: how many variations a wording of a task has at most."""
    workers: int = Field(default=1, ge=1)
    """Processes that draw at once."""

    @classmethod
    def of(cls, dataset: Dataset) -> Options:
        """The options of a recipe; Invalid names the one that is wrong."""
        try:
            return cls.model_validate(dataset.options)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"])
            known = ", ".join(cls.model_fields)
            message = f"dataset.options.{name}: {first['msg']}, not {first['input']!r}."
            raise Invalid(message, f"The options of the builder '{dataset.builder}' are {known}.") from error

    @property
    def kept_apart(self) -> tuple[str, ...]:
        """The names of the worlds that are held out; Invalid names one that there is not."""
        from finetune.worlds import worlds

        names = tuple(name.strip() for name in self.held_out.split(",") if name.strip())
        for name in names:
            if name not in worlds():
                raise Invalid(f"There is no world '{name}' to hold out.", f"Use some of: {', '.join(worlds())}.")
        return names


@dataclass(frozen=True)
class Shard:
    """Examples over one way to store a world: of the world's name, with that seed."""

    world: str
    seed: int
    size: int
    made_up: float
    others: tuple[str, ...]

    @property
    def file(self) -> str:
        return f"{self.world}-{self.seed}.jsonl"


class Corpus:
    """The examples of a dataset, kept in a folder. `models` is where the embedding model is."""

    def __init__(self, dataset: Dataset, folder: Path, models: Path, say: Say) -> None:
        self._dataset, self._folder, self._models, self._say = dataset, folder, models, say
        self._options = Options.of(dataset)

    def examples(self, demo: Callable[[], Ground] | None) -> list[Example]:
        """All examples, in an order of their own; `demo` opens the ground of the demo lakehouse."""
        self._begin()
        share = self._options.demo if demo else 0.0
        size = self._dataset.size if self._options.worlds == 0 else round(self._dataset.size * share)
        found = self._of_demo(demo, size) if demo and size else []
        for shard in self._drawn(self._shards(self._dataset.size - size)):
            found += _read(self._folder / shard.file)
        self._hold_back()
        unique = list({(e.system, e.user): e for e in found}.values())
        return _by_prefix(unique, random.Random(self._dataset.seed))

    def _begin(self) -> None:
        """An empty folder, unless it holds shards of the same dataset."""
        stamp, mark = self._stamp(), self._folder / "stamp.json"
        if not mark.exists() or mark.read_text(encoding="utf-8") != stamp:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder.mkdir(parents=True)
            mark.write_text(stamp, encoding="utf-8")

    def _stamp(self) -> str:
        """What decides the examples: all but how many processes draw them."""
        return self._dataset.model_dump_json(exclude={"options": {"workers"}})

    def _shards(self, size: int) -> list[Shard]:
        """One after the other of all worlds, each time with the next seed."""
        from finetune.worlds import worlds

        apart = self._options.kept_apart
        names, count = [name for name in worlds() if name not in apart], self._options.worlds
        each = [size // count + (i < size % count) for i in range(count)] if count else []
        return [self._shard(names, names[i % len(names)], i // len(names), n) for i, n in enumerate(each) if n]

    def _shard(self, names: Sequence[str], world: str, number: int, size: int) -> Shard:
        seed = number and self._dataset.seed * 1_000 + number
        rng = random.Random(f"{world}-{seed}")
        others = rng.sample([name for name in names if name != world], min(STRANGERS, len(names) - 1))
        return Shard(world, seed, size, self._options.made_up, tuple(others))

    def _drawn(self, shards: Sequence[Shard]) -> Iterator[Shard]:
        """The shards, as they are done; those that are there already first."""
        left = [shard for shard in shards if not (self._folder / shard.file).exists()]
        yield from (shard for shard in shards if shard not in left)
        for done, shard in enumerate(self._worked(left), 1):
            self._say(f"examples: {done + len(shards) - len(left)} of {len(shards)} worlds ({shard.world})")
            yield shard

    def _worked(self, shards: Sequence[Shard]) -> Iterator[Shard]:
        if self._options.workers == 1 or len(shards) < 2:
            for shard in shards:
                _write(shard, self._folder, self._models)
                yield shard
            return
        with ProcessPoolExecutor(self._options.workers, get_context("spawn")) as pool:
            running = {pool.submit(_write, shard, self._folder, self._models): shard for shard in shards}
            for future in as_completed(running):
                future.result()
                yield running[future]

    def _of_demo(self, demo: Callable[[], Ground], size: int) -> list[Example]:
        file = self._folder / "demo.jsonl"
        if not file.exists():
            names = [shard.world for shard in self._shards(self._dataset.size)][:STRANGERS]
            builder = Builder(
                demo(),
                meanings(self._models),
                seed=self._dataset.seed,
                made_up=self._options.made_up,
                whole=0.5,
                foreign=foreign(names, self._models),
            )
            drawn = builder.examples(size, lambda done: self._say(f"examples: {done} of {size} over the demo"))
            examples.write(file, "", map(asdict, drawn))
        return _read(file)

    def _hold_back(self) -> None:
        """Questions over the worlds that are held out: as examples, and as questions for an evaluation."""
        names, file = self._options.kept_apart, self._folder / QUESTIONS
        if not names or not self._options.held_back or file.exists():
            return
        asked: list[tuple[str, Asked]] = []
        for name in names:
            others = tuple(other for other in names if other != name)
            size = self._options.held_back // len(names)
            shard = Shard(name, self._dataset.seed, size, 0.0, others)
            asked += [(name, found) for found in draw(shard, self._models)]
        examples.write(self._folder / VALIDATION, "", (asdict(a.example) for _, a in asked))
        text = "".join(
            json.dumps(_question(name, n, a), ensure_ascii=False) + "\n" for n, (name, a) in enumerate(asked)
        )
        part = file.with_suffix(".part")
        part.write_text(text, encoding="utf-8")
        part.replace(file)


def _question(world: str, number: int, asked: Asked) -> dict[str, object]:
    """A line of a question file, with the world that it is asked over."""
    answer, family = asked.example.answer, asked.example.family
    gold: dict[str, object] = {"status": [answer]} if answer in OTHERWISE else {"sql": answer}
    return {"id": f"{world}-{number}", "world": world, "question": asked.question, **gold, "tags": [family]}


def _by_prefix(found: list[Example], rng: random.Random) -> list[Example]:
    """In a random order in which those that share a prefix stay together."""
    groups: dict[str, list[Example]] = {}
    for example in found:
        groups.setdefault(example.system, []).append(example)
    order = sorted(groups)
    rng.shuffle(order)
    return [example for system in order for example in groups[system]]


def _read(file: Path) -> list[Example]:
    return [Example(**row) for row in examples.read(file)[1]]


# One shard, in any process --------------------------------------------------------------------------------------------


def _write(shard: Shard, folder: Path, models: Path) -> None:
    examples.write(folder / shard.file, "", (asdict(a.example) for a in draw(shard, models)))


def draw(shard: Shard, models: Path) -> list[Asked]:
    """The questions of a shard with their examples."""
    from finetune.worlds import world

    rng, others = random.Random(f"{shard.world}-{shard.seed}"), shard.others
    made = world(shard.world, shard.seed)
    ground = Ground.of(made)
    ground = moved(ground, rng) if shard.seed else ground
    transfer = Transfer.of(shard.world, ground, made.sources)
    if shard.seed and rng.random() < PAIRED and others:
        ground, others = beside(ground, Ground.of(world(others[0], shard.seed))), others[1:]
    strange = foreign(others, models)
    builder = Builder(ground, meanings(models), seed=shard.seed, made_up=shard.made_up, foreign=strange)
    said = (transfer.drawn(one, rng) for one in worded(shard.world) for _ in range(WORDINGS))
    return [*builder.asked(shard.size), *builder.worded(one for one in said if one)]


@lru_cache(maxsize=1)
def meanings(models: Path) -> Meanings:
    """Of this process."""
    from retrieval.embedding import MiniLM

    return Meanings(MiniLM(models))


def demo(gateway: Gateway, principal: Principal, retriever: Retriever) -> Ground:
    """The demo lakehouse as a principal may see it, in the words of its people."""
    return Ground.read(gateway, principal, retriever.reader(principal), bank("demo"))


def foreign(names: Sequence[str], models: Path) -> list[str]:
    """Questions that some worlds can answer."""
    return [question for name in names for question in _asked_of(name, models)]


@lru_cache(maxsize=64)
def _asked_of(name: str, models: Path) -> tuple[str, ...]:
    """Questions that a world can answer, so that others can't."""
    from finetune.view import views
    from finetune.worlds import world

    view = next(views(Ground.of(world(name, 0)), meanings(models), 1, 0.0, whole=1.0))
    drawn = [view.sampler.draw() for _ in range(3 * EACH)]
    return tuple(d.question for d in drawn if d)[:EACH]
