"""Aggregates for each value of a column, for each thing, and over time."""

from __future__ import annotations

from finetune.families.scene import (
    BOUNDS,
    Found,
    Scene,
    bound_of,
    capital,
    dimension,
    dimensions,
    in_groups,
    measure,
    measured,
)


def grouped(scene: Scene) -> Found:
    """An aggregate for each value of a dimension."""
    by = dimension(scene)
    if by is None:
        return None
    if scene.rng.random() < 0.4:
        said, sql = scene.pick("how_many_per").format(n=scene.things(), d=by.singular), "count(*)"
        return said, scene.select(f"{by.select}, {sql}", by.group)
    said, sql = measured(scene)
    question = scene.pick("each_intro").format(scene.pick("per").format(a=said, d=by.singular, ds=by.plural))
    return question, scene.select(f"{by.select}, {sql}", by.group)


def two_dimensions(scene: Scene) -> Found:
    """An aggregate by two columns."""
    columns = dimensions(scene, scene.base)
    if len(columns) < 2:
        return None
    a, b = scene.rng.sample(columns, 2)
    said, sql = measured(scene)
    names = f"{scene.speaker.column(scene.base, a)} and {scene.speaker.column(scene.base, b)}"
    return scene.pick("each_intro").format(f"{said} by {names}"), scene.select(
        f"{scene.col(a)}, {scene.col(b)}, {sql}", " GROUP BY ALL"
    )


_BUCKETS = {
    "year": "year({})", "quarter": "date_trunc('quarter', {})", "month": "date_trunc('month', {})",
    "week": "date_trunc('week', {})", "day": "date_trunc('day', {})", "hour": "hour({})", "weekday": "dayname({})",
    "season": "month({})",
}  # fmt: skip


_UNITS = (
    "month", "month", "month", "month", "year", "year", "year", "quarter", "week", "day", "weekday", "hour", "season",
)  # fmt: skip


def _unit(scene: Scene) -> Found:
    column = scene.base.time
    if not column or column not in scene.base:
        return None
    dated = scene.base.column(column).type.upper().startswith("DATE")
    unit = scene.rng.choice([u for u in _UNITS if not (dated and u == "hour")])
    return unit, _BUCKETS[unit].format(scene.col(column))


def over_time(scene: Scene) -> Found:
    """An aggregate for each month, year, weekday …"""
    found = _unit(scene)
    if found is None:
        return None
    unit, bucket = found
    said, sql = measured(scene)
    per = scene.rng.choice(scene.speaker.phrases["time_per"][unit])
    form = scene.rng.choice(("{a} {p}", "{a} {p}", "{p}, the {a}", "{p} {a}")) if " " not in per else "{a} {p}"
    question = scene.pick("each_intro").format(form.format(a=said, p=per))
    if sql == "count(*)" and scene.rng.random() < 0.5:
        question = f"How many {scene.things()} {per}?"
    order = "" if unit == "weekday" else " ORDER BY 1"
    return question, scene.select(f"{bucket}, {sql}", f" GROUP BY ALL{order}")


def busiest(scene: Scene) -> Found:
    """The month, day … with the most."""
    found = _unit(scene)
    if found is None:
        return None
    unit, bucket = found
    which = scene.rng.choice(scene.speaker.phrases["time_which"][unit])
    said, sql = measured(scene)
    if sql == "count(*)":
        things, least = scene.things(), scene.rng.random() < 0.15
        verb = scene.rng.choice(("had", "saw", "has", "did we have"))
        question = f"{which} {verb} the {'fewest' if least else 'most'} {things}?"
    else:
        least = scene.rng.random() < 0.15
        question = (
            f"{which} {scene.rng.choice(('had', 'saw', 'has', 'shows'))} the {'lowest' if least else 'highest'} {said}?"
        )
    return question, scene.select(bucket, f" GROUP BY ALL ORDER BY {sql}{'' if least else ' DESC'} LIMIT 1")


