"""What speaks for and against a query as the answer to a question, as named numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from sqlglot import exp

from agents.ask.rerank.alternatives import also, ranks_since
from agents.ask.rerank.asked import LONG, TIMELY, asked_for
from agents.ask.rerank.counting import bounds_measures, counted_of, counts_each, keys
from agents.ask.rerank.cues import demanded, direction
from agents.ask.rerank.shape import Shape, is_time
from agents.ask.rerank.standing import kept, settled, standing
from agents.ask.rerank.units import converts
from agents.ask.sketch.beyond import above
from agents.ask.sketch.brief import Brief
from agents.columns import NUMERIC, measures, name_words
from retrieval.spans import normal, words

if TYPE_CHECKING:
    from data.catalog import Catalog, Relationship
    from retrieval import Context
    from retrieval.hints import Hint

_NOW = re.compile(r"(?:as of )?(?:today|(?:right )?now)", re.IGNORECASE)
_WHICH = re.compile(r"\bwhich\b", re.IGNORECASE)
MOST = 3
"""Of what is counted, more than this says no more."""
NUMBERS = frozenset({"count", "sum", "average", "median", "share", "each"})
COMPUTED = ("absent", "count", "sum", "average", "share", "groups", "extreme", "negation", "beyond", "difference",
    "distinct", "duration", "counted", "compared", "when", "told")  # fmt: skip
UNASKED = (*COMPUTED, "median", "each", "present", "search", "running")
"""Forms that a query may have and a question not ask for."""
UNDONE = (*COMPUTED, "both")
"""Forms that a question may ask for and a query not have."""


def features(shape: Shape, context: Context) -> dict[str, float]:
    """Of a query and a question over the same catalogue. What is 0 is left out."""
    needed, done = demanded(context), shape.does | _amount(shape, context)
    wanted = needed | ({"absent", "negation", "present"} if standing(shape, context) else set())
    needed = needed if needed & {"extreme", "counted"} and len(shape.items) < 2 else needed - {"told"}
    wanted |= {"groups", "when", "count", "sum"} if "told" in wanted & done else set()
    found = {f"unasked_{name}": float(name in done and name not in wanted) for name in UNASKED}
    free = also(shape) | settled(shape, context) | ({"counted"} if bounds_measures(context) else set())
    found |= {f"undone_{name}": float(name in needed - done - free) for name in UNDONE}
    found |= _form(shape, wanted, context) | _odd(shape, context, wanted)
    found["unasked_distinct"] *= not _sorts(shape, context) and not counts_each(shape, context)
    said = {target for hint in context.hints for target in hint.targets}
    found["unasked_when"] *= not shape.times <= said
    found["unasked_present"] *= not shape.present <= said
    found |= _linked(shape, context) | _unlinked(shape, context) | _joined(shape, context) | _spoken(shape, context)
    found |= asked_for(shape, context) | counted_of(shape, context) | kept(shape, context)
    return {name: value for name, value in found.items() if value}


def _form(shape: Shape, wanted: frozenset[str], context: Context) -> dict[str, float]:
    """Rows where a number is asked for, and the other way round; the wrong end of a ranking; the wrong unit."""
    done, number = shape.does | _amount(shape, context), bool(NUMBERS & wanted)
    conversion = converts(shape, context.question)
    return {
        "rows_for_number": float(number and not NUMBERS & done and not {"extreme", "counted"} & (wanted | done)),
        "number_for_things": float("things" in wanted and "count" not in wanted and "things" not in done),
        "count_for_list": float(not number and "count" in done and "groups" not in done),
        "other_number": float(bool(NUMBERS & wanted and NUMBERS & done) and not NUMBERS & wanted & done),
        "wrong_end": float(_wrong_end(shape, context.question)),
        "needs_unit": float(conversion == "missing"),
        "wrong_unit": float(conversion == "extra"),
        "right_unit": float(conversion == "right"),
        "nameless": float(_nameless(shape, context, wanted)),
        "joins": float(min(MOST, len(shape.tables) - 1)),
    }


def _wrong_end(shape: Shape, question: str) -> bool:
    """Whether it ranks from the other end, or takes the other side of an average."""
    asked, ranks, side = direction(question, of_time=shape.ranks_time), shape.descending, above(question)
    tests = (test for where in shape.clauses for test in where.find_all(exp.GT, exp.LT) if _is_mean(test.expression))
    beyond = side is not None and any(isinstance(test, exp.GT) is not side for test in tests)
    return beyond or (asked is not None and ranks is not None and asked != ranks)


def _is_mean(number: exp.Expr) -> bool:
    return isinstance(number, exp.Subquery) and number.find(exp.Avg) is not None


def _sorts(shape: Shape, context: Context) -> bool:
    """Whether it shows of which kinds its rows are, and the question asks which: each kind is told once then."""
    said = {target for hint in context.hints if hint.kind == "column" for target in hint.targets}
    labels = {f"{table.full_name}.{table.label}" for table in context.catalog.tables}
    shown = shape.columns["shown"]
    return bool(_WHICH.search(context.question) and shown) and shown <= said - labels - keys(context.catalog)


def _amount(shape: Shape, context: Context) -> frozenset[str]:
    """'How many litres' is answered by a sum of litres, 'how many floors' of one building by a column that has them."""
    said = {target for hint in context.hints if hint.kind == "column" for target in hint.targets}
    summed = "sum" in shape.does and bool(shape.columns["computed"] & said)
    numbers = {name for name in shape.columns["shown"] & said if shape.column(name).type.upper().startswith(NUMERIC)}
    return frozenset({"count"} if summed or numbers else ())


def _joined(shape: Shape, context: Context) -> dict[str, float]:
    """Joins that nothing comes of, and tables that the question does not tell of and that connect none that it does."""
    told = {t if h.kind == "table" else t.rpartition(".")[0] for h in context.hints for t in h.targets}
    told |= {link.to_table for link in _pointed(context)}
    said = frozenset(alias for alias, name in shape.aliases.items() if name in told)
    base = frozenset(alias for alias, name in shape.aliases.items() if name == shape.base)
    named = frozenset(alias for alias in shape.aliases if alias not in said and _names(shape, alias, told))
    inner = shape.tables - {*shape.aliases.values()}
    absent = "absent" in demanded(context)
    return {
        "idle_join": float(min(MOST, shape.hanging(shape.speaking | base))),
        "free_table": float(min(MOST, shape.hanging(said | named) + (0 if absent else len(inner - told)))),
        "free_inner": float(min(MOST, len(inner - told))) if absent else 0.0,
        "free_name": float(min(MOST, shape.hanging(said) - shape.hanging(said | named))),
    }


def _names(shape: Shape, alias: str, told: set[str]) -> bool:
    """Whether a table is joined to one that is told of for nothing but the name of what that points at."""
    table = shape.catalog.table(shape.aliases[alias])
    own = {c for c in shape.used if c.rpartition(".")[0] == table.full_name} - {f"{table.full_name}.{table.key}"}
    links = (link for link in shape.catalog.relationships if link.to_table == table.full_name and link.table in told)
    return own == {f"{table.full_name}.{table.label}"} and any(f"{x.table}.{x.column}" in shape.joined for x in links)


def _pointed(context: Context) -> Iterator[Relationship]:
    """The links whose columns a question names: it means what they point at."""
    said = {target for hint in context.hints if hint.kind == "column" and not hint.alike for target in hint.targets}
    return (link for link in context.catalog.relationships if f"{link.table}.{link.column}" in said)


def _spoken(shape: Shape, context: Context) -> dict[str, float]:
    """Columns that the question says by a word of their names, and measures that it says so and that are not used."""
    words_said = {normal(match.group()) for match in words(context.question)}
    tables = [context.catalog.table(name) for name in shape.tables]
    own = {f"{t.full_name}.{c.name}": c for t in tables for c in measures(context.catalog, t)}
    unused = (c for name, c in own.items() if name not in shape.used)
    return {
        "spoken": _few(bool(name_words(name) & words_said) for name in shape.used - keys(context.catalog)),
        "unspoken": _few(normal(column.name.split("_")[0]) in words_said for column in unused),
    }


def _odd(shape: Shape, context: Context, wanted: frozenset[str]) -> dict[str, float]:
    """What hardly any question means."""
    shown, catalog = shape.columns["shown"], context.catalog
    base = catalog.table(shape.base) if shape.base in catalog else None
    own = {f"{shape.base}.{name}" for name in (base.key, base.label) if name} if base else set()
    grouped = shape.tree.find(exp.Group) is not None
    said = {t for h in context.hints for t in h.targets}
    return {
        "self_join": float(shape.twice and "twice" not in wanted and not shape.joined & said),
        "self_join_asked": float(shape.twice and ("twice" in wanted or bool(shape.joined & said))),
        "self_grouped": float(grouped and bool(own & shown) and not shape.joined),
        "told_already": float(shape.told_already),
        "idle_ratio": float(shape.idle_ratio),
        "free_divisor": float(bool(shape.divisors - said)),
        "tells_missing": float(bool(shape.missing & (shown | shape.columns["computed"] | shape.columns["ordered"]))),
        "repeats": float(bool(shape.fixed & shape.columns["ordered"])),
    }


def _linked(shape: Shape, context: Context) -> dict[str, float]:
    """What the question's words were found to mean, and plays no part in the query."""
    brief, read = Brief(context), shape.tables
    told = [hint for hint in context.hints if not brief.excludes(hint)]
    used = shape.used | shape.joined
    return {
        "lost_table": _few(not set(h.targets) & read for h in told if h.kind == "table" and not h.alike),
        "lost_column": _few(not set(h.targets) & used for h in told if h.kind == "column" and not h.alike),
        "lost_alike": _few(not set(h.targets) & (used | read) and not _begins(h, shape) for h in told if h.alike),
        "lost_value": _few(not set(h.literals) & shape.literals for h in told if h.kind == "value"),
        "lost_number": _few(not set(h.literals) & shape.literals for h in told if _bound(h)),
        "lost_time": float(any(map(_is_period, told)) and not any(map(is_time, map(shape.column, used)))),
        "misplaced": _few(_misplaced(h, shape) for h in told if h.kind in ("value", "number") and h.targets),
        "not_base": float(bool(_first(told)) and shape.base not in _first(told)),
    }


