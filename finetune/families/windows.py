"""The first of each group, and totals that run on."""

from __future__ import annotations

from finetune.families.scene import Found, Scene, added, capital, dimension, dimensions, measure


def best_per_group(scene: Scene) -> Found:
    """The first rows of each group by a number or by time."""
    by, column, shown = dimension(scene, label=0.4), measure(scene), scene.title()
    time = scene.base.time
    if by is None or not shown or (column is None and not time) or by.select in shown.split(", "):
        return None
    high, number = scene.chance(0.8), scene.rng.choice((1, 1, 1, 2, 3, 3, 5))
    if column is not None and (not time or scene.chance(0.7)):
        name, written = scene.speaker.column(scene.base, column.name), scene.col(column.name)
        kind = ("best" if high else "worst") if number == 1 else ("bests" if high else "worsts")
    else:
        name, written = "", scene.col(time or "")
        kind = ("newest_of" if high else "oldest_of") if number == 1 else ("newests_of" if high else "oldests_of")
    words = {"d": by.singular, "ds": by.plural, "n": scene.things(), "s": scene.things("singular"), "m": name}
    said = scene.pick(f"{kind}_per_group").format(**words, k=number)
    order = f"{written}{' DESC' if high else ''}"
    place = f"row_number() OVER (PARTITION BY {by.select} ORDER BY {order}) <= {number}"
    return capital(said), scene.select(f"{by.select}, {shown}, {written}", f" QUALIFY {place}")


def leader_per_group(scene: Scene) -> Found:
    """For each value of one column the value of another with the most rows."""
    outer = dimension(scene, label=0.3)
    columns = [c for c in dimensions(scene, scene.base) if outer and scene.col(c) not in outer.select.split(", ")]
    if outer is None or not columns or outer.group != " GROUP BY ALL":
        return None
    column = scene.rng.choice(columns)
    written = scene.col(column)
    said = scene.pick("leader_per_group").format(
        d=outer.singular, ds=outer.plural, c=scene.speaker.column(scene.base, column), n=scene.things()
    )
    tail = f" GROUP BY 1, 2 QUALIFY rank() OVER (PARTITION BY {outer.select} ORDER BY count(*) DESC) = 1"
    return capital(said), scene.select(f"{outer.select}, {written}, count(*)", tail)


_STEPS = ("month", "month", "month", "year", "quarter", "week", "day")


def running_total(scene: Scene) -> Found:
    """What has come together up to each month, day …"""
    time, column = scene.base.time, measure(scene)
    if not time or time not in scene.base:
        return None
    unit = scene.rng.choice(_STEPS)
    bucket = f"date_trunc('{unit}', {scene.col(time)})"
    per = scene.rng.choice(scene.speaker.phrases["time_per"][unit])
    if column is None or not added(scene, column) or scene.chance(0.35):
        said, total = scene.pick("running_count").format(n=scene.things(), p=per), "count(*)"
    else:
        name = scene.speaker.column(scene.base, column.name)
        said = scene.pick("running_sum").format(m=name, n=scene.things(), p=per)
        total = f"sum({scene.col(column.name)})"
    items = f"{bucket} AS p, sum({total}) OVER (ORDER BY {bucket})"
    return capital(said), scene.select(items, " GROUP BY 1 ORDER BY p")
