"""Running an answer's SQL again, as the principal who got it, to see whether it still gives the same rows."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from agents import statement
from agents.ask.compose import rows_of
from agents.ask.documents.citation import named
from agents.ask.freshness import uses
from agents.ask.meaning import meanings
from agents.rowsets import digest
from data.errors import Invalid

if TYPE_CHECKING:
    from agents.answers import AnswerStore, Given
    from data.gateway import Gateway
    from data.policy import Principal


@dataclass(frozen=True)
class Replay:
    """What the SQL gives now. `identical` compares the rows; `changed`: tables of another version."""

    given: Given
    identical: bool
    changed: list[str]
    columns: list[str]
    rows: list[list[Any]]
    meanings: list[dict[str, Any] | None]
    sources: list[dict[str, Any]]
    truncated: bool
    seconds: float


def replay(answers: AnswerStore, gateway: Gateway, principal: Principal, answer_id: str) -> Replay:
    """Run an answer of this principal's again. NotFound if it isn't theirs, Invalid if it had no rows."""
    given = answers.get(answer_id, principal=principal.name)
    if given.status == "answered" and not given.sql:
        origin = "documents" if any("document" in source for source in given.sources) else "a model"
        raise Invalid(f"The answer '{answer_id}' came from {origin}, not from a query.", "Ask again, or score it.")
    if not given.digest:
        raise Invalid(f"The answer '{answer_id}' has the status '{given.status}': it has no rows.", "Ask again.")
    begun = time.perf_counter()
    result = gateway.query(principal, given.sql, limit=given.row_limit, question=given.question)
    columns, rows = rows_of(result)
    tree = statement.query(given.sql)
    found = digest(rows, ordered=statement.is_ordered(tree))
    kept = meanings(tree, gateway.visible(principal), columns)
    sources = uses(result.sources, datetime.now(UTC))
    changed = _changed(given.sources, sources)
    seconds = time.perf_counter() - begun
    return Replay(given, found == given.digest, changed, columns, rows, kept, sources, result.truncated, seconds)


def _changed(then: list[dict[str, Any]], now: list[dict[str, Any]]) -> list[str]:
    versions = {named(source): source["version"] for source in then}
    return [source["table"] for source in now if versions.get(source["table"]) != source["version"]]
