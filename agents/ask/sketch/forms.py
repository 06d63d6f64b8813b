"""The plain forms of queries, each made of a draft where the question asks for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from agents.ask.rerank.cues import direction
from agents.ask.sketch.beyond import beyond
from agents.ask.sketch.brief import Brief
from agents.ask.sketch.calendar import DUE, closes
from agents.ask.sketch.complete import complete
from agents.ask.sketch.contrasts import contrasts, overtakes
from agents.ask.sketch.draft import Draft
from agents.ask.sketch.ground import Place
from agents.ask.sketch.joint import joint
from agents.ask.sketch.products import monthly, products, yearly
from agents.ask.sketch.proportions import exceeding, per_thing, ratios
from agents.ask.sketch.sides import sides
from agents.ask.sketch.where import Test, is_dated, joined
from agents.columns import dated, flags, measures
from agents.paths import identifier, pruned, written
from retrieval.spans import is_stopword

_UNIT = re.compile(r"\b(day|hour|minute|week|month|year)s?\b", re.IGNORECASE)
_COMMON = re.compile(r"\b(?:common(?:est)?|frequent(?:ly)?|popular|often|busiest|usual)\b", re.IGNORECASE)
_GONE = re.compile(r"paid|settled|used|returned|refund|discount|cost|sold|spent|repaid|received", re.IGNORECASE)

_PEAK = re.compile(
    r"\b(?:which|what|busiest|quietest|best|worst|strongest|weakest|slowest|highest|lowest|peak|top|record)"
    r"(?: (?:calendar|sales|single))? (year|quarter|month|week|weekday|day(?! of the week)|hour)\b"
    r"|\bday of the week\b",
    re.IGNORECASE,
)
_REASON = re.compile(r"reason|cause|rsn(?:_|$)", re.IGNORECASE)
"""What a column is called that only what went wrong has a value in."""
_RICHEST = re.compile(r"\b(?:best|worst|strongest|weakest|highest|lowest|record|top)\b", re.IGNORECASE)
_PLURAL = re.compile(r" (\w{3,}[^\Ws]s)\b", re.IGNORECASE)
_VOID = re.compile(r" IS NULL$| = 0$")
"""A test of what there is to be none of, as there are no such rows at all."""

_ALPHABETIC = re.compile(r"\balphabetic\w*|\b(?:order|sort)\w* by name\b|\bA(?:-| to )Z\b", re.IGNORECASE)
_RATED = re.compile(
    r"rating|score|stars|grade|mark(?:_|$)|satisf|rank|percent|duration|(?:^|_)age(?:_|$)", re.IGNORECASE
)
"""What a measure is called of which many are told by their average."""

Form = Callable[[Draft], Iterator[str]]


def counts(draft: Draft) -> Iterator[str]:
    """How many there are."""
    if (draft.asks("count") or draft.brief.bare) and not draft.groups:
        if draft.asks("count"):
            yield from (draft.query(f"count(DISTINCT {draft.ground.sql(place)})") for place in _different(draft))
        yield draft.query(draft.counted)
        if not draft.of_base and (draft.listed or _compounded(draft.brief)):
            yield draft.query("count(*)")


def _compounded(brief: Brief) -> bool:
    """Whether a table is only the first word of what is asked for: 'vehicle assignments' are no vehicles."""
    question, starts = brief.context.question, {hint.start for hint in brief.context.hints}
    ends = [hint.start + len(hint.span) for hint in brief.hints("table") if not hint.span.lower().endswith("s")]
    behind = ((end, _PLURAL.match(question, end)) for end in ends)
    return any(said and end + 1 not in starts and not is_stopword(said[1]) for end, said in behind)


def _different(draft: Draft) -> Iterator[Place]:
    """What is asked for in 'how many countries', 'the number of different drivers'."""
    for hint in draft.brief.hints("column"):
        place = draft.ground.place(hint)
        if place and draft.brief.counting(hint) and _sorts(draft, place) and place.column not in flags(place.table):
            yield place


def totals(draft: Draft) -> Iterator[str]:
    """Sums, averages and medians of what is named."""
    bare = draft.brief.bare and bool(draft.said)
    made = not draft.asks("average", "median", "extreme") and any(products(draft))
    yield from map(draft.query, (*yearly(draft), *monthly(draft)))
    if (bare or made or draft.asks("sum", "average", "median", "count")) and not draft.groups:
        yield from (draft.query(number) for number in draft.numbers if number != draft.counted)


def balances(draft: Draft) -> Iterator[str]:
    """What is left of one measure without another one of its unit."""
    own = measures(draft.brief.catalog, draft.base)
    gone = next((column for column in own if _GONE.search(column.name)), None)
    whole = next((column for column in own if gone and column != gone and column.unit == gone.unit), None)
    if draft.asks("difference") and gone and whole:
        first, last = (draft.ground.sql(Place(draft.base.name, draft.base, column)) for column in (whole, gone))
        unit = draft.aggregate("", Place(draft.base.name, draft.base, whole)).rpartition(")")[2]
        left = f"sum({first} - {last}){unit}"
        if not draft.groups:
            yield draft.query(left)
        for shown, by in draft.groups:
            yield draft.query(f"{shown}, {left}", f" GROUP BY {by}")


def durations(draft: Draft) -> Iterator[str]:
    """The time between two days of a row."""
    said = (p for hint in draft.brief.hints("column") if (p := draft.ground.place(hint)) and is_dated(p))
    named = sorted(dict.fromkeys(said), key=lambda place: closes(place.column))
    own = [column for column in dated(draft.base) if not DUE.search(column.name)]
    own = own if len(own) > 1 else [*dated(draft.base)]
    days = named if len(named) == 2 else [Place(draft.base.name, draft.base, column) for column in own]
    if not draft.asks("duration") or len(set(days)) != 2:
        return
    unit = _UNIT.search(draft.brief.context.question)
    first, last = (draft.ground.sql(day) for day in days)
    took = f"date_diff('{unit[1].lower() if unit else 'day'}', {first}, {last})"
    exactly = f"date_diff('{'second' if all(map(_is_moment, days)) else 'day'}', {first}, {last})"
    if draft.asks("extreme") and not draft.groups:
        yield draft.query(f"{'max' if draft.end() else 'min'}({took})")
        if title := draft.thing(draft.asked)[0]:
            yield draft.query(title, f" ORDER BY {exactly}{draft.end()} LIMIT {draft.brief.most}")
    took = f"avg({took})" if draft.asks("average") else took
    if not draft.groups:
        yield draft.query(took)
    for shown, by in draft.groups if draft.asks("average") else ():
        yield draft.query(f"{shown}, {took}", f" GROUP BY {by}")


def _is_moment(day: Place) -> bool:
    """Whether a column tells the time of the day too."""
    return day.column.type.upper().startswith("TIMESTAMP")


def extremes(draft: Draft) -> Iterator[str]:
    """The highest and the lowest, the first and the last day."""
    if not draft.asks("extreme") or draft.groups:
        return
    if not draft.asks("things"):
        function = "max" if draft.end() else "min"
        yield from (draft.query(draft.aggregate(function, place)) for place in draft.measures)
    if (time := draft.where.time) and draft.asks("when"):
        yield draft.query(f"{'max' if draft.end(of_time=True) else 'min'}({draft.ground.sql(time)})")


def lists(draft: Draft) -> Iterator[str]:
    """Rows: what is named of them, which they are, or when they were."""
    if draft.asks("count", "sum", "average", "median", "extreme", "share") or draft.groups:
        return
    title, _ = draft.thing(draft.asked)
    shown = [draft.thing(alias)[0] for alias in draft.linked if not draft.where.bounded]
    shown += [draft.ground.sql(place) for place in draft.shown]
    shown = [name for name in dict.fromkeys(shown) if name]
    if not shown and draft.where.parts and draft.money:
        yield draft.query(draft.ground.sql(draft.money[0]))
    if draft.brief.singled and len(shown) == 1 and not draft.linked:
        yield draft.query(f"DISTINCT {shown[0]}")
    if title and draft.of_base and _ALPHABETIC.search(draft.brief.context.question):
        yield draft.query(title, f" ORDER BY {title}")
    amount = draft.ground.sql(draft.measures[0]) if draft.measures else ""
    day = draft.ground.sql(draft.where.time) if draft.where.time else ""
    order = draft.order(amount, day)
    if shown:
        yield draft.query(", ".join(shown), order)
    if day and draft.asks("when") and not shown:
        yield draft.query(day)
    if title and title not in shown and draft.of_base:
        yield draft.query(title, order)
        more = [name for name in draft.beside if name not in (title, *shown)]
        if (shown or more) and not any(test.place.column.name == draft.base.label for test in draft.where.tests):
            yield draft.query(", ".join((title, *shown, *more)), order)


def members(draft: Draft) -> Iterator[str]:
    """Things that rows of another table point at, or that none does: with some, without any, that never did."""
    yield from (query for query in (_member(draft, alias) for alias in draft.ground.path.scope) if query)


def _member(draft: Draft, alias: str) -> str:
    path, thing = draft.ground.path, draft.ground.path.scope[alias]
    link = next((j for j in path.joins if j.alias == alias and j.child == path.base.name), None)
    title, negated = draft.thing(alias)[0], draft.brief.lacks
    wanted = alias == draft.asked or (negated and not draft.brief.asked)
    plain = draft.asks("sum", "average", "median", "extreme", "share") or draft.groups
    if link is None or alias != thing.name or not title or plain or not (wanted or negated):
        return ""
    if draft.asks("count") and not negated:
        return ""
    own = [test.sql for test in draft.where.tests if test.place.alias == alias]
    pointing = path.column(path.base.name, link.column)
    others = [t for t in draft.where.tests if t.place.alias != alias and not (negated and _VOID.search(t.sql))]
    inside = [f"{pointing} IS NOT NULL", *(test.sql for test in others)]
    kept = pruned(path, {test.place.alias for test in others})
    rows = f"{kept.clause} SELECT {pointing}{joined(iter(inside))}"
    test = f"{path.column(alias, link.key)} {'NOT IN' if negated else 'IN'} ({rows})"
    shown = "count(*)" if draft.asks("count") else title
    return f"FROM {written(thing)} SELECT {shown}{joined(iter([*own, test]))}"


def unlinked(draft: Draft) -> Iterator[str]:
    """Rows that point at nothing, as patients without a doctor: joined with doctors they would not be found."""
    path, tests = draft.ground.path, draft.where.tests
    for join in path.joins:
        void = f"{path.column(join.child, join.column)} IS NULL"
        lacking = draft.brief.without(join.parent.full_name)
        if join.child != draft.base.name or not draft.of_base or not (lacking or any(t.sql == void for t in tests)):
            continue
        left = path.without(join.alias)
        kept = [*(test.sql for test in tests if test.place.alias in left.scope), void]
        shown = "count(*)" if draft.asks("count") else draft.thing(draft.asked)[0]
        yield f"{left.clause} SELECT {shown}{joined(iter(kept))}"


def missing(draft: Draft) -> Iterator[str]:
    """Things that nothing points at, whatever might."""
    if not draft.brief.lacks or not draft.of_base or draft.ground.path.joins or draft.where.parts:
        return
    title, shown = draft.thing(draft.asked)[0], "count(*)" if draft.asks("count") else draft.thing(draft.asked)[0]
    for link in draft.brief.catalog.relationships:
        if title and link.to_table == draft.base.full_name and link.table != link.to_table:
            child, column = draft.brief.catalog.table(link.table), identifier(link.column)
            inner = f"FROM {written(child)} SELECT {column} WHERE {column} IS NOT NULL"
            test = f"{identifier(link.to_column)} NOT IN ({inner})"
            tests = (*(own.sql for own in draft.where.tests), test)
            yield f"FROM {written(draft.base)} SELECT {shown}{joined(iter(tests))}"


def breakdowns(draft: Draft) -> Iterator[str]:
    """Numbers for each group."""
    for shown, by in draft.groups:
        for number in draft.numbers if shown else ():
            order = f" ORDER BY {number}{draft.end()}" if draft.asks("extreme") else draft.order(number, shown)
            limit = f" LIMIT {draft.brief.most}" if draft.asks("extreme") and draft.brief.most > 1 else ""
            having = f" HAVING {shown} IS NOT NULL" if _REASON.search(shown) else ""
            yield draft.query(f"{shown}, {number}", f" GROUP BY {by}{having}{order}{limit}")


def rankings(draft: Draft) -> Iterator[str]:
    """The first of the things that are asked for, by what is named of them or by how much there is of them."""
    if not draft.asks("extreme") or draft.groups:
        return
    limit = f" LIMIT {draft.brief.most}"
    title, by = draft.thing(draft.asked)
    if draft.of_base and draft.brief.singled:
        singled = [draft.ground.sql(place) for place in draft.shown if place.name == draft.brief.singled]
        order = [draft.ground.sql(place) for place in draft.said]
        yield from (draft.query(one, f" ORDER BY {each}{draft.end()}{limit}") for one in singled for each in order)
    if title and draft.of_base and not draft.brief.singled:
        for place in draft.measures:
            yield from _ranked(draft, title, draft.ground.sql(place), draft.end())
        if (time := draft.where.time) and time.table is draft.base:
            yield from _ranked(draft, title, draft.ground.sql(time), draft.end(of_time=True))
    if title and not draft.of_base:
        for place in draft.meant:
            yield from _ranked(draft, title, draft.ground.sql(place), draft.end())
        if (time := draft.where.time) and direction(draft.brief.context.question, of_time=True) is not None:
            yield from _ranked(draft, title, draft.ground.sql(time), draft.end(of_time=True))
    amounts = _amounts(draft)
    having = draft.having
    things = [] if draft.of_base else [(title, by)]
    things += [draft.thing(alias) for alias in draft.linked]
    things += [(draft.ground.sql(place), "ALL") for place in draft.shown if _sorts(draft, place)]
    if draft.of_base and _COMMON.search(draft.brief.context.question):
        things += [draft.thing(join.alias) for join in draft.ground.path.joins]
    for shown, keys in dict.fromkeys(things):
        for amount in amounts if shown else ():
            yield draft.query(shown, f" GROUP BY {keys}{having} ORDER BY {amount}{draft.end()}{limit}")
            if draft.brief.most > 1 or draft.asks("told"):
                told = f"{shown}, {amount}"
                yield draft.query(told, f" GROUP BY {keys}{having} ORDER BY {amount}{draft.end()}{limit}")
            if keys == "ALL" and not having:
                yield draft.query(
                    shown, f" GROUP BY ALL HAVING {shown} IS NOT NULL ORDER BY {amount}{draft.end()}{limit}"
                )


def _ranked(draft: Draft, title: str, by: str, end: str) -> Iterator[str]:
    """The first by a column, also with what that holds where the question asks for it too."""
    order = f" ORDER BY {by}{end} LIMIT {draft.brief.most}"
    yield draft.query(title, order)
    beside = [shown for shown in draft.beside if shown not in (title, by)]
    told = [by] if draft.asks("told") else []
    for shown in (told, beside, [*beside, *told]):
        if shown:
            yield draft.query(", ".join((title, *shown)), order)


def _amounts(draft: Draft) -> list[str]:
    """What things are ranked by: sums of what is named, averages of what is rated or said to be one, else how many."""
    functions = [("avg" if draft.asks("average") or _RATED.search(p.column.name) else "sum", p) for p in draft.said]
    sums = sorted(draft.money, key=lambda place: "total" not in place.column.name)[:1]
    amounts = [*(draft.aggregate("sum", place) for place in sums), *products(draft), *draft.pieces, "count(*)"]
    return [draft.aggregate(*each) for each in functions] or amounts


def _sorts(draft: Draft, place: Place) -> bool:
    """Whether rows are told apart by a column, rather than measured or dated."""
    measure = not draft.sorts(place) and place.name != draft.brief.singled
    return not measure and not is_dated(place)


def bounded(draft: Draft) -> Iterator[str]:
    """Things that there are so many rows of."""
    if not (test := draft.having):
        return
    things = [] if draft.of_base else [draft.thing(draft.asked)]
    things += [(draft.ground.sql(place), "ALL") for place in draft.shown if _sorts(draft, place)]
    for shown, by in things:
        if shown:
            yield draft.query(shown, f" GROUP BY {by}{test}")
            yield draft.query(f"{shown}, count(*)", f" GROUP BY {by}{test}")
    if draft.asks("count") and not draft.groups:
        yield from _many_with(draft, test)


def _many_with(draft: Draft, test: str) -> Iterator[str]:
    """How many things there are so many rows of."""
    path = draft.ground.path
    for join in path.joins:
        if join.alias == draft.asked and join.child == path.base.name:
            link = path.column(path.base.name, join.column)
            rows = draft.query(link, f" GROUP BY {link}{test}")
            yield f"FROM {written(join.parent)} SELECT count(*) WHERE {path.column(join.alias, join.key)} IN ({rows})"


def peaks(draft: Draft) -> Iterator[str]:
    """The month, day or year of which there is the most, or for which a measure is the highest."""
    said = _PEAK.search(draft.brief.context.question)
    if not said or not draft.asks("extreme") or draft.groups or (time := draft.where.time) is None:
        return
    day = draft.ground.sql(time)
    unit = said[1].lower() if said[1] else "weekday"
    limit = f" LIMIT {draft.brief.most}"
    sums = [draft.aggregate("sum", place) for place in draft.measures if _RICHEST.search(said.group())]
    for amount in dict.fromkeys((*_amounts(draft), *sums)):
        after = f" GROUP BY ALL ORDER BY {amount}{draft.end()}{limit}"
        yield draft.query(draft.bucket(unit, day), after)
        if unit in ("month", "day"):
            yield draft.query(day, after)


def shares(draft: Draft) -> Iterator[str]:
    """Which part of all has a value or a state."""
    tests = draft.where.parts
    if not draft.asks("share") or not tests:
        return
    for part in dict.fromkeys((tests, tests[-1:], *((test,) for test in tests))):
        rows, of = draft.where.clause(but=part), f"FILTER (WHERE {' AND '.join(t.sql for t in part)})"
        amounts = (f"100.0 * {amount} {of} / {amount}" for amount in _shared(draft))
        for share in (f"100.0 * count(*) {of} / {_all(draft, part)}", *amounts):
            if not draft.groups:
                yield f"{draft.ground.path.clause} SELECT {share}{rows}"
            for shown, by in draft.groups if part != tests or len(tests) == 1 else ():
                yield f"{draft.ground.path.clause} SELECT {shown}, {share}{rows} GROUP BY {by}"


def _shared(draft: Draft) -> Iterator[str]:
    """What there may be a share of, but for the rows: the sums of what is named, and of money."""
    yield from (f"sum({draft.ground.sql(place)})" for place in draft.said if place.column.unit != "%")
    yield from (number for number in products(draft) if number.endswith(")"))


def _all(draft: Draft, part: tuple[Test, ...]) -> str:
    """The rows that a part is of: of a flag those where it is known, as those whose result is awaited did not fail."""
    known = next((t.place for t in part if t.place.column in flags(t.place.table)), None)
    return f"count({draft.ground.sql(known)})" if known else "count(*)"


FORMS: tuple[Form, ...] = (
    contrasts,
    overtakes,
    complete,
    joint,
    ratios,
    per_thing,
    exceeding,
    beyond,
    counts,
    totals,
    balances,
    durations,
    extremes,
    members,
    lists,
    sides,
    breakdowns,
    rankings,
    peaks,
    bounded,
    missing,
    unlinked,
    shares,
)