def having(scene: Scene) -> Found:
    """The values of a dimension whose count or total passes a bound."""
    by = dimension(scene, label=0.8)
    if by is None:
        return None
    kind, operator = scene.rng.choice(BOUNDS)
    number = scene.rng.choice((1, 2, 2, 3, 3, 5, 5, 10, 10, 15, 20, 25, 30, 40, 50, 100))
    bound = bound_of(scene, kind, number, 0.3)
    if scene.rng.random() < 0.75:
        question = scene.pick("having_count").format(ds=by.plural, c=bound, n=scene.things())
        return question, scene.select(by.select, f"{by.group} HAVING count(*) {operator} {number}")
    phrase, sql = measured(scene)
    if sql == "count(*)":
        return None
    number *= scene.rng.choice((10, 100, 500))
    bound = scene.rng.choice(scene.speaker.phrases[kind.replace("_count", "")]).format(
        scene.rng.choice((f"${number:,}", str(number)))
    )
    question = scene.pick("having_sum").format(ds=by.plural, a=phrase, c=bound)
    return question, scene.select(by.select, f"{by.group} HAVING {sql} {operator} {number}")


def ranked_groups(scene: Scene) -> Found:
    """An aggregate for each group, with the groups in its order."""
    by = dimension(scene, label=0.5)
    if by is None:
        return None
    low = scene.chance(0.2)
    tail = f"{by.group} ORDER BY {{}}{'' if low else ' DESC'}"
    if scene.chance(0.55):
        first = scene.pick("fewest_first" if low else "most_first")
        form = scene.pick("ranked_count") if low or scene.chance(0.8) else scene.pick("ranking_count")
        said = form.format(n=scene.things(), d=by.singular, ds=by.plural, f=first)
        return capital(said), scene.select(f"{by.select}, count(*)", tail.format("count(*)"))
    phrase, sql = measured(scene)
    first = scene.pick("smallest_first" if low else "biggest_first")
    form = scene.pick("ranked_sum") if low or scene.chance(0.75) else scene.pick("ranking_sum")
    said = form.format(a=phrase, d=by.singular, ds=by.plural, f=first)
    return capital(said), scene.select(f"{by.select}, {sql}", tail.format(sql))


_WORDS = {
    "sum": ("total", "total", "overall", "summed"),
    "avg": ("average", "mean", "avg"),
    "max": ("highest", "maximum", "largest", "max"),
    "min": ("lowest", "minimum", "smallest", "min"),
}


def two_per_group(scene: Scene) -> Found:
    """Two aggregates for each group."""
    by, column = dimension(scene), measure(scene)
    if by is None or column is None:
        return None
    a, b = scene.rng.sample(sorted(_WORDS), 2)
    name, written = scene.speaker.column(scene.base, column.name), scene.col(column.name)
    said = {"n": scene.things(), "m": name, "d": by.singular, "ds": by.plural, "a": scene.rng.choice(_WORDS[a])}
    if scene.chance(0.6):
        a = scene.rng.choice(("sum", "sum", "sum", "avg", "avg", "max"))
        said["a"] = scene.rng.choice(_WORDS[a])
        question, items = scene.pick("count_and_per").format(**said), f"count(*), {a}({written})"
    else:
        question = scene.pick("two_per").format(**said, b=scene.rng.choice(_WORDS[b]))
        items = f"{a}({written}), {b}({written})"
    if scene.chance(0.15):
        column_of, *_ = items.split(", ")
        question = f"{question.rstrip('?.')}, {scene.pick('most_first' if 'count' in column_of else 'biggest_first')}"
        return question, scene.select(f"{by.select}, {items}", f"{by.group} ORDER BY {column_of} DESC")
    return question, scene.select(f"{by.select}, {items}", by.group)


def unique_per(scene: Scene) -> Found:
    """How many different things the rows of each group point at."""
    by = dimension(scene, label=0.3)
    links = [r for r in scene.speaker.links(scene.base) if not scene.path.joins or r.to_table != _joined_last(scene)]
    if by is None or not links:
        return None
    link = scene.rng.choice(links)
    noun, known = scene.speaker.agent(link, scene.speech)
    written = f"count(DISTINCT {scene.col(link.column)})"
    bare = known and not scene.said.get(scene.base.name) and scene.chance(0.5)
    form = scene.pick("unique_per_bare" if bare else "unique_per")
    question = form.format(p=noun.plural, d=by.singular, ds=by.plural, n=scene.things())
    return in_groups(scene, by, question, written)


def _joined_last(scene: Scene) -> str:
    return scene.path.scope[scene.last].full_name
