"""How fresh the tables are that an answer was read from, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from agents.ask import recency

if TYPE_CHECKING:
    from data.gateway import SourceUse
    from retrieval import Context
    from retrieval.hints import Hint

_STEPS = ((86_400, "day"), (3_600, "h"), (60, "min"), (1, "s"))
LIVE = "live"


def uses(sources: Sequence[SourceUse], now: datetime) -> list[dict[str, Any]]:
    """The tables that were read, with their versions and how fresh they were `now`; a stream's has a watermark."""
    return [_use(source, now) for source in sources]


def age(seconds: float) -> str:
    """A time span in its largest unit: '12 s', '3 min', '2 h', '5 days'."""
    size, unit = next((step for step in _STEPS if seconds >= step[0]), _STEPS[-1])
    number = int(seconds // size)
    return f"{number} {unit}{'s' if unit == 'day' and number != 1 else ''}"


def told(source: Mapping[str, Any]) -> str:
    """'data up to 2026-11-24 10:00:03 UTC, 12 s old when read, whole up to 2026-11-24 09:59:58 UTC'; "" if unknown."""
    parts = []
    if source.get("freshness"):
        parts.append(f"data up to {moment(source['freshness'])}")
        if source.get("age_seconds") is not None:
            parts.append(f"{age(source['age_seconds'])} old when read")
    if source.get("watermark"):
        parts.append(f"whole up to {moment(source['watermark'])}")
    return ", ".join(parts)


def moment(at: datetime | str) -> str:
    """A time in UTC to the second; what is no time stays as it is."""
    try:
        time = datetime.fromisoformat(at) if isinstance(at, str) else at
        return f"{(time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError):
        return str(at)


def note(tree: exp.Query, context: Context, sources: Sequence[SourceUse]) -> str:
    """What has to be said of the period that was asked for: rows that can't be there yet are no missing rows."""
    said = []
    for hint in context.hints:
        if hint.kind == "time":
            places = recency.compared(tree, context.catalog, hint)
            read = {table.full_name for table, _ in places}
            said += [_said(hint, source, context.now) for source in sources if source.table in read]
    return " ".join(part for part in dict.fromkeys(said) if part)


def _use(source: SourceUse, now: datetime) -> dict[str, Any]:
    use: dict[str, Any] = {"table": source.table, "version": source.version, "freshness": source.freshness}
    if source.freshness is not None:
        use["age_seconds"] = round(max((now - source.freshness).total_seconds(), 0.0), 3)
    if source.watermark is not None:
        use["watermark"] = source.watermark
    return use


def _said(hint: Hint, source: SourceUse, now: datetime) -> str:
    """That the period is too new for a table; and in any case how fresh that is, where the period is one of minutes."""
    since, fresh = begun(hint), source.freshness
    if fresh is not None and since is not None and fresh < since:
        old = age(max((now - fresh).total_seconds(), 0.0))
        return (
            f"The newest data of {source.table} is from {moment(fresh)}, {old} before the question, "
            f"so {recency.said(hint)} can't be in it yet."
        )
    return " ".join(_states(hint, source, now, since)) if hint.brief else ""


def _states(hint: Hint, source: SourceUse, now: datetime, since: datetime | None) -> Iterator[str]:
    if words := told(_use(source, now)):
        yield f"{source.table} has {words}."
    elif source.version == LIVE:
        yield f"{source.table} was read live."
    else:
        yield f"How fresh {source.table} is isn't known."
    if source.watermark is not None and since is not None and source.watermark < since:
        yield f"Rows of {recency.said(hint)} may still be on their way."


def begun(hint: Hint) -> datetime | None:
    """When a period begins, aware; None where it has no beginning."""
    return datetime.fromisoformat(hint.literals[0]).replace(tzinfo=UTC) if hint.literals[0] else None
