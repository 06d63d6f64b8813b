"""A merged Llama as one GGUF file, as llama.cpp and Ollama serve it, and whether it reads back as the same model.

Names and keys are those of llama.cpp's converter (https://github.com/ggml-org/llama.cpp, convert_hf_to_gguf.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.endpoints import weights
from agents.endpoints.dialogue import Dialogue
from data.errors import Invalid

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

REMEDY = "Export it as safetensors, which keeps everything."
NORMAL, CONTROL = 1, 3
"""GGUF's kinds of tokens."""
SPLITS = {("ByteLevel",): "gpt-2", ("Digits", "ByteLevel"): "smollm"}
"""How a tokenizer cuts a text before its merges, and llama.cpp's word for it. Another word would give other tokens."""
OFF = 1e-3
"""What half precision takes from a weight, of its size."""


def write(folder: Path, file: Path) -> None:
    """Write the model folder's weights in half precision with its tokenizer and chat template, then read it back.

    Invalid for a model that GGUF's readers would compute otherwise.
    """
    import gguf

    config, tokenizer = weights.config(folder), json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    split = _checked(config, tokenizer)
    writer = gguf.GGUFWriter(file, "llama")
    _settings(writer, config)
    _tokenizer(writer, tokenizer, split, folder, config)
    for name, values in _tensors(folder, config):
        writer.add_tensor(name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    verify(folder, file)


def verify(folder: Path, file: Path) -> None:
    """Invalid where transformers reads other weights out of the file than the folder has."""
    from transformers import AutoModelForCausalLM

    read = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name).state_dict()
    for name, wanted in weights.load_weights(folder).items():
        found = read[name].float()
        if found.shape != wanted.shape or float((found - wanted.float()).abs().max()) > OFF * float(wanted.abs().max()):
            raise Invalid(f"The GGUF file reads back with another {name!r}.", REMEDY)


def _checked(config: dict[str, Any], tokenizer: dict[str, Any]) -> str:
    """llama.cpp's word for how the tokenizer splits a text."""
    kind, rope = config.get("model_type"), config.get("rope_parameters") or config.get("rope_scaling") or {}
    turned = rope.get("rope_type", "default")
    odd = [f"the kind {kind!r}"] if kind != "llama" else []
    odd += [name for name in ("attention_bias", "mlp_bias") if config.get(name)]
    odd += [f"the rope type {turned!r}"] if turned != "default" else []
    if odd:
        raise Invalid(f"GGUF is written for plain Llamas, and this model has {odd[0]}.", REMEDY)
    before = tokenizer.get("pre_tokenizer") or {}
    steps = tuple(step["type"] for step in before.get("pretokenizers", [before]) if step)
    if tokenizer["model"]["type"] != "BPE" or tokenizer["model"].get("byte_fallback") or steps not in SPLITS:
        raise Invalid(f"llama.cpp has no known word for a tokenizer that splits texts by {', '.join(steps)}.", REMEDY)
    return SPLITS[steps]


def _settings(writer: Any, config: dict[str, Any]) -> None:
    heads, rope = config["num_attention_heads"], config.get("rope_parameters") or {}
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(heads)
    writer.add_head_count_kv(config.get("num_key_value_heads") or heads)
    size = config.get("head_dim") or config["hidden_size"] // heads
    for add in (writer.add_key_length, writer.add_value_length, writer.add_rope_dimension_count):
        add(size)
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_freq_base(rope.get("rope_theta") or config.get("rope_theta") or 10_000.0)
    writer.add_vocab_size(config["vocab_size"])
    writer.add_file_type(1)  # mostly half precision


def _tokenizer(writer: Any, tokenizer: dict[str, Any], split: str, folder: Path, config: dict[str, Any]) -> None:
    special = {token["id"]: token["content"] for token in tokenizer["added_tokens"]}
    by_id = {number: text for text, number in tokenizer["model"]["vocab"].items()} | special
    tokens = [by_id.get(number, f"[unused{number}]") for number in range(config["vocab_size"])]
    merges = tokenizer["model"]["merges"]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(split)
    writer.add_token_list(tokens)
    writer.add_token_types([CONTROL if number in special else NORMAL for number in range(len(tokens))])
    writer.add_token_merges([merge if isinstance(merge, str) else " ".join(merge) for merge in merges])
    writer.add_eos_token_id(Dialogue.load(folder).end)
    writer.add_add_bos_token(False)
    writer.add_add_space_prefix(False)
    template = folder / "chat_template.jinja"
    if template.is_file():
        writer.add_chat_template(template.read_text(encoding="utf-8"))


def _tensors(folder: Path, config: dict[str, Any]) -> Iterator[tuple[str, NDArray[np.generic]]]:
    """Names and values as llama.cpp has them: heads turned about, matrices in half precision."""
    import gguf
    import numpy as np

    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, config["num_hidden_layers"])
    heads = {"q_proj": config["num_attention_heads"]}
    heads["k_proj"] = config.get("num_key_value_heads") or heads["q_proj"]
    for name, tensor in weights.load_weights(folder).items():
        values = tensor.float().numpy()
        turned = next((count for part, count in heads.items() if f".{part}." in name), 0)
        if turned:
            rows = values.reshape(turned, 2, values.shape[0] // turned // 2, *values.shape[1:])
            values = rows.swapaxes(1, 2).reshape(values.shape)
        told = names.get_name(name, try_suffixes=(".weight",))
        if told is None:
            raise Invalid(f"GGUF has no name for {name!r}.", REMEDY)
        yield told, values.astype(np.float16) if values.ndim > 1 else values
