"""Conditions on times: periods as people write them, months and weekdays of any year."""

from __future__ import annotations

import calendar
from typing import TYPE_CHECKING

from data.catalog import Column, Table
from finetune import periods
from retrieval.moments import moments

if TYPE_CHECKING:
    from finetune.conditions import Condition
    from finetune.noun_phrases import Speaker

RECENT_DAYS = 45


def condition(speaker: Speaker, table: Table, column: Column, written: str) -> Condition | None:
    """A period of the column, or a month or a weekday."""
    from finetune.conditions import Condition

    rng, share = speaker.rng, speaker.rng.random()
    if share < 0.05:
        month = rng.randint(1, 12)
        said = _of_any_year(calendar.month_name[month], rng.choice(speaker.phrases["in_month"]))
        return Condition(f"month({written}) = {month}", "post", _about(speaker, table, column, said))
    if share < 0.09:
        day = rng.choice(list(calendar.day_name))
        said = rng.choice(speaker.phrases["on_weekday"]).format(day)
        return Condition(f"dayname({written}) = '{day}'", "post", _about(speaker, table, column, said))
    said = _period(speaker, table, column)
    sql = bounds(speaker, said, written)
    return Condition(sql, "post", _about(speaker, table, column, said)) if sql else None


def bounds(speaker: Speaker, said: str, written: str) -> str:
    """The period as SQL; nothing where it is not understood, or is shorter than days."""
    found = moments(said, speaker.now)
    if len(found) != 1:
        return ""
    low, high = found[0].since, found[0].until
    if any(":" in str(end) for end in (low, high) if end):
        return ""
    return " AND ".join(
        s for s in (f"{written} >= '{low}'" if low else "", f"{written} < '{high}'" if high else "") if s
    )


def _born(column: Column) -> bool:
    return column.name.startswith(("birth", "born", "date_of_birth"))


def _period(speaker: Speaker, table: Table, column: Column) -> str:
    full = f"{table.full_name}.{column.name}"
    days = speaker.profile.days.get(full)
    if _born(column):
        return periods.birth_period(speaker.rng)
    if days is None:
        return periods.period(speaker.rng)
    fresh = (speaker.now.date() - days[1]).days < RECENT_DAYS
    if fresh and speaker.rng.random() < 0.12:
        return str(speaker.rng.choice(speaker.phrases["recently"]))
    years = tuple(range(max(days[0].year, days[1].year - 4), days[1].year + 1))
    return periods.period(speaker.rng, years)


def _about(speaker: Speaker, table: Table, column: Column, said: str) -> str:
    """The period with what happened in it."""
    entry = speaker.about(table)
    if _born(column):
        forms = entry.get("birth", ["born {}"])
    elif column.name == table.time:
        forms = entry.get("times", ["{}"])
    elif column.name in entry.get("periods", {}):
        forms = entry["periods"][column.name]
    else:
        forms = entry.get("ended") if column.name.startswith("ended") else None
    plain = [f"with a {speaker.column(table, column.name)} {{}}", f"whose {speaker.column(table, column.name)} is {{}}"]
    return str(speaker.rng.choice(forms or plain)).format(said)


def _of_any_year(name: str, form: str) -> str:
    return form.format(name)
