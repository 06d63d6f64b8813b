"""Examples from what people said of answers, of those who let models learn from it.

Supervised: the right SQL in the model's own words. For preferences: the corrected SQL is the better answer, what was
answered the worse.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from data.errors import DataError, Invalid
from finetune.learn.feedback import Case, cases
from finetune.learn.lesson import lesson
from finetune.learn.withheld import withheld
from finetune.sources import Drawn

if TYPE_CHECKING:
    from agents.answers import AnswerStore
    from agents.endpoints import Endpoint
    from finetune.recipe import Recipe
    from finetune.workshop import Workshop


def build(recipe: Recipe, shop: Workshop) -> Drawn:
    """Cases with consent that are not kept for evaluation. Invalid where there are none."""
    from agents.answers import AnswerStore
    from agents.approved import ApprovedQueries
    from agents.endpoints import EndpointSpec, open_endpoint

    answers = AnswerStore(shop.home / "answers.sqlite")
    said = cases(answers, ApprovedQueries(shop.home / "approved.sqlite"), shop.gateway.policy)
    open_ = [case for case in said if case.consent and not case.frozen]
    if not open_:
        raise Invalid(
            "There is no feedback that may be learnt.", "Rate answers: lakewright feedback ID up|down --consent"
        )
    spec = EndpointSpec(name="teacher", kind="embedded", model=recipe.base, adapter=recipe.start or "")
    endpoint, worse = open_endpoint(spec, shop.models), _worse(answers) if recipe.method == "dpo" else {}
    made = (row for case in open_ for row in _rows(case, shop, endpoint, worse, recipe.method == "dpo"))
    return Drawn([row for row, _ in zip(made, range(recipe.dataset.size), strict=False)])


def _rows(
    case: Case, shop: Workshop, endpoint: Endpoint, worse: dict[str, str], preferred: bool
) -> Iterator[dict[str, str]]:
    """One example, or none where the model can't write what is right or nothing worse is known."""
    try:
        context = shop.retriever.retrieve(case.principal, case.question)
        made = lesson(case, context, shop.gateway, endpoint, withheld(shop.gateway, case.principal))
    except DataError as error:
        shop.say(f"left out {case.question!r}: {error.message}")
        return
    if made is None:
        shop.say(f"the model can't write the SQL of {case.question!r}")
    elif not preferred:
        yield made
    elif (other := worse.get(case.question.casefold())) and other != made["answer"]:
        yield {"system": made["system"], "user": made["user"], "chosen": made["answer"], "rejected": other}


def _worse(answers: AnswerStore) -> dict[str, str]:
    """What was answered and corrected, by question."""
    return {rated.given.question.casefold(): rated.given.sql for rated in answers.rated() if rated.sql}
