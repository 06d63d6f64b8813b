"""The examples of a job: drawn over the source itself, over invented worlds, and what earlier jobs have learnt.

Each file of the job's folder is written at once and never drawn again.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

from finetune import examples
from finetune.corpus import VALIDATION, Corpus, foreign, meanings
from finetune.dataset import Builder
from finetune.ground import Ground
from finetune.learn.apart import seen, unseen, wordings
from finetune.learn.budget import HELD_WORLDS, Budget
from finetune.recipe import Dataset

Row = dict[str, str]
SHARD, SHARD_HELD = 60, 20
SEED = 11
MADE_UP, WHOLE = 0.03, 0.5
STRANGERS = 4
EXAMPLES, REPLAY = "examples.jsonl", ".replay"
RUNGS = (80, 240, 480, 960)
"""Examples over invented worlds."""


@dataclass(frozen=True)
class Drawing:
    """Draws over grounds in turn, within the budget."""

    grounds: Sequence[Ground]
    folder: Path
    models: Path
    budget: Budget
    say: Callable[[str], None]

    def held(self, count: int) -> list[Row]:
        """Questions of wordings, values and combinations that are kept from training, as examples with the question."""
        return self._drawn("held", count, SHARD_HELD, self.budget.drawing / 2)

    def own(self, count: int) -> list[Row]:
        """Questions to learn from."""
        return self._drawn("own", count, SHARD, self.budget.drawing)

    def _drawn(self, kind: str, count: int, size: int, seconds: float) -> list[Row]:
        """Shard after shard, one at least, until there are enough, the ground holds no more or the time is over."""
        found: dict[str, Row] = {}
        end = time.monotonic() + seconds
        for number in range(count):
            new = {row["question"].casefold(): row for row in self._shard(kind, number, size)}
            known, found = len(found), {**new, **found}
            if len(found) >= count or len(found) == known or time.monotonic() > end:
                break
            self.say(f"examples: {len(found)} of {count} {kind}")
        return list(found.values())[:count]

    def _shard(self, kind: str, number: int, size: int) -> list[Row]:
        file = self.folder / f"{kind}-{number}.jsonl"
        if not file.exists():
            asked = self._builder(kind == "held", number).asked(size)
            examples.write(file, "", ({**asdict(one.example), "question": one.question} for one in asked))
        return examples.read(file)[1]

    def _builder(self, back: bool, number: int) -> Builder:
        ground = self._worded[back][number % len(self.grounds)]
        return Builder(
            ground,
            meanings(self.models),
            seed=SEED + number,
            made_up=0.0 if back else MADE_UP,
            whole=1.0 if back else WHOLE,
            foreign=self._foreign,
            keep=unseen if back else seen,
        )

    @cached_property
    def _worded(self) -> dict[bool, list[Ground]]:
        """The grounds with the wordings that are held back, and with the others."""
        return {
            back: [replace(ground, phrases=wordings(back=back)) for ground in self.grounds] for back in (True, False)
        }

    @cached_property
    def _foreign(self) -> list[str]:
        from finetune.worlds import worlds

        return foreign(random.Random(SEED).sample(worlds(), STRANGERS), self.models)


def bare(row: Row) -> Row:
    """An example without what training does not read."""
    return {name: row[name] for name in ("system", "user", "answer", "family")}


def replay(size: int, home: Path, models: Path, say: Callable[[str], None]) -> tuple[list[Row], list[Row]]:
    """So many examples over invented worlds, at most, from all of those; and others over worlds that no job learns
    from, most of them worded by people. They are kept: the next job that wants about as many takes the same."""
    rung = next((rung for rung in RUNGS if rung >= size), RUNGS[-1])
    options: dict[str, str | int | float | bool] = {
        "worlds": max(4, rung // 40), "demo": 0.0, "held_back": HELD_WORLDS
    }  # fmt: skip
    folder = home / "learn" / REPLAY
    folder.mkdir(parents=True, exist_ok=True)
    corpus = Corpus(Dataset(builder="ask", size=rung, seed=SEED, options=options), folder, models, say)
    drawn = [asdict(example) for example in corpus.examples(None)]
    return _some(drawn, size), _some(examples.read(folder / VALIDATION)[1], HELD_WORLDS)


def _some(rows: Sequence[Row], size: int) -> list[Row]:
    """So many of them, at most, from everywhere."""
    return random.Random(SEED).sample(rows, min(size, len(rows)))


def earlier(home: Path, but: str, size: int) -> list[Row]:
    """Some of what other jobs of this home have learnt, so that it is not forgotten."""
    files = sorted(path for path in (home / "learn").glob(f"*/{EXAMPLES}") if path.parent.name != but)
    return _some([row for file in files for row in examples.read(file)[1]], size)
