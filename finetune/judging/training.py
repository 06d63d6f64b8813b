"""Training the judge of queries on this processor.

lakewright eval FILE --ballots BALLOTS.jsonl
python -m finetune.judging.training BALLOTS.jsonl... --out judge.safetensors

First what people asked of the invented worlds, with queries that are altered or answer other questions; then ballots,
in which the queries are those that asking weighs. The loss is a softmax over the queries of a question, on top of what
they are ranked by without the judge, and a logistic one for each of them.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from agents.ask.rerank.fit import Ballots
from agents.ask.rerank.judge import TOKENS, network
from finetune.judging.examples import Example, balloted, drawn
from finetune.worlds.assembly import worlds
from retrieval.embedding import tokenizer

QUESTIONS, PAIRS = 8, 32
"""Questions a step, and pairs that are padded to one length."""
WARM, LEAST, CLIPPED, DECAY = 50, 0.02, 1.0, 0.01
HEAD = 20
"""How many times as fast the head learns as what is below it, which isn't new."""
TOLD = 50
"""Steps between two lines of progress."""


class Stage(NamedTuple):
    """Examples, how often each is seen, and the highest rate of learning."""

    name: str
    examples: list[Example]
    epochs: int
    rate: float


def train(stages: Sequence[Stage], seed: int = 0) -> Any:
    """The network after all stages, in order."""
    import torch

    torch.manual_seed(seed)
    rng, model = random.Random(seed), network()
    torch.nn.init.zeros_(model.head.weight)
    torch.nn.init.zeros_(model.head.bias)
    reader = tokenizer(TOKENS)
    for stage in stages:
        _learn(model, stage, reader, rng)
    return model.eval()


def _learn(model: Any, stage: Stage, reader: Any, rng: random.Random) -> None:
    import torch

    learnt = [parameter for parameter in model.parameters() if parameter.requires_grad]
    groups = [{"params": model.bert.encoder.parameters()}, {"params": model.head.parameters()}]
    optimiser = torch.optim.AdamW(groups, weight_decay=DECAY)
    batches = [*_batches(stage, rng)]
    begun, total = time.perf_counter(), 0.0
    model.train()
    for step, batch in enumerate(batches, 1):
        loss = _loss(batch, _logits(model, reader, batch))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learnt, CLIPPED)
        share = min(1.0, step / WARM) * max(LEAST, 1 - step / len(batches))
        for group, times in zip(optimiser.param_groups, (1, HEAD), strict=True):
            group["lr"] = stage.rate * share * times
        optimiser.step()
        optimiser.zero_grad()
        total += loss.item()
        if step % TOLD == 0 or step == len(batches):
            told = f"{stage.name}: {step} of {len(batches)} steps, loss {total / (step % TOLD or TOLD):.3f}"
            sys.stderr.write(f"{told}, {time.perf_counter() - begun:.0f} s\n")
            total = 0.0


def _batches(stage: Stage, rng: random.Random) -> Iterator[list[Example]]:
    for _ in range(stage.epochs):
        order = rng.sample(stage.examples, len(stage.examples))
        yield from (order[i : i + QUESTIONS] for i in range(0, len(order), QUESTIONS))


def _logits(model: Any, reader: Any, batch: Sequence[Example]) -> Any:
    """Of shape (queries of all questions, 2), in their order; those of a length are read together."""
    import torch

    pairs = [(example.question, query) for example in batch for query in example.queries]
    order = sorted(range(len(pairs)), key=lambda i: len(pairs[i][0]) + len(pairs[i][1]))
    parts = []
    for i in range(0, len(order), PAIRS):
        encoded = reader.encode_batch([pairs[k] for k in order[i : i + PAIRS]])
        fed = ([e.ids for e in encoded], [e.attention_mask for e in encoded], [e.type_ids for e in encoded])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            parts.append(model(*map(torch.tensor, fed)).float())
    return torch.cat(parts)[torch.tensor(order).argsort()]


def _loss(batch: Sequence[Example], logits: Any) -> Any:
    import torch

    total, at = torch.zeros(()), 0
    for example in batch:
        beside, right = logits[at : (at := at + len(example.queries))].unbind(1)
        told = torch.tensor(example.right)
        total = total + torch.nn.functional.binary_cross_entropy_with_logits(right, told.float())
        if told.any() and not told.all():
            scores = beside + torch.tensor(example.worths)
            total = total + torch.logsumexp(scores, 0) - torch.logsumexp(scores[told], 0)
    return total / len(batch)


def save(model: Any, path: Path) -> None:
    """All but MiniLM's words, as half-precision numbers."""
    import torch
    from safetensors.torch import save_file

    kept = {name: value.to(torch.float16) for name, value in model.state_dict().items() if "embeddings" not in name}
    part = path.with_suffix(".part")
    save_file(kept, part)
    os.replace(part, path)


def main() -> None:
    """Progress goes to standard error; nothing is written before the end."""
    parser = argparse.ArgumentParser(prog="python -m finetune.judging.training", description="Train the judge.")
    parser.add_argument("files", type=Path, nargs="*", help="ballots")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--without", default="", help="worlds to leave out of both, separated by commas")
    parser.add_argument("--rates", type=float, nargs=2, default=(1e-4, 5e-5), metavar="RATE")
    parser.add_argument("--epochs", type=int, nargs=2, default=(1, 2), metavar="TIMES")
    told = parser.parse_args()
    left = {*filter(None, told.without.split(","))}
    if unknown := left - {*worlds()}:
        parser.error(f"there is no world {', '.join(map(repr, sorted(unknown)))}")
    lines = [line for path in told.files for line in path.read_text(encoding="utf-8").splitlines()]
    read = [one for one in map(Ballots.model_validate_json, lines) if one.set not in left]
    first = [example for name in worlds() if name not in left for example in drawn(name, 1)]
    examples = {"worded": first, "ballots": [*balloted(read)]}
    stages = [Stage(*stage) for stage in zip(examples, examples.values(), told.epochs, told.rates, strict=True)]
    save(train(stages), told.out)


if __name__ == "__main__":
    main()
