"""The number that a wanted column asks for by its name and what is said of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from agents.columns import keys
from agents.reader.bearing import BEARING
from agents.reader.body import first, known, of_own
from agents.reader.conditions import as_zero, like
from agents.reader.figures import number
from agents.reader.frame import Frame, Measure, Number, Targets, Test, measures_of
from agents.reader.holding import holding
from agents.reader.items import MADE, Items
from agents.reader.marked import MARK, Marked
from agents.reader.nouns import amount, noun, owner, rows
from agents.reader.others import without
from agents.reader.pairs import compared, later
from agents.reader.periods import periods
from agents.reader.plain import plainly
from agents.reader.wanted import Wanted
from data.naming import words

_MONEY = re.compile(
    r"(?:total |sum of )?(?:the )?(?:dollars?|usd|money|dollar (?:amount|value|volume))(?: (?:in total"
    r"|[a-z]+(?:ed|id|nt)))?"
)
_DISTINCT = re.compile(r"distinct|unique|different")
_THINGS = re.compile(r"(?:number of )?<t\d+>")
_NARROWS = re.compile(
    r"(?:only|for|where|if|when|excluding|without|counting|a missing|missing|not|including|among|over|of)\b"
)


def asked(want: Wanted, items: Items) -> Number | None:
    """The number that a column is by itself; None for one that is made of others."""
    if MADE.search(" ".join(words(want.name))):
        return None
    if (held := _held(want, items)) is not None:
        return held
    if _DISTINCT.fullmatch(want.told) and _THINGS.fullmatch(want.marks):
        return number(f"number of distinct {want.marks.removeprefix('number of ')}", items)
    for read in (_shared_out, _doers):
        if (made := read(want, items)) is not None:
            return made
    if not want.told and _MONEY.fullmatch(" ".join(words(want.name))) and "<" not in want.marks:
        return _money(items)
    return _said(want, items)


def _held(want: Wanted, items: Items) -> Number | None:
    """Rows that have others, with what the body asks of them: captured payments, of which some are disputed."""
    for text in filter(None, (want.told, want.marks)):
        if (held := holding(text, items.numbers, items.subject, items.marked)) is not None:
            told = {m.tests for one in items.body for m in measures_of(one) if m.table == held.table}
            return of_own(held, next(iter(told)) if len(told) == 1 else ())
    return None


def _shared_out(want: Wanted, items: Items) -> Number | None:
    """The things over which another column shares out its number: cards that have rows, for `revenue_per_card`."""
    thing = re.fullmatch(r"(?:number of |distinct |unique )*(?P<t><t\d+>)", want.marks)
    over = next((one for one in items.wanted if one.words[-2:] == ("per", *want.words[-1:])), None)
    base = (first(items) or _numerator(over, items)) if thing and over else None
    link = items.marked.link(base.table, noun(thing["t"], items.marked).table) if thing and base else None
    if link is None or base is None or any(found[1] in "nd" for found in MARK.finditer(want.told)):
        return None
    return Measure("distinct", base.table, (f"{link.table}.{link.column}",), base.tests)


def _numerator(over: Wanted, items: Items) -> Measure | None:
    """The column that `revenue_per_card` shares out."""
    told = next((one for one in items.wanted if one.words == over.words[:-2]), None)
    made = asked(told, items) if told else None
    return made if isinstance(made, Measure) else None


def _doers(want: Wanted, items: Items) -> Number | None:
    """How many different ones a column tells of, by the word for them: `listeners`."""
    if want.said or not re.fullmatch(r"(?:(?:distinct|unique|different) )?<c\d+>", want.marks):
        return None
    column = noun(want.marks, items.marked).column
    table, one = items.marked.column(column[0])
    if not want.name.lower().endswith("s") or one.name not in keys(items.marked.catalog, table):
        return None
    if any(set(column) & set(group.column) for group in items.frame.groups):
        return None
    return known(Measure("distinct", owner(column, items.near), column), items)


def _money(items: Items) -> Number | None:
    """The dollars of the rows that the number before them counts."""
    last = items.numbers[-1] if items.numbers else None
    table = last.table if isinstance(last, Measure) else items.subject
    size = amount(items.marked, items.marked.table(table)) if table else ()
    if not size or items.marked.column(size[0])[1].unit != "USD":
        return None
    tests = last.tests if isinstance(last, Measure) else ()
    return known(Measure("sum", table, size, tests), items)


def _said(want: Wanted, items: Items) -> Number | None:
    """The number that the words of a column are, those that the task says of it first."""
    for text in (want.marks,) if _NARROWS.match(want.told) else dict.fromkeys((want.told, want.marks)):
        if text and not MADE.search(text) and (made := number(plainly(text), items)) is not None:
            narrowed = text == want.marks and want.told and not _remark(want.told)
            return _where(want, made, items) if narrowed else known(made, items)
    if not want.told or MADE.search(want.told) or not items.subject:
        return None
    return _where(want, rows(items.subject), items)


def _remark(told: str) -> bool:
    """Whether what is said of a column asks nothing of it."""
    asks = any(found[1] in "vfnd" for found in MARK.finditer(told))
    return not asks and not any(word in BEARING for word in re.findall(r"[a-z]+", MARK.sub(" ", told)))


def _where(want: Wanted, made: Number, items: Items) -> Number | None:
    """The number over the rows of which the task says something in brackets."""
    if not isinstance(made, Measure):
        return None
    frame, left = Frame(subject=made.table, text=want.told), want.told
    for clause in (as_zero, compared, later, periods, without, like):
        left = clause(left, frame, items.marked)
    if frame.filled:
        return known(replace(made, filled=True), items)
    tests, left = _tests(left, items.marked)
    tests = [*frame.tests, *tests]
    bears = any(word in BEARING - {"only", "but"} for word in re.findall(r"[a-z]+", MARK.sub(" ", left)))
    if not tests or frame.among or bears:
        return None
    return known(replace(made, tests=(*made.tests, *tests)), items)


def _tests(text: str, marked: Marked) -> tuple[list[Test], str]:
    """What the rest of a remark asks of rows, and what is left of it."""
    tests = [*noun(text, marked).tests, *(Test(targets, " IS NOT NULL") for targets in _having(text, marked))]
    null = re.fullmatch(r"(?P<c><[cw]\d+>) (?:is )?(?:null|missing|empty|not set)", text.strip())
    if null is None:
        return tests, text
    return [*tests, Test(marked.hint(null["c"]).targets, " IS NULL")], ""


def _having(text: str, marked: Marked) -> Iterator[Targets]:
    """The columns that rows are to have a value in: `payments that do have a tip`."""
    for found in re.finditer(r"\b(?:have|has|had|with) (?:an? |any |some )?(?P<c><c\d+>)", text):
        yield marked.hint(found["c"]).targets
