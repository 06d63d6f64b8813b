"""Answers and states as bytes."""

from __future__ import annotations

import json
import struct
from typing import Any, get_args

import numpy as np

from data.features.events import Values
from data.features.online.answer import Answer, Reason
from data.features.online.state import State
from data.features.plan import Plan

HEAD = struct.Struct("<qqB")
STATE = struct.Struct("<qqqI")
REASONS: tuple[Reason, ...] = get_args(Reason)
SIZE = struct.Struct("<I")


def head(answer: Answer) -> bytes:
    """An answer: how long it holds, then its values as JSON, which keeps every number as it is."""
    values = json.dumps(answer.values, ensure_ascii=False, separators=(",", ":")).encode()
    return HEAD.pack(answer.start, answer.end, REASONS.index(answer.reason)) + values


def span(data: bytes) -> tuple[int, int]:
    """From when until when an answer holds."""
    start, end, _ = HEAD.unpack_from(data)
    return start, end


def answer(data: bytes) -> Answer:
    start, end, reason = HEAD.unpack_from(data)
    return Answer(tuple(json.loads(data[HEAD.size :])), REASONS[reason], start, end)


def state(found: State) -> bytes:
    """A state: columns of eight bytes a value, texts as JSON."""
    parts = [
        STATE.pack(found.since, found.gone, found.position, len(found)),
        found.time.tobytes(),
        found.known.tobytes(),
    ]
    for column in found.values:
        parts.append(column.valid.tobytes())
        if column.data.dtype == object:
            texts = [text if there else None for text, there in zip(column.data, column.valid, strict=True)]
            encoded = json.dumps(texts, ensure_ascii=False).encode()
            parts += [SIZE.pack(len(encoded)), encoded]
        else:
            parts.append(column.data.tobytes())
    return b"".join(parts)


def read(plan: Plan, data: bytes) -> State:
    """The state that was packed under the same plan."""
    since, gone, position, size = STATE.unpack_from(data)
    at = STATE.size

    def take(kind: Any, width: int) -> Any:
        nonlocal at
        found = np.frombuffer(data, dtype=kind, count=size, offset=at)
        at += width * size
        return found

    time, known = take(np.int64, 8), take(np.int64, 8)
    values = []
    for column in plan.stored:
        valid = take(np.bool_, 1)
        if column.kind == "text":
            (length,) = SIZE.unpack_from(data, at)
            texts = json.loads(data[at + SIZE.size : at + SIZE.size + length])
            at += SIZE.size + length
            values.append(Values(np.array(texts, dtype=object), valid))
        else:
            values.append(Values(take(np.float64 if column.kind == "float" else np.int64, 8), valid))
    return State(time, known, tuple(values), since, gone, position)


def key(values: list[Any]) -> str:
    """The key of an entity in the store."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))
