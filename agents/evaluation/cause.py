"""Why an answer is wrong: what sets the SQL that was written apart from the SQL that was wanted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from agents import statement
from data.errors import Invalid

if TYPE_CHECKING:
    from agents.evaluation.outcome import Outcome

Parts = Counter[str]
EXAMPLES = 3


@dataclass(frozen=True)
class Cause:
    """Of how many misses this is the first difference, as a share of all of them, and the ids of some."""

    cause: str
    n: int
    share: float
    examples: tuple[str, ...]


def causes(outcomes: Sequence[Outcome], *, dialect: str = statement.DIALECT) -> tuple[Cause, ...]:
    """The causes of the misses among the outcomes, the commonest first; `dialect` is that of the written SQL."""
    found: dict[str, list[str]] = {}
    for outcome in outcomes:
        if not outcome.right:
            found.setdefault(cause(outcome, dialect), []).append(outcome.line.id)
    total = sum(map(len, found.values()))
    made = [Cause(name, len(ids), len(ids) / total, tuple(ids[:EXAMPLES])) for name, ids in found.items()]
    return tuple(sorted(made, key=lambda item: (-item.n, item.cause)))


def cause(outcome: Outcome, dialect: str = statement.DIALECT) -> str:
    """The cause of one miss, in a few words."""
    if not outcome.line.question.answerable:
        return "answered what can't be answered" if outcome.answered else "failed where it should refuse"
    if outcome.refused:
        return "refused"
    if not outcome.sql:
        return "no query"
    if not outcome.answered:
        return "invalid SQL"
    found = [differences(gold, outcome.sql, dialect) for gold in outcome.line.question.gold_sql]
    nearest = min(found, key=len, default=())
    return nearest[0] if nearest else "other"


def differences(gold: str, given: str, dialect: str = statement.DIALECT) -> tuple[str, ...]:
    """In what `given` differs from `gold`, the gravest first; none where they say the same in other words."""
    try:
        wanted, written = statement.query(gold), statement.query(given, dialect=dialect)
    except Invalid:
        return ("invalid SQL",)
    named = ((name, _differs(read(wanted), read(written))) for name, read in ASPECTS)
    return tuple(f"{how} {name}" for name, how in named if how)


def _differs(wanted: Parts, written: Parts) -> str:
    """How one aspect differs, "" where it doesn't."""
    missing, extra = wanted - written, written - wanted
    if missing and extra:
        return "wrong"
    return "missing" if missing else "extra" if extra else ""


def _tables(tree: exp.Query) -> Parts:
    names = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    read = (table.name.lower() for table in tree.find_all(exp.Table) if isinstance(table.this, exp.Identifier))
    return Counter({name: 1 for name in read if name not in names})


def _filtered(tree: exp.Query) -> Parts:
    """The columns that conditions are about, each condition once."""
    return Counter(" ".join(sorted(set(_columns(each)))) for each in _conditions(tree))


def _values(tree: exp.Query) -> Parts:
    """What the conditions compare with."""
    literals = (item for each in _conditions(tree) for item in each.find_all(exp.Literal, exp.Boolean, exp.Null))
    return Counter(item.sql().lower().strip("'") for item in literals)


def _operators(tree: exp.Query) -> Parts:
    compared = (item for each in _conditions(tree) for item in each.find_all(exp.Predicate, exp.Not))
    return Counter(type(item).__name__ for item in compared)


def _aggregates(tree: exp.Query) -> Parts:
    found = (item for item in tree.find_all(exp.AggFunc) if not item.find_ancestor(exp.Qualify))
    return Counter(f"{item.key} {' '.join(_columns(item))}" for item in found)


def _groups(tree: exp.Query) -> Parts:
    """The columns that rows are grouped by; `GROUP BY ALL` groups by what it shows outside of aggregates."""
    found: Parts = Counter()
    for group in tree.find_all(exp.Group):
        select = group.parent
        whole = bool(group.args.get("all")) or any(_is_all(item) for item in group.expressions)
        keys = _bare(select) if whole and isinstance(select, exp.Select) else _resolved(group)
        found.update(column for key in keys for column in set(_columns(key)))
    return Counter(dict.fromkeys(found, 1))


def _is_all(item: exp.Expr) -> bool:
    return isinstance(item, exp.Column) and item.name.upper() == "ALL" and not item.args.get("table")


def _bare(select: exp.Select) -> list[exp.Expr]:
    return [item for item in select.selects if not item.find(exp.AggFunc)]


def _resolved(group: exp.Group) -> Iterator[exp.Expr]:
    """The keys of a group; a number stands for the output at that place."""
    shown = group.parent.selects if isinstance(group.parent, exp.Select) else []
    for key in group.expressions:
        place = int(key.this) - 1 if isinstance(key, exp.Literal) and key.is_int else -1
        yield shown[place] if 0 <= place < len(shown) else key


def _shown(tree: exp.Query) -> Parts:
    """The output, as bare columns: which expressions are wrong is seen before."""
    shown = [item.unalias() for item in tree.selects]
    return Counter(" ".join([type(item).__name__.lower(), *_columns(item)]) for item in shown)


def _order(tree: exp.Query) -> Parts:
    """What rows are ranked by; QUALIFY keeps the first ones as LIMIT does."""
    by = Counter(f"{'desc' if rank.args.get('desc') else 'asc'}" for rank in tree.find_all(exp.Ordered))
    return by + Counter("cut" for _ in tree.find_all(exp.Limit, exp.Qualify))


def _joined(tree: exp.Query) -> Parts:
    """The equalities that tables are joined by."""
    on = (join.args.get("on") for join in tree.find_all(exp.Join))
    found = (item for each in on if each for item in each.find_all(exp.EQ))
    return Counter(" ".join(sorted(_columns(item))) for item in found)


def _conditions(tree: exp.Query) -> Iterator[exp.Expr]:
    for clause in tree.find_all(exp.Where, exp.Having):
        yield from clause.this.flatten() if isinstance(clause.this, exp.And) else [clause.this]


def _columns(item: exp.Expr) -> list[str]:
    return [column.name.lower() for column in item.find_all(exp.Column)]


ASPECTS: tuple[tuple[str, Callable[[exp.Query], Parts]], ...] = (
    ("table", _tables),
    ("join", _joined),
    ("aggregate", _aggregates),
    ("filter", _filtered),
    ("value", _values),
    ("comparison", _operators),
    ("grouping", _groups),
    ("column", _shown),
    ("order", _order),
)
"""What two queries may differ in. What comes first decides much of what comes after it."""
