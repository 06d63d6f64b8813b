"""How many things began in each period: `group listeners by the month of their first play`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlglot import exp

from agents import statement
from data.catalog import Catalog

_UNIT = r"(?P<unit>day|week|month|quarter|year)"
_FIRST = r"(?:their|its|his|her|the) (?:very )?(?:first|earliest)(?:[- ]ever)?"
_FORM = re.compile(
    r"^(?:(?:the )?(?P<whose>[\w-]+) cohorts?\b[\w' -]*?(?:[:,.] ?|(?= (?:by|per))))?(?:(?:group|count|split"
    r"|cohort|bucket|show|number of|how many"
    r"|count of|size of)(?: all)?(?: the)? )*(?P<who>(?!cohort)[a-z][\w -]*?)?(?: (?:there are|we have|started|joined"
    rf"|began|are new))? ?(?:grouped )?(?:by|per|for each|in each) (?:the )?(?:(?:calendar )?{_UNIT} "
    rf"(?:of|in which|when) {_FIRST}|{_UNIT.replace('unit', 'unit2')} of first) (?P<event>[a-z][\w -]*?)"
    r"(?: (?:happened|took place|was made))?(?: and count (?:them|how many))?[ .:?]*$",
    re.I,
)
_OF_FIRST = re.compile(r"\b(?:of|in|by) (?:their|its|his|her) (?:very )?(?:first|earliest)\b"
                       r"|\b(?:day|week|month|quarter|year) of first\b", re.I)  # fmt: skip


@dataclass(frozen=True)
class Cohorts:
    """`question` asks for the number of events of each thing; `unit` is what its first one is told by."""

    question: str
    unit: str

    @classmethod
    def of(cls, question: str) -> Cohorts | None:
        """None where no cohorts are asked for."""
        found = _FORM.match(" ".join(question.split()))
        who = (found["who"] or found["whose"] or "").strip() if found else ""
        if found is None or not who:
            return None
        event = found["event"].strip()
        many = event if event.endswith("s") else f"{event}s"
        return cls(f"Number of {many} per {who}", (found["unit"] or found["unit2"]).lower())

    def applied(self, sql: str, catalog: Catalog) -> str | None:
        """How many things have their first row in each period; None where the rows have no moment."""
        tree = statement.query(sql)
        group, source = tree.args.get("group"), tree.args.get("from_")
        if not isinstance(tree, exp.Select) or not group or source is None or not isinstance(source.this, exp.Table):
            return None
        base = source.this
        table = catalog.table(f"{base.db}.{base.name}")
        if not table.time or tree.args.get("limit") or tree.args.get("having") or tree.args.get("qualify"):
            return None
        time = exp.column(table.time, table=base.alias_or_name if tree.args.get("joins") else None)
        inner = tree.copy()
        inner.set("expressions", [exp.alias_(exp.Min(this=time), "first_at")])
        inner.set("order", None)
        cut = "year(first_at)" if self.unit == "year" else f"date_trunc('{self.unit}', first_at)"
        inside = inner.sql(dialect=statement.DIALECT)
        return f"SELECT {cut}, count(*) FROM ({inside}) GROUP BY {cut} ORDER BY {cut}"


def of_first(text: str) -> bool:
    """Whether rows are put together by when the first of them was."""
    return bool(_OF_FIRST.search(text))
