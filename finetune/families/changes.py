"""What changed from one period to another, and how far apart two groups are."""

from __future__ import annotations

import calendar

from agents.grammar import quote
from finetune.families.scene import Found, Scene, added, capital, dimension, dimensions, in_groups, measure
from finetune.stretches import bounds


def _periods(scene: Scene) -> tuple[str, str, str, str] | None:
    """(later period, earlier period, the SQL of each)."""
    time = scene.base.time
    if not time or any(c.column == time for c in scene.said.get(scene.base.name, [])):
        return None
    days = scene.speaker.profile.days.get(f"{scene.base.full_name}.{time}")
    last, first = (days[1].year, days[0].year) if days else (2025, 2024)
    year = scene.rng.randint(min(first + 1, last), last)
    month, quarter = scene.rng.randint(1, 12), scene.rng.randint(1, 4)
    name = calendar.month_name[month]
    previous = calendar.month_name[month - 1] if month > 1 else name
    now, then = scene.rng.choice(
        (
            (str(year), str(year - 1)),
            (str(year), str(year - 1)),
            (f"{name} {year}", f"{name} {year - 1}"),
            (f"{name} {year}", f"{previous} {year if month > 1 else year - 1}"),
            (f"Q{quarter} {year}", f"Q{quarter} {year - 1}"),
            (f"the second half of {year}", f"the first half of {year}"),
        )
    )
    written = scene.col(time)
    later, earlier = bounds(scene.speaker, f"in {now}", written), bounds(scene.speaker, f"in {then}", written)
    return (now, then, later, earlier) if later and earlier else None


def _value(scene: Scene) -> tuple[str, str]:
    """(what is compared, its SQL with room for FILTER)."""
    column = measure(scene)
    if column is None or scene.chance(0.5):
        return scene.pick("number").format(n=scene.things(), s=scene.singular), "count(*)"
    function, word = scene.rng.choice((("sum", "total"), ("sum", "total"), ("avg", "average")))
    function, word = (function, word) if added(scene, column) else ("avg", "average")
    name = scene.speaker.column(scene.base, column.name)
    return f"{word} {name} of {scene.things()}", f"{function}({scene.col(column.name)})"


def change(scene: Scene) -> Found:
    """How much more there is in one period than in another, as a number or in percent, in all or for each group."""
    found = _periods(scene)
    if found is None:
        return None
    now, then, later, earlier = found
    said, value = _value(scene)
    a, b = f"{value} FILTER (WHERE {later})", f"{value} FILTER (WHERE {earlier})"
    words = {"a": said, "n": scene.things(), "x": now, "y": then}
    if scene.chance(0.5):
        question, written = scene.pick("growth").format(**words), f"100.0 * ({a} - {b}) / {b}"
    else:
        kind = "change_count" if value == "count(*)" and scene.chance(0.6) else "change"
        question, written = scene.pick(kind).format(**words), f"{a} - {b}"
    by = dimension(scene, label=0.4) if scene.path.joins or scene.chance(0.25) else None
    if by is None:
        return None if scene.path.joins else (capital(question), scene.select(written))
    grouped = f"{question.rstrip('?.')} {scene.pick('each').format(d=by.singular)}"
    return in_groups(scene, by, grouped, written)


def lead(scene: Scene) -> Found:
    """How much more one value of a column has than another."""
    columns = dimensions(scene, scene.base)
    taken = {c.column for c in scene.said.get(scene.base.name, [])}
    columns = [c for c in columns if c not in taken]
    if not columns or scene.path.joins:
        return None
    column = scene.rng.choice(columns)
    stored = scene.speaker.values[scene.base.full_name][column]
    x, y = scene.rng.sample(stored, 2)
    said, value = _value(scene)
    a, b = (f"{value} FILTER (WHERE {scene.col(column)} = {quote(v)})" for v in (x, y))
    words = {"x": scene.speaker.say(x, stored), "y": scene.speaker.say(y, stored), "n": scene.things(), "a": said}
    kind = "lead_count" if value == "count(*)" and scene.chance(0.7) else "lead"
    return capital(scene.pick(kind).format(**words)), scene.select(f"{a} - {b}")
