"""The CPU engine: onnxruntime over the int8 model. Each sequence has keys and values of its own; one alone goes through
the model's own graph, several through that of `agents.endpoints.ragged`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from agents.endpoints import ragged
from agents.endpoints.decoding import Step
from agents.endpoints.export import MODEL
from data.errors import Invalid

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROWS = 8
"""Sequences of one pass. The work of a token hardly falls beyond that, and each has keys and values in memory."""
NUMBER = 4
"""Bytes of a key's or value's number: they are float32 on a CPU, whatever the weights are."""


@dataclass(frozen=True)
class Layout:
    """What a token leaves in each of the `layers`: a key and a value of `heads` times `size` numbers."""

    layers: int
    heads: int
    size: int

    @property
    def names(self) -> list[tuple[str, str]]:
        """As the graph calls what a sequence had, and what it has then."""
        kinds = [(layer, kind) for layer in range(self.layers) for kind in ("key", "value")]
        return [(f"past_key_values.{layer}.{kind}", f"present.{layer}.{kind}") for layer, kind in kinds]


class OnnxEngine:
    """A model folder that `agents.endpoints.export` built."""

    rows = ROWS

    def __init__(self, folder: Path, layout: Layout, vocabulary: int) -> None:
        self.layout, self.vocabulary = layout, vocabulary
        self._file = folder / MODEL
        self.session = _session(str(self._file), folder)

    @classmethod
    def load(cls, folder: Path) -> OnnxEngine:
        facts = json.loads((folder / "genai_config.json").read_text(encoding="utf-8"))["model"]
        decoder = facts["decoder"]
        layout = Layout(decoder["num_hidden_layers"], decoder["num_key_value_heads"], decoder["head_size"])
        return cls(folder, layout, facts["vocab_size"])

    @property
    def token_bytes(self) -> int:
        return 2 * self.layout.layers * self.layout.heads * self.layout.size * NUMBER

    def open(self, room: int) -> OnnxSession:
        layout = self.layout
        shape = (2 * layout.layers, 1, layout.heads, room, layout.size)
        return OnnxSession(self, np.empty(shape, np.float32))

    def advance(self, steps: Sequence[Step]) -> list[NDArray[np.float32]]:
        if len(steps) == 1:
            return [steps[0].session.feed(steps[0].ids)]
        return self._together.run(steps)

    @cached_property
    def _together(self) -> Together:
        """Opened when two ask at the same time for the first time: its weights take their memory once more."""
        return Together(self, _session(ragged.graph(self._file, ROWS), self._file.parent))


@dataclass(eq=False)
class OnnxSession:
    """A sequence. `kept` are its keys and values: (2 layers, 1, heads, room, size)."""

    engine: OnnxEngine
    kept: NDArray[np.float32]
    length: int = 0
    _bound: Any = None

    def feed(self, ids: Sequence[int]) -> NDArray[np.float32]:
        self.check(ids)
        if self._bound is None:
            self._bound = self.engine.session.io_binding()
            self.bind(self._bound)
        self._bound.bind_cpu_input("input_ids", np.array([ids], np.int64))
        self._bound.bind_cpu_input("attention_mask", np.ones((1, self.length + len(ids)), np.int64))
        (logits,) = _answered(self.engine.session, self._bound, (1, 1, self.engine.vocabulary))[0]
        self.length += len(ids)
        return np.asarray(logits)

    def rewind(self, length: int) -> None:
        self.length = min(self.length, length)

    def copy(self, other: OnnxSession, length: int) -> None:
        self.kept[:, :, :, :length] = other.kept[:, :, :, :length]
        self.length = length

    def check(self, ids: Sequence[int]) -> None:
        """Invalid where there is no room: the graph would write behind the end of the memory."""
        over = self.length + len(ids) - self.kept.shape[3]
        if over > 0 or not ids:
            raise Invalid(f"A sequence of the model has no room for {over} tokens.", "Ask it in fewer words.")

    def bind(self, binding: Any, at: int | None = None) -> None:
        """Have a graph read and write the keys and values in place, those of a slot if it has several."""
        for names, numbers in zip(self.engine.layout.names, self.kept, strict=True):
            had, has = names if at is None else (ragged.slot(name, at) for name in names)
            binding.bind_input(had, "cpu", 0, np.float32, numbers.shape, numbers.ctypes.data)
            binding.bind_output(has, "cpu", 0, np.float32, numbers.shape, numbers.ctypes.data)


@dataclass
class Together:
    """The pass of several sequences. One thread uses it at a time."""

    engine: OnnxEngine
    session: Any
    _slots: list[OnnxSession | None] = field(default_factory=lambda: [None] * ROWS)

    def __post_init__(self) -> None:
        self._binding, self._idle = self.session.io_binding(), self.engine.open(1)
        self._begin, self._end = np.zeros((ROWS, 1), np.int64), np.zeros((ROWS, 1), np.int64)
        self._seen, self._total = np.zeros((ROWS, 1), np.int32), np.zeros(ROWS, np.int32)
        for name, numbers in (("begin", self._begin), ("end", self._end), ("seen", self._seen), ("total", self._total)):
            for at in range(ROWS):
                shape, kind = numbers[at].shape, numbers.dtype.type
                place = numbers.ctypes.data + at * numbers.itemsize
                self._binding.bind_input(ragged.slot(name, at), "cpu", 0, kind, shape, place)

    def run(self, steps: Sequence[Step]) -> list[NDArray[np.float32]]:
        """The logits behind each step's last token."""
        rows = [step.session for step in steps]
        for row, step in zip(rows, steps, strict=True):
            row.check(step.ids)
        self._place(rows, [len(step.ids) for step in steps])
        ids = [token for step in steps for token in step.ids]
        self._binding.bind_cpu_input(ragged.IDS, np.array([ids], np.int64))
        self._binding.bind_cpu_input(ragged.TOKENS, np.array([len(ids)], np.int64))
        self._binding.bind_cpu_input(ragged.LAST, self._end[: len(rows), 0] - 1)
        logits = _answered(self.session, self._binding, (1, len(rows), self.engine.vocabulary))[0]
        for row, step in zip(rows, steps, strict=True):
            row.length += len(step.ids)
        return list(logits)

    def _place(self, rows: Sequence[Any], lengths: Sequence[int]) -> None:
        """Each row into its slot; the others hold a token that nobody reads."""
        self._begin[:], self._end[:], self._seen[:], self._total[:] = 0, 1, 0, 1
        begun = 0
        for at in range(ROWS):
            row = rows[at] if at < len(rows) else self._idle
            if self._slots[at] is not row:
                row.bind(self._binding, at)
                self._slots[at] = row
            if at < len(rows):
                self._begin[at], self._end[at] = begun, begun + lengths[at]
                self._total[at] = row.length + lengths[at]
                self._seen[at] = self._total[at] - 1
                begun += lengths[at]


def _session(model: str | bytes, folder: Path) -> Any:
    """Threads that wait for work sleep: the machine has other things to do."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(folder))
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _answered(session: Any, binding: Any, shape: tuple[int, int, int]) -> NDArray[np.float32]:
    logits: NDArray[np.float32] = np.empty(shape, np.float32)
    binding.bind_output(ragged.LOGITS, "cpu", 0, np.float32, logits.shape, logits.ctypes.data)
    session.run_with_iobinding(binding)
    return logits
