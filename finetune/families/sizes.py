"""Groups by their size: how many there are of one, and how large they are as a rule."""

from __future__ import annotations

from data.catalog import Relationship
from finetune.families.scene import BOUNDS, Found, Scene, added, bound_of, capital, dimensions, measure
from finetune.phrasing import Noun, plural

_WORDS = {"avg": ("average", "mean", "typical"), "max": ("maximum", "highest", "largest"), "min": ("minimum", "lowest"),
          "median": ("median",)}  # fmt: skip
EXACT = ("exactly_count", "=")


def _link(scene: Scene) -> tuple[Relationship, Noun] | None:
    links = scene.speaker.links(scene.base)
    if not links or scene.path.joins:
        return None
    link = scene.rng.choice(links)
    return link, scene.speaker.agent(link, scene.speech)[0]


def _inner(scene: Scene, items: str, tail: str) -> str:
    """The groups as a sub-query."""
    return f"({scene.path.clause} SELECT {items}{scene.where()}{tail})"


def groups_of_size(scene: Scene) -> Found:
    """How many things, or values of a column, have so many rows."""
    kind, operator = scene.rng.choice((EXACT, EXACT, *BOUNDS))
    number = scene.rng.choice((1, 2, 2, 3, 3, 4, 5, 6, 8, 10))
    bound = bound_of(scene, kind, number)
    if operator == "=" and (found := _link(scene)):
        link, noun = found
        name, written = noun.plural, scene.col(link.column)
    else:
        columns = dimensions(scene, scene.base)
        if not columns or scene.path.joins:
            return None
        column = scene.rng.choice(columns)
        name, written = plural(scene.speaker.column(scene.base, column)), scene.col(column)
    said = scene.pick("groups_of_size").format(ds=name, c=bound, n=scene.things())
    inner = _inner(scene, written, f" GROUP BY ALL HAVING count(*) {operator} {number}")
    return capital(said), f"FROM {inner} SELECT count(*)"


def typical_size(scene: Scene) -> Found:
    """The average, largest or median number of rows, or total, per thing."""
    found = _link(scene)
    if found is None:
        return None
    link, noun = found
    column, function = measure(scene), scene.rng.choice(("avg", "avg", "max", "max", "min", "median"))
    word = scene.rng.choice(_WORDS[function])
    words = {"f": word, "n": scene.things(), "d": noun.singular, "ds": noun.plural}
    if column is not None and added(scene, column) and (scene.chance(0.5) or function == "avg"):
        said = scene.pick("typical_total").format(**words, m=scene.speaker.column(scene.base, column.name))
        inside = f"sum({scene.col(column.name)})"
    elif function != "avg":
        said, inside = scene.pick("typical_count").format(**words), "count(*)"
    else:
        return None
    inner = _inner(scene, f"{scene.col(link.column)}, {inside} AS n", " GROUP BY ALL")
    return capital(said), f"FROM {inner} SELECT {function}(n)"
