"""Documents by the command line and the API: added, listed, searched, asked and taken away under rights."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.api.server import build
from app.assembly import Lakewright
from app.cli import build as command_line
from app.cli.command import run
from app.settings import Settings
from data.demo.schema import CATALOG, DOCUMENTS, POLICY
from data.document import Document
from data.documents import folders
from data.errors import DataError
from data.policy import Policy
from data.rules import policy_of

Call = Callable[..., tuple[int, Any]]
RULES = "# House rules\n\n## Dogs\n\nDogs may come to the office on Fridays.\n"


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Runs `lakewright … --json` in this process; the exit code and the document."""

    def call(*arguments: str) -> tuple[int, Any]:
        code = run(command_line(), [*arguments, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return call


@pytest.fixture
def house(call: Call, tmp_path: Path) -> Path:
    """A home with one source of documents, and its folder."""
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "house.md").write_text(RULES)
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4 no")
    home = Path(call("init")[1]["home"])
    policy = home / "policy.yaml"
    policy.write_text(policy.read_text().replace("grants:", "  - {name: guest, groups: [guests]}\ngrants:", 1))
    code, document = call("documents", "add", "house", str(folder), "--owner", "facilities")
    assert code == 0
    assert document["refreshed"][0]["added"] == ["house.md"]
    assert document["refreshed"][0]["skipped"][0]["file"] == "broken.pdf"
    return folder


def test_documents_come_are_searched_and_go(call: Call, house: Path) -> None:
    shelf = call("documents", "list")[1]["documents"][0]
    assert (shelf["name"], shelf["owner"]) == ("house", "facilities")
    files = {file["file"]: file for file in shelf["files"]}
    assert files["house.md"]["title"] == "House rules"
    assert files["broken.pdf"]["problem"]
    passage = call("documents", "search", "when may dogs come?")[1]["passages"][0]
    assert (passage["document"], passage["heading"]) == ("house/house.md", "House rules › Dogs")
    assert passage["text"] == "Dogs may come to the office on Fridays."
    (house / "house.md").write_text(RULES.replace("Fridays", "Mondays"))
    assert call("documents", "refresh", "house")[1]["refreshed"][0]["changed"] == ["house.md"]
    assert "Mondays" in call("documents", "search", "dogs")[1]["passages"][0]["text"]
    assert call("catalog", "check")[0] == 0
    index = Path(Settings.load().home) / "index" / "documents" / "house.sqlite"
    assert index.exists()
    assert call("catalog", "remove", "house")[0] == 0
    assert not index.exists()
    assert call("documents", "search", "dogs")[1]["passages"] == []


def test_nothing_is_granted_by_default(call: Call, house: Path) -> None:
    assert call("documents", "list", "--as", "guest")[1]["documents"] == []
    assert call("documents", "search", "dogs", "--as", "guest")[1]["passages"] == []
    policy = Path(Settings.load().home) / "policy.yaml"
    policy.write_text(f"{policy.read_text()}documents:\n  - {{to: guests, on: house/*.md}}\n")
    assert len(call("documents", "search", "dogs", "--as", "guest")[1]["passages"]) == 1
    files = call("documents", "list", "--as", "guest")[1]["documents"][0]["files"]
    assert [file["file"] for file in files] == ["house.md"]


@pytest.mark.parametrize(
    ("arguments", "code", "quoted"),
    [
        (("documents", "add", "house", "."), 2, "house"),
        (("documents", "add", "other", "/no/such/folder"), 5, "/no/such/folder"),
        (("documents", "refresh", "nothing"), 4, "nothing"),
        (("documents", "refresh", "--as", "guest"), 3, "guest"),
        (("catalog", "add", "more", "documents", "."), 2, "documents add more"),
        (("catalog", "draft", "house"), 2, "house"),
        (("documents", "search", " "), 2, "empty"),
    ],
)
def test_failures_say_what_to_do(call: Call, house: Path, arguments: tuple[str, ...], code: int, quoted: str) -> None:
    found, document = call(*arguments)
    assert found == code
    assert quoted in f"{document['error']['message']} {document['error']['remedy']}"


@pytest.fixture
def served(house: Path) -> Iterator[tuple[Lakewright, TestClient]]:
    opened = Lakewright.open(Settings.load())
    with TestClient(build(opened, chat=False), raise_server_exceptions=False) as client:
        yield opened, client
    opened.close()


def test_the_api_searches_under_the_tokens_rights(served: tuple[Lakewright, TestClient]) -> None:
    lakewright, client = served
    owner, guest = ({"Authorization": f"Bearer {lakewright.tokens.create(name, 1)[0]}"} for name in ("owner", "guest"))
    assert client.get("/api/documents").status_code == 401
    assert client.get("/api/documents", headers=owner).json()["documents"][0]["name"] == "house"
    assert client.get("/api/documents", headers=guest).json() == {"documents": []}
    body = {"question": "when may dogs come?", "top": 1}
    passages = client.post("/api/documents/search", json=body, headers=owner).json()["passages"]
    assert passages[0]["text"] == "Dogs may come to the office on Fridays."
    assert client.post("/api/documents/search", json=body, headers=guest).json() == {"passages": []}
    assert client.post("/api/documents/search", json={**body, "more": 1}, headers=owner).status_code == 422


def test_a_home_without_tables_answers_from_documents(served: tuple[Lakewright, TestClient]) -> None:
    lakewright, _ = served
    answer = lakewright.ask.run(lakewright.principal("owner"), "May dogs come to the office?")
    assert (answer.status, answer.sources[0]["document"]) == ("answered", "house/house.md")
    assert answer.answer.startswith("“Dogs may come to the office on Fridays.”")
    refused = lakewright.ask.run(lakewright.principal("guest"), "May dogs come to the office?")
    assert "Fridays" not in refused.answer
    assert refused.status != "answered"


@pytest.mark.parametrize(
    ("policy", "quoted"),
    [
        ("documents:\n  - {to: owners, on: square/x.md}\n", "'square' is no source of documents"),
        ("documents:\n  - {to: nobodies, on: handbook}\n", "nobodies"),
        ("documents:\n  - {to: owners, on: handbook, columns: [a]}\n", "columns"),
    ],
)
def test_a_wrong_grant_is_quoted(policy: str, quoted: str) -> None:
    from data.catalog import Catalog

    text = "version: 1\nprincipals:\n  - {name: owner, groups: [owners]}\n" + policy
    with pytest.raises(DataError, match=quoted):
        policy_of(Document.parse(POLICY, text), Catalog.load(CATALOG))


def test_the_demos_roles_read_their_own_documents() -> None:
    from data.catalog import Catalog

    catalog = Catalog.load(CATALOG)
    policy = Policy.load(POLICY, catalog)
    handbook = folders(catalog)[0].name
    names = sorted(file.name for file in DOCUMENTS.iterdir())
    assert len(names) == 6

    def read(name: str) -> list[str]:
        reach = policy.reach(policy.principal(name))
        return [file for file in names if reach.covers(handbook, file)]

    assert read("owner") == names
    assert read("square-analyst") == ["square-disputes.md", "square-refunds.md"]
    assert read("cash-analyst") == ["cash-kyc.html"]
    assert read("support-ca") == ["cash-kyc.html", "square-refunds.md"]
