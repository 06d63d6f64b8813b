"""Every test has a home folder of its own, no network and no settings of the person who runs it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app import quiet

quiet.environment()
# The models of tests are tiny: a second thread would only wait for the first, and take the core of another worker.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first: several workers take a file each, and none is to be left with a long one alone."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, models: Path) -> Path:
    """The home that the command line and the settings take in this test; nothing is in it yet."""
    for name in [name for name in os.environ if name.startswith("LAKEWRIGHT_")]:
        monkeypatch.delenv(name)
    home = tmp_path / "home"
    monkeypatch.setenv("LAKEWRIGHT_HOME", str(home))
    monkeypatch.setenv("LAKEWRIGHT_MODELS", str(models))
    return home


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where models are made once for the tests of all workers; LAKEWRIGHT_TEST_MODELS keeps them for the next run."""
    if kept := os.environ.get("LAKEWRIGHT_TEST_MODELS"):
        return Path(kept)
    own = tmp_path_factory.getbasetemp()
    return (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "models"


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small demo lakehouse that all tests share: change neither its catalogue nor its stores."""
    from data import demo

    home = tmp_path_factory.mktemp("demo") / "home"
    demo.build(home, scale=0.01, seed=7, progress=lambda _: None)
    return home


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a random two-layer Llama over bytes, with grouped query heads and SmolLM2's chat format."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM

    folder = tmp_path_factory.mktemp("tiny")
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({text: i for i, text in enumerate([*special, *letters])}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(special)
    tokenizer.save(str(folder / "tokenizer.json"))
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(special) + len(letters),
        hidden_size=96,
        intermediate_size=80,
        num_hidden_layers=2,
        num_attention_heads=6,
        num_key_value_heads=2,
        head_dim=16,
        max_position_embeddings=512,
        tie_word_embeddings=True,
        initializer_range=0.2,
        eos_token_id=2,
        pad_token_id=2,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder
