"""The card of a learned adapter: what it can do, what it can't, and what stood in its way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from finetune.card import Card
from finetune.gate import Verdict
from finetune.learn.contest import GENERAL, LEARNED
from finetune.lora import Trained
from finetune.recipe import Recipe

MOST = 20
FINDINGS = {
    "poor": "Nothing is said of these tables; a description and synonyms in the catalogue help",
    "drafted": "Described by the machine alone, and not checked by a person",
    "hidden": "Columns that could not be read, or only masked",
    "withheld": "Personal columns that not everybody may see: no value of theirs was put into training text",
    "unlisted": "Texts too many or too long to be recognised in a question",
}


def card(title: str, recipe: Recipe, trained: Trained, facts: Mapping[str, Any], verdict: Verdict) -> Card:
    """`facts` are those of a contest, with the `findings` about a source where one was learnt and `notes` on how the
    questions came to be; questions stand in it where the facts have some."""
    document = {
        "recipe": recipe.model_dump(mode="json"),
        "data_hash": trained.data_hash,
        "examples": trained.examples,
        "seconds": trained.seconds,
        "promoted": verdict.promoted,
        "why": verdict.why,
        **facts,
    }
    return Card(document, "\n".join(_lines(title, recipe, trained, facts, verdict)) + "\n")


def _lines(title: str, recipe: Recipe, trained: Trained, facts: Mapping[str, Any], verdict: Verdict) -> Iterator[str]:
    yield f"# {title}\n"
    yield f"A LoRA adapter (rank {recipe.lora.r}) of {recipe.base}, gone on from the adapter that answered before."
    yield f"It learnt {trained.examples} examples in {trained.seconds / 60:.1f} minutes. {verdict.why}\n"
    yield from _scores(facts)
    yield f"\n{facts['comparison']}\n\n{facts['notes']}\n"
    yield from _families(facts["families"])
    if "wrong" in facts:
        yield from _questions(facts["right"], facts["wrong"])
    for kind, names in facts.get("findings", {}).items():
        yield from _found(FINDINGS[kind], names)


def _scores(facts: Mapping[str, Any]) -> Iterator[str]:
    yield f"| of {facts[LEARNED]['n']} questions | this adapter | the one before |\n|---|---|---|"
    named = (
        ("right, refusals too", "right"), ("execution accuracy", "execution_accuracy"), ("valid SQL", "valid_sql"),
        ("unanswerable, yet answered", "unanswerable_answered"), ("median seconds", "seconds_p50"),
    )  # fmt: skip
    for said, name in named:
        yield f"| {said} | {facts[LEARNED][name]:.3f} | {facts[GENERAL][name]:.3f} |"
    general = facts["worlds"]
    yield f"| likeliest answer, other worlds ({general['n']}) | {general[LEARNED]:.3f} | {general[GENERAL]:.3f} |"


def _families(families: Mapping[str, Sequence[float]]) -> Iterator[str]:
    yield "| kind of question | asked | right | right before |\n|---|---|---|---|"
    for name, (n, before, after) in families.items():
        yield f"| {name} | {n:.0f} | {after:.2f} | {before:.2f} |"


def _questions(right: Sequence[str], wrong: Sequence[Sequence[str]]) -> Iterator[str]:
    yield "\nAnswered right, for example:\n"
    yield from (f"- {question}" for question in right or ["none"])
    yield "\nNot answered right:\n"
    yield from (f"- {question} ({reason})" for question, reason in wrong or [["none", "of those that were asked"]])


def _found(said: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
        yield f"\n{said}: {', '.join(names[:MOST])}{more}."
