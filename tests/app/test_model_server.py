"""`model serve` and `model stop`, with a small program in vLLM's place."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agents.endpoints import open_endpoint
from app import home as homes
from app.cli import build as cli
from app.cli.command import run
from app.settings import Settings

ROOT = Path(__file__).parents[2]
FAKE = f"{sys.executable} {ROOT / 'tests/agents/fake_vllm.py'}"


def words(*arguments: str) -> list[str]:
    return [sys.executable, "-c", "from app.cli import main; raise SystemExit(main())", *arguments, "--json"]


@pytest.mark.parametrize("adapter", ["", "mine"])
def test_a_served_model_is_an_endpoint_until_it_is_stopped(
    own_home: Path, tiny: Path, tmp_path: Path, adapter: str, capsys: pytest.CaptureFixture[str]
) -> None:
    homes.begin(own_home)
    if adapter:
        (tmp_path / "mine").mkdir()
        (tmp_path / "mine" / "adapter_config.json").write_text('{"r": 8}')
        (tmp_path / "mine" / "adapter_model.safetensors").write_text("x")
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


def test_a_program_that_is_not_there_is_named(own_home: Path, tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    homes.begin(own_home)
    assert run(cli(), ["model", "serve", str(tiny), "--with", "vllm", "--command", "no-such-vllm", "--json"]) == 5
    assert "no program 'no-such-vllm'" in json.loads(capsys.readouterr().out)["error"]["message"]
