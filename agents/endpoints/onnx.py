"""The CPU engine: onnxruntime-genai over the int8 model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


NUMBER = 4
"""Bytes of a key's or value's number: they are float32 on a CPU, whatever the weights are."""


@dataclass(frozen=True)
class OnnxEngine:
    """A model folder that `agents.endpoints.export` built."""

    model: Any
    token_bytes: int

    @classmethod
    def load(cls, folder: Path) -> OnnxEngine:
        import onnxruntime_genai

        decoder = json.loads((folder / "genai_config.json").read_text(encoding="utf-8"))["model"]["decoder"]
        numbers = 2 * decoder["num_hidden_layers"] * decoder["num_key_value_heads"] * decoder["head_size"]
        return cls(onnxruntime_genai.Model(str(folder)), numbers * NUMBER)

    def open(self, room: int) -> OnnxSession:
        import onnxruntime_genai

        settings = onnxruntime_genai.GeneratorParams(self.model)
        settings.set_search_options(max_length=room, do_sample=False)
        return OnnxSession(onnxruntime_genai.Generator(self.model, settings))


@dataclass(frozen=True)
class OnnxSession:
    """A generator that is fed by hand."""

    generator: Any

    def feed(self, ids: Sequence[int]) -> NDArray[np.float32]:
        self.generator.append_tokens(np.asarray([ids], dtype=np.int32))
        logits: NDArray[np.float32] = self.generator.get_logits()[0, -1]
        return logits

    def rewind(self, length: int) -> None:
        if length < self.generator.token_count():
            self.generator.rewind_to(length)
