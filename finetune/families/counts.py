"""Questions with one number for an answer."""

from __future__ import annotations

from agents.columns import measures
from finetune.families.scene import MONEY, Found, Scene, aggregate, dimensions, measure, rest
from finetune.phrasing import plural


def count(scene: Scene) -> tuple[str, str]:
    """How many rows."""
    things = scene.things()
    did = scene.rng.choice(scene.speaker.about(scene.base).get("did", [""]))
    form = scene.pick("count")
    if did and scene.rng.random() < 0.45:
        noun = scene.speech.nouns[scene.base.name].plural
        before, _, after = things.partition(noun)
        return f"How many {before}{noun} {did}{after}?", scene.select("count(*)")
    return form.format(things), scene.select("count(*)")


def scalar(scene: Scene) -> Found:
    """One aggregate of a measure."""
    entry = scene.speaker.about(scene.base).get("sums", {})
    things = scene.things()
    if entry and scene.rng.random() < 0.3:
        column = scene.rng.choice(sorted(entry))
        behind = f"of {things}" if scene.speech.made_up else rest(scene, things)
        question = f"{scene.rng.choice(entry[column])} {behind}".strip() + "?"
        return question, scene.select(f"sum({scene.col(column)})")
    found = aggregate(scene, things)
    return (scene.pick("scalar").format(found[0]), scene.select(found[1])) if found else None


def two(scene: Scene) -> Found:
    """Two aggregates at once."""
    column = measure(scene)
    if column is None:
        return None
    words = {"sum": "total", "avg": "average", "max": "highest", "min": "lowest"}
    a, b = scene.rng.sample(sorted(words), 2)
    name, written = scene.speaker.column(scene.base, column.name), scene.col(column.name)
    if scene.rng.random() < 0.3:
        said = f"number and {words[a]} {name} of {scene.things()}"
        return scene.pick("scalar").format(said), scene.select(f"count(*), {a}({written})")
    said = f"{words[a]} and {words[b]} {name} of {scene.things()}"
    return scene.pick("scalar").format(said), scene.select(f"{a}({written}), {b}({written})")


def biggest(scene: Scene) -> Found:
    """The biggest, smallest or average row by the measure that goes without saying."""
    found = measures(scene.speaker.catalog, scene.base)
    if len(found) != 1 or found[0].unit not in (*MONEY, "s", "min", "h"):
        return None
    function = scene.rng.choice(("max", "max", "min", "avg"))
    word = scene.rng.choice(scene.speaker.phrases["big"][function])
    return scene.pick("scalar").format(f"{word} {scene.things('singular')}"), scene.select(
        f"{function}({scene.col(found[0].name)})"
    )


def different(scene: Scene) -> Found:
    """How many distinct things that the rows point at, directly or through one more table, or distinct values."""
    alias = scene.last if scene.path.joins and not scene.said.get(scene.last) else scene.base.name
    links = [r for r in scene.speaker.links(scene.path.scope[alias]) if scene.speaker.meant_link(scene.path, r)]
    if links and scene.chance(0.75):
        link = scene.rng.choice(links)
        noun, known = scene.speaker.agent(link, scene.speech)
        bare = known and alias == scene.base.name and not any(scene.said.values()) and scene.chance(0.3)
        question = scene.pick("different_bare" if bare else "different").format(
            d=noun.plural, l=scene.pick("different_links"), n=scene.things()
        )
        return question, scene.select(f"count(DISTINCT {scene.col(link.column, alias)})")
    filtered = {c.column for c in scene.said.get(scene.base.name, [])}
    columns = [c for c in dimensions(scene, scene.base) if c not in filtered]
    if not columns or (scene.path.joins and not scene.said.get(scene.last)):
        return None
    column = scene.rng.choice(columns)
    said = plural(scene.speaker.column(scene.base, column))
    form = scene.pick("different")
    asking = ("do we see in", "are there for") if form.startswith("How many") else ()
    linking = scene.rng.choice(("among", "of", "across", *asking))
    question = form.format(d=said, l=linking, n=scene.things())
    return question, scene.select(f"count(DISTINCT {scene.col(column)})")


def per_thing(scene: Scene) -> Found:
    """How many rows, or how much, there is per thing on average."""
    links = scene.speaker.links(scene.base)
    if not links:
        return None
    link = scene.rng.choice(links)
    noun, _ = scene.speaker.agent(link, scene.speech)
    phrase = scene.pick("per_thing").format(n=scene.things(), d=noun.singular)
    return scene.pick("scalar").format(phrase), scene.select(f"count(*) / count(DISTINCT {scene.col(link.column)})")
