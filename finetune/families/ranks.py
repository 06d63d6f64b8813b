"""The first of an order: groups and rows with the most, the least, the newest."""

from __future__ import annotations

from finetune.families.doings import speech_of
from finetune.families.scene import Asked, Found, Scene, asked, capital, dimension, joined, measure, measured, number_of


def superlative(scene: Scene) -> Found:
    """The one value of a dimension that has the most or the least."""
    by = dimension(scene, label=0.6)
    if by is None:
        return None
    least = scene.rng.random() < 0.2
    order = "" if least else " DESC"
    if scene.rng.random() < 0.6:
        said, sql = (
            scene.pick("least" if least else "most").format(d=by.singular, n=scene.things()),
            "count(*)",
        )
    else:
        phrase, sql = measured(scene)
        said = scene.pick("lowest" if least else "highest").format(d=by.singular, a=phrase)
    return said, scene.select(by.select, f"{by.group} ORDER BY {sql}{order} LIMIT 1")


def top(scene: Scene) -> Found:
    """The first N values of a dimension by an aggregate, with the aggregate."""
    by = dimension(scene, label=0.7)
    if by is None:
        return None
    said, number = number_of(scene)
    low = scene.rng.random() < 0.12
    if scene.rng.random() < 0.45 and not low:
        question, sql = scene.pick("top_most").format(k=said, ds=by.plural, n=scene.things()), "count(*)"
    else:
        phrase, sql = measured(scene)
        question = scene.pick("bottom_by" if low else "top_by").format(k=said, ds=by.plural, a=phrase)
    return question, scene.select(
        f"{by.select}, {sql}", f"{by.group} ORDER BY {sql}{'' if low else ' DESC'} LIMIT {number}"
    )


def extreme(scene: Scene) -> Found:
    """The first N rows by a measure or by time."""
    table = scene.base
    shown = scene.title()
    said, number = number_of(scene, (3, 3, 5, 5, 10, 10, 15, 20, 2, 4))
    column = measure(scene)
    if not shown:
        return None
    if column is None or scene.rng.random() < 0.35:
        if not table.time:
            return None
        new = scene.rng.random() < 0.7
        question = scene.pick("list").format(scene.pick("newest" if new else "oldest").format(k=said, n=scene.things()))
        return question, scene.select(
            f"{shown}, {scene.col(table.time)}",
            f" ORDER BY {scene.col(table.time)}{' DESC' if new else ''} LIMIT {number}",
        )
    high = scene.rng.random() < 0.75
    name = scene.speaker.column(table, column.name)
    phrase = scene.pick("extreme_rows" if high else "lowest_rows").format(k=said, n=scene.things(), m=name)
    written = scene.col(column.name)
    return scene.pick("list").format(phrase), scene.select(
        f"{shown}, {written}", f" ORDER BY {written}{' DESC' if high else ''} LIMIT {number}"
    )


def extreme_one(scene: Scene) -> Found:
    """The title of the row with the highest, lowest, newest or oldest."""
    table = scene.base
    if not table.label:
        return None
    column = measure(scene)
    if column is not None and scene.rng.random() < 0.6:
        high, name = scene.rng.random() < 0.7, scene.speaker.column(table, column.name)
        word = scene.rng.choice(("highest", "largest", "greatest") if high else ("lowest", "smallest", "least"))
        question = scene.rng.choice(
            ("Which {s} has the {w} {m}?", "What is the {s} with the {w} {m}?", "{s} with the {w} {m}")
        )
        return question.format(s=scene.things("singular"), w=word, m=name), scene.select(
            scene.title(), f" ORDER BY {scene.col(column.name)}{' DESC' if high else ''} LIMIT 1"
        )
    if not table.time:
        return None
    new = scene.rng.random() < 0.5
    word = scene.rng.choice(("newest", "latest", "most recent") if new else ("oldest", "first", "earliest"))
    question = scene.rng.choice(("What is the {w} {s}?", "Which is the {w} {s}?", "{w} {s}", "Show the {w} {s}."))
    return question.format(s=scene.things("singular"), w=word), scene.select(
        scene.title(), f" ORDER BY {scene.col(table.time)}{' DESC' if new else ''} LIMIT 1"
    )


def extreme_asked(scene: Scene) -> Found:
    """The first row by a measure or a time, by the adjective that people use: its title, or the columns asked for."""
    table = scene.base
    known = scene.speaker.about(table).get("superlatives", {})
    columns = [name for name in known if name in table]
    if not columns:
        return None
    column = scene.rng.choice(columns)
    high = scene.chance(0.7)
    word = scene.rng.choice(known[column]["max" if high else "min"])
    said = f"{word} {scene.things('singular')}"
    tail = f" ORDER BY {scene.col(column)}{' DESC' if high else ''} LIMIT 1"
    wanted = None if table.label and scene.chance(0.4) else asked(scene, table.name, 3, parents=0.4)
    if wanted is None:
        return _alone(scene, said, tail)
    question, shown = _with_columns(scene, said, wanted, column)
    return capital(question), scene.select(shown, tail)


def _alone(scene: Scene, said: str, tail: str) -> Found:
    """Only the title, of the row or of what it belongs to."""
    if not scene.base.label:
        return None
    return capital(scene.pick("extreme_alone").format(said)), scene.select(scene.title(), tail)


def _with_columns(scene: Scene, said: str, wanted: Asked, column: str) -> tuple[str, str]:
    """'Largest refund and its reason' shows what it is called by too; 'largest refund: reason, date' does not."""
    if len(wanted.words) == 1 and scene.chance(0.4):
        return scene.pick("what_of_extreme").format(c=wanted.words[0], n=said), wanted.sql
    if scene.chance(0.55):
        return scene.pick("extreme_colon").format(c=joined(scene, wanted.words), n=said), wanted.sql
    shown = scene.title() if scene.base.label else scene.col(column)
    items = ", ".join(dict.fromkeys((*shown.split(", "), *wanted.sql.split(", "))))
    return scene.pick("extreme_and").format(c=joined(scene, wanted.words), n=said), items


def extreme_doer(scene: Scene) -> Found:
    """Whose row is the biggest, the longest, the newest."""
    alias = scene.last
    table = scene.path.scope[alias]
    known = scene.speaker.about(scene.base).get("superlatives", {})
    verbs = scene.speaker.verbs(scene.path, alias, "verbs") if scene.path.joins else None
    columns = [name for name in known if name in scene.base]
    straight = scene.speaker.straight(scene.path)
    if verbs is None or not table.label or not columns or not straight or scene.said.get(alias):
        return None
    column, high = scene.rng.choice(columns), scene.chance(0.75)
    said = f"{scene.rng.choice(known[column]['max' if high else 'min'])} {scene.things('singular')}"
    person = scene.speaker.about(table).get("person")
    noun = speech_of(scene, alias).nouns[table.name].singular
    who = "who" if person and scene.chance(0.6) else f"which {noun}"
    question = scene.pick("extreme_doer").format(w=who, x=verbs[1], n=said, d=noun)
    return capital(question), scene.select(
        scene.title(alias), f" ORDER BY {scene.col(column)}{' DESC' if high else ''} LIMIT 1"
    )
