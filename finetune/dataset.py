"""The training set of the `ask` adapter: drawn questions with retrieval's hints and executed SQL."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from agents.ask.prompts import user
from agents.grammar import OTHERWISE
from agents.grammar.acceptance import accepts
from agents.paths import written
from data.errors import DataError
from finetune.families import Drawn
from finetune.ground import Ground
from finetune.hinting import linked
from finetune.neighbours import Meanings
from finetune.refusals import Refusals
from finetune.transfer import FAMILY, tables_of
from finetune.view import View, views
from retrieval import Context

EMPTY_KEPT = 0.15  # share of the questions with an empty answer that stay in
UNSURE, CLARIFY = 0.12, 0.025
SIZES = (20, 60)
"""Examples of one view: the fewest and the most."""
TRIES = 10
VIEWS, LEFT_OUT = 8, 0.12
"""Views that worded questions are asked over, and how many of those that a view can't answer are asked nonetheless."""
SAME_SHAPE = 3
SAME_FAMILY = 0.2


@dataclass(frozen=True)
class Example:
    """One training example: the text of each side."""

    system: str
    user: str
    answer: str
    family: str


@dataclass(frozen=True)
class Asked:
    """A question that was kept, with its example and the ground that it is asked over."""

    question: str
    example: Example
    ground: Ground


class Builder:
    """Draws, links, executes and keeps examples over one ground until there are enough."""

    def __init__(
        self,
        ground: Ground,
        meanings: Meanings,
        *,
        seed: int,
        made_up: float = 0.06,
        whole: float = 0.2,
        foreign: Sequence[str] = (),
        keep: Callable[[Drawn], bool] = lambda _: True,
    ) -> None:
        """`foreign` are questions of others, that this ground can't answer; `whole`, how many views have all tables;
        what `keep` does not take is not asked."""
        self._ground, self._foreign, self._keep = ground, foreign, keep
        self._rng = random.Random(f"{ground.name}-{seed}")
        self._views = views(ground, meanings, seed, made_up, whole=whole)
        self._seen: set[str] = set()
        self.dropped: Counter[str] = Counter()

    def examples(self, size: int, progress: Callable[[int], None] | None = None) -> list[Example]:
        """`size` different examples."""
        return [asked.example for asked in self.asked(size, progress)]

    def asked(self, size: int, progress: Callable[[int], None] | None = None) -> list[Asked]:
        """`size` different questions with their examples, fewer where the ground holds no more."""
        found: list[Asked] = []
        barren = 0
        while len(found) < size and barren < TRIES:
            room = min(self._rng.randint(*SIZES), size - len(found))
            new = list(self._of(next(self._views), room))
            barren = 0 if new else barren + 1
            found += new
            if progress:
                progress(len(found))
        return found

    def worded(self, questions: Iterable[Drawn]) -> Iterator[Asked]:
        """Examples of questions that somebody worded, each over a view that can answer it; some over one that lacks
        what they are about, to which the answer is `unsure`."""
        some = [next(self._views) for _ in range(VIEWS)]
        for drawn in questions:
            view = self._rng.choice(some)
            if drawn.sql not in OTHERWISE and not set(tables_of(drawn.sql)) <= _tables(view):
                if self._rng.random() < LEFT_OUT:
                    drawn = replace(drawn, sql="unsure", family=f"unsure_{FAMILY}")
                else:
                    view = next((v for v in some if set(tables_of(drawn.sql)) <= _tables(v)), view)
            if drawn.question.casefold() not in self._seen and (example := self._example(view, drawn)):
                yield Asked(drawn.question, example, self._ground)

    def _of(self, view: View, size: int) -> Iterator[Asked]:
        """Up to `size` examples of one view."""
        kept, shapes, families = 0, Counter[str](), Counter[str]()
        refusals = Refusals(view, self._foreign)
        for _ in range(size * TRIES):
            if kept == size:
                return
            drawn = self._drawn(view, refusals)
            if drawn is None or not self._keep(drawn) or self._common(drawn, shapes, families, size):
                continue
            example = self._example(view, drawn)
            if example:
                kept += 1
                shapes[_shape(drawn.sql)] += 1
                families[drawn.family] += 1
                yield Asked(drawn.question, example, self._ground)

    def _drawn(self, view: View, refusals: Refusals) -> Drawn | None:
        share = self._rng.random()
        if share < CLARIFY:
            return refusals.clarify()
        return refusals.unsure() if share < CLARIFY + UNSURE else view.sampler.draw()

    def _common(self, drawn: Drawn, shapes: Counter[str], families: Counter[str], size: int) -> bool:
        """True for what there is enough of, in this view or altogether."""
        if drawn.question.casefold() in self._seen:
            return True
        many = families[drawn.family] >= max(3, SAME_FAMILY * size)
        return many or (drawn.sql not in OTHERWISE and shapes[_shape(drawn.sql)] >= SAME_SHAPE)

    def _example(self, view: View, drawn: Drawn) -> Example | None:
        context = linked(view, drawn, self._rng)
        if drawn.sql not in OTHERWISE and not (self._writable(drawn, context) and self._kept(drawn)):
            return None
        self._seen.add(drawn.question.casefold())
        return Example(view.system, user(drawn.question, context.hints), drawn.sql, drawn.family)

    def _writable(self, drawn: Drawn, context: Context) -> bool:
        """Whether the model could write it: the grammar that it decodes in holds it."""
        if accepts(context, drawn.sql, context.values):
            return True
        self.dropped[f"{drawn.family}: not in the grammar"] += 1
        return False

    def _kept(self, drawn: Drawn) -> bool:
        """Executes the SQL; most of those with an empty answer are left out."""
        try:
            table = self._ground.run(drawn.sql)
        except Exception as error:
            if not refused(error):
                raise
            self.dropped[f"{drawn.family}: {error}"[:160]] += 1
            return False
        empty = table.num_rows == 0 or all(value in (None, 0) for value in table.slice(0, 1).to_pylist()[0].values())
        if empty and table.num_rows <= 1 and self._rng.random() > EMPTY_KEPT:
            self.dropped["empty"] += 1
            return False
        return True


def refused(error: Exception) -> bool:
    """True where the SQL is at fault."""
    import duckdb

    return isinstance(error, (DataError, duckdb.Error))


def _tables(view: View) -> set[str]:
    return {written(table) for table in view.catalog.tables}


_CONSTANT = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b")


def _shape(sql: str) -> str:
    """The SQL without its constants."""
    return _CONSTANT.sub("?", sql)
