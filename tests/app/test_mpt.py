"""An MPT is tuned, saved, merged, logged, promoted, served and swapped by the commands that SmolLM2 is."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml
from langchain_core.messages import HumanMessage, SystemMessage
from safetensors.torch import load_file

from agents.endpoints import open_endpoint, weights
from agents.endpoints.cuda import TransformersEngine
from agents.endpoints.dialogue import Dialogue
from app.cli import build
from app.cli.command import run
from app.settings import Settings
from finetune.examples import write

# peft 0.21 reads an attribute that transformers 5 renamed.
pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing.:FutureWarning")

NAME = "mpt-tuned"
ROWS = [{"system": "tables", "user": word, "answer": f"SELECT {word}"} for word in ("cab", "dog")]


@pytest.fixture
def mpt(tiny: Path, tmp_path: Path) -> Path:
    """A random MPT of two layers over bytes."""
    from transformers import MptConfig, MptForCausalLM

    torch.manual_seed(0)
    folder = tmp_path / "mpt"
    shape = {"d_model": 64, "n_heads": 4, "n_layers": 2, "max_seq_len": 1024, "vocab_size": 259}
    MptForCausalLM(MptConfig(**shape, initializer_range=0.2, eos_token_id=2, pad_token_id=2)).save_pretrained(folder)
    shutil.copy(tiny / "tokenizer.json", folder)
    return folder


def command(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    code = run(build(), [*arguments, "--json"])
    said = capsys.readouterr()
    assert code == 0, said.out + said.err
    return json.loads(said.out)


@pytest.fixture
def recipe(mpt: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own with a folder of models, and a recipe."""
    monkeypatch.setenv("LAKEWRIGHT_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr("app.packaged.provide", lambda *_, **__: None)
    write(tmp_path / "rows.jsonl", "", ROWS)
    made = {
        "name": NAME,
        "base": str(mpt),
        "dataset": {"builder": "jsonl", "size": 100, "file": str(tmp_path / "rows.jsonl")},
        "lora": {"r": 16, "alpha": 32, "targets": ["Wqkv", "out_proj", "up_proj", "down_proj"]},
        "train": {"epochs": 40, "batch": 2, "lr": 0.01},
        "precision": "float32",
        "device": "cpu",
    }
    file = tmp_path / "mine.yaml"
    file.write_text(yaml.safe_dump(made))
    return file


def test_an_mpt_goes_all_the_way(
    recipe: Path, mpt: Path, own_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command(capsys, "init")
    assert command(capsys, "finetune", str(recipe), "--plan")["works"]
    first = command(capsys, "finetune", str(recipe))
    assert (first["version"], first["promoted"]) == (1, False)
    assert first["metrics"]["loss"] < 0.2
    recipe.write_text(recipe.read_text().replace("epochs: 40", "epochs: 3"))
    assert command(capsys, "finetune", str(recipe))["version"] == 2
    for version in ("1", "2"):
        assert "champion" in command(capsys, "model", "promote", NAME, version)["aliases"]
    assert command(capsys, "model", "rollback", NAME)["version"] == 1
    assert command(capsys, "model", "use", NAME) == {"endpoint": NAME}
    listed = {model["name"]: model for model in command(capsys, "model", "list")["models"]}
    assert (listed[NAME]["model"], listed[NAME]["current"]) == (str(mpt), True)
    endpoint = open_endpoint(Settings.load(own_home).spec(), tmp_path / "models")
    for row in ROWS:  # what it learnt it says, as a served model
        said = endpoint.chat.invoke([SystemMessage(row["system"]), HumanMessage(row["user"])])
        assert said.content == row["answer"]
    assert command(capsys, "model", "use", "embedded") == {"endpoint": "embedded"}
    merges_and_serves_alike(mpt, tmp_path / "models" / "adapters" / NAME)


def merges_and_serves_alike(mpt: Path, adapter: Path) -> None:
    """`merged == base + B @ A`, and the served form gives peft's logits."""
    from peft import PeftModel
    from transformers import MptForCausalLM

    pairs, base, merged = (
        load_file(adapter / weights.ADAPTER_WEIGHTS),
        weights.load_weights(mpt),
        weights.merged(mpt, adapter),
    )
    changed = [name.removesuffix(".lora_A.weight") for name in pairs if ".lora_A." in name]
    assert len(changed) == 8
    for name in changed:
        target = name.removeprefix("base_model.model.") + ".weight"
        down, up = pairs[f"{name}.lora_A.weight"].float(), pairs[f"{name}.lora_B.weight"].float()
        torch.testing.assert_close(merged[target], base[target] + 2.0 * up @ down)
    dialogue = Dialogue.load(mpt)
    ids = [*dialogue.prefix(ROWS[0]["system"]), *dialogue.turn(ROWS[0]["user"])]
    session = TransformersEngine.load(mpt, adapter, "cpu").open(100)
    session.feed(ids[:20])
    session.feed([7, 8, 9])
    session.rewind(20)  # what a prefix is kept for
    served = session.feed(ids[20:])
    peft = PeftModel.from_pretrained(MptForCausalLM.from_pretrained(mpt), str(adapter)).eval()
    with torch.no_grad():
        expected = peft(torch.tensor([ids])).logits[0, -1].numpy()
    np.testing.assert_allclose(served, expected, rtol=1e-3, atol=1e-3)
