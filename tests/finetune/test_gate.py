"""There is one champion at any moment, whoever is killed and however many promote at once."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from agents.predictors.store import CHAMPION, ModelStore
from data.errors import Invalid, NotFound
from finetune.gate import Gate, Verdict
from finetune.registry import Entry, Registry


def logged(home: Path, name: str = "risk") -> int:
    folder = home / "made"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.json").write_text("{}")
    return Registry(home).log(Entry(name, "tabular", name, folder, {}, {"pr_auc": 0.5})).version


def versions(home: Path) -> dict[int, tuple[tuple[str, ...], str]]:
    return {v.version: (v.aliases, v.why) for v in ModelStore(home).versions("risk")}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose version 1 is champion. Making a store takes seconds, so tests copy this one."""
    home = tmp_path_factory.mktemp("first")
    logged(home)
    Gate(home).judge("risk", 1, lambda champion: Verdict(True, "There was none."))
    return home


@pytest.fixture
def gate(first: Path, tmp_path: Path) -> Gate:
    shutil.copytree(first, tmp_path, dirs_exist_ok=True)
    return Gate(tmp_path)


def test_a_worse_candidate_stays_challenger(gate: Gate, tmp_path: Path) -> None:
    logged(tmp_path)
    asked = []

    def decide(champion: object) -> Verdict:
        asked.append(champion)
        return Verdict(False, "It is worse.")

    assert not gate.judge("risk", 2, decide).promoted
    assert [champion.version for champion in asked] == [1]
    assert versions(tmp_path) == {1: (("champion",), "There was none."), 2: (("challenger",), "It is worse.")}


def test_a_better_candidate_takes_the_place(gate: Gate, tmp_path: Path) -> None:
    logged(tmp_path)
    gate.judge("risk", 2, lambda champion: Verdict(True, "It is better."))
    assert versions(tmp_path) == {1: ((), "There was none."), 2: (("champion",), "It is better.")}


def test_rollback_goes_back_step_by_step(gate: Gate, tmp_path: Path) -> None:
    for version in (2, 3):
        logged(tmp_path)
        gate.promote("risk", version, "By hand.")
    gate.promote("risk", 2, "By hand again.")
    assert [gate.rollback("risk", "It failed.").version for _ in range(3)] == [3, 2, 1]
    assert versions(tmp_path)[3] == ((), "It failed. It was champion before.")
    with pytest.raises(Invalid, match="'risk' had no champion before version 1"):
        gate.rollback("risk", "Once more.")
    assert ModelStore(tmp_path).resolve("risk").version == 1


def test_what_cannot_be_promoted(gate: Gate) -> None:
    with pytest.raises(Invalid, match="Version 1 of 'risk' is champion already"):
        gate.promote("risk", "1", "")
    with pytest.raises(NotFound, match="'risk' has no version 9"):
        gate.promote("risk", 9, "")
    with pytest.raises(NotFound, match="There is no model 'rosk'"):
        gate.rollback("rosk", "")


