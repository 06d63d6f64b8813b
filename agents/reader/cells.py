"""What stands in each column that a task lists."""

from __future__ import annotations

import re
from dataclasses import replace

from agents.reader import body
from agents.reader.asked import asked
from agents.reader.formula import formula
from agents.reader.frame import Group, Measure, Number, Ratio, Targets, measures_of
from agents.reader.items import Items
from agents.reader.named import columns, counts_things, keyed, of_role, title
from agents.reader.nouns import is_measure, noun
from agents.reader.proportions import as_fraction
from agents.reader.units import timed, unit_of
from agents.reader.wanted import Cell, Wanted

_CLASS = re.compile(r"bucket|class|band|bracket|tier|segment|range|label|group|bin\b|size|category", re.I)
_SHARE_OF = re.compile(r"[_ ](?:share|pct|percent|percentage|rate|ratio|fraction|proportion)$", re.I)


def cells(items: Items) -> list[Cell] | None:
    """What each column is; None where one of them can't be told."""
    found = {at: cell for at, want in enumerate(items.wanted) if (cell := _plain(want, items)) is not None}
    for read in (formula, body.untaken, formula, body.untaken):
        for at, want in enumerate(items.wanted):
            if at not in found and (cell := read(want, found, items)) is not None:
                found[at] = cell
    return [found[at] for at in range(len(items.wanted))] if len(found) == len(items.wanted) else None


def _plain(want: Wanted, items: Items) -> Cell | None:
    """A column that needs no other: None for one that may be made of others."""
    for read in (_period, _class, _part, _side, _column):
        if (cell := read(want, items)) is not None:
            return cell
    made = asked(want, items)
    return items.kept(_theirs(want, made, items)) if made is not None else None


def _period(want: Wanted, items: Items) -> Cell | None:
    """A period, by which rows are put together from now on, unless what is said of it is a number."""
    unit = unit_of(want, items)
    if not unit or (want.said and asked(want, items) is not None):
        return None
    items.frame.groups += [] if timed(unit, items) else [Group(unit=unit)]
    return Cell(unit=unit)


def _class(want: Wanted, items: Items) -> Cell | None:
    """The class of a row, where rows are put together by classes."""
    told = any(group.classes for group in items.frame.groups) and _CLASS.search(want.name)
    return Cell(way="class") if told else None


def _column(want: Wanted, items: Items) -> Cell | None:
    """A column of the rows, or how many values it has."""
    targets = columns(want, items)
    if (kinds := _kinds(want, targets, items)) is not None:
        return items.kept(kinds)
    if targets and not is_measure(targets, items.marked):
        many = next((one for one in items.body if want.name.lower().endswith("s") and _distinct(one, targets)), None)
        return items.kept(many) if many is not None else Cell()
    if not targets and (column := keyed(want, items)):
        return Cell(column=column)
    if (named := title(want, items)) and not counts_things(want, items):
        return Cell(column=named if of_role(want, named) and not items.frame.roles else ())
    return None


def _kinds(want: Wanted, targets: Targets, items: Items) -> Number | None:
    """How many values a column has, where it is called by its plural: `genres` of `different genres`."""
    said = re.fullmatch(r"(?:number of|how many) (?:different |distinct |unique )?(?P<c><c\d+>)", want.marks)
    targets = items.marked.hint(said["c"]).targets if said and not targets else targets
    grouped = any(set(group.column) & set(targets) for group in items.frame.groups)
    if want.said or not want.name.lower().endswith("s") or grouped:
        return None
    return next((m for one in items.body for m in measures_of(one) if _distinct(m, targets)), None)


def _distinct(number: Number, column: Targets) -> bool:
    """Whether a number is how many values a column has."""
    return isinstance(number, Measure) and number.function == "distinct" and bool(set(number.column) & set(column))


def _part(want: Wanted, items: Items) -> Cell | None:
    """The rows that a share in another column is of, or that share: `inactive` beside `inactive_share`."""
    ratios = [one for one in items.body if isinstance(one, Ratio) and one.bottom and not one.minus]
    if len(ratios) != 1 or want.said:
        return None
    bare, whole = _SHARE_OF.sub("", want.name), [_SHARE_OF.sub("", one.name) for one in items.wanted]
    if not bare or whole.count(bare) != 2 or sum(one.name == bare for one in items.wanted) != 1:
        return None
    share = replace(ratios[0], percent=not as_fraction(want, items))
    return items.kept(ratios[0].top if want.name == bare else share)


def _side(want: Wanted, items: Items) -> Cell | None:
    """A number that is compared with another, by the verb for its rows: `refunded` for what was refunded."""
    if want.said or not want.name.lower().endswith("ed") or not re.fullmatch(r"<t\d+>", want.marks):
        return None
    table = noun(want.marks, items.marked).table
    ratios = [one for one in items.body if isinstance(one, Ratio) and one.bottom]
    sides = [m for one in ratios for m in measures_of(one) if m.table == table]
    return items.kept(sides[0]) if len(sides) == 1 else None


def _theirs(want: Wanted, made: Number, items: Items) -> Number:
    """`active subscriptions and their total price`: that of those which the column before it counts."""
    last = items.numbers[-1] if items.numbers else None
    if not re.search(r"\b(?:their|its)\b", want.name, re.I) or not isinstance(made, Measure) or made.tests:
        return made
    counted = isinstance(last, Measure) and last.function == "count" and last.table == made.table
    return replace(made, tests=last.tests) if counted and isinstance(last, Measure) else made
