"""What families draw from: a path with words and conditions, and the parts that many questions share."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from agents.columns import keys, measures
from agents.paths import Path
from data.catalog import Column, Table
from finetune.noun_phrases import Condition, Speaker, Speech


@dataclass(frozen=True)
class Drawn:
    """A question with its SQL; `made_up` maps each invented word to the table or column that it stands for."""

    question: str
    sql: str
    family: str
    made_up: dict[str, str]


_TEXT = re.compile(r"'(?:[^']|'')*'")


def _place(condition: str) -> int:
    """Where a condition stands in WHERE: constants first, then flags and NULLs, then sub-queries."""
    bare = _TEXT.sub("", condition)
    if "(FROM " in bare:
        return 2
    return int(" IS " in bare or bare.endswith((" = true", " = false")))


def in_order(conditions: Iterable[str]) -> list[str]:
    """Conditions in the order in which SQL writes them."""
    return sorted(conditions, key=_place)


@dataclass(frozen=True)
class Scene:
    """What a family draws from: a path, words for its tables, and conditions by alias."""

    speaker: Speaker
    path: Path
    speech: Speech
    said: dict[str, list[Condition]]

    @property
    def rng(self) -> random.Random:
        return self.speaker.rng

    @property
    def base(self) -> Table:
        return self.path.base

    @property
    def last(self) -> str:
        """The alias of the table joined last, else the base's."""
        return list(self.path.scope)[-1]

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def pick(self, kind: str) -> str:
        """One phrase of the bank."""
        return str(self.rng.choice(self.speaker.phrases[kind]))

    def col(self, name: str, alias: str = "") -> str:
        """A column, of the base table unless an alias is given, as SQL writes it."""
        return self.path.column(alias or self.base.name, name)

    def things(self, number: str = "plural") -> str:
        """The noun phrase of the base table with all conditions."""
        return self.speaker.phrase(self.path, self.base.name, self.speech, self.said, number)

    def where(self, *extra: str) -> str:
        """The WHERE clause, or nothing."""
        conditions = [c.sql for found in self.said.values() for c in found] + [e for e in extra if e]
        return f" WHERE {' AND '.join(in_order(conditions))}" if conditions else ""

    def select(self, items: str, tail: str = "", extra: str = "") -> str:
        """The whole query."""
        return f"{self.path.clause} SELECT {items}{self.where(extra)}{tail}"

    def title(self, alias: str = "") -> str:
        """What a row is shown by: its title, with first names before surnames, or else its key."""
        table = self.path.scope[alias or self.base.name]
        shown = table.label or table.key
        if not shown or shown not in table:
            return ""
        names = [FIRST_NAME[shown], shown] if shown in FIRST_NAME and FIRST_NAME[shown] in table else [shown]
        return ", ".join(self.col(name, alias) for name in names)

    @property
    def singular(self) -> str:
        return self.speech.nouns[self.base.name].singular

    @property
    def plural(self) -> str:
        return self.speech.nouns[self.base.name].plural


Found = tuple[str, str] | None
Family = Callable[[Scene], Found]
_AGGREGATES = ("sum", "sum", "sum", "avg", "avg", "avg", "max", "min", "median")
MONEY = ("USD", "EUR", "GBP", "CHF", "cent")
_MARK = 10.0
"""The highest mark of a scale: marks are not added up."""


