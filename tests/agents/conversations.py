"""Conversations with the right SQL of each turn, and how many keep their context to the last one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents import rowsets
from agents.ask.compose import rows_of
from agents.ask.state import Answer
from data.gateway import Gateway
from data.policy import Principal

FILE = Path(__file__).parent.parent / "questions" / "conversations.jsonl"


@dataclass(frozen=True)
class Told:
    """A turn as it went: `right` says whether its rows are among those that are right."""

    conversation: str
    half: str
    question: str
    answer: Answer
    right: bool


def conversations(half: str = "") -> list[dict[str, Any]]:
    """Those of one part ("seen" while the rules were made, "unseen" and "later" written after them), or all."""
    lines = [json.loads(line) for line in FILE.read_text().splitlines()]
    return [line for line in lines if half in ("", line["half"])]


def held(
    conversation: dict[str, Any], ask: Callable[[str], Answer], gateway: Gateway, principal: Principal
) -> Iterator[Told]:
    """Asks the turns one after the other in a thread."""
    for turn in conversation["turns"]:
        answer = ask(turn["question"])
        gold = [rows_of(gateway.query(principal, sql, limit=100_000))[1] for sql in turn["sql"]]
        right = any(rowsets.same(rowsets.table(rows), rowsets.table(answer.rows)) for rows in gold)
        yield Told(conversation["id"], conversation["half"], turn["question"], answer, right)
