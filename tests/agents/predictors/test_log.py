"""The log loses nothing that was given out, and has it once."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from agents.predictors import log as logs
from agents.predictors.log import PredictionLog
from agents.predictors.prediction import Prediction
from agents.predictors.scorer import Reason
from data import lake

MADE = Prediction(
    id="a",
    model="risk",
    version=3,
    principal="ann",
    made_at=dt.datetime(2025, 1, 2, 3, 4, 5, 6),
    at=dt.datetime(2025, 1, 1),
    keys={"id": 1},
    prediction=0.25,
    flagged=False,
    threshold=0.5,
    reasons=(Reason("amount", 1.5, 0.1),),
    ranking=(),
    features={"amount": 1.5, "shop": "Zürich ☕", "none": None},
)


def some(count: int, start: int = 0) -> list[Prediction]:
    return [replace(MADE, id=str(i), keys={"id": i}) for i in range(start, start + count)]


def ids(log: PredictionLog, model: str = "risk") -> list[str]:
    return [one for table in log.rows(model, columns=["id"]) for one in table["id"].to_pylist()]


def test_records_move_once_and_are_found_before_and_after(tmp_path: Path) -> None:
    log = PredictionLog(tmp_path)
    log.write(some(3))
    log.write([replace(MADE, model="churn", ranking=(("x", 0.3), ("y", 0.1)), id="r")])
    assert lake.version(log.table("risk")) is None
    before = log.newest("risk", '{"id": 1}')
    assert before is not None
    assert (before["id"], before["features"], before["reasons"]) == (
        "1",
        dict(MADE.features),
        [{"feature": "amount", "value": 1.5, "contribution": 0.1}],
    )
    log.close()
    assert sorted(ids(log)) == ["0", "1", "2"]
    assert ids(log, "churn") == ["r"]
    after = log.newest("risk", '{"id": 1}')
    assert after is not None
    assert {**after, "at": "", "made_at": ""} == {**before, "at": "", "made_at": ""}
    ranked = log.newest("churn", '{"id": 1}')
    assert ranked is not None
    assert (ranked["flagged"], ranked["threshold"]) == (None, None)
    assert ranked["ranking"][0] == {"choice": "x", "score": 0.3}
    assert log.newest("risk", '{"id": 9}') is None
    log.write([replace(MADE, id="newer")])
    assert log.newest("risk", '{"id": 1}')["id"] == "newer"  # type: ignore[index]
    log.close()


def test_full_journals_move_by_themselves_and_small_files_are_joined(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "BATCH", 4)
    monkeypatch.setattr(lake, "JOIN", 3)
    monkeypatch.setattr(logs, "MOST", 5)
    log = PredictionLog(tmp_path)
    for start in range(0, 24, 2):
        log.write(some(2, start))
        log._mover.join()
    assert lake.version(log.table("risk")) is not None
    log.close()
    assert sorted(map(int, ids(log))) == list(range(24))
    assert "OPTIMIZE" in [commit["operation"] for commit in lake.history(log.table("risk"))]


def test_a_move_that_was_cut_off_is_not_made_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = PredictionLog(tmp_path)
    log.write(some(3))
    append = PredictionLog._append

    def cut(self: PredictionLog, *arguments: object) -> None:
        append(self, *arguments)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(PredictionLog, "_append", cut)
        with pytest.raises(KeyboardInterrupt):
            log.flush()
    log.write(some(2, 3))
    log.close()
    assert sorted(ids(log)) == ["0", "1", "2", "3", "4"]


def test_a_lost_journal_does_not_hide_what_comes_after_it(tmp_path: Path) -> None:
    log = PredictionLog(tmp_path)
    log.write(some(5))
    log.close()
    (tmp_path / "predictions.sqlite").unlink()
    again = PredictionLog(tmp_path)
    again.write(some(2, 5))
    again.close()
    assert sorted(map(int, ids(again))) == list(range(7))


def test_threads_and_two_openers_write_at_once(tmp_path: Path) -> None:
    opened = [PredictionLog(tmp_path) for _ in range(4)]
    threads = [threading.Thread(target=log.write, args=(some(5, 5 * i),)) for i, log in enumerate(opened)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for log in opened:
        log.close()
    assert sorted(map(int, ids(opened[0]))) == list(range(20))


KILLED = """
import sys
from pathlib import Path
from agents.predictors import log as logs
from tests.agents.predictors.test_log import some
logs.BATCH = 20
log = logs.PredictionLog(Path(sys.argv[1]))
for i in range(100_000):
    log.write(some(1, i))
    print(i, flush=True)
"""


def test_what_was_given_out_outlives_a_kill(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert process.stdout is not None
    given = 0
    while given < 150:
        given = int(process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    given = max(given, *map(int, process.stdout.read().split() or ["0"]))
    process.wait()
    process.stdout.close()
    log = PredictionLog(tmp_path)
    log.close()
    found = sorted(map(int, ids(log)))
    assert len(found) == len(set(found))
    assert set(range(given + 1)) <= set(found)
    assert json.loads(next(log.rows("risk", columns=["keys"]))["keys"][0].as_py()) == {"id": 0}