KILLED = """
import json, os, shutil, signal, sys
from pathlib import Path
import mlflow.store.model_registry.sqlalchemy_store, mlflow.store.tracking.sqlalchemy_store
from mlflow import MlflowClient
from agents.predictors.store import ModelStore
from finetune.gate import Gate, Verdict
from tests.finetune.test_gate import logged

home = Path(sys.argv[1])
WRITES = ("set_model_version_tag", "set_registered_model_alias", "delete_registered_model_alias")


def child(work):
    ready, done = os.pipe()
    pid = os.fork()
    if pid:
        os.close(done)
        found = b"".join(iter(lambda: os.read(ready, 65536), b""))
        os.close(ready)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), json.loads(found or "null")
    os.close(ready)
    os.write(done, json.dumps(work()).encode())
    os._exit(0)


def dying(step):
    count = 0

    def deadly(name):
        real = getattr(MlflowClient, name)

        def call(self, *arguments, **more):
            nonlocal count
            count += 1
            if count == step:
                os.kill(os.getpid(), signal.SIGKILL)
            real(self, *arguments, **more)

        setattr(MlflowClient, name, call)

    for name in WRITES:
        deadly(name)


def prepare(place):
    logged(place)
    Gate(place).judge("risk", 1, lambda champion: Verdict(True, "first"))
    logged(place)


def attempt(place, step, what):
    dying(step)
    if what == "rollback":
        Gate(place).rollback("risk", "bad")
    else:
        Gate(place).judge("risk", 2, lambda champion: Verdict(True, "better"))


def state(place):
    return {v.version: list(v.aliases) for v in ModelStore(place).versions("risk")}


def mended(place):
    Gate(place).mend("risk")
    return state(place)


def rolled(place):
    Gate(place).judge("risk", 2, lambda champion: Verdict(True, "better"))
    Gate(place).rollback("risk", "bad")
    return state(place)


found = []
child(lambda: prepare(home / "promotion"))
shutil.copytree(home / "promotion", home / "rollback")
child(lambda: Gate(home / "rollback").judge("risk", 2, lambda champion: Verdict(True, "better")).why)
for what, finish in (("promotion", mended), ("rollback", rolled)):
    for step in range(1, 20):
        place = home / f"{what}{step}"
        shutil.copytree(home / what, place)
        code, _ = child(lambda: attempt(place, step, what))
        killed = child(lambda: state(place))[1]
        found.append([what, step, code, killed, child(lambda: finish(place))[1]])
        if code == 0:
            break
print(json.dumps(found))
"""


def test_a_process_may_be_killed_at_every_step(tmp_path: Path) -> None:
    script = tmp_path / "killed.py"
    script.write_text(textwrap.dedent(KILLED))
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(script), str(tmp_path)],
        env={"PYTHONPATH": str(root), "PATH": "", "HOME": str(tmp_path), "MLFLOW_DISABLE_TELEMETRY": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    kills = [(what, step) for what, step, code, *_ in found if code != 0]
    assert kills == [*(("promotion", step) for step in range(1, 7)), *(("rollback", step) for step in range(1, 4))]
    for what, step, code, killed, end in found:
        assert code in (0, -9), (what, step)
        assert sum(CHAMPION in aliases for aliases in killed.values()) == 1, (what, step, killed)
        if what == "rollback":
            assert end["1"] == ["champion"], (step, end)
        elif step <= 3:  # the verdict was not written yet
            assert end == {"1": ["champion"], "2": [] if step == 1 else ["challenger"]}, (step, end)
        else:
            assert end == {"1": [], "2": ["champion"]}, (step, end)


def test_concurrent_promotions_are_one_after_another(gate: Gate, tmp_path: Path) -> None:
    numbers = [logged(tmp_path) for _ in range(3)]
    script = (
        "import sys; from pathlib import Path; from finetune.gate import Gate, Verdict\n"
        "Gate(Path(sys.argv[1])).judge('risk', int(sys.argv[2]), lambda c: Verdict(True, f'above {c.version}'))"
    )
    root = Path(__file__).parents[2]
    running = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", script, str(tmp_path), str(number)],
            env={"PYTHONPATH": str(root), "PATH": "", "HOME": str(tmp_path), "MLFLOW_DISABLE_TELEMETRY": "true"},
        )
        for number in numbers
    ]
    assert [process.wait() for process in running] == [0, 0, 0]
    held = versions(tmp_path)
    assert sorted(alias for aliases, _ in held.values() for alias in aliases) == ["champion"]
    beaten = [int(why.removeprefix("above ")) for version, (_, why) in held.items() if version in numbers]
    champion = next(version for version, (aliases, _) in held.items() if aliases)
    assert sorted([*beaten, champion]) == [1, *numbers]  # each took the place of another one
    assert [gate.rollback("risk", "back").version for _ in range(3)][-1] == 1
