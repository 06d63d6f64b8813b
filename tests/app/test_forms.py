"""The command line of forms, over a small shop."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from app.cli import build
from app.cli.command import run
from tests.agents.forms.conftest import POLICY, SCHEMA, shop, words

__all__ = ["shop"]


class Words:
    """Embeddings without a model's weights."""

    def __init__(self, folder: Path) -> None:
        self.encode = words
        self.encode_all_cached = lambda texts: list(words(texts))


@pytest.fixture(autouse=True)
def home(own_home: Path, shop: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(shop, own_home)
    system = '  - {to: owners, on: "system.*"}\n'
    (own_home / "policy.yaml").write_text(POLICY.replace("grants:\n", f"grants:\n{system}"))
    monkeypatch.setattr("retrieval.retriever.MiniLM", Words)
    (own_home / "card.json").write_text(json.dumps(SCHEMA))
    (own_home / "hints.yaml").write_text("subject: shop.stores\n")
    return own_home


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Any:
    def called(*arguments: str, code: int = 0) -> Any:
        assert run(build(), [*arguments, "--json"]) == code
        return json.loads(capsys.readouterr().out)

    return called


def add(call: Any, home: Path) -> Any:
    return call("forms", "add", "card", str(home / "card.json"), "--hints", str(home / "hints.yaml"))


def test_from_adding_to_signing(call: Any, home: Path) -> None:
    assert add(call, home)["subject"] == "shop.stores"
    assert call("forms", "list")["forms"] == [
        {"name": "card", "version": 1, "title": "Store card", "fields": 10, "subject": "shop.stores"}
    ]
    assert call("forms", "list", "--as", "clerk")["forms"][0]["subject"] == "shop.stores"
    assert call("forms", "show", "card")["fields"][0]["path"] == "store/name"
    filled = call("forms", "fill", "card", "--about", "blue bottle")
    assert filled["status"] == "clarify"
    call("forms", "review", filled["filling_id"], "--choose", "1", "--answers", "{}", code=2)
    chosen = call("forms", "review", filled["filling_id"], "--choose", "1")
    assert chosen["fields"]["store/email"]["source"]["column"] == "email"
    answered = call("forms", "review", filled["filling_id"], "--answers", '{"employees": 7}')
    assert answered["values"]["employees"] == 7
    assert answered["missing"] == ["store/website"]
    signed = call("forms", "sign", filled["filling_id"])
    assert (signed["status"], signed["signer"]) == ("signed", "owner")
    rows = call("sql", "SELECT path, value FROM system.forms WHERE changed_by = 'owner'")["rows"]
    assert rows == [["employees", "7"]]
    assert call("sql", "SELECT * FROM system.forms", "--as", "clerk", code=3)["error"]["kind"] == "forbidden"
    assert call("forms", "remove", "card") == {"removed": "card"}


def test_a_file_of_subjects(call: Any, home: Path, tmp_path: Path) -> None:
    add(call, home)
    assert call("sql", "SELECT count(*) FROM system.forms")["rows"] == [[0]]
    (tmp_path / "subjects.txt").write_text("1\n2\n\nstore Blue Bottle 3\nnobody\n")
    arguments = ("forms", "fill", "card", "--subjects", str(tmp_path / "subjects.txt"), "--approve")
    first = call(*arguments)
    assert (first["signed"], first["skipped"]) == (3, 0)
    assert [one["subject"] for one in first["failed"]] == ["nobody"]
    assert call(*arguments)["skipped"] == 3


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("fill", "card"), 2, "not said whom"),
        (("fill", "none", "--about", "1"), 4, "'none'"),
        (("fill", "card", "--about", "Nowhere"), 4, "Nowhere"),
        (("fill", "card", "--about", "1", "--answers", "[1]"), 2, "[1]"),
        (("review", "x"), 4, "'x'"),
        (("remove", "card", "--as", "clerk"), 3, "may not"),
        (("add", "card", "none.json"), 2, "none.json"),
        (("eval", "--form", "none"), 4, "'none'"),
    ],
)
def test_what_is_wrong_is_told(call: Any, home: Path, arguments: tuple[str, ...], code: int, says: str) -> None:
    add(call, home)
    assert says in call("forms", *arguments, code=code)["error"]["message"]
