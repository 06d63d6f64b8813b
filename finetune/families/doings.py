"""What the things of a joined table do with rows: who paid, how much shops took, which cards people hold."""

from __future__ import annotations

from dataclasses import dataclass

from agents.columns import measures
from agents.paths import Path
from data.catalog import Column
from finetune.families.scene import MONEY, NUMBERS, Dimension, Found, Scene, number_of
from finetune.noun_phrases import Speech


@dataclass(frozen=True)
class Doing:
    """What a joined table's things do with the base's rows: 'merchants in Paris' 'took' 'failed payments'."""

    alias: str
    things: str
    doers: str
    do: str
    did: str

    @classmethod
    def of(cls, scene: Scene, kind: str = "verbs") -> Doing | None:
        """None where the table joined last does nothing with the base's rows."""
        if not scene.path.joins:
            return None
        alias = scene.path.joins[-1].alias
        verbs = scene.speaker.verbs(scene.path, alias, kind)
        between = any(scene.said.get(j.alias) for j in scene.path.joins[:-1])
        if verbs is None or between or not scene.speaker.straight(scene.path):
            return None
        base = scene.base.name
        things = scene.speaker.phrase(Path(scene.base), base, scene.speech, {base: scene.said.get(base, [])})
        doers = scene.speaker.phrase(
            Path(scene.path.scope[alias]),
            scene.path.scope[alias].name,
            speech_of(scene, alias),
            {scene.path.scope[alias].name: scene.said.get(alias, [])},
        )
        return cls(alias, things, doers, *verbs)

    def entity(self, scene: Scene) -> Dimension | None:
        """The doers by their title."""
        table = scene.path.scope[self.alias]
        if not table.label or scene.said.get(self.alias):
            return None
        noun = speech_of(scene, self.alias).nouns[table.name]
        key, name = scene.path.column(self.alias, table.key or ""), scene.path.column(self.alias, table.label)
        return Dimension(noun.singular, noun.plural, name, f" GROUP BY {key}, {name}")

    def who(self, scene: Scene, entity: Dimension) -> str:
        """'who' for people, else 'which merchant'."""
        person = scene.speaker.about(scene.path.scope[self.alias]).get("person")
        return "who" if person and scene.rng.random() < 0.6 else f"which {entity.singular}"


def speech_of(scene: Scene, alias: str) -> Speech:
    """The words for one alias, under the name of its table."""
    return Speech({scene.path.scope[alias].name: scene.speech.nouns[alias]}, scene.speech.made_up)


def _spent(scene: Scene) -> list[Column]:
    """Money first: what is meant where no number is named."""
    return sorted(measures(scene.speaker.catalog, scene.base), key=lambda c: c.unit not in MONEY)


def owned_count(scene: Scene) -> Found:
    """How many rows the things of a joined table have made."""
    doing = Doing.of(scene)
    if doing is None:
        return None
    question = scene.pick("owned_count").format(n=doing.things, p=doing.doers, v=doing.do, w=doing.did)
    return question, scene.select("count(*)")


def owned_sum(scene: Scene) -> Found:
    """How much the things of a joined table have paid, taken …"""
    doing, found = Doing.of(scene, "spends"), _spent(scene)
    if doing is None or not found:
        return None
    noun = scene.speech.nouns[scene.base.name].plural
    before, _, rest = doing.things.partition(noun)
    question = scene.pick("owned_sum").format(p=doing.doers, v=doing.do, w=doing.did)
    if before.strip() or scene.speech.made_up or scene.rng.random() < 0.2:
        rest = f" {scene.rng.choice(('in', 'with', 'through'))} {doing.things}"
    return f"{question.rstrip('?')}{rest}?", scene.select(f"sum({scene.col(found[0].name)})")


def doer(scene: Scene) -> Found:
    """Who made the most rows, or paid the most."""
    money = scene.rng.random() < 0.4
    doing, found = (
        Doing.of(scene, "spends" if money else "verbs"),
        _spent(scene),
    )
    entity = doing.entity(scene) if doing else None
    if doing is None or entity is None or (money and not found):
        return None
    who = doing.who(scene, entity)
    if money:
        noun = scene.speech.nouns[scene.base.name].plural
        before, _, rest = doing.things.partition(noun)
        if before.strip() or scene.speech.made_up or scene.rng.random() < 0.3:
            rest = f" {scene.rng.choice(('in', 'with', 'through'))} {doing.things}"
        question = f"{scene.pick('doer_money').format(w=who, x=doing.did).rstrip('?')}{rest}?"
        return question[0].upper() + question[1:], scene.select(
            entity.select, f"{entity.group} ORDER BY sum({scene.col(found[0].name)}) DESC LIMIT 1"
        )
    question = scene.pick("doer").format(w=who, x=doing.did, n=doing.things)
    return question[0].upper() + question[1:], scene.select(
        entity.select, f"{entity.group} ORDER BY count(*) DESC LIMIT 1"
    )


def doers(scene: Scene) -> Found:
    """The N things that made the most rows, or those that made more than N."""
    doing = Doing.of(scene)
    entity = doing.entity(scene) if doing else None
    if doing is None or entity is None:
        return None
    if scene.rng.random() < 0.5:
        said, number = number_of(scene)
        question = scene.pick("doers").format(k=said, ds=entity.plural, x=doing.did, n=doing.things)
        return question, scene.select(
            f"{entity.select}, count(*)", f"{entity.group} ORDER BY count(*) DESC LIMIT {number}"
        )
    kind, operator = scene.rng.choice((("more_count", ">"), ("atleast_count", ">="), ("less_count", "<")))
    number = scene.rng.choice((1, 2, 2, 3, 4, 5, 10, 20, 30, 50))
    spoken = NUMBERS.get(number, str(number)) if scene.rng.random() < 0.4 else str(number)
    bound = scene.rng.choice(scene.speaker.phrases[kind]).format(spoken)
    question = scene.pick("doers_having").format(ds=entity.plural, x=doing.did, c=bound, n=doing.things)
    return question, scene.select(entity.select, f"{entity.group} HAVING count(*) {operator} {number}")
