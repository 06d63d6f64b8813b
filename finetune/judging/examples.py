"""Questions with queries, of which some are right: of the invented worlds, and of ballots."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from agents import statement
from agents.ask.rerank.fit import Ballots
from agents.ask.rerank.judge import plain
from agents.ask.rerank.linear import Linear
from agents.grammar import OTHERWISE
from finetune.ground import Ground
from finetune.judging.alterations import altered
from finetune.transfer import Transfer
from finetune.worded import worded
from finetune.worlds import world

WRONG, NEAR, TRIES = 6, 2, 14
"""Wrong queries beside a right one, those of them that answer another question, and how often one is altered."""
BESIDE = 4
"""Queries beside a question that has no answer."""
MOST = 12
"""Queries of a ballot that are learnt from, those of most worth."""


@dataclass(frozen=True)
class Example:
    """Queries as the judge reads them; `worths` are what they are ranked by without it."""

    question: str
    queries: tuple[str, ...]
    right: tuple[bool, ...]
    worths: tuple[float, ...]


def drawn(name: str, seed: int) -> Iterator[Example]:
    """What people asked of a world, over one way to store it: beside the right query are altered ones and such that
    answer other questions; beside what has no answer, those that come nearest."""
    made, rng = world(name, seed), random.Random(f"{name}-{seed}")
    ground = Ground.of(made)
    transfer = Transfer.of(name, ground, made.sources)
    asked = [found for one in worded(name) if (found := transfer.drawn(one, rng))]
    trees = {one.sql: statement.query(one.sql) for one in asked if one.sql not in OTHERWISE}
    read = {sql: plain(tree) for sql, tree in trees.items()}
    for one in asked:
        others = [text for sql, text in read.items() if sql != one.sql]
        if one.sql in OTHERWISE:
            near = tuple(_nearest(one.question, others, BESIDE, rng))
            yield Example(one.question, near, (False,) * len(near), (0.0,) * len(near))
            continue
        wrong = dict.fromkeys(_nearest(read[one.sql], others, NEAR, rng))
        for _ in range(TRIES):
            if len(wrong) < WRONG and (other := altered(trees[one.sql], ground.catalog, rng)):
                wrong |= {plain(other): None}
        wrong.pop(read[one.sql], None)
        queries = (read[one.sql], *wrong)
        yield Example(one.question, queries, (True, *(False for _ in wrong)), (0.0,) * len(queries))


def _nearest(text: str, others: Sequence[str], most: int, rng: random.Random) -> list[str]:
    """Those that share most words with a text, and some chance."""
    words = _words(text)
    near = {other: len(words & _words(other)) / len(words | _words(other)) + 0.2 * rng.random() for other in others}
    return sorted(near, key=lambda other: -near[other])[:most]


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def balloted(read: Iterable[Ballots]) -> Iterator[Example]:
    """The queries that were weighed for questions, each once."""
    model = Linear.shipped("preference")
    for one in read:
        found: dict[str, tuple[float, bool]] = {}
        weighed = ((model.score({**rival.evidence, "judged": 0.0}), rival) for rival in one.candidates)
        for worth, rival in sorted(weighed, key=lambda pair: -pair[0]):
            found.setdefault(plain(statement.query(rival.text)), (worth, rival.right))
        if found:
            queries = tuple(found)[:MOST]
            worths, right = zip(*(found[query] for query in queries), strict=True)
            yield Example(one.question, queries, right, worths)
