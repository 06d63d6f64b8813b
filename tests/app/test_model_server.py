"""`model serve` and `model stop`, with a small program in vLLM's place."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from agents.endpoints import open_endpoint
from app import home as homes
from app.cli import build as cli
from app.cli.command import run
from app.settings import Settings
from finetune.adapter import save
from finetune.recipe import Lora

ROOT = Path(__file__).parents[2]
FAKE = f"{sys.executable} {ROOT / 'tests/agents/fake_vllm.py'}"


def words(*arguments: str) -> list[str]:
    return [sys.executable, "-c", "from app.cli import main; raise SystemExit(main())", *arguments, "--json"]


def tuned(folder: Path, base: Path) -> None:
    """An adapter of the base."""
    folder.mkdir()
    pair = torch.zeros(8, 96), torch.ones(96, 8)
    lora = Lora(r=8, alpha=8, targets=("q_proj",))
    save({"model.layers.0.self_attn.q_proj": pair}, folder, base=str(base), lora=lora)


@pytest.mark.parametrize("adapter", ["", "mine"])
def test_a_served_model_is_an_endpoint_until_it_is_stopped(
    own_home: Path, tiny: Path, tmp_path: Path, adapter: str, capsys: pytest.CaptureFixture[str]
) -> None:
    homes.begin(own_home)
    if adapter:
        tuned(tmp_path / "mine", tiny)
    name = str(tmp_path / "mine") if adapter else str(tiny)
    label = Path(name).name
    command = words("model", "serve", name, "--with", "vllm", "--base", str(tiny), "--command", FAKE)
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as watch:
        while not Settings.load(own_home).endpoints:
            assert watch.poll() is None
            time.sleep(0.1)
        [spec] = Settings.load(own_home).endpoints
        assert (spec.name, spec.grammar, spec.instruct) == (f"{label}-vllm", True, not adapter)
        said = open_endpoint(spec, tmp_path).chat.invoke("hello").content
        assert said == f"SELECT '{adapter or label}' AS who"
        assert run(cli(), ["model", "stop", name, "--json"]) == 0
        told, _ = watch.communicate(timeout=20)
    assert json.loads(told) == {"endpoint": f"{label}-vllm", "stopped": True}
    assert watch.returncode == 0
    capsys.readouterr()
    assert run(cli(), ["model", "stop", name, "--json"]) == 4
    assert f"'{name}' is not served" in json.loads(capsys.readouterr().out)["error"]["message"]
    assert run(cli(), ["model", "use", f"{label}-vllm"]) == 0


def test_what_another_server_would_prompt_wrongly_is_not_served(
    own_home: Path, tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    homes.begin(own_home)
    base = tmp_path / "base"
    shutil.copytree(tiny, base)
    tuned(tmp_path / "mine", base)
    told = {"tokenizer_class": "PreTrainedTokenizerFast", "chat_template": "{{ messages[0].content }}"}
    (base / "tokenizer_config.json").write_text(json.dumps(told))
    given = ["--with", "vllm", "--base", str(base), "--command", FAKE, "--json"]
    assert run(cli(), ["model", "serve", str(tmp_path / "mine"), *given]) == 2
    assert "off is the template (vllm)" in json.loads(capsys.readouterr().out)["error"]["message"]


def test_a_program_that_is_not_there_is_named(own_home: Path, tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    homes.begin(own_home)
    assert run(cli(), ["model", "serve", str(tiny), "--with", "vllm", "--command", "no-such-vllm", "--json"]) == 5
    assert "no program 'no-such-vllm'" in json.loads(capsys.readouterr().out)["error"]["message"]
