"""Two columns of one table that may be set against each other: numbers of one unit, times that follow each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING

from agents.columns import measures, times
from data.catalog import Table

if TYPE_CHECKING:
    from finetune.noun_phrases import Speaker

MOST_DAYS = 400


@dataclass(frozen=True)
class Pair:
    """Of numbers in any order; of times the one that is the earlier of the two, on the whole, first."""

    first: str
    second: str
    unit: str
    timed: bool = False


def pairs(speaker: Speaker, table: Table) -> list[Pair]:
    """All pairs of a table."""
    numeric = [c for c in measures(speaker.catalog, table) if c.unit]
    found = [Pair(a.name, b.name, a.unit or "") for a, b in permutations(numeric, 2) if a.unit == b.unit]
    return found + time_pairs(speaker, table)


def time_pairs(speaker: Speaker, table: Table) -> list[Pair]:
    """Times that follow each other within a year or so, with the unit that their distance is told in."""
    found = []
    for a, b in permutations(times(table), 2):
        days = speaker.profile.gaps.get((f"{table.full_name}.{a.name}", f"{table.full_name}.{b.name}"), 0.0)
        if 0 < days < MOST_DAYS:
            dated = any(c.type.upper().startswith("DATE") and "TIME" not in c.type.upper() for c in (a, b))
            unit = "day" if dated or days > 1.5 else "hour" if days > 0.15 else "minute"
            found.append(Pair(a.name, b.name, unit, True))
    return found


def condition(speaker: Speaker, table: Table, pair: Pair, write: Callable[[str], str]) -> tuple[str, str]:
    """(SQL, how it is said)."""
    rng, a, b = speaker.rng, write(pair.first), write(pair.second)
    words = {"a": speaker.column(table, pair.first), "b": speaker.column(table, pair.second)}
    if not pair.timed:
        above = rng.random() < 0.6
        form = rng.choice(speaker.phrases["above_other" if above else "below_other"])
        return f"{a} {'>' if above else '<'} {b}", form.format(**words)
    if rng.random() < 0.3:
        early = rng.random() < 0.5
        form = rng.choice(speaker.phrases["before_other" if early else "after_other"])
        return f"{a} {'<' if early else '>'} {b}", form.format(**words)
    number, more = rng.choice((1, 2, 3, 5, 7, 10, 14, 20, 30, 45, 60, 90)), rng.random() < 0.65
    form = rng.choice(speaker.phrases["longer_between" if more else "shorter_between"])
    said = form.format(**words, k=f"{number} {pair.unit}{'' if number == 1 else 's'}")
    return f"date_diff('{pair.unit}', {a}, {b}) {'>' if more else '<'} {number}", said
