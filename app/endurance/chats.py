"""Many chats at once, each with a thread of its own; every answer is looked at."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from app.crowd import ROWS, amounts, memory
from app.endurance.scripted import SCRIPT

QUESTIONS = tuple(SCRIPT)
LONGEST_WAIT = 60.0


@dataclass
class Tally:
    """Seconds of each turn, turns without their right answer, and the server's memory in MB over the time."""

    seconds: list[float] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)


def right(number: int) -> dict[str, list[list[Any]]]:
    """The rows that the n-th caller has to get."""
    own = sorted(amounts(number))
    rows = ([[ROWS]], [[sum(own)]], [[own[-1]]], [[own[0]]], [[amount] for amount in own[:3]])
    return dict(zip(QUESTIONS, rows, strict=True))


async def hold(
    address: str, tokens: Sequence[str], seconds: float, pace: float, process: int, *, checked: bool = True
) -> Tally:
    """Every token chats for so many seconds: a turn each `pace` seconds, or the next at once where that is 0."""
    tally, end = Tally(), time.monotonic() + seconds
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=len(tokens))
    async with httpx.AsyncClient(base_url=address, timeout=LONGEST_WAIT, limits=limits, trust_env=False) as client:
        sessions = [_session(client, n, token, end, pace, tally, checked) for n, token in enumerate(tokens)]
        watching = asyncio.create_task(_watched(process, tally))
        await asyncio.gather(*sessions)
        watching.cancel()
    return tally


async def _session(
    client: httpx.AsyncClient, number: int, token: str, end: float, pace: float, tally: Tally, checked: bool
) -> None:
    choose, expected = random.Random(number), right(number)
    await asyncio.sleep(choose.random() * pace)
    while time.monotonic() < end:
        question, due = choose.choice(QUESTIONS), time.monotonic() + pace
        began = time.perf_counter()
        complaint = await turn(client, token, f"chat-{number}", question, expected[question] if checked else None)
        tally.seconds.append(time.perf_counter() - began)
        if complaint:
            tally.lost.append(f"{number}: {complaint}")
        await asyncio.sleep(max(0.0, due - time.monotonic()))


async def turn(client: httpx.AsyncClient, token: str, thread: str, question: str, rows: object) -> str:
    """Ask once in the thread; what is wrong with the answer, or nothing."""
    body, headers = {"question": question, "thread": thread}, {"Authorization": f"Bearer {token}"}
    try:
        response = await client.post("/api/ask", json=body, headers=headers)
    except httpx.HTTPError as error:
        return type(error).__name__
    if response.status_code != 200:
        return f"status {response.status_code}"
    answer = last(response.text)
    if rows is not None and answer.get("rows") != rows:
        return f"{question}: {answer.get('status')} {str(answer.get('rows'))[:80]} {str(answer.get('answer'))[:80]}"
    return "" if answer else "no answer"


def last(events: str) -> dict[str, Any]:
    """The answer that ends a stream of events; empty where there is none."""
    for event in reversed(events.replace("\r\n", "\n").split("\n\n")):
        lines = dict(line.split(": ", 1) for line in event.split("\n") if ": " in line)
        if lines.get("event") == "answer":
            document: dict[str, Any] = json.loads(lines["data"])
            return document
    return {}


async def _watched(process: int, tally: Tally) -> None:
    while True:
        tally.memory.append(memory(process))
        await asyncio.sleep(0.5)
