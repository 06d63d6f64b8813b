"""SQL that a model wrote: may it run, and what does it give?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents import statement
from agents.ask import recency
from agents.ask.state import AskState
from data.errors import Invalid

if TYPE_CHECKING:
    from agents.ask.nodes import Desk
    from data.gateway import Result
    from retrieval import Context


def check(sql: str, context: Context) -> None:
    """Invalid for what isn't one query over rows, or forgets the period that was asked for."""
    if not sql:
        raise Invalid("The model wrote no SQL.", "Write one SELECT statement.")
    tree = statement.query(sql)
    if not statement.reads_rows(tree):
        raise Invalid("The SQL gives constants instead of reading rows.", "Select columns or aggregates of a table.")
    recency.keep(tree, context)


def run(sql: str, state: AskState, desk: Desk, timeout: float) -> Result:
    """Its rows through the gateway, under the principal's rights; `timeout` is in seconds."""
    return desk.gateway.query(
        desk.principal, sql, limit=desk.limit, timeout=timeout, question=state["question"], stop=desk.stop
    )
