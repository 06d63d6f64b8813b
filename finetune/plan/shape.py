"""The sizes of a base model: from its config, or from a table of published ones while its weights are not there."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from agents.endpoints import weights
from data.errors import Invalid, NotFound
from finetune.plan.checks import Check

ROTARY = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
_7B = {"hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8}
KNOWN: Mapping[str, Mapping[str, object]] = {
    "smollm2-135m-instruct": {
        "model_type": "llama", "hidden_size": 576, "intermediate_size": 1536, "num_hidden_layers": 30,
        "num_attention_heads": 9, "num_key_value_heads": 3, "vocab_size": 49152, "max_position_embeddings": 8192,
        "tie_word_embeddings": True,
    },
    "qwen2.5-coder-1.5b-instruct": {
        "model_type": "qwen2", "hidden_size": 1536, "intermediate_size": 8960, "num_hidden_layers": 28,
        "num_attention_heads": 12, "num_key_value_heads": 2, "vocab_size": 151936, "max_position_embeddings": 8192,
    },
    "mpt-7b-chat": {
        "model_type": "mpt", "d_model": 4096, "n_layers": 32, "n_heads": 32, "vocab_size": 50432, "max_seq_len": 2048,
    },
    "llama-3-8b-instruct": {
        **_7B, "model_type": "llama", "intermediate_size": 14336, "vocab_size": 128256, "max_position_embeddings": 8192,
    },
    "qwen3-8b": {
        **_7B, "model_type": "qwen3", "intermediate_size": 12288, "num_hidden_layers": 36, "head_dim": 128,
        "vocab_size": 151936, "max_position_embeddings": 40960,
    },
    "mistral-7b-instruct": {
        **_7B, "model_type": "mistral", "intermediate_size": 14336, "vocab_size": 32768,
        "max_position_embeddings": 32768,
    },
}  # fmt: skip
"""The config of each base that a shipped recipe names, as its authors published it."""


@dataclass(frozen=True)
class Shape:
    """A model's sizes. `linears` are the layers that can carry LoRA: (in, out) by name, once a block."""

    family: str
    layers: int
    width: int
    deep: int
    heads: int
    words: int
    tied: bool
    context: int
    linears: dict[str, tuple[int, int]]

    @property
    def block(self) -> int:
        """Weights of one block's linear layers."""
        return sum(wide * out for wide, out in self.linears.values())

    @property
    def embeddings(self) -> int:
        return self.words * self.width * (1 if self.tied else 2)

    @property
    def parameters(self) -> int:
        """All weights but those of the norms, which are a few thousand a layer."""
        return self.layers * self.block + self.embeddings

    def lora(self, r: int, targets: tuple[str, ...]) -> int:
        """Weights of an adapter."""
        return self.layers * sum(r * sum(self.linears[name]) for name in targets if name in self.linears)


def shape_of(base: str, folder: Path | None) -> tuple[Shape, Check]:
    """The shape and what is to be said of it. NotFound for a base that nothing is known of; Invalid for torn files."""
    if folder is not None:
        shape = read(weights.config(folder))
        return shape, _files(folder, shape)
    known = KNOWN.get(Path(base).name.lower())
    if known is None:
        raise NotFound(
            f"There is no base model {base!r}, and its shape is not known.",
            f"Put its folder where `base` says, or use one of: {', '.join(KNOWN)}.",
        )
    remedy = "They are made on first use." if base in weights.PACKAGED else f"Put the model's folder at MODELS/{base}."
    return read(known), Check("base", "warns", f"The weights of {base!r} are not here yet.", remedy)


def read(config: Mapping[str, object]) -> Shape:
    """The shape that a config tells. Invalid names what it lacks."""

    def size(*names: str, default: int = 0) -> int:
        for name in names:
            if config.get(name) is not None:
                return int(str(config[name]))
        if default:
            return default
        raise Invalid(f"The base's config.json has no {names[0]!r}.", "Use a folder in transformers' format.")

    family, width, heads = (
        str(config.get("model_type")),
        size("hidden_size", "d_model"),
        size("num_attention_heads", "n_heads"),
    )
    if family == "mpt":
        deep = width * size("expansion_ratio", default=4)
        linears = {"Wqkv": (width, 3 * width), "out_proj": (width, width)}
        linears |= {"up_proj": (width, deep), "down_proj": (deep, width)}
    else:
        deep, each = size("intermediate_size"), size("head_dim", default=width // heads)
        keys = each * size("num_key_value_heads", default=heads)
        outs = (each * heads, keys, keys, width, deep, deep, width)
        ins = (width, width, width, each * heads, width, width, deep)
        linears = dict(zip(ROTARY, zip(ins, outs, strict=True), strict=True))
    return Shape(
        family,
        size("num_hidden_layers", "n_layers"),
        width,
        deep,
        heads,
        size("vocab_size"),
        bool(config.get("tie_word_embeddings", family == "mpt")),
        size("max_position_embeddings", "max_seq_len", default=2048),
        linears,
    )


def _files(folder: Path, shape: Shape) -> Check:
    """Whether the safetensors are whole and hold as many weights as the shape has, by their headers alone."""
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise Invalid(f"{str(folder)!r} holds no safetensors.", "Give a folder in transformers' format.")
    stored = sum(header(file) for file in files)
    if not 0.9 * shape.parameters < stored < 1.3 * shape.parameters:
        raise Invalid(
            f"{str(folder)!r} holds {stored:,} weights where its config tells of {shape.parameters:,}.",
            "Copy all of the model's files there.",
        )
    return Check("base", "ok", f"{stored / 1e9:.2f} billion weights in {len(files)} file(s), whole by their headers.")


def header(file: Path) -> int:
    """How many weights a safetensors file has. Invalid where it ends before its header says."""
    try:
        with file.open("rb") as opened:
            (length,) = struct.unpack("<Q", opened.read(8))
            if length > 100_000_000:
                raise ValueError("its header is too long")
            entries = json.loads(opened.read(length))
        entries.pop("__metadata__", None)
        ends = max(entry["data_offsets"][1] for entry in entries.values())
        if file.stat().st_size != 8 + length + ends:
            raise ValueError(f"it has {file.stat().st_size:,} bytes and should have {8 + length + ends:,}")
        return sum(math.prod(entry["shape"]) for entry in entries.values())
    except (OSError, ValueError, KeyError, TypeError, AttributeError, struct.error) as error:
        raise Invalid(f"{str(file)!r} is no whole safetensors file: {error}.", "Copy it again.") from error
