"""Prompts walked through an engine, token by token: what it would write, and how probable it holds what was written."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from agents.endpoints.decoding import Engine, Session
from agents.endpoints.dialogue import Dialogue
from finetune.parity.prompt import Prompt

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Path:
    """The tokens of an answer with their log-probabilities, and the token that the engine held likeliest at each."""

    ids: tuple[int, ...]
    logprobs: tuple[float, ...]
    likeliest: tuple[int, ...]


def written(engine: Engine, dialogue: Dialogue, prompts: Sequence[Prompt], most: int) -> list[Path]:
    """The greedy answers, of at most `most` tokens with the one that ends them."""
    return [
        _walk(session, logits, (), most, dialogue.end) for session, logits in _opened(engine, dialogue, prompts, most)
    ]


def followed(engine: Engine, dialogue: Dialogue, prompts: Sequence[Prompt], paths: Sequence[Path]) -> list[Path]:
    """The same answers through another engine."""
    most = max((len(path.ids) for path in paths), default=0)
    opened = _opened(engine, dialogue, prompts, most)
    return [
        _walk(session, logits, path.ids, len(path.ids), dialogue.end)
        for (session, logits), path in zip(opened, paths, strict=True)
    ]


def _opened(
    engine: Engine, dialogue: Dialogue, prompts: Sequence[Prompt], most: int
) -> Iterator[tuple[Session, NDArray[np.float32]]]:
    """A sequence that holds each prompt, and the logits behind it; one system message is computed once."""
    turns = [dialogue.turn(prompt.user) for prompt in prompts]
    longest = max((len(turn) for turn in turns), default=0)
    held, prefix, session = "", list[int](), None
    for prompt, turn in zip(prompts, turns, strict=True):
        if session is None or prompt.system != held:
            held, prefix = prompt.system, dialogue.prefix(prompt.system)
            session = engine.open(len(prefix) + longest + most)
            session.feed(prefix)
        session.rewind(len(prefix))
        yield session, session.feed(turn)


def _walk(session: Session, logits: NDArray[np.float32], given: Sequence[int], most: int, end: int) -> Path:
    ids, sure, likeliest = list[int](), list[float](), list[int]()
    while len(ids) < most and (given or not ids or ids[-1] != end):
        likeliest.append(int(logits.argmax()))
        token = given[len(ids)] if given else likeliest[-1]
        sure.append(logprob(logits, token))
        ids.append(token)
        if len(ids) < most and (given or token != end):
            logits = session.feed([token])
    return Path(tuple(ids), tuple(sure), tuple(likeliest))


def logprob(logits: NDArray[np.float32], token: int) -> float:
    """Of a token among all tokens."""
    highest = float(logits.max())
    whole = highest + math.log(float(np.exp(logits - highest).sum(dtype=np.float64)))
    return float(logits[token]) - whole
