"""A lakehouse of many tables beside one of a few: whether the right tables are read, and what a question costs."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from agents.semantic import Semantic
from app.assembly import Lakewright
from data.catalog import Catalog
from finetune.phrasing import Bank
from finetune.sampler import Sampler
from finetune.words_of import words_of
from finetune.worlds import world, worlds
from retrieval.retriever import Reader, cut

if TYPE_CHECKING:
    from app.settings import Settings

SEED = 1
FEW = 10
"""Tables of the small lakehouse, at least: it has whole databases."""


@dataclass(frozen=True)
class Asked:
    """A question with the tables that its answer comes from."""

    question: str
    source: str
    tables: frozenset[str]


def measure(
    settings: Settings, tables: int, questions: int, asked: int, say: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Recall of the tables that are read, and seconds, over `questions` of databases that there is one of.

    `named` asks in the names of tables and columns, `paraphrased` in other words that people have for them; `seconds`
    are those of `asked` questions, answered by the current endpoint in both lakehouses.
    """
    with (
        tempfile.TemporaryDirectory(prefix="lakewright-breadth-") as folder,
        closing(_filled(settings, Path(folder) / "few", FEW, say)) as few,
        closing(_filled(settings, Path(folder) / "many", tables, say)) as many,
    ):
        return _compared(few, many, questions, asked, say)


def _compared(
    few: Lakewright, many: Lakewright, questions: int, asked: int, say: Callable[[str], None]
) -> dict[str, Any]:
    reader = many.retriever.reader(many.principal("owner"))
    sources = {source.name for source in reader.catalog.sources}
    single = [name for name in worlds() if name in sources and f"{name}_{SEED + 1}" not in sources]
    each = -(-questions // len(single))
    named = list(chain.from_iterable(_named(reader, name, each) for name in single))
    told = list(chain.from_iterable(_paraphrased(name, each) for name in single))
    shared = [item for item in named if item.source in {source.name for source in few.gateway.catalog.sources}]
    random.Random(SEED).shuffle(shared)
    say(f"asking {len(named) + len(told)} questions")
    return {
        "tables": len(reader.catalog.tables),
        "sources": len(reader.catalog.sources),
        "named": _read(reader, named),
        "paraphrased": _read(reader, told),
        "seconds": _times(few, many, shared[:asked]) if asked else {},
    }


def _filled(settings: Settings, home: Path, tables: int, say: Callable[[str], None]) -> Lakewright:
    """A home of invented databases, every one of them stored once before any is stored in a second way."""
    from app import home as homes
    from data import onboard
    from finetune.worlds.store import store

    homes.begin(home)
    (home / "stores").mkdir()
    held = 0
    for name, seed in _kinds():
        made, source = world(name, seed), name if seed == SEED else f"{name}_{seed}"
        onboard.add(home, source, "sqlite", str(store(made, home / "stores" / f"{source}.sqlite")))
        held += len(made.catalog.tables)
        say(f"{source}: {held} tables")
        if held >= tables:
            break
    own = {"home": home, "models": settings.models_folder, "principal": "owner"}
    return Lakewright.open(settings.model_copy(update=own))


def _kinds() -> Iterator[tuple[str, int]]:
    """Worlds and seeds; the second ways begin with the last worlds, so that the first stay the only ones longest."""
    yield from ((name, SEED) for name in worlds())
    for seed in count(SEED + 1):
        yield from ((name, seed) for name in reversed(worlds()))


def _named(reader: Reader, source: str, most: int) -> list[Asked]:
    """Questions in the names of one database of the lakehouse."""
    tables = [table.full_name for table in reader.catalog.source(source).tables]
    semantic = Semantic.of(cut(reader.catalog, tables))
    read = semantic.values(reader.values.within(tables).columns)
    values = {t: {c: list(texts) for c, texts in by.items()} for t, by in read.items()}
    return _drawn(source, most, semantic.catalog, values, words_of(semantic.catalog), semantic.stored)


def _paraphrased(source: str, most: int) -> list[Asked]:
    """Questions in the words of people who never saw the database."""
    made = world(source, SEED)
    return _drawn(source, most, made.catalog, made.values, made.words, lambda sql: sql)


def _drawn(
    source: str, most: int, catalog: Catalog, values: Any, words: Bank, stored: Callable[[str], str]
) -> list[Asked]:
    sampler = Sampler(catalog, values, words, random.Random(source), made_up=0.0)
    found: list[Asked] = []
    while len(found) < most:
        if drawn := sampler.draw():
            found.append(Asked(drawn.question, source, _tables(stored(drawn.sql))))
    return found


def _tables(sql: str) -> frozenset[str]:
    import sqlglot
    from sqlglot import exp

    tree = sqlglot.parse_one(sql, dialect="duckdb")
    return frozenset(f"{table.db}.{table.name}" for table in tree.find_all(exp.Table) if table.db)


def _read(reader: Reader, asked: Sequence[Asked]) -> dict[str, float]:
    """How often all the right tables are among those that are read, and how many those are."""
    right, sizes, seconds = 0, [], []
    for item in asked:
        begun = time.perf_counter()
        read = {table.full_name for table in reader.context(item.question).catalog.tables}
        seconds.append(time.perf_counter() - begun)
        right += item.tables <= read
        sizes.append(len(read))
    return {
        "questions": len(asked),
        "recall": right / len(asked),
        "tables_mean": sum(sizes) / len(sizes),
        "seconds_p50": median(seconds),
    }


def _times(few: Lakewright, many: Lakewright, asked: Sequence[Asked]) -> dict[str, float]:
    """The median seconds of an answer in both, in turns, and how much longer it takes among many tables."""
    seconds: dict[str, list[float]] = {"few": [], "many": []}
    for lakewright in (few, many):  # The model opens with the first question.
        lakewright.ask.run(lakewright.principal("owner"), asked[0].question)
    for item in asked:
        for place, lakewright in (("few", few), ("many", many)):
            begun = time.perf_counter()
            lakewright.ask.run(lakewright.principal("owner"), item.question)
            seconds[place].append(time.perf_counter() - begun)
    few_p50, many_p50 = median(seconds["few"]), median(seconds["many"])
    return {"few_p50": few_p50, "many_p50": many_p50, "ratio": many_p50 / few_p50}
