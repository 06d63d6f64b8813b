"""Seconds per question: the embedded endpoint against transformers' `generate` on the whole prompt, side by side."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from agents import grammar
from agents.ask import prompts
from agents.endpoints import EndpointSpec, open_endpoint, weights
from agents.endpoints.dialogue import Dialogue
from agents.evaluation.gold import Gold, golds, matches, queried
from agents.semantic import Semantic
from data.errors import DataError, Invalid

if TYPE_CHECKING:
    from agents.evaluation.question import Line
    from data.gateway import Gateway
    from data.policy import Principal
    from retrieval import Context, Retriever

MOST_TOKENS = 160
Write = Callable[["Context"], str]


@dataclass(frozen=True)
class Result:
    """Seconds per question and execution accuracy of both; `ratio` is the peer's mean time over ours."""

    questions: int
    ours: dict[str, float]
    peer: dict[str, float]
    ratio: float


class Generate:
    """The peer: transformers in fp32 with the adapter merged, the whole prompt anew for each question, no grammar."""

    def __init__(self, base: Path, adapter: Path) -> None:
        from transformers import AutoModelForCausalLM

        self._dialogue = Dialogue.load(base)
        self._model = AutoModelForCausalLM.from_pretrained(base)
        self._model.load_state_dict(weights.merged(base, adapter), strict=False)
        self._model.eval()

    def __call__(self, context: Context) -> str:
        import torch

        ids = [
            *self._dialogue.prefix(prompts.system(context.catalog, context.values)),
            *self._dialogue.turn(prompts.user(context.question, context.hints)),
        ]
        prompt = torch.tensor([ids])
        with torch.inference_mode():
            out = self._model.generate(
                prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=MOST_TOKENS, do_sample=False,
                eos_token_id=self._dialogue.end, pad_token_id=self._dialogue.end,
            )  # fmt: skip
        return self._dialogue.text([t for t in out[0, len(ids) :].tolist() if t != self._dialogue.end])


def ours(adapter: Path, models: Path) -> Write:
    """The embedded endpoint, as the agent calls it: grammar built for the question, prefix kept."""
    chat = open_endpoint(
        EndpointSpec(name="embedded", kind="embedded", adapter=str(adapter), device="cpu"), models
    ).chat

    def write(context: Context) -> str:
        from langchain_core.messages import HumanMessage, SystemMessage

        said = [
            SystemMessage(prompts.system(context.catalog, context.values)),
            HumanMessage(prompts.user(context.question, context.hints)),
        ]
        return "".join(
            str(chunk.text) for chunk in chat.stream(said, grammar=grammar.lark(context), max_tokens=MOST_TOKENS)
        )

    return write


def bench(
    lines: Sequence[Line],
    gateway: Gateway,
    principal: Principal,
    retriever: Retriever,
    *,
    adapter: Path,
    models: Path,
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Both answer every question that has an answer, in turn; the rows of each are compared with the gold's."""
    lines = [line for line in lines if line.question.answerable]
    if not lines:
        raise Invalid("There are no questions that can be answered.", "Give a file with at least one.")
    base = weights.base("smollm2-135m-instruct", models, say)
    writers: dict[str, Write] = {"ours": ours(adapter, models), "peer": Generate(base, adapter)}
    first = retriever.retrieve(principal, lines[0].question.question)
    for write in writers.values():
        write(Semantic.of(first.catalog).context(first))
    seconds: dict[str, list[float]] = {name: [] for name in writers}
    right: dict[str, int] = dict.fromkeys(writers, 0)
    for number, line in enumerate(lines, 1):
        context = retriever.retrieve(principal, line.question.question)
        semantic, gold = Semantic.of(context.catalog), golds(line, gateway, principal)
        shown = semantic.context(context)
        for name, write in writers.items():
            begun = time.perf_counter()
            sql = semantic.stored(write(shown))
            seconds[name].append(time.perf_counter() - begun)
            right[name] += _right(sql, gold, line, gateway, principal)
        say(f"{number} of {len(lines)}: ours {median(seconds['ours']):.2f} s, peer {median(seconds['peer']):.2f} s")
    figures = {name: _figures(seconds[name], right[name]) for name in writers}
    return asdict(
        Result(
            len(lines),
            figures["ours"],
            figures["peer"],
            figures["peer"]["seconds_mean"] / figures["ours"]["seconds_mean"],
        )
    )


def _figures(seconds: list[float], right: int) -> dict[str, float]:
    return {
        "seconds_p50": median(seconds),
        "seconds_mean": sum(seconds) / len(seconds),
        "execution_accuracy": right / len(seconds),
    }


def _right(sql: str, gold: Sequence[Gold], line: Line, gateway: Gateway, principal: Principal) -> bool:
    try:
        rows = queried(line, sql, gateway, principal).rows
    except DataError:
        return False
    return matches(line.question, gold, rows)
