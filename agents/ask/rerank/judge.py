"""A reader of queries: a cross-encoder that sees a question beside each query that might answer it.

The other signs of `agents.ask.rerank` count what the question's words were found to mean; this one has learnt what
questions mean, also in words that nothing was found for. It is MiniLM (Wang et al., 2020,
https://arxiv.org/abs/2002.10957) with a head, as in monoBERT (Nogueira and Cho, 2019,
https://arxiv.org/abs/1901.04085); `finetune.judging` trains it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from sqlglot import exp

from agents import statement
from retrieval.embedding import session, tokenizer, weights

FILE = Path(__file__).with_name("judge.safetensors")
TOKENS = 160
"""Of a question and its query together; what comes after is not read."""
BATCH, MOST_KEPT = 16, 4_000
"""Queries that are read together, and judgements that are remembered."""
_SPACED = re.compile(r"_|(?<=[^\W\d])\.(?=[^\W\d])")


def plain(tree: exp.Query) -> str:
    """A query as it is read: names as words, and nothing of the keys that join tables."""
    tree = tree.copy()
    for join in tree.find_all(exp.Join):
        join.set("on", None)
    for table in tree.find_all(exp.Table):
        table.set("db", None)
    return _SPACED.sub(" ", tree.sql(dialect=statement.DIALECT))


class Judge:
    """One in a process; safe for threads."""

    def __init__(self, folder: Path) -> None:
        """`folder` keeps its ONNX form, which is made once of the weights that ship."""
        model = folder / f"judge-{hashlib.sha256(FILE.read_bytes()).hexdigest()[:12]}.onnx"
        self._session, self._tokenizer = session(model, lambda: network(FILE)), tokenizer(TOKENS)
        self._kept: dict[tuple[str, str], float] = {}

    def judge(self, question: str, queries: Sequence[exp.Query]) -> list[float]:
        """How well each query does beside others for the question, as logits; they are in the names that a model
        writes."""
        read = [(question, plain(tree)) for tree in queries]
        kept = self._kept
        new = sorted({pair for pair in read if pair not in kept}, key=lambda pair: len(pair[1]))
        parts = [new[i : i + BATCH] for i in range(0, len(new), BATCH)]
        kept = kept | {pair: told for part in parts for pair, told in zip(part, self._judged(part), strict=True)}
        self._kept = kept if len(kept) < MOST_KEPT else {pair: kept[pair] for pair in read}
        return [kept[pair] for pair in read]

    def _judged(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        encoded = self._tokenizer.encode_batch(list(pairs))
        fed = {
            "ids": np.array([e.ids for e in encoded], np.int64),
            "mask": np.array([e.attention_mask for e in encoded], np.int64),
            "kinds": np.array([e.type_ids for e in encoded], np.int64),
        }
        return [float(beside) for beside, _ in self._session.run(None, fed)[0]]


@lru_cache(maxsize=2)
def opened(folder: Path) -> Judge:
    """That of a folder of models, the same each time."""
    return Judge(folder)


def network(file: Path | None = None) -> Any:
    """The module: token ids, their mask, and 0 for the question's and 1 for the query's, each of shape (pairs, tokens),
    to logits of shape (pairs, 2): how well the query does beside others, and that it is right at all, which is learnt
    with it. MiniLM's words stay as they are; the rest is read from `file`, where there is one."""
    import torch
    from safetensors.torch import load_file
    from transformers import BertModel

    class Network(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.bert = BertModel.from_pretrained(weights(), add_pooling_layer=False, attn_implementation="eager")
            self.bert.embeddings.requires_grad_(False)
            self.head = torch.nn.Linear(self.bert.config.hidden_size, 2)

        def forward(self, ids: Any, mask: Any, kinds: Any) -> Any:
            states = self.bert(input_ids=ids, attention_mask=mask, token_type_ids=kinds).last_hidden_state.float()
            read = mask[..., None].float()
            return self.head((states * read).sum(1) / read.sum(1))

    made = Network()
    if file is not None:
        made.load_state_dict({name: value.float() for name, value in load_file(file).items()}, strict=False)
    return made
