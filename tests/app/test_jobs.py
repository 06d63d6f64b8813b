"""`--detach` and `job` on the command line, and the routes of jobs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app import jobs as service
from app.assembly import Lakewright
from app.cli import build as cli
from app.cli.command import run
from finetune.jobs.runner import Runner
from finetune.jobs.store import Jobs
from tests.finetune.tabular.conftest import RECIPE
from tests.finetune.tabular.conftest import untrained as untrained

Called = Callable[..., tuple[int, Any]]


@pytest.fixture
def called(
    untrained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Called:
    home = Path(shutil.copytree(untrained, tmp_path / "home"))
    home.chmod(0o700)
    (tmp_path / "tiny.yaml").write_text(json.dumps(RECIPE))
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, Any]:
        code = run(cli(), [*arguments, "--home", str(home), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return call


def test_a_detached_training_ends_like_one_that_is_waited_for(called: Called) -> None:
    code, queued = called("train", "tiny.yaml", "--detach")
    assert code == 0
    id = queued["job"]["id"]
    assert Path(queued["job"]["subject"]).is_absolute()
    code, told = called("job", "logs", id, "--follow")
    assert code == 0
    assert told["lines"]
    code, shown = called("job", "show", id)
    assert (shown["job"]["state"], shown["job"]["error"]) == ("done", None)
    assert shown["job"]["result"]["model"] == "tiny"
    assert [job["id"] for job in called("job", "list")[1]["jobs"]] == [id]
    assert called("job", "retry", id)[0] == 2
    versions = called("model", "list")[1]["registered"]
    assert [version["version"] for version in versions] == [1]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("train", "nowhere", "--detach"), 4, "no recipe 'nowhere'"),
        (("finetune", "tiny.yaml", "--detach"), 2, "tiny.yaml"),
        (("learn", "atlantis", "--detach"), 4, "atlantis"),
        (("job", "show", "77"), 4, "no job '77'"),
        (("job", "list", "--as", "nobody"), 3, "nobody"),
        (("job", "work", "abacus"), 2, "no device 'abacus'"),
    ],
)
def test_wrong_words_are_named_before_anything_is_queued(
    called: Called, words: tuple[str, ...], code: int, message: str
) -> None:
    given, document = called(*words)
    assert given == code
    assert message in document["error"]["message"]
    assert called("job", "list")[1]["jobs"] == []


@pytest.fixture
def store(lakewright: Lakewright, monkeypatch: pytest.MonkeyPatch) -> Jobs:
    """The jobs of the served home; nobody does them."""
    monkeypatch.setattr(service, "wake", lambda lakewright: None)
    (lakewright.settings.home / "jobs.sqlite").unlink(missing_ok=True)
    return Jobs(lakewright.settings.home)


def events(text: str) -> list[tuple[str, Any]]:
    blocks = [dict(line.split(": ", 1) for line in block.splitlines()) for block in text.split("\r\n\r\n") if block]
    return [(block["event"], json.loads(block["data"])) for block in blocks]


def test_jobs_over_http(client: TestClient, owner: dict[str, str], store: Jobs) -> None:
    made = client.post("/api/jobs", json={"kind": "train", "subject": "risk"}, headers=owner)
    assert made.status_code == 202
    id = made.json()["job"]["id"]
    assert client.get("/api/jobs", headers=owner).json()["jobs"] == [made.json()["job"]]
    assert client.post(f"/api/jobs/{id}/cancel", headers=owner).json()["job"]["state"] == "cancelled"
    assert client.post(f"/api/jobs/{id}/cancel", headers=owner).status_code == 400
    assert client.post(f"/api/jobs/{id}/retry", headers=owner).json()["job"]["state"] == "queued"
    program = "import sys; print('so far', file=sys.stderr); print('{\"version\": 1}')"
    Runner(store, "cpu", lambda job: ["python3", "-c", program]).work()
    told = events(client.get(f"/api/jobs/{id}/logs?follow=true", headers=owner).text)
    assert told[0] == ("line", {"line": "so far"})
    assert (told[-1][0], told[-1][1]["job"]["result"]) == ("job", {"version": 1})
    assert client.get(f"/api/jobs/{id}", headers=owner).json() == told[-1][1]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"kind": "train", "subject": "../../etc/passwd"}, 422),
        ({"kind": "train", "subject": "atlantis"}, 404),
        ({"kind": "learn", "subject": "atlantis"}, 404),
        ({"kind": "rm", "subject": "x"}, 422),
        ({"kind": "improve", "subject": "x"}, 400),
        ({"kind": "train", "subject": "risk", "command": "x"}, 422),
    ],
)
def test_wrong_jobs_are_refused(
    client: TestClient, owner: dict[str, str], store: Jobs, body: dict[str, str], status: int
) -> None:
    assert client.post("/api/jobs", json=body, headers=owner).status_code == status
    assert store.all() == []


def test_jobs_are_for_the_administrator(client: TestClient, support: dict[str, str], store: Jobs) -> None:
    id = store.add("train", "risk", "cpu", "owner").id
    for method, path in [
        ("GET", "/api/jobs"), ("GET", f"/api/jobs/{id}"), ("GET", f"/api/jobs/{id}/logs"), ("GET", "/api/jobs/none"),
        ("POST", f"/api/jobs/{id}/cancel"), ("POST", f"/api/jobs/{id}/retry"),
    ]:  # fmt: skip
        assert client.request(method, path, headers=support).status_code == 403
        assert client.request(method, path).status_code == 401
    refused = client.post("/api/jobs", json={"kind": "learn", "subject": "atlantis"}, headers=support)
    assert refused.status_code == 403
    assert store.get(id).state == "queued"
