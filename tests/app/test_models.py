"""`train` and `model` on the command line, and the manual's recipe and commands."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest

from app.cli import build as cli
from app.cli.command import run
from finetune.recipe import RECIPES
from tests.finetune.tabular.conftest import RECIPE, registry
from tests.finetune.tabular.conftest import untrained as untrained

MANUAL = Path(__file__).parents[2] / "docs/models.md"


@pytest.fixture
def home(untrained: Path, tmp_path: Path) -> Path:
    home = Path(shutil.copytree(untrained, tmp_path / "home"))
    home.chmod(0o700)
    (tmp_path / "tiny.yaml").write_text(json.dumps(RECIPE))
    return home


@pytest.fixture
def called(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, Any]:
        code = run(cli(), [*arguments, "--home", str(home), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return call


def registered(called: Any) -> dict[int, list[str]]:
    return {version["version"]: version["aliases"] for version in called("model", "list")[1]["registered"]}


def test_models_are_trained_promoted_and_rolled_back(called: Any, home: Path) -> None:
    assert called("model", "list")[1]["registered"] == []
    code, first = called("train", "tiny.yaml")
    assert code == 0
    assert set(first) == {"run_id", "model", "version", "metrics", "promoted", "why"}
    assert (first["model"], first["version"], first["promoted"]) == ("tiny", 1, True)
    code, second = called("train", "tiny.yaml")
    assert (code, second["version"], second["promoted"]) == (0, 2, False)
    assert registered(called) == {1: ["champion"], 2: ["challenger"]}
    code, document = called("model", "promote", "tiny", "challenger", "--why", "It is newer.")
    assert (code, document["version"], document["why"]) == (0, 2, "Promoted by owner: It is newer.")
    assert registered(called) == {1: [], 2: ["champion"]}
    code, document = called("model", "rollback", "tiny", "--why", "It was not")
    assert (code, document["version"]) == (0, 1)
    versions = {version["version"]: version for version in called("model", "list")[1]["registered"]}
    assert versions[2]["why"] == "Rolled back by owner: It was not. It was champion before."
    assert versions[1]["aliases"] == ["champion"]
    trail = called("audit", "tail")[1]["entries"]
    assert {"model promote", "model rollback"} <= {entry["asked"] for entry in trail}


@pytest.mark.parametrize(
    ("arguments", "code", "kind"),
    [
        (["train", "nowhere"], 4, "not_found"),
        (["train", "ask-smollm2"], 2, "invalid"),
        (["train", "tiny.yaml", "--as", "nobody"], 3, "forbidden"),
        (["model", "promote", "tiny", "1", "--as", "nobody"], 3, "forbidden"),
        (["model", "rollback", "tiny", "--as", "nobody"], 3, "forbidden"),
        (["model", "promote", "tiny", "1"], 4, "not_found"),
        (["model", "rollback", "tiny"], 4, "not_found"),
    ],
)
def test_what_is_refused(called: Any, arguments: list[str], code: int, kind: str) -> None:
    found, document = called(*arguments)
    assert (found, document["error"]["kind"]) == (code, kind)


@pytest.fixture(scope="module")
def demo(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small demo with a registry of its own."""
    home = tmp_path_factory.mktemp("models") / "home"
    home.mkdir(mode=0o700)
    for name in ("catalog.yaml", "policy.yaml", "tidal.sqlite"):
        shutil.copyfile(demo_home / name, home / name)
    for name in ("lake/square", "lake/tbd", "features"):
        shutil.copytree(demo_home / name, home / name)
    (home / "mlflow.db").write_bytes(registry())
    return home


def test_the_recipe_and_the_commands_of_the_manual_work(
    demo: Path, demo_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    text = MANUAL.read_text(encoding="utf-8")
    Path("large-payments.yaml").write_text(text.partition("```yaml\n")[2].partition("```")[0])
    commands = [
        line.removeprefix("    lakewright ") for line in text.splitlines() if line.startswith("    lakewright ")
    ]
    assert [command.split()[:2] for command in commands] == [
        ["train", "risk"],
        ["train", "large-payments.yaml"],
        ["model", "list"],
        ["model", "promote"],
        ["model", "rollback"],
    ]
    # The shipped recipe trains for minutes, and on few rows nothing beats the rule: the manual's own recipe stands in
    # for it, with a champion that somebody chose.
    for command in (commands[1], commands[1], "model promote risk 1", *commands[2:]):
        arguments = shlex.split(command.replace(" risk", " large-payments"))
        code = run(cli(), [*arguments, "--home", str(demo), "--json"])
        assert code == 0, capsys.readouterr().out


def test_the_shipped_recipe_names_what_the_demo_has(demo_home: Path) -> None:
    from data.features import files
    from finetune.tabular.recipe import TabularRecipe

    recipe = TabularRecipe.load(RECIPES / "risk.yaml")
    views = {declared.view.name for declared in files.load(demo_home)}
    assert {feature.partition(".")[0] for feature in recipe.features} <= views
