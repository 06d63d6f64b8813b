"""Whether there is any; and rows by their number."""

from __future__ import annotations

from agents.columns import NUMERIC
from data.catalog import Table
from finetune.families.scene import Found, Scene, asked, capital, joined


def exists(scene: Scene) -> Found:
    """Whether there are such rows: their count tells."""
    if not any(scene.said.values()):
        return None
    words = {"n": scene.things(), "s": scene.things("singular")}
    return capital(scene.pick("exists").format(**words)), scene.select("count(*)")


def _number(scene: Scene, table: Table) -> int | None:
    """A number that one of the rows has as its key."""
    key = table.key
    if not key or not table.column(key).type.upper().startswith(NUMERIC):
        return None
    return scene.rng.randint(1, 150)


def by_number(scene: Scene) -> Found:
    """What is stored about a row that is named by its number."""
    number = _number(scene, scene.base)
    if number is None or scene.path.joins:
        return None
    wanted = asked(scene, scene.base.name, 3)
    if wanted is None:
        return None
    called = scene.pick("numbered").format(s=scene.singular, k=number)
    said = scene.pick("lookup").format(c=joined(scene, wanted.words), x=called)
    return capital(said), f"{scene.path.clause} SELECT {wanted.sql} WHERE {scene.col(scene.base.key or '')} = {number}"


def rows_of_number(scene: Scene) -> Found:
    """How many rows a thing has that is named by its number."""
    links = scene.speaker.links(scene.base)
    if not links or scene.path.joins:
        return None
    link = scene.rng.choice(links)
    parent = scene.speaker.catalog.table(link.to_table)
    number = _number(scene, parent)
    if number is None or link.to_column != parent.key:
        return None
    noun = scene.speaker.agent(link, scene.speech)[0]
    called = scene.pick("numbered").format(s=noun.singular, k=number)
    said = scene.pick("rows_of_number").format(n=scene.things(), x=called)
    return capital(said), scene.select("count(*)", extra=f"{scene.col(link.column)} = {number}")
