"""Which column titles a row, and which tells when what the row is about happened: guesses from names and rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from data import personal
from data.catalog import Table
from data.kinds import is_flag
from data.naming import Lexicon, known, single
from data.policy import is_text
from data.profile import ColumnProfile, TableProfile

NAMES = frozenset({"name", "title", "label"})
TEXTS = frozenset({"description", "text", "headline", "caption", "subject"})
SURNAMES = (["surname"], ["last", "name"], ["family", "name"])
DIFFERENT, GAPS = 0.95, 0.2
"""The share of rows whose values must differ for a column to title them that is not called so, and that of those that
may lack one."""
PARTIES = frozenset(
    {"contact", "emergency", "person", "owner", "manager", "agent", "representative", "parent", "guardian", "holder",
     "former", "previous", "alternative", "short", "legal", "billing", "shipping", "middle", "maiden", "nick", "user",
     "file", "login"}
)  # fmt: skip
"""Words of names beside that of a row itself: who answers for a company, or what it is called elsewhere."""
_ENDS = """
end ended ends finish finished until to thru discharge discharged return returned closed close cancelled canceled expiry
expires expired due deadline promised expected planned updated changed modified left leaving removed churned paid
settled resolved completed decommissioned terminated termination deleted arrival arrived delivered shipped exit
checkout last next received restored valid
"""
ENDS = frozenset(_ENDS.split())
"""Words of times that come after what the row is about, or may never come."""
_LIVES = "birth born death deceased died"
LIVES = frozenset(_LIVES.split())
MOSTLY = 0.5
"""The share of rows that may lack the time when they happened."""


def label(found: TableProfile, lexicon: Lexicon) -> str | None:
    """The text column that is called the name or the title of a row, or else differs nearly everywhere as one does.
    Of a person's names the last, of other names the first that is not somebody else's; None where several texts or
    codes might be, and where many rows have no name but all have a text for a key, as aircraft their registrations."""
    table = found.table
    said = {c.name: lexicon.said(table.name, c.name).split() for c in table.columns if is_text(c)}
    owner = {single(word) for word in lexicon.written_out(lexicon.bare(table.name))}
    named = [name for name, parts in said.items() if NAMES & set(parts[-1:])]
    own = [name for name in named if {single(word) for word in said[name][:-1]} <= owner | {"full", "display"}]
    if len(own) == 1 and not (found.column(own[0]).nulls > GAPS and table.key in said):
        return own[0]
    last = [name for name, parts in said.items() if parts in SURNAMES]
    apart = [name for name in said if name != table.key and _differs(found, name)]
    return next(iter((*last[:1], *_titles(apart, said))), None)


def _titles(apart: Sequence[str], said: dict[str, list[str]]) -> Iterator[str]:
    """Of columns whose values differ those that are called like titles, then texts, then codes."""
    names = [name for name in apart if NAMES & set(said[name][-1:])]
    yield from [name for name in names if not PARTIES & set(said[name])][:1] or names[:1]
    for words in (TEXTS, known("identifiers") | known("marks")):
        fit = [name for name in apart if words & set(said[name][-1:])]
        if len(fit) == 1:
            yield fit[0]


def _differs(found: TableProfile, name: str) -> bool:
    one = found.column(name)
    there = (1 - one.nulls) * found.sampled
    return there > 1 and one.nulls <= GAPS and one.distinct >= DIFFERENT * there


def time(found: TableProfile, lexicon: Lexicon) -> str | None:
    """The time when what a row is about happened or began: of several one that is rarely missing, before one that
    tells an end, and never a person's birth or death."""
    table = found.table
    dated = [
        one for one in found.columns if _is_time(one) and one.nulls <= MOSTLY and not _of_life(table, one, lexicon)
    ]
    best = min(dated, key=lambda one: (_ends(table, one, lexicon), round(one.nulls, 1)), default=None)
    return best.column.name if best else None


def _is_time(found: ColumnProfile) -> bool:
    kept = found.format is not None and not is_flag(found.format)
    return kept or found.column.type.upper().startswith(("TIMESTAMP", "DATE"))


def _of_life(table: Table, found: ColumnProfile, lexicon: Lexicon) -> bool:
    said = lexicon.said(table.name, found.column.name).split()
    return bool(LIVES & set(said)) or personal.named(table.name, found.column.name, lexicon) is not None


def _ends(table: Table, found: ColumnProfile, lexicon: Lexicon) -> bool:
    return bool(ENDS & set(lexicon.said(table.name, found.column.name).split()))
