"""Tasks for code that people worded over the demo lakehouse, each with its SQL, and variations of them.

A file has a JSON object a line: `tasks`, wordings of the same, and `sql`, SELECT-first as people write it. The
programs are rendered from that SQL, so that they are not what is learnt.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from agents import statement
from agents.code.render.sql import in_style

FOLDER = Path(__file__).parent / "wording" / "tasks"
YEARS = (2024, 2025)
"""The years that the demo's rows are of."""
VARIED, SHIFTED, NUMBERED = 0.7, 0.3, 0.4
"""The shares of the variations in which each value, the years and a number are others."""
NUMBERS = (3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50, 75, 100, 150, 200, 250, 300, 400, 500, 750, 1000, 2000)
NEAR = 3
"""How many places in NUMBERS another number may be away."""
_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
_NUMBER = re.compile(r"(?<![\w.,:/-])\d+(?![\w.,:/%-]|\.\d)")
_TEXT = re.compile(r"'((?:[^']|'')*)'")


@dataclass(frozen=True)
class Tasked:
    """A task in several wordings, with the SQL that carries out each of them."""

    tasks: tuple[str, ...]
    sql: str


def tasked() -> tuple[Tasked, ...]:
    """All tasks, in the order of their files."""
    files = sorted(FOLDER.glob("*.jsonl"))
    rows = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines() if line]
    return tuple(Tasked(tuple(row["tasks"]), in_style(statement.query(row["sql"]))) for row in rows)


@dataclass(frozen=True)
class Variations:
    """Makes other tasks of the same kind: with other values of a column, in another year, with other numbers.

    `values` are the texts of the columns, by full name of the table and column."""

    values: Mapping[str, Mapping[str, Sequence[str]]]

    def of(self, task: str, sql: str, rng: random.Random) -> tuple[str, str]:
        """One variation, the same again where nothing can be exchanged."""
        task, sql = self._valued(task, sql, rng)
        if rng.random() < SHIFTED:
            task, sql = _shifted(task, sql)
        return _numbered(task, sql, rng) if rng.random() < NUMBERED else (task, sql)

    def _valued(self, task: str, sql: str, rng: random.Random) -> tuple[str, str]:
        texts = dict.fromkeys(_TEXT.findall(sql))
        for text in texts:
            said = re.compile(rf"(?<![\w-]){re.escape(text)}(?![\w-])", re.IGNORECASE)
            others = [other for other in self._beside.get(text, ()) if other not in texts]
            if len(said.findall(task)) != 1 or not others or rng.random() >= VARIED:
                continue
            other = rng.choice(others)
            if re.search(rf"(?<!\w){re.escape(other)}", task, re.IGNORECASE):
                continue
            task = said.sub(partial(_in_place, other), task)
            sql = sql.replace(f"'{text}'", f"'{other}'")
        return task, sql

    @cached_property
    def _beside(self) -> dict[str, tuple[str, ...]]:
        """The texts that stand in all columns in which a text stands."""
        found: dict[str, list[frozenset[str]]] = {}
        for columns in self.values.values():
            for texts in columns.values():
                for text in texts:
                    found.setdefault(text, []).append(frozenset(texts))
        return {text: tuple(sorted(frozenset.intersection(*sets) - {text})) for text, sets in found.items()}


def _in_place(text: str, found: re.Match[str]) -> str:
    """Another text with a capital where the one that is found has one."""
    like = found.group()
    return text.capitalize() if like[:1].isupper() and text.islower() and not like.isupper() else text


def _shifted(task: str, sql: str) -> tuple[str, str]:
    """The same of the other year, where only one is spoken of."""
    said, meant = set(_YEAR.findall(task)), {int(year) for year in _YEAR.findall(sql)}
    if len(said) != 1:
        return task, sql
    year = int(said.pop())
    to = YEARS[1 - YEARS.index(year)] if year in YEARS else year
    if to == year or not meant <= {year, year + 1}:
        return task, sql

    def moved(found: re.Match[str]) -> str:
        return str(int(found.group()) + to - year)

    return _YEAR.sub(moved, task), _YEAR.sub(moved, sql)


def _numbered(task: str, sql: str, rng: random.Random) -> tuple[str, str]:
    """The same with another number, where one stands once in both."""
    bare = _TEXT.sub("''", sql)
    both = [
        number
        for number in NUMBERS
        if _NUMBER.findall(task).count(str(number)) == 1 and _NUMBER.findall(bare).count(str(number)) == 1
    ]
    if not both:
        return task, sql
    old = rng.choice(both)
    place = NUMBERS.index(old)
    near = [number for number in NUMBERS[max(0, place - NEAR) : place + NEAR + 1] if number not in both]
    if not near:
        return task, sql
    new = str(rng.choice(near))

    def other(found: re.Match[str]) -> str:
        return new if found.group() == str(old) else found.group()

    return _NUMBER.sub(other, task), _outside(sql, other)


def _outside(sql: str, other: Callable[[re.Match[str]], str]) -> str:
    """Numbers exchanged outside the texts of a query."""
    parts = re.split(r"('(?:[^']|'')*')", sql)
    return "".join(part if n % 2 else _NUMBER.sub(other, part) for n, part in enumerate(parts))


def drawn(
    values: Mapping[str, Mapping[str, Sequence[str]]], rng: random.Random, each: int
) -> Iterator[tuple[str, str]]:
    """All wordings with their SQL, each followed by up to `each` variations that differ from it."""
    variations = Variations(values)
    for one in tasked():
        for task in one.tasks:
            yield task, one.sql
            made = {variations.of(task, one.sql, rng) for _ in range(each)} - {(task, one.sql)}
            yield from sorted(made)
