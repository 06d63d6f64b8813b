"""What a fine-tuning job of the forms adapter does otherwise: its examples, its evaluation and its gate."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import Field, ValidationError

from data.errors import Invalid
from finetune.dataset import Example
from finetune.gate import Verdict
from finetune.recipe import Recipe, Section

if TYPE_CHECKING:
    from agents.forms.asked import Asked
    from agents.forms.binding import Binding
    from agents.forms.desk import Desk
    from agents.forms.field import Field as FormField
    from agents.forms.form import Form
    from agents.forms.forms import Forms
    from finetune.workshop import Workshop

BUILDER = "forms"
"""What draws the examples of such a recipe."""
SUBJECTS = 8
"""Subjects of each demo form that an adapter is judged by."""


class Options(Section):
    """Of the builder `forms`."""

    worlds: int = Field(default=40, ge=0, le=1_000)
    each: int = Field(default=6, ge=1, le=100)

    @classmethod
    def of(cls, recipe: Recipe) -> Options:
        """The options of a recipe; Invalid names the one that is wrong."""
        try:
            return cls.model_validate(recipe.dataset.options)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"])
            known = ", ".join(cls.model_fields)
            message = f"dataset.options.{name}: {first['msg']}, not {first['input']!r}."
            raise Invalid(message, f"The options of the builder 'forms' are {known}.") from error


def built(recipe: Recipe, shop: Workshop) -> list[Example]:
    """The examples: first all that people have taught, then drawn ones until there are enough."""
    rng = random.Random(recipe.dataset.seed)
    taught = list(_taught(shop, rng))
    shop.say(f"{len(taught):,} fields that people have signed or corrected")
    drawn = list(_drawn(recipe, shop))
    rng.shuffle(drawn)
    found = list(dict.fromkeys([*taught, *drawn]))[: recipe.dataset.size]
    rng.shuffle(found)
    return found


def _drawn(recipe: Recipe, shop: Workshop) -> Iterator[Example]:
    from finetune.form_fields import FormFields
    from finetune.worlds import world, worlds

    options, names = Options.of(recipe), list(worlds())
    for at in range(options.worlds):
        made = world(names[at % len(names)], at // len(names))
        rng = random.Random(f"{made.name}-{recipe.dataset.seed}-{at}")
        yield from FormFields(made.catalog, shop.retriever.model.encode, rng).examples(options.each)
        shop.say(f"fields: {at + 1} of {options.worlds} worlds")


def _taught(shop: Workshop, rng: random.Random) -> Iterator[Example]:
    from finetune.form_fields import learned

    forms = _forms(shop)
    desk = forms.desk(shop.principal)

    def candidates(form: Form, field: FormField) -> tuple[Asked, list[Binding]]:
        return desk.planner(form, _subject(form, desk)).candidates(field)

    try:
        yield from learned(forms.registry, candidates, shop.gateway.catalog, rng)
    finally:
        forms.close()


def _subject(form: Form, desk: Desk) -> str:
    """The table that a form is about, as the hints or the signed fillings say."""
    return form.hints.subject or desk.registry.subject(form)


def evaluated(recipe: Recipe, shop: Workshop, folder: str) -> dict[str, float]:
    """How many fields of the demo's forms the adapter, and the matcher alone, fill right in the recipe's wording."""
    from agents.endpoints import EndpointSpec, open_endpoint
    from agents.forms.reader import reader

    if recipe.evaluation is None:
        return {}
    forms = _forms(shop)
    desk = forms.desk(shop.principal)
    endpoint = open_endpoint(EndpointSpec(name="candidate", kind="embedded", adapter=folder), shop.models)
    try:
        reads = replace(desk, read=reader(endpoint, shop.gateway.catalog))
        wording = recipe.evaluation.file
        return {**_scored(reads, wording, "", shop), **_scored(desk, wording, "matcher_", shop)}
    finally:
        forms.close()


def _scored(desk: Desk, wording: str, name: str, shop: Workshop) -> dict[str, float]:
    from agents.forms import demo
    from agents.forms.evaluate import evaluate, summary

    shop.say(f"filling the demo's forms in the wording '{wording}' {'by the matcher' if name else 'by the adapter'}")
    found = summary(list(evaluate(desk, demo.NAMES, SUBJECTS, wording=wording)))
    return {f"{name}right_share": found["right_share"], f"{name}invented_share": found["invented_share"]}


def judged(recipe: Recipe, metrics: dict[str, float]) -> Verdict:
    """Whether the adapter may match, and why."""
    if recipe.evaluation is None:
        return Verdict(False, "The recipe names no evaluation, so nothing shows that the adapter is good.")
    reached, matcher = metrics["right_share"], metrics["matcher_right_share"]
    said = f"It fills {reached:.3f} of the fields right, and the matcher {matcher:.3f}"
    if metrics["invented_share"] > metrics["matcher_invented_share"] + 0.01:
        return Verdict(False, f"{said}; it invents {metrics['invented_share']:.3f} of what nobody knows.")
    if reached < recipe.evaluation.gate:
        return Verdict(False, f"{said}; the gate is {recipe.evaluation.gate:.3f}.")
    if reached < (champion := metrics.get("champion_right_share", 0.0)):
        return Verdict(False, f"{said}; the champion fills {champion:.3f}.")
    return Verdict(reached > matcher, f"{said}.")


def _forms(shop: Workshop) -> Forms:
    from agents.forms.forms import Forms

    def encode(texts: Any) -> Any:
        return shop.retriever.model.encode(texts)

    return Forms(shop.home, shop.gateway, encode)
