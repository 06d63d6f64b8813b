"""`model export` and `model card` on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from app.cli import build as cli
from app.cli.command import run
from finetune.adapter import save
from finetune.card import card
from finetune.lora import Trained
from finetune.recipe import Lora, Recipe

NAME = "model.layers.0.self_attn.q_proj"


@pytest.fixture
def called(tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Commands over a home that has the adapter `mine` of the tiny model."""
    home, folder = tmp_path / "home", tmp_path / "home" / "models" / "adapters" / "mine"
    folder.mkdir(parents=True)
    home.chmod(0o700)
    (home / "catalog.yaml").write_text("version: 1\n")
    (home / "policy.yaml").write_text("version: 1\nprincipals:\n  - {name: owner}\n  - {name: guest}\n")
    lora = Lora(r=4, alpha=8, targets=("q_proj",))
    save({NAME: (torch.ones(4, 96) / 9, torch.ones(96, 4) / 9)}, folder, base=str(tiny), lora=lora)
    data = {"builder": "none", "size": 1}
    recipe = Recipe.model_validate({"name": "mine", "base": str(tiny), "lora": lora.model_dump(), "dataset": data})
    metrics = {"loss": 0.5, "parity_merged_agreement": 1.0}
    card(recipe, Trained(folder, (0.5,), 12, 60.0, "abc"), metrics, promoted=False, why="No.").write(folder)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LAKEWRIGHT_MODELS", str(home / "models"))
    monkeypatch.setattr("app.packaged.provide", lambda *_, **__: None)

    def call(*arguments: str) -> tuple[int, Any]:
        code = run(cli(), [*arguments, "--home", str(home), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return call


def test_a_model_is_exported_once(called: Any, tmp_path: Path) -> None:
    code, document = called("model", "export", "mine", "--to", "out")
    assert code == 0, document
    assert "model.safetensors" in document["files"]
    assert (tmp_path / "out" / "config.json").is_file()
    code, document = called("model", "export", "mine", "--to", "out")
    assert (code, document["error"]["kind"]) == (2, "invalid")


@pytest.mark.parametrize(
    ("arguments", "code", "kind"),
    [
        (("export", "nowhere", "--to", "out"), 4, "not_found"),
        (("export", "mine", "--version", "9", "--to", "out"), 4, "not_found"),
        (("card", "nowhere"), 4, "not_found"),
        (("export", "mine", "--to", "out", "--as", "guest"), 3, "forbidden"),
    ],
)
def test_what_is_refused(called: Any, arguments: tuple[str, ...], code: int, kind: str) -> None:
    found, document = called("model", *arguments)
    assert (found, document["error"]["kind"]) == (code, kind)


def test_the_card_says_how_to_make_it_again(called: Any, tiny: Path) -> None:
    code, document = called("model", "card", "mine")
    assert code == 0, document
    for part in (
        f"The base is `{tiny}`",
        "its own card",
        "| merged, agreement | 1.0000 |",
        "builder: none",
        "## Make it",
    ):
        assert part in document["markdown"]
