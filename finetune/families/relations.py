"""Things by the rows that point at them, and rows against the average."""

from __future__ import annotations

from dataclasses import dataclass

from agents.paths import Path, alias_for
from data.catalog import Relationship, Table
from finetune.families.scene import Found, Scene, bound_of, capital, measure
from finetune.noun_phrases import Condition, Speech


@dataclass(frozen=True)
class Pointing:
    """Rows that point at a thing, directly or through one more table: their path and the link that arrives."""

    path: Path
    link: Relationship
    speech: Speech
    said: tuple[Condition, ...] = ()

    @property
    def column(self) -> str:
        """The pointing column as the sub-query writes it."""
        return self.path.column(list(self.path.scope)[-1], self.link.column)

    @property
    def child(self) -> Table:
        return self.path.base

    def noun(self, scene: Scene, number: str = "plural") -> str:
        said = {self.child.name: list(self.said)}
        return scene.speaker.phrase(Path(self.child), self.child.name, self.speech, said, number)

    def words(self, scene: Scene, kind: str) -> list[str]:
        """What the bank says of the children under `verbs` or `passive` for the things pointed at."""
        role = alias_for(self.link, scene.speaker.catalog)
        entry = scene.speaker.about(self.child).get(kind, {})
        found: list[str] = entry.get(f"{self.link.to_table}.{role}") or entry.get(self.link.to_table) or []
        return found

    def sql(self, never: bool, tail: str = "") -> str:
        """`key [NOT] IN (…)`; the sub-query of NOT IN leaves NULLs out."""
        bounds = ([f"{self.column} IS NOT NULL"] if never else []) + [c.sql for c in self.said]
        where = f" WHERE {' AND '.join(bounds)}" if bounds else ""
        inside = f"{self.path.clause} SELECT {self.column}{where}{tail}"
        return f"{self.link.to_column} {'NOT IN' if never else 'IN'} ({inside})"


def _pointing(scene: Scene, conditions: tuple[int, ...], hops: float = 0.3) -> Pointing | None:
    """One way in which rows point at the base's things, with conditions on these rows."""
    ends = scene.speaker.pointing(scene.base)
    near, far = [e for e in ends if not e[0].joins], [e for e in ends if e[0].joins]
    if not ends or scene.path.joins:
        return None
    path, link = scene.rng.choice(far if far and (not near or scene.chance(hops)) else near)
    speech = scene.speaker.speech(Path(path.base))
    scene.speech.made_up.update(speech.made_up)
    inner = scene.speaker.conditions(path, path.base.name, scene.rng.choice(conditions))
    plain = tuple(c for c in inner if c.place != "named" and " IS " not in c.sql)
    return Pointing(path, link, speech, plain)


def _phrase(scene: Scene, end: Pointing, never: bool) -> str:
    """'Users who never sent failed transfers', 'songs that nobody has played', 'shops with a payment over $300'."""
    things, one = end.noun(scene), end.noun(scene, "singular")
    words = {"p": scene.things(), "n": things, "s": one}
    verbs, passive = end.words(scene, "verbs"), end.words(scene, "passive")
    if passive and not end.said and scene.chance(0.5):
        return scene.pick("never_passive" if never else "passive").format(**words, x=scene.rng.choice(passive))
    if verbs and scene.chance(0.55):
        do, _, done = scene.rng.choice(verbs).partition("|")
        return scene.pick("never_did" if never else "did").format(**words, v=do, x=done)
    if end.link.column == "receiver_id":
        return scene.pick("never_received" if never else "received").format(**words)
    return scene.pick("never" if never else "ever").format(**words)


def _answer(scene: Scene, phrase: str, extra: str) -> tuple[str, str]:
    if scene.chance(0.5) or not scene.base.label:
        return capital(scene.pick("count").format(phrase)), scene.select("count(*)", extra=extra)
    return capital(scene.pick("list").format(phrase)), scene.select(scene.title(), extra=extra)


def related(scene: Scene) -> Found:
    """Things with rows that point at them."""
    end = _pointing(scene, (0, 1, 1, 1))
    return _answer(scene, _phrase(scene, end, False), end.sql(False)) if end else None


def unrelated(scene: Scene) -> Found:
    """Things without rows that point at them."""
    end = _pointing(scene, (0, 0, 0, 0, 1), hops=0.4)
    return _answer(scene, _phrase(scene, end, True), end.sql(True)) if end else None


def both(scene: Scene) -> Found:
    """Things with rows of two kinds, or with one and without the other."""
    first, second = _pointing(scene, (0, 0, 1), 0.1), _pointing(scene, (0, 0, 1), 0.1)
    if first is None or second is None or first.child is second.child or first.speech.nouns == second.speech.nouns:
        return None
    never = scene.chance(0.5)
    form = scene.pick("one_not_other" if never else "both")
    words = {"p": scene.things(), "n": first.noun(scene), "m": second.noun(scene)}
    words |= {"s": first.noun(scene, "singular"), "t": second.noun(scene, "singular")}
    verbs = [end.words(scene, "verbs") for end in (first, second)]
    if all(verbs) and scene.chance(0.3):
        form = scene.pick("did_not_do" if never else "did_both")
        (do, done), (other, others) = (scene.rng.choice(v).split("|") for v in verbs)
        words |= {"v": do, "x": done, "w": other, "y": others}
    elif any(end.link.column in ("sender_id", "receiver_id") for end in (first, second)):
        return None
    return _answer(scene, form.format(**words), f"{first.sql(False)} AND {second.sql(never)}")


def count_having(scene: Scene) -> Found:
    """How many things have at least so many rows."""
    end = _pointing(scene, (0, 0, 0, 1), 0.15)
    if end is None or end.link.column == "receiver_id":
        return None
    kind, operator = scene.rng.choice((("more_count", ">"), ("atleast_count", ">=")))
    number = scene.rng.choice((1, 2, 2, 3, 3, 4, 5, 5, 10, 20) if operator == ">" else (2, 2, 3, 3, 4, 5, 10, 20))
    bound = bound_of(scene, kind, number)
    things = end.noun(scene)
    verbs = end.words(scene, "verbs")
    words = {"p": scene.things(), "n": f"{bound} {things}"}
    if bound.endswith(" or more") and " " not in things and scene.chance(0.5):
        words["n"] = f"{bound.removesuffix(' or more')} {things} or more"
    if verbs and scene.chance(0.6):
        do, _, done = scene.rng.choice(verbs).partition("|")
        question = scene.pick("count_having_did").format(**words, v=do, x=done)
    else:
        question = scene.pick("count_having").format(**words)
    tail = f" GROUP BY {end.column} HAVING count(*) {operator} {number}"
    return capital(question), scene.select("count(*)", extra=end.sql(False, tail))


def against_average(scene: Scene) -> Found:
    """Rows whose measure is above or below the average of all rows."""
    column = measure(scene)
    if column is None:
        return None
    above = scene.rng.random() < 0.75
    phrase = scene.pick("above_average" if above else "below_average").format(
        n=scene.things(), m=scene.speaker.column(scene.base, column.name)
    )
    extra = f"{scene.col(column.name)} {'>' if above else '<'} (FROM {scene.base.full_name} SELECT avg({column.name}))"
    if scene.rng.random() < 0.7 or not scene.base.label:
        return scene.pick("count").format(phrase), scene.select("count(*)", extra=extra)
    return scene.pick("list").format(phrase), scene.select(scene.title(), extra=extra)
