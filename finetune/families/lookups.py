"""What is stored about one named thing, and the rows that belong to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agents.grammar import quote
from agents.paths import Join
from finetune.families.doings import speech_of
from finetune.families.scene import Asked, Found, Scene, asked, capital, joined, number_of, readable
from finetune.noun_phrases import Condition


@dataclass(frozen=True)
class _Named:
    """One thing by its title, with the condition that finds it."""

    name: str
    sql: str


def _name(scene: Scene, alias: str) -> _Named | None:
    """The title of one thing of an alias."""
    values = scene.speaker.values.get(scene.path.scope[alias].full_name, {})
    columns = [c.rpartition(".")[2].strip('"') for c in scene.title(alias).split(", ")]
    if not scene.path.scope[alias].label or not all(values.get(c) for c in columns):
        return None
    chosen = {column: scene.rng.choice(values[column]) for column in columns}
    sql = " AND ".join(f"{scene.col(column, alias)} = {quote(text)}" for column, text in chosen.items())
    return _Named(" ".join(chosen.values()), sql)


def _called(scene: Scene, alias: str, name: str) -> str:
    """The name alone, or with the noun of what it names."""
    noun = speech_of(scene, alias).nouns[scene.path.scope[alias].name].singular
    forms = ("{x}",) * 5 + ("the {s} {x}", "{s} {x}", "the {s} called {x}", "the {s} named {x}")
    return str(scene.rng.choice(forms)).format(x=name, s=noun)


def lookup(scene: Scene) -> Found:
    """Columns of a named row: 'phone number for X', 'when did X sign up'."""
    base = scene.base.name
    name = _name(scene, base)
    if name is None or scene.path.joins:
        return None
    called = _called(scene, base, name.name)
    asks = scene.speaker.about(scene.base).get("asks", {})
    if asks and scene.chance(0.35):
        column = scene.rng.choice(sorted(asks))
        return capital(scene.rng.choice(asks[column]).format(x=called)), _lookup_sql(scene, [column], name)
    names = [n for n in readable(scene, scene.base) if n != scene.base.label]
    if not names:
        return None
    chosen = scene.rng.sample(names, min(len(names), scene.rng.choice((1, 1, 1, 2, 2, 3))))
    said = joined(scene, (scene.speaker.column(scene.base, n) for n in chosen))
    question = scene.pick("lookup").format(c=said, x=called)
    return capital(question), _lookup_sql(scene, chosen, name)


def _lookup_sql(scene: Scene, columns: Sequence[str], named: _Named) -> str:
    return f"{scene.path.clause} SELECT {', '.join(map(scene.col, columns))} WHERE {named.sql}"


def lookup_parent(scene: Scene) -> Found:
    """What a named row belongs to: 'who owns X', 'name and email of the owner of X'."""
    if len(scene.path.joins) != 1:
        return None
    join = scene.path.joins[0]
    name = _name(scene, scene.base.name)
    if name is None or not join.parent.label:
        return None
    entry = scene.speaker.about(scene.base).get("made_by", {}).get(join.parent.full_name, {})
    called = _called(scene, scene.base.name, name.name)
    tail, title = f" WHERE {name.sql}", scene.title(join.alias)
    if entry and scene.chance(0.5):
        return capital(scene.rng.choice(entry["ask"]).format(x=called)), f"{scene.path.clause} SELECT {title}{tail}"
    noun = scene.speaker.noun(scene.path, join.alias, scene.speech).singular
    role = scene.rng.choice(entry["nouns"]) if entry and scene.chance(0.7) else noun
    wanted = asked(scene, join.alias, 3)
    if wanted is None:
        return None
    question = scene.pick("lookup_parent").format(c=joined(scene, wanted.words), r=role, x=called)
    return capital(question), f"{scene.path.clause} SELECT {wanted.sql}{tail}"


def rows_of(scene: Scene) -> Found:
    """The rows of a named thing with the columns asked for, at times the newest of them."""
    if not scene.path.joins or any(scene.said.get(j.alias) for j in scene.path.joins):
        return None
    last: Join = scene.path.joins[-1]
    name = _name(scene, last.alias)
    verbs = scene.speaker.verbs(scene.path, last.alias, "verbs")
    owned = scene.speaker.owned(scene.path, last)
    if name is None or not (verbs or owned) or not scene.speaker.straight(scene.path):
        return None
    wanted = asked(scene, scene.base.name, 4, key=0.2)
    if wanted is None:
        return None
    things = scene.things()
    condition = Condition(name.sql, "named", name.name)
    called = _called(scene, last.alias, name.name)
    if verbs and scene.chance(0.5):
        whose = scene.pick("rows_did").format(n=things, x=called, v=verbs[0], w=verbs[1])
    else:
        whose = f"{things} {scene.rng.choice(owned or ['of {}']).format(called)}"
    rows = replace(scene, said=scene.said | {last.alias: [condition]})
    return _listed(rows, whose, wanted)


def _bare(whose: str) -> str:
    """The rows without the word that leads them: 'the payments …' -> 'payments …'."""
    for lead in ("the ", "all "):
        whose = whose.removeprefix(lead)
    return whose


def _listed(scene: Scene, whose: str, wanted: Asked) -> Found:
    """The rows in words and SQL: with a limit, an order, or as they come."""
    time, tail, order = scene.base.time, "", ""
    if time and scene.chance(0.4):
        new = scene.chance(0.75)
        tail = f" ORDER BY {scene.col(time)}{' DESC' if new else ''}"
        if scene.chance(0.6) and not whose.startswith(("what ", "which ")):
            said, number = number_of(scene, (3, 3, 5, 5, 10, 2, 4, 20))
            whose = scene.pick("last_rows" if new else "first_rows").format(k=said, n=_bare(whose))
            tail = f"{tail} LIMIT {number}"
        if "LIMIT" not in tail or scene.chance(0.3):
            order = f", {scene.pick('new_first' if new else 'old_first')}"
    key = scene.title()
    columns = joined(scene, wanted.words)
    if whose.startswith(("what ", "which ")):
        form = scene.rng.choice(("{n}? {c}", "{n}? show {c}", "{n}? I need {c}", "{n}: {c}"))
        return capital(form.format(n=whose, c=columns) + order), scene.select(wanted.sql, tail)
    if scene.chance(0.5):
        return capital(scene.pick("rows_colon").format(n=whose, c=columns) + order), scene.select(wanted.sql, tail)
    if not key or scene.chance(0.4):
        return capital(scene.pick("columns_of").format(n=whose, c=columns) + order), scene.select(wanted.sql, tail)
    items = ", ".join(dict.fromkeys((*key.split(", "), *wanted.sql.split(", "))))
    return capital(scene.pick("rows_with").format(n=whose, c=columns) + order), scene.select(items, tail)
