"""A PDF form at the command line, from its file to the filled one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from app.cli import build
from app.cli.command import run
from tests.agents.forms.pdf import papers


def told(capsys: pytest.CaptureFixture[str], home: Path, *arguments: str) -> tuple[int, Any]:
    code = run(build(), ["forms", *arguments, "--home", str(home), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_from_a_pdf_to_the_filled_pdf(demo_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "paper.pdf").write_bytes(papers.onboarding())
    assert told(capsys, demo_home, "add", "cli-paper", str(tmp_path / "paper.pdf"))[0] == 0
    answers = {"text1": "Blue Bottle", "is_online": False, "legal_form": "Company"}
    about = ("--about", "square.merchants:1", "--answers", json.dumps(answers))
    code, filling = told(capsys, demo_home, "fill", "cli-paper", *about)
    assert (code, filling["complete"]) == (0, True)
    code, refused = told(capsys, demo_home, "download", filling["filling_id"])
    assert (code, refused["error"]["kind"]) == (2, "invalid")
    assert told(capsys, demo_home, "sign", filling["filling_id"])[0] == 0
    file = tmp_path / "filled.pdf"
    code, written = told(capsys, demo_home, "download", filling["filling_id"], "--to", str(file))
    assert (code, written["media"], written["bytes"]) == (0, "application/pdf", file.stat().st_size)
    fields = PdfReader(file).get_fields()
    assert fields is not None
    assert [fields[name]["/V"] for name in answers] == ["Blue Bottle", "/Off", "/1"]
    assert told(capsys, demo_home, "remove", "cli-paper")[0] == 0