def _begins(hint: Hint, shape: Shape) -> bool:
    """Whether a column that is used has the words of a hint in its name, such as a payment method of 'pay'."""
    said = [normal(match.group()) for match in words(hint.span) if len(match.group()) > 2]
    return bool(said) and all(any(part.startswith(word) for c in shape.used for part in name_words(c)) for word in said)


def _first(hints: Iterable[Hint]) -> tuple[str, ...]:
    """The table that a question names first."""
    return next((h.targets for h in hints if h.kind == "table"), ())


def _misplaced(hint: Hint, shape: Shape) -> bool:
    """Whether a constant is compared with another column than it was found in."""
    return bool(set(hint.literals) & shape.literals) and not set(hint.targets) & shape.columns["where"]


def _bound(hint: Hint) -> bool:
    return hint.kind == "number" and (bool(hint.operator) or bool(hint.targets))


def _unlinked(shape: Shape, context: Context) -> dict[str, float]:
    """What plays a part in the query, and no word of the question was found to mean."""
    told, catalog = context.hints, context.catalog
    said = {t for h in told for t in h.targets}
    timed = any(h.kind == "time" for h in told)
    long = bool(LONG.search(context.question)) and not ranks_since(shape) and "duration" not in shape.does
    ranking = bool(TIMELY.search(context.question)) and not long
    literals = {text for h in told for text in h.literals}
    labels = {f"{t.full_name}.{t.label}" for t in catalog.tables if t.label}
    known = keys(catalog)

    def free(place: str) -> set[str]:
        found, exempt = shape.columns[place] - said, ranking if place == "ordered" else timed
        return {c for c in found if not (exempt and is_time(shape.column(c)))}

    return {
        "free_filter": _few(True for _ in free("where") - known - standing(shape, context)),
        "free_measure": _few(True for _ in free("computed") - labels - known),
        "free_group": _few(True for _ in free("grouped") - labels - known),
        "free_shown": _few(True for _ in free("shown") - labels - known),
        "free_order": _few(True for _ in free("ordered") - labels - known),
        "link_shown": float(bool(shape.columns["shown"] & _links(catalog))),
        "key_shown": float(bool((shape.columns["shown"] & _covered(catalog)) - labels - said)),
        "free_text": _few(text not in literals for text in shape.texts),
    }


def _is_period(hint: Hint) -> bool:
    """Whether it tells when: what is so today or now may be kept as a state."""
    return hint.kind == "time" and not _NOW.fullmatch(hint.span)


def _covered(catalog: Catalog) -> set[str]:
    """The keys of things that have a name beside it, and the columns that point at other things."""
    own = {f"{table.full_name}.{table.key}" for table in catalog.tables if table.key and table.label}
    return own | {f"{link.table}.{link.column}" for link in catalog.relationships}


def _nameless(shape: Shape, context: Context, wanted: frozenset[str]) -> bool:
    """Whether a phrase that asks for nothing by its words, such as 'sales in March', gets the keys of rows that have no
    name: how many there are tells more."""
    base = context.catalog.table(shape.base) if shape.base in context.catalog else None
    if base is None or base.label or wanted - {"present", "groups", "when"}:
        return False
    return shape.columns["shown"] == {f"{shape.base}.{base.key}"}


def _links(catalog: Catalog) -> set[str]:
    """The columns that point at things which have a name of their own."""
    return {f"{link.table}.{link.column}" for link in catalog.relationships if catalog.table(link.to_table).label}


def _few(found: Iterable[bool]) -> float:
    return float(min(MOST, sum(found)))