def capital(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def joined(scene: Scene, parts: Iterable[str]) -> str:
    """A list in words: 'a, b and c', at times 'a, b, c' or 'a & b'."""
    said = list(parts)
    if len(said) < 2:
        return "".join(said)
    last = scene.rng.choice((" and ",) * 5 + (", ", " & ", " plus ")[: 3 if len(said) == 2 else 1])
    return ", ".join(said[:-1]) + last + said[-1]


def measure(scene: Scene) -> Column | None:
    """One of the base's measures."""
    found = measures(scene.speaker.catalog, scene.base)
    return scene.rng.choice(found) if found else None


def added(scene: Scene, column: Column) -> bool:
    """True for numbers whose sum means something: no percentages, no marks and no shares."""
    known = scene.speaker.profile.numbers.get(f"{scene.base.full_name}.{column.name}")
    return column.unit != "%" and not (column.unit is None and known is not None and known[-1] <= _MARK)


def aggregate(scene: Scene, things: str) -> Found:
    """(how it is said, SQL) of an aggregate over the base table's rows."""
    column = measure(scene)
    if column is None:
        return None
    function = scene.rng.choice(_AGGREGATES) if added(scene, column) else scene.rng.choice(("avg", "avg", "max", "min"))
    written = f"{function}({scene.col(column.name)})"
    totals = scene.speaker.about(scene.base).get("totals", {}).get(column.name)
    if function == "sum" and totals and scene.chance(0.45):
        said = scene.pick("sum_bare").format(t=scene.rng.choice(totals), n=things)
        return said, written
    said = scene.pick(function).format(m=scene.speaker.column(scene.base, column.name), n=things, s=scene.singular)
    if "{s}" not in said and things not in said:
        said = f"{said} {rest(scene, things)}"
    return said, written


def rest(scene: Scene, things: str) -> str:
    """The conditions without the noun, where a phrase has said the noun in its own way."""
    before, _, after = things.partition(scene.plural)
    return f"of {things}" if before.strip() else after.strip()


def dimensions(scene: Scene, table: Table) -> list[str]:
    """Columns that one groups by: texts with few values that come more than once, and no keys."""
    values, avoid = scene.speaker.values.get(table.full_name, {}), keys(scene.speaker.catalog, table) | {table.label}
    apart = scene.speaker.profile.unique | {f"{table.full_name}.{name}" for name in (*FIRST_NAME.values(), *FIRST_NAME)}
    few = [name for name, found in values.items() if 1 < len(found) <= 60 and name not in avoid]
    return [name for name in few if f"{table.full_name}.{name}" not in apart]


@dataclass(frozen=True)
class Dimension:
    """What rows are grouped by: the words, what is selected, and the GROUP BY clause."""

    singular: str
    plural: str
    select: str
    group: str

    @property
    def apart(self) -> str:
        """The GROUP BY clause in front of QUALIFY, where DuckDB takes no ALL."""
        return " GROUP BY 1" if self.group == " GROUP BY ALL" else self.group


def in_groups(scene: Scene, by: Dimension, question: str, written: str) -> tuple[str, str]:
    """The groups with their aggregate, at times with the first of them on top."""
    if scene.chance(0.2):
        question = f"{question.rstrip('?.')}, {scene.pick('biggest_first')}"
        return capital(question), scene.select(f"{by.select}, {written}", f"{by.group} ORDER BY {written} DESC")
    return capital(question), scene.select(f"{by.select}, {written}", by.group)


def dimension(scene: Scene, *, label: float = 0.4) -> Dimension | None:
    """A column with few values, or a thing with a title, of the table joined last."""
    alias = scene.last
    table = scene.path.scope[alias]
    avoid = {c.column for c in scene.said.get(alias, []) if " = " in c.sql}
    if table.label and table.label not in avoid and alias != scene.base.name and scene.chance(label):
        noun = scene.speaker.noun(scene.path, alias, scene.speech)
        key, name = scene.path.column(alias, table.key or ""), scene.path.column(alias, table.label)
        return Dimension(noun.singular, noun.plural, name, f" GROUP BY {key}, {name}")
    columns = [c for c in dimensions(scene, table) if c not in avoid]
    if not columns:
        return None
    column = scene.rng.choice(columns)
    said = scene.speaker.dimension_name(scene.path, alias, column, scene.speech)
    return Dimension(*said, scene.path.column(alias, column), " GROUP BY ALL")


def counted(scene: Scene) -> tuple[str, str]:
    """A count in words and SQL."""
    form = scene.pick("number") if not any(scene.said.values()) else "number of {n}"
    return form.format(n=scene.things(), s=scene.singular), "count(*)"


def measured(scene: Scene) -> tuple[str, str]:
    """An aggregate in words and SQL; a count where the table has no measure."""
    found = aggregate(scene, scene.things()) if scene.chance(0.65) else None
    return found or counted(scene)


NUMBERS = {
    1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 10: "ten",
    12: "twelve", 15: "fifteen", 20: "twenty",
}  # fmt: skip
BOUNDS = (
    ("more_count", ">"), ("more_count", ">"), ("atleast_count", ">="), ("less_count", "<"), ("atmost_count", "<="),
)  # fmt: skip
FIRST_NAME = {"last_name": "first_name", "surname": "first_name", "family_name": "given_name"}
"""Columns of surnames with those of first names."""


def number_of(
    scene: Scene, choices: tuple[int, ...] = (2, 3, 3, 4, 5, 5, 5, 6, 7, 8, 10, 10, 12, 15, 20)
) -> tuple[str, int]:
    """A number as it is said, with its value."""
    number = scene.rng.choice(choices)
    return (NUMBERS[number] if scene.chance(0.4) else str(number)), number


def bound_of(scene: Scene, kind: str, number: int, spelt: float = 0.4) -> str:
    """A bound in words: 'more than three'."""
    said = NUMBERS.get(number, str(number)) if scene.chance(spelt) else str(number)
    return str(scene.rng.choice(scene.speaker.phrases[kind])).format(said)


# Columns that a question asks for ---------------------------------------------------------------------------------


def readable(scene: Scene, table: Table) -> list[str]:
    """Columns that people read: no keys."""
    key = keys(scene.speaker.catalog, table)
    return [c.name for c in table.columns if c.name not in key]


@dataclass(frozen=True)
class Asked:
    """Columns that a question names: in words, each in its own, and as SQL."""

    words: tuple[str, ...]
    sql: str


def asked(scene: Scene, alias: str, most: int = 3, *, parents: float = 0.0, key: float = 0.0) -> Asked | None:
    """One to `most` columns of an alias, at times with its key and with the titles of what it points at."""
    table = scene.path.scope[alias]
    filtered = {c.column for c in scene.said.get(alias, []) if " = " in c.sql}
    names = [n for n in readable(scene, table) if n not in filtered and n != table.label]
    chosen = scene.rng.sample(names, min(len(names), scene.rng.randint(1, most)))
    found = [(scene.speaker.column(table, n), scene.path.column(alias, n)) for n in chosen]
    if table.label and scene.chance(0.35):
        found.insert(0, (scene.speaker.column(table, table.label), scene.path.column(alias, table.label)))
    if table.key and scene.chance(key):
        word = scene.rng.choice(("id", "id", "ID", f"{scene.singular} id"))
        found.insert(0, (word, scene.path.column(alias, table.key)))
    for join in scene.path.joins:
        if join.child == alias and join.parent.label and not scene.said.get(join.alias) and scene.chance(parents):
            title = scene.path.column(join.alias, join.parent.label)
            found.append((_titled(scene, join.alias), title))
    return Asked(tuple(w for w, _ in found), ", ".join(s for _, s in found)) if found else None


def _titled(scene: Scene, alias: str) -> str:
    """What the title of a joined table's thing is called: 'merchant', 'artist name'."""
    table = scene.path.scope[alias]
    noun = scene.speaker.noun(scene.path, alias, scene.speech).singular
    return noun if scene.chance(0.6) else f"{noun} {scene.speaker.column(table, table.label or '').split()[-1]}"


@dataclass(frozen=True)
class Plan:
    """A family with how often it is drawn, how many joins it takes and how many conditions it is given.

    The table joined last gets a condition, unless the family is `open` to one without.
    """

    family: Family
    weight: float
    joins: tuple[int, ...] = (0, 0, 0, 1, 1, 2)
    conditions: tuple[int, ...] = (0, 1, 1, 2)
    open: bool = False
