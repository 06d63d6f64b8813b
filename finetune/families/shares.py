"""Percentages, and one value against another."""

from __future__ import annotations

import re

from agents.columns import flags, measures
from agents.grammar import quote
from finetune.families.scene import Dimension, Found, Scene, aggregate, capital, dimension, dimensions
from finetune.noun_phrases import Condition


def share(scene: Scene) -> Found:
    """Which percentage of the rows meets one more condition."""
    part = scene.speaker.conditions(
        scene.path, scene.base.name, 1, frozenset(c.column for c in scene.said.get(scene.base.name, []))
    )
    if not part or part[0].place == "named":
        return None
    verb = _said_of(scene, part[0])
    written = part[0].sql
    things = scene.things()
    if scene.rng.random() < 0.15 and measures(scene.speaker.catalog, scene.base):
        column = measures(scene.speaker.catalog, scene.base)[0]
        name = scene.speaker.column(scene.base, column.name)
        value = f"sum({scene.col(column.name)})"
        noun = scene.speech.nouns[scene.base.name].plural
        question = scene.pick("share").format(
            n=f"the total {name} of {things}",
            v=f"comes from {noun} {'that are ' if part[0].place == 'adj' else ''}{part[0].text}",
        )
        return question, scene.select(f"100.0 * {value} FILTER (WHERE {written}) / {value}")
    return scene.pick("share").format(n=things, v=verb), scene.select(
        f"100.0 * count(*) FILTER (WHERE {written}) / count(*)"
    )


def _said_of(scene: Scene, part: Condition) -> str:
    """A condition as a verb phrase: 'are failed', 'were made by tap'."""
    if part.place == "adj":
        return f"{scene.rng.choice(('is', 'are', 'were'))} {part.text}"
    for lead in ("that ", "who ", "which "):
        if part.text.startswith(lead):
            return part.text.removeprefix(lead)
    if part.text.startswith(("whose", "where")):
        return f"are ones {part.text}"
    verbs = ("come", "are", "were") if part.text.startswith("with") else ("is", "are", "were")
    return f"{scene.rng.choice(verbs)} {part.text}"


def share_per_group(scene: Scene) -> Found:
    """For each group, which percentage of its rows meets a condition."""
    by, base = dimension(scene, label=0.25), scene.base.name
    if by is None:
        return None
    avoid = frozenset(c.column for c in scene.said.get(base, [])) | {by.select.rpartition(".")[2]}
    found = [c for c in scene.speaker.conditions(scene.path, base, 3, avoid) if c.place != "named"]
    part = sorted(found, key=lambda c: not re.search(r" (=|IN) ", c.sql))[:1]
    if not part:
        return None
    words = {"n": scene.things(), "s": scene.things("singular"), "d": by.singular, "v": _said_of(scene, part[0])}
    rates = scene.speaker.about(scene.base).get("rates", {}).get(part[0].sql.partition("'")[2].rstrip("'"))
    if rates and " = " in part[0].sql and scene.chance(0.5):
        said = scene.pick("rate_per").format(**words, r=scene.rng.choice(rates))
    elif part[0].place == "adj":
        said = scene.pick("share_adj_per").format(**words, t=part[0].text)
    else:
        said = scene.pick("share_per").format(**words)
    return _shared(scene, by, said, f"100.0 * count(*) FILTER (WHERE {part[0].sql}) / count(*)")


def distribution(scene: Scene) -> Found:
    """Which percentage of all rows falls into each group."""
    by = dimension(scene, label=0.15)
    if by is None:
        return None
    said = scene.pick("distribution").format(n=scene.things(), d=by.singular, ds=by.plural)
    return _shared(scene, by, said, "100.0 * count(*) / sum(count(*)) OVER ()")


def _shared(scene: Scene, by: Dimension, said: str, written: str) -> tuple[str, str]:
    return capital(said), scene.select(f"{by.select}, {written}", by.group)


def versus(scene: Scene) -> Found:
    """Two values of a column, or both of a flag, side by side."""
    alias = scene.last
    table = scene.path.scope[alias]
    if any(" IN (" in c.sql for found in scene.said.values() for c in found):
        return None
    avoid = {c.column for c in scene.said.get(alias, [])}
    columns = [c for c in dimensions(scene, table) if c not in avoid]
    known = scene.speaker.about(table).get("flags", {})
    short = {name for name, said in known.items() if all(any(" " not in word for word in words) for words in said)}
    marked = [c.name for c in flags(table) if c.name in short]
    if marked and not avoid & {*marked} and scene.chance(0.4):
        column = scene.rng.choice(marked)
        yes, no = scene.speaker.about(table)["flags"][column]
        first, second = (next(w for w in said if " " not in w) for said in scene.rng.sample((yes, no), 2))
        bound = ""
    elif columns:
        column = scene.rng.choice(columns)
        stored = scene.speaker.values[table.full_name][column]
        a, b = scene.rng.sample(stored, 2)
        first, second = scene.speaker.say(a, stored), scene.speaker.say(b, stored)
        bound = f"{scene.path.column(alias, column)} IN ({quote(a)}, {quote(b)})"
    else:
        return None
    return _against(scene, alias, scene.path.column(alias, column), (first, second), bound)


def _against(scene: Scene, alias: str, written: str, pair: tuple[str, str], bound: str) -> tuple[str, str]:
    own = alias == scene.base.name
    kind = scene.pick("versus_pair")
    sides = {"x": pair[0], "y": pair[1], "xy": kind.format(x=pair[0], y=pair[1])}
    things, name = scene.things(), scene.speaker.column(scene.path.scope[alias], written.rpartition(".")[2])
    words = {**sides, "n": things, "o": scene.speech.nouns[alias].plural, "d": name}
    found = aggregate(scene, things) if scene.chance(0.6) else None
    if scene.chance(0.2):
        said = scene.pick("versus_most" if found is None else "versus_highest").format(**words, a=(found or ("",))[0])
        order = f" GROUP BY ALL ORDER BY {found[1] if found else 'count(*)'} DESC LIMIT 1"
        return capital(said), scene.select(written, order, bound)
    form = "versus_count" if found is None else "versus"
    said = scene.pick(form if own else f"{form}_joined").format(**words, a=(found or ("",))[0])
    return capital(said), scene.select(f"{written}, {found[1] if found else 'count(*)'}", " GROUP BY ALL", bound)
