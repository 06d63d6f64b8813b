"""The phrases that name a number of the rows of a table: `the average of captured payments`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from agents.columns import keys
from agents.reader.frame import Function, Measure, Number, Targets
from agents.reader.marked import Marked
from agents.reader.nouns import NP, amount, is_measure, is_time, moment, noun, owner, rows

COUNT = r"(?:the )?(?:total )?(?:numbers?|counts?|quantity) of|how many(?: of)?|how often|#(?: of)?"


FUNCTIONS: tuple[tuple[Function, str], ...] = (
    ("distinct", rf"(?:(?:{COUNT}) )?(?:the )?(?:distinct|different|unique)"),
    ("count", COUNT),
    ("median", r"(?:the )?median(?: of)?"),
    ("quantile", r"(?:the )?p\d{1,2}(?: of)?"),
    ("stddev", r"(?:the )?(?:sample )?(?:standard deviations?|std ?devs?|stdev|std|standard dev)(?: of)?"),
    ("avg", r"(?:the )?(?:averages?|mean|avg|typical)(?: of)?"),
    (
        "sum",
        r"(?:the )?(?:sums?|totals?|combined|summed|overall|how much(?: money)?"
        r"(?: (?:was|were|is|has|have|been|did|do|we|they|in))*)(?: up)?(?: of)?",
    ),
    ("min", r"(?:the )?(?:minimum|min|smallest|lowest|shortest|cheapest|earliest|first|oldest)(?: of)?"),
    (
        "max",
        r"(?:the )?(?:maximum|max|largest|biggest|highest|greatest|longest|latest|last|newest|most recent)(?: of)?",
    ),
)


SHARE = r"(?:the )?(?:shares?|percent(?:age)?s?|proportions?|fractions?|%)(?: of)?(?: (?:the )?(?:total|all|overall))?"


_ALONE: dict[Function, str] = {
    "count": r"(?:the |their |its |a )?(?:row )?(?:counts?|numbers?)(?: of them"
    r"| of rows)?|how many(?: (?:there )?(?:are|were)(?: there| made| given| in total| in all)?)?"
}


EXTREME = (
    r"(?:minimum|min|smallest|lowest|shortest|cheapest|earliest|first|oldest|maximum|max|largest|biggest"
    r"|highest|greatest|longest|latest"
    r"|last|newest|most recent)"
)


PIECE = (
    rf"(?:{SHARE} {NP}|"
    + "|".join(rf"(?:{pattern}) (?:order |ticket |basket )?(?:value |size |amount )?{NP}" for _, pattern in FUNCTIONS)
    + ")"
)


def function_of(said: str) -> Function | None:
    """The function that a piece names and nothing else."""
    patterns = ((f, rf"{pattern}|{_ALONE.get(f, pattern)}") for f, pattern in FUNCTIONS)
    return next(
        (
            f
            for f, pattern in patterns
            if re.fullmatch(
                rf"(?:{pattern})(?: (?:value|one|amount|revenue|spend|spent|money|volume|turnover|dollars))?", said
            )
        ),
        None,
    )


def again(said: str, other: Measure, marked: Marked) -> list[Number]:
    """Another number of the same rows, by the words for its function."""
    function = function_of(said) or "sum"
    if function == "count":
        return [rows(other.table, other.tests)]
    if other.until:
        return [replace(other, function=function, share=_share_of(said))]
    timed = function in ("min", "max") and bool(other.column) and is_time(other.column, marked)
    own = other.column if other.column and (timed or is_measure(other.column, marked)) else ()
    column = own or amount(marked, marked.table(other.table))
    return [replace(other, function=function, column=column, share=_share_of(said))] if column else []


def _share_of(said: str) -> float:
    """The share of a quantile: 0.9 for `p90`."""
    found = re.search(r"\bp(\d{1,2})\b", said)
    return int(found[1]) / 100 if found else 0.5


def measure(said: str, marked: Marked, subject: str = "") -> Measure | None:
    """The number that a phrase names; None for one that names no rows."""
    function = next((f for f, pattern in FUNCTIONS if re.match(rf"(?:{pattern}) ", said)), None)
    found = re.search(NP, said)
    if found is None:
        return None
    one = noun(found.group(), marked)
    if len(set(one.tables)) > 1 and not _linked_tables(one.tables, marked):
        return None
    table = one.table or (owner(one.column) if one.column else owner(one.verbs[0]) if one.verbs else "")
    if not table:
        table = owner(one.tests[0].column, (subject,)) if one.tests else ""
    if not table:
        return None
    if function == "count" and one.column and not one.table and _is_key(one.column, marked):
        return Measure("distinct", owner(one.column), one.column, one.tests)
    if function in ("count", None) and not (one.column and is_measure(one.column, marked)):
        return rows(table, one.tests)
    if function == "distinct" and one.verbs and not one.column and not one.table:
        return None
    if function == "distinct":
        key = marked.table(table).key
        table = owner(one.verbs[0]) if one.verbs and not one.column else table
        column = one.column or ((f"{one.table or table}.{key}",) if key else ())
        return Measure("distinct", table if one.verbs else owner(column), column, one.tests) if column else None
    if function in ("min", "max") and (one.column or one.verbs) and is_time(one.column or one.verbs[0], marked):
        return Measure(function, owner(one.column or one.verbs[0], one.tables), one.column or one.verbs[0], one.tests)
    if (
        function in ("min", "max")
        and not one.column
        and re.match("(?:the )?(?:earl|first|old|lat|last|new|most rec)", said)
    ):
        column = moment(marked, table)
        return Measure(function, table, column, one.tests) if column else None
    column = one.column if one.column and is_measure(one.column, marked) else amount(marked, marked.table(table), said)
    if not column:
        return None
    return Measure(function or "sum", owner(column, one.tables), column, one.tests, share=_share_of(said))


def _linked_tables(tables: Sequence[str], marked: Marked) -> bool:
    """Whether a phrase of two tables is of one thing: rows of one point at the other."""
    first, last = tables[0], tables[-1]
    return marked.link(last, first) is not None or marked.link(first, last) is not None


def _is_key(column: Targets, marked: Marked) -> bool:
    table, one = marked.column(column[0])
    return one.name in keys(marked.catalog, table)


def without(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}".strip()
