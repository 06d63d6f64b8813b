"""A row against what it belongs to: employees who earn more than their managers."""

from __future__ import annotations

from agents.columns import measures, times
from finetune.families.scene import Found, Scene, capital


def against_parent(scene: Scene) -> Found:
    """Rows whose number or time is above or below that of what they belong to."""
    if len(scene.path.joins) != 1:
        return None
    join = scene.path.joins[0]
    pairs = _pairs(scene)
    if not pairs or not scene.title():
        return None
    own, other, timed = scene.rng.choice(pairs)
    above = scene.chance(0.65)
    kind = ("later" if above else "earlier") if timed else ("above" if above else "below")
    noun = scene.speaker.noun(scene.path, join.alias, scene.speech).singular
    words = {"n": scene.things(), "a": scene.speaker.column(scene.base, own), "o": noun}
    words["b"] = scene.speaker.column(join.parent, other) if own != other else words["a"]
    form = scene.pick(f"{kind}_parent" if own == other else f"{kind}_parents")
    extra = f"{scene.col(own)} {'>' if above else '<'} {scene.col(other, join.alias)}"
    phrase = form.format(**words)
    if scene.chance(0.4):
        return capital(scene.pick("count").format(phrase)), scene.select("count(*)", extra=extra)
    return capital(scene.pick("list").format(phrase)), scene.select(scene.title(), extra=extra)


def _pairs(scene: Scene) -> list[tuple[str, str, bool]]:
    """(own column, the parent's, whether they are times): the same column of both, or numbers of one unit."""
    parent = scene.path.joins[0].parent
    own, theirs = measures(scene.speaker.catalog, scene.base), measures(scene.speaker.catalog, parent)
    found = [(a.name, b.name, False) for a in own for b in theirs if a.unit and a.unit == b.unit]
    if parent is scene.base:
        found = [pair for pair in found if pair[0] == pair[1]]
        found += [(c.name, c.name, True) for c in times(parent)]
    return found
