"""Two adapters side by side: on questions through the agent as it serves, and on worlds that neither learnt from."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.endpoints import Endpoint, EndpointSpec, open_endpoint
from agents.evaluation.calibrate import fit, scored
from agents.evaluation.comparison import compared
from agents.evaluation.report import report
from agents.evaluation.run import outcomes
from finetune import held
from finetune.recipe import Recipe

if TYPE_CHECKING:
    from agents.ask.graph import Ask
    from agents.evaluation.outcome import Outcome
    from agents.evaluation.question import Line
    from agents.evaluation.run import AskOne
    from data.gateway import Gateway
    from data.policy import Principal
    from retrieval import Retriever

GENERAL, LEARNED = "general", "learned"
FEW = 5
Asked = dict[str, list["Outcome"]]


def opened(adapter: Path, base: str, models: Path, device: str) -> Endpoint:
    """An adapter that answers however unsure it is: what is measured is not yet calibrated."""
    spec = EndpointSpec.model_validate(
        {"name": adapter.name, "kind": "embedded", "model": base, "adapter": str(adapter), "device": device}
    )
    return replace(open_endpoint(spec, models), calibration=None)


def contest(
    lines: Sequence[Line],
    principal: Principal,
    gateway: Gateway,
    retriever: Retriever,
    endpoints: Mapping[str, Endpoint],
    *,
    seconds: float,
    say: Callable[[str], None],
) -> Asked:
    """The outcomes of the same questions by endpoint; after so many seconds no further one is asked."""
    asked: Asked = {name: [] for name in endpoints}
    with tempfile.TemporaryDirectory() as scratch, closing(_ask(gateway, retriever, endpoints, Path(scratch))) as ask:
        candidates = {name: _one(ask, principal, name) for name in endpoints}
        began = time.monotonic()
        for number, row in enumerate(outcomes(lines, candidates, gateway, principal), start=1):
            for name, outcome in row.items():
                asked[name].append(outcome)
            if number % 10 == 0:
                say(f"evaluate: {number} of {len(lines)} questions")
            if time.monotonic() - began > seconds:
                break
    return asked


def _ask(gateway: Gateway, retriever: Retriever, endpoints: Mapping[str, Endpoint], room: Path) -> Ask:
    from agents.answers import AnswerStore
    from agents.approved import ApprovedQueries
    from agents.ask.graph import Ask

    openers: dict[str, Callable[[], Endpoint]] = {name: _kept(found) for name, found in endpoints.items()}
    stores = ApprovedQueries(room / "approved.sqlite"), room / "threads.sqlite", AnswerStore(room / "answers.sqlite")
    return Ask(gateway, retriever, openers, *stores)


def _kept(endpoint: Endpoint) -> Callable[[], Endpoint]:
    return lambda: endpoint


def _one(ask: Ask, principal: Principal, name: str) -> AskOne:
    return lambda question: ask.run(principal, question, endpoint=name)


def facts(asked: Asked) -> dict[str, Any]:
    """What to keep of a contest: figures by endpoint and by family, and some questions."""
    reports = {name: report(found) for name, found in asked.items()}
    mine = asked[LEARNED]
    return {
        **{name: _figures(found, reports[name]) for name, found in asked.items()},
        "families": {
            tag: [figures.n, *(_right(asked[name], tag) for name in (GENERAL, LEARNED))]
            for tag, figures in reports[LEARNED].by_tag.items()
        },
        "comparison": compared(LEARNED, mine, GENERAL, asked[GENERAL]).summary,
        "right": [outcome.line.question.question for outcome in mine if outcome.right][:FEW],
        "wrong": [[outcome.line.question.question, outcome.reason] for outcome in mine if not outcome.right][:FEW],
    }


def _figures(found: Sequence[Outcome], made: Any) -> dict[str, float]:
    names = ("execution_accuracy", "valid_sql", "unanswerable_answered", "seconds_p50")
    right = sum(outcome.right for outcome in found) / len(found)
    return {"n": len(found), "right": right, **{name: getattr(made, name) for name in names}}


def _right(found: Sequence[Outcome], tag: str) -> float:
    marks = [outcome.right for outcome in found if tag in outcome.line.question.tags]
    return sum(marks) / len(marks)


def calibrate(found: Sequence[Outcome], adapter: Path) -> None:
    """Write beside the adapter how sure it may be, where anything was answered."""
    marks = scored(found)
    if any(mark.logprob is not None for mark in marks):
        fit(marks).write(adapter)


def worlds(recipe: Recipe, rows: Sequence[dict[str, str]], base: Path, adapters: Mapping[str, Path]) -> dict[str, Any]:
    """The share of answers over the held-out worlds of which every token is the likeliest, by adapter."""
    shares = {name: held.check(recipe, rows, base, folder).exact for name, folder in adapters.items()}
    return {"n": len(rows), **shares}
