"""All that share a place: the groups and the rows with the most, ties and all; and who comes second."""

from __future__ import annotations

from finetune.families.scene import Found, Scene, capital, dimension, measure, measured


def tied_groups(scene: Scene) -> Found:
    """All groups that share the first place, or the first places."""
    by = dimension(scene, label=0.6)
    if by is None:
        return None
    least, number = scene.chance(0.2), scene.rng.choice((1, 1, 1, 2, 3, 5))
    order = "" if least else " DESC"
    if number == 1 and scene.chance(0.6):
        said, sql = (
            scene.pick("tied_least" if least else "tied_most").format(ds=by.plural, n=scene.things()),
            "count(*)",
        )
    else:
        phrase, sql = measured(scene)
        kind = "tied_top" if number > 1 else "tied_lowest" if least else "tied_highest"
        order = " DESC" if number > 1 else order
        said = scene.pick(kind).format(ds=by.plural, d=by.singular, a=phrase, k=number)
    place = f"= {number}" if number == 1 else f"<= {number}"
    tail = f"{by.apart} QUALIFY rank() OVER (ORDER BY {sql}{order}) {place}"
    return capital(said), scene.select(by.select, tail)


def tied_rows(scene: Scene) -> Found:
    """All rows that share the highest or the lowest value."""
    column, shown = measure(scene), scene.title()
    if column is None or not shown:
        return None
    high = scene.chance(0.75)
    name = scene.speaker.column(scene.base, column.name)
    said = scene.pick("rows_highest" if high else "rows_lowest").format(n=scene.things(), m=name)
    order = f"{scene.col(column.name)}{' DESC' if high else ''}"
    return capital(said), scene.select(shown, f" QUALIFY rank() OVER (ORDER BY {order}) = 1")


def runner_up(scene: Scene) -> Found:
    """The row that comes second, or third."""
    column, shown = measure(scene), scene.title()
    time = scene.base.time
    if not shown or (column is None and not time):
        return None
    place, number = scene.rng.choice((("second", 1), ("second", 1), ("second", 1), ("third", 2)))
    short = {"second": "2nd", "third": "3rd"}[place]
    words = {"p": scene.rng.choice((place, place, short)), "s": scene.things("singular")}
    high = scene.chance(0.75)
    if column is not None and (not time or scene.chance(0.75)):
        words["m"] = scene.speaker.column(scene.base, column.name)
        said, order = scene.pick("second_high" if high else "second_low").format(**words), scene.col(column.name)
    else:
        said, order = scene.pick("second_new" if high else "second_old").format(**words), scene.col(time or "")
    tail = f" ORDER BY {order}{' DESC' if high else ''} LIMIT 1 OFFSET {number}"
    return capital(said), scene.select(shown, tail)


def second_group(scene: Scene) -> Found:
    """The group that comes second."""
    by = dimension(scene, label=0.6)
    if by is None:
        return None
    said, sql = scene.pick("second_most").format(d=by.singular, n=scene.things()), "count(*)"
    if scene.chance(0.4):
        phrase, sql = measured(scene)
        said = scene.pick("second_highest").format(d=by.singular, a=phrase)
    return capital(said), scene.select(by.select, f"{by.group} ORDER BY {sql} DESC LIMIT 1 OFFSET 1")
