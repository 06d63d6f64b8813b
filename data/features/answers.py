"""What is found for questions, in the order of the questions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from data.features.events import Ints, Values
from data.features.plan import Output
from data.features.results import array

if TYPE_CHECKING:
    import pyarrow as pa


class Answers:
    """The outputs of a plan, null until they are put in. All numbers of a question lie side by side, as questions
    are answered in another order than they stand in: so each is one place in memory, not one for each output."""

    def __init__(self, outputs: Sequence[Output], rows: int) -> None:
        self._outputs, self._rows = outputs, rows
        self._numbers = [at for at, output in enumerate(outputs) if output.type != "VARCHAR"]
        self._data = np.empty((rows, len(self._numbers)), dtype=np.int64)
        self._valid = np.zeros((rows, len(self._numbers)), dtype=bool)
        self._texts = {
            at: Values(np.full(rows, None, dtype=object), np.zeros(rows, dtype=bool))
            for at, output in enumerate(outputs)
            if output.type == "VARCHAR"
        }

    def put(self, rows: Ints, made: Sequence[Values]) -> None:
        """The outputs of some questions. Many threads may put in those of different questions."""
        from data.features import loops

        for at, column in self._texts.items():
            column.data[rows], column.valid[rows] = made[at].data, made[at].valid
        if self._numbers:
            data = np.stack([_bits(self._outputs[at], made[at].data) for at in self._numbers])
            valid = np.stack([made[at].valid for at in self._numbers])
            loops.put(data, valid, rows, self._data, self._valid)

    def columns(self, start: int, end: int) -> list[pa.Array]:
        """The outputs of questions that follow each other."""
        return [array(o, v.data, v.valid) for o, v in zip(self._outputs, self._values(start, end), strict=True)]

    def _values(self, start: int, end: int) -> Iterator[Values]:
        from data.features import loops

        data = np.empty((len(self._numbers), end - start), dtype=np.int64)
        valid = np.empty((len(self._numbers), end - start), dtype=bool)
        loops.turn(self._data[start:end], self._valid[start:end], data, valid)
        place = {at: number for number, at in enumerate(self._numbers)}
        for at, output in enumerate(self._outputs):
            if at in self._texts:
                yield self._texts[at].take(slice(start, end))
            else:
                yield Values(data[place[at]].view(_kind(output)), valid[place[at]])


def _kind(output: Output) -> Any:
    return np.float64 if output.type == "DOUBLE" else np.int64


def _bits(output: Output, data: Any) -> Ints:
    found: Ints = np.ascontiguousarray(data, dtype=_kind(output)).view(np.int64)
    return found
