"""Rows and values that are listed."""

from __future__ import annotations

from dataclasses import replace

from agents.columns import keys, times
from finetune.families.scene import Found, Scene, asked, capital, dimensions, joined, measure
from finetune.noun_phrases import Condition
from finetune.phrasing import plural


def listing(scene: Scene) -> Found:
    """Rows that meet conditions: named columns, or the title (else the key) where none is named."""
    if not any(scene.said.values()):
        return None
    table = scene.base
    things = scene.things()
    readable = [c.name for c in table.columns if c.name not in keys(scene.speaker.catalog, table)]
    if scene.rng.random() < 0.45:
        chosen = scene.rng.sample(readable, min(len(readable), scene.rng.randint(1, 3)))
        if not chosen:
            return None
        said = [scene.speaker.column(table, name) for name in chosen]
        names = " and ".join(", ".join(said).rsplit(", ", 1))
        question = scene.pick("list").format(f"the {names} of {things}")
        return question, scene.select(", ".join(scene.col(n) for n in chosen))
    shown = scene.title()
    return (scene.pick("list").format(things), scene.select(shown)) if shown else None


def roll(scene: Scene) -> Found:
    """The titles of all rows."""
    if any(scene.said.values()) or not scene.base.label:
        return None
    name = scene.speaker.column(scene.base, scene.base.label)
    said = scene.pick("roll").format(n=scene.plural, c=name, cs=plural(name))
    if scene.chance(0.75):
        return capital(said), scene.select(scene.title())
    order = scene.pick("a_first").format(name)
    return capital(f"{said.rstrip('?.')}, {order}"), scene.select(scene.title(), f" ORDER BY {scene.title()}")


def distinct_list(scene: Scene) -> Found:
    """The values that a column has."""
    columns = dimensions(scene, scene.base)
    if not columns:
        return None
    column = scene.rng.choice(columns)
    name = scene.speaker.column(scene.base, column)
    form = scene.pick("distinct_list")
    if any(c.column == column for c in scene.said.get(scene.base.name, [])):
        return None
    if "{n}" not in form and (scene.path.joins or any(scene.said.values())):
        return None
    many = plural(name) if "{n}" in form else f"{scene.singular} {plural(name)}"
    return form.format(d=name, ds=many, n=scene.things()), scene.select(f"DISTINCT {scene.col(column)}")


def when(scene: Scene) -> Found:
    """The first or last time."""
    found = times(scene.base)
    column = scene.base.time or (found[0].name if found else None)
    if column is None:
        return None
    first = scene.rng.random() < 0.5
    things = scene.things()
    said = scene.pick("when_first" if first else "when_last").format(
        n=things, s=scene.things("singular"), t=scene.speaker.column(scene.base, column)
    )
    return said, scene.select(f"{'min' if first else 'max'}({scene.col(column)})")


def listing_with(scene: Scene) -> Found:
    """Rows with the columns asked for: behind 'with' they come after the title or the key, else alone."""
    wanted = asked(scene, scene.base.name, 3, parents=0.6, key=0.25)
    if wanted is None or not (any(scene.said.values()) or scene.chance(0.25)):
        return None
    key, columns, things = scene.title(), joined(scene, wanted.words), scene.things()
    tail, order = _ordered(scene) if scene.chance(0.25) else ("", "")
    if not key or scene.chance(0.55):
        form = scene.pick("rows_colon" if scene.chance(0.3) else "columns_of")
        return capital(form.format(n=things, c=columns) + order), scene.select(wanted.sql, tail)
    items = ", ".join(dict.fromkeys((*key.split(", "), *wanted.sql.split(", "))))
    return capital(scene.pick("rows_with").format(n=things, c=columns) + order), scene.select(items, tail)


