"""A model that is exported is the tuned one, whatever reads it; what can't be exported is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch

from agents.endpoints import weights
from data.errors import Invalid
from finetune import adapter as files
from finetune.publication import publish
from finetune.recipe import Lora


@pytest.fixture(scope="module")
def pair(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The tiny base and an adapter of random weights."""
    folder = tmp_path_factory.mktemp("published") / "adapter"
    folder.mkdir()
    chance = torch.Generator().manual_seed(3)
    sizes = {"model.layers.0.self_attn.q_proj": (96, 96), "model.layers.1.self_attn.k_proj": (96, 32)}
    pairs = {
        name: (torch.randn(4, wide, generator=chance) / 10, torch.randn(high, 4, generator=chance) / 10)
        for name, (wide, high) in sizes.items()
    }
    files.save(pairs, folder, base=str(tiny), lora=Lora(r=4, alpha=8, targets=("q_proj", "k_proj")))
    return tiny, folder


def logits(model: torch.nn.Module) -> torch.Tensor:
    with torch.no_grad():
        found: torch.Tensor = model(torch.tensor([[1, 40, 50, 60, 2, 70]])).logits
    return found


@pytest.mark.parametrize("format", ["safetensors", "gguf"])
def test_transformers_reads_the_tuned_model(format: str, pair: tuple[Path, Path], tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM, LlamaForCausalLM

    made = publish(*pair, tmp_path, tmp_path / "out", format, lambda _: None)
    named = {"gguf_file": "model.gguf"} if format == "gguf" else {}
    read = AutoModelForCausalLM.from_pretrained(made.folder, dtype=torch.float32, **named)
    wanted = LlamaForCausalLM.from_pretrained(pair[0])
    wanted.load_state_dict(weights.merged(*pair), strict=False)
    wanted.tie_weights()
    assert (logits(read) - logits(wanted)).abs().max() < (0.02 if format == "gguf" else 1e-5)
    assert (logits(wanted) - logits(LlamaForCausalLM.from_pretrained(pair[0]))).abs().max() > 0.1
    assert [path.name for path in tmp_path.glob(".out-*")] == []
    assert made.bytes > 100_000


def test_onnx_is_what_the_cpu_serves(pair: tuple[Path, Path], tmp_path: Path) -> None:
    made = publish(*pair, tmp_path / "models", tmp_path / "out", "onnx", lambda _: None)
    assert {"model.onnx", "genai_config.json", "tokenizer.json"} <= set(made.files)


def test_what_is_there_is_not_overwritten(pair: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(Invalid, match="is there already"):
        publish(*pair, tmp_path, tmp_path / "out", "safetensors", lambda _: None)
    assert (tmp_path / "out" / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("file", "change", "said"),
    [
        ("config.json", {"rope_parameters": {"rope_type": "llama3"}}, "the rope type 'llama3'"),
        ("config.json", {"model_type": "qwen3"}, "the kind 'qwen3'"),
        ("tokenizer.json", {"pre_tokenizer": {"type": "Metaspace"}}, "splits texts by Metaspace"),
    ],
)
def test_what_gguf_would_compute_otherwise_is_refused(
    file: str, change: dict[str, object], said: str, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    base = tmp_path / "base"
    shutil.copytree(pair[0], base)
    (base / file).write_text(json.dumps(json.loads((base / file).read_text()) | change))
    with pytest.raises(Invalid, match=said):
        publish(base, pair[1], tmp_path, tmp_path / "out", "gguf", lambda _: None)
    assert not (tmp_path / "out").exists()