def _ordered(scene: Scene) -> tuple[str, str]:
    """(ORDER BY, how it is said) by a measure, the time or the title; nothing where there is none of these."""
    table, column = scene.base, measure(scene)
    options = [k for k, has in (("measure", column), ("time", table.time), ("label", table.label)) if has]
    if not options:
        return "", ""
    kind, down = scene.rng.choice(options), scene.chance(0.7)
    if kind == "label":
        down = scene.chance(0.1)
        said = scene.pick("z_first" if down else "a_first").format(scene.speaker.column(table, table.label or ""))
        return f" ORDER BY {scene.col(table.label or '')}{' DESC' if down else ''}", f", {said}"
    if kind == "time":
        return f" ORDER BY {scene.col(table.time or '')}{' DESC' if down else ''}", ", " + scene.pick(
            "new_first" if down else "old_first"
        )
    name = column.name if column else ""
    known = scene.speaker.about(table).get("superlatives", {}).get(name)
    if known and scene.chance(0.5):
        word = scene.rng.choice([w for w in known["max" if down else "min"] if " " not in w])
        said = f"{word} first"
    else:
        said = scene.pick("by_down" if down else "by_up").format(scene.speaker.column(table, name))
    return f" ORDER BY {scene.col(name)}{' DESC' if down else ''}", f", {said}"


def ordered_list(scene: Scene) -> Found:
    """Rows that meet conditions, all of them, in an order."""
    key = scene.title()
    tail, order = _ordered(scene)
    named = any(c.place == "named" for c in scene.said.get(scene.base.name, []))
    if not key or not tail or named or not (scene.said or scene.base.label):
        return None
    return capital(scene.pick("list").format(scene.things()).rstrip(".?") + order), scene.select(key, tail)


def parents_column(scene: Scene) -> Found:
    """The different values of a column of what rows belong to: 'in which cities do our cardholders live'."""
    if not scene.path.joins or scene.said.get(scene.last):
        return None
    alias = scene.last
    table = scene.path.scope[alias]
    columns = dimensions(scene, table)
    if not columns:
        return None
    column = scene.rng.choice(columns)
    name = scene.speaker.column(table, column)
    owner = scene.speaker.noun(scene.path, alias, scene.speech)
    place = column in ("city", "country")
    if place and (whose := _agents(scene)) and scene.chance(0.6):
        said = scene.pick("agents_places").format(ds=plural(name), a=whose)
        return capital(said), scene.select(f"DISTINCT {scene.col(column, alias)}")
    form = scene.pick("parents_places" if place and scene.chance(0.5) else "parents_column")
    said = form.format(d=name, ds=plural(name), o=owner.singular, os=owner.plural, n=scene.things())
    return capital(said), scene.select(f"DISTINCT {scene.col(column, alias)}")


def _agents(scene: Scene) -> str:
    """The base's rows by those who have them: 'Discover cardholders', 'active subscribers'."""
    join, own = scene.path.joins[0], scene.said.get(scene.base.name, [])
    known = scene.speaker.about(scene.base).get("agents", {}).get(join.column)
    if not known or len(scene.path.joins) > 1 or any(c.place != "adj" for c in own):
        return ""
    return " ".join((*(c.text for c in own), scene.rng.choice(known).split("|")[0]))


def lacking(scene: Scene) -> Found:
    """Rows in which something is missing, or is not."""
    table = scene.base
    entry = scene.speaker.about(table)
    kind = scene.rng.choice(("missing", "missing", "missing", "present"))
    columns = [c for c in entry.get(kind, {}) if c in table]
    if not columns or any(c.column in columns or c.place == "named" for c in scene.said.get(table.name, [])):
        return None
    column = scene.rng.choice(columns)
    text = scene.rng.choice(entry[kind][column])
    sql = f"{scene.col(column)} IS {'NULL' if kind == 'missing' else 'NOT NULL'}"
    own = [*scene.said.get(table.name, []), Condition(sql, "post", text, column)]
    scene = replace(scene, said=scene.said | {table.name: own})
    if scene.chance(0.5) or not (table.label or table.key):
        return scene.pick("count").format(scene.things()), scene.select("count(*)")
    return scene.pick("list").format(scene.things()), scene.select(scene.title())
