"""The command line, run as a person or a program runs it."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.cli import build
from app.cli.command import run
from app.settings import LARGE


@dataclass(frozen=True)
class Done:
    """What one command gave."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


Lakewright = Callable[..., Done]


@pytest.fixture
def lakewright(capsys: pytest.CaptureFixture[str]) -> Lakewright:
    """Runs `lakewright …` in this process."""

    def call(*arguments: str) -> Done:
        code = run(build(), list(arguments))
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    return call


@pytest.fixture
def demo(demo_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAKEWRIGHT_HOME", str(demo_home))
    return demo_home


@pytest.fixture
def empty(lakewright: Lakewright) -> Path:
    """A home with nothing in it."""
    return Path(lakewright("init", "--json").document["home"])


@pytest.fixture
def books(tmp_path: Path) -> Path:
    path = tmp_path / "books.sqlite"
    with sqlite3.connect(path) as connection:
        connection.executescript(
            "CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT);INSERT INTO books VALUES (1, 'Nova'), (2, 'Rue');"
        )
    connection.close()
    return path


def test_help_is_instant_and_loads_nothing_heavy() -> None:
    code = "import sys; from app.cli import build; build(); print([m for m in sys.modules if m in sys.argv[1:]])"
    heavy = (
        "duckdb",
        "torch",
        "transformers",
        "langgraph",
        "gradio",
        "fastapi",
        "pyarrow",
        "chromadb",
        "pydantic",
    )
    done = subprocess.run([sys.executable, "-c", code, *heavy], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_script_is_installed_and_shows_its_version() -> None:
    script = Path(sys.executable).with_name("lakewright")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("lakewright 0.")


@pytest.mark.parametrize(
    ("arguments", "code", "kind"),
    [
        (["sql"], 2, "invalid"),
        (["sql", "  "], 2, "invalid"),
        (["sql", "SELECT 1", "--limit", "0"], 2, "invalid"),
        (["sql", "SELECT 1", "--limit", "many"], 2, "invalid"),
        (["nonsense"], 2, "invalid"),
        (["sql", "SELECT 1; SELECT 2"], 3, "forbidden"),
        (["sql", "SELECT 1", "--nonsense"], 2, "invalid"),
        (["sql", "SELECT count(*) FROM square.merchants", "--as", "nobody"], 4, "not_found"),
        (["sql", "SELECT * FROM square.merchant"], 4, "not_found"),
        (["sql", "SELECT email FROM cash.users", "--as", "square-analyst"], 3, "forbidden"),
        (["sql", "SELECT * FROM read_csv('/etc/passwd')"], 3, "forbidden"),
        (["sql", "COPY square.merchants TO '/tmp/x'"], 3, "forbidden"),
        (["token", "list", "--as", "support-ca"], 3, "forbidden"),
        (["token", "create", "--for", "nobody"], 4, "not_found"),
        (["token", "revoke", "nothing"], 4, "not_found"),
        (["audit", "tail", "--as", "square-analyst"], 3, "forbidden"),
        (["approve", "nothing"], 4, "not_found"),
        (["replay", "nothing"], 4, "not_found"),
        (["catalog", "describe", "cash.users", "--as", "square-analyst"], 4, "not_found"),
        (["catalog", "add", "x", "sqlite", "/nowhere.sqlite"], 5, "unavailable"),
        (["catalog", "add", "x", "oracle", "/nowhere"], 2, "invalid"),
        (["ask", ""], 2, "invalid"),
        (["ask", "x" * 100_000], 2, "invalid"),
        (["ask", "How many shops are there?", "--endpoint", "nowhere"], 4, "not_found"),
        (["model", "use", "nowhere"], 4, "not_found"),
        (["eval", "/nowhere.jsonl"], 2, "invalid"),
        (["finetune", "nowhere"], 4, "not_found"),
        (["finetune", "ask-smollm2", "--as", "support-ca"], 3, "forbidden"),
        (["bench", "ask", "/nowhere.jsonl"], 2, "invalid"),
        (["serve", "--host", "0.0.0.0"], 3, "forbidden"),
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
def test_failures(
    lakewright: Lakewright, demo: Path, arguments: list[str], code: int, kind: str, as_json: bool
) -> None:
    done = lakewright(*arguments, *(["--json"] if as_json else []))
    assert done.code == code, done
    assert "Traceback" not in done.err
    if as_json:
        error = done.document["error"]
        assert set(error) == {"kind", "message", "remedy"}
        assert error["kind"] == kind
        assert error["message"]
    else:
        assert done.out == ""
        assert done.err.startswith("lakewright: ")
        assert len(done.err) < 600


def test_a_command_that_lacks_something_is_shown_whole(lakewright: Lakewright) -> None:
    done = lakewright("catalog", "add", "books", "books.sqlite")
    assert done.code == 2
    assert "Missing argument 'location'" in done.err
    assert "Usage: lakewright catalog add [OPTIONS] {name} {kind} {location}" in done.err


def test_without_a_home_the_way_to_one_is_told(lakewright: Lakewright, own_home: Path) -> None:
    done = lakewright("sql", "SELECT 1", "--json")
    assert done.code == 4
    assert "lakewright init --demo" in done.document["error"]["remedy"]
    assert not own_home.exists()


@pytest.mark.parametrize(
    ("file", "text", "quoted"),
    [
        ("catalog.yaml", "version: 1\nsources:\n  - {name: x, kind: oracle, location: y}\n", "oracle"),
        ("catalog.yaml", "version: 1\nsources: [\n", "catalog.yaml:"),
        ("policy.yaml", "version: 1\nprincipals:\n  - {name: owner, groops: [a]}\n", "groops"),
        ("settings.yaml", "port: eighty\n", "eighty"),
        ("settings.yaml", "colour: red\n", "red"),
        ("settings.yaml", "endpoint: nowhere\n", "nowhere"),
        ("settings.yaml", "a: [\n", "settings.yaml"),
    ],
)
def test_a_wrong_file_is_quoted(lakewright: Lakewright, empty: Path, file: str, text: str, quoted: str) -> None:
    (empty / file).write_text(text, encoding="utf-8")
    done = lakewright("sql", "SELECT 1")
    assert done.code == 2
    assert quoted in done.err


def test_sql_gives_one_document(lakewright: Lakewright, demo: Path) -> None:
    done = lakewright("sql", "SELECT name, 1.5::DECIMAL(4,2) AS d, NULL AS n FROM square.merchants LIMIT 2", "--json")
    document = done.document
    assert (done.code, document["columns"], document["truncated"]) == (0, ["name", "d", "n"], False)
    assert [row[1:] for row in document["rows"]] == [[1.5, None], [1.5, None]]
    assert document["sources"][0]["table"] == "square.merchants"
    assert document["lineage"] == ["square.merchants.name"]
    assert document["audit_id"]


def test_who_asks_decides_what_is_seen(lakewright: Lakewright, demo: Path) -> None:
    query = "SELECT email, country FROM cash.users WHERE email IS NOT NULL"
    seen = lakewright("sql", query, "--as", "support-ca", "--json").document["rows"]
    assert {country for _, country in seen} == {"CA"}
    assert all("***" in email for email, _ in seen)
    assert not any("***" in row[0] for row in lakewright("sql", query, "--json").document["rows"])


def test_the_terminal_is_not_steered_by_data(lakewright: Lakewright, demo: Path) -> None:
    done = lakewright("sql", "SELECT chr(27) || '[31m[bold]' || chr(7) || name AS x FROM square.merchants LIMIT 1")
    assert "\x1b" not in done.out
    assert "\x07" not in done.out
    assert "[bold]" in done.out


def test_catalog_list_shows_what_the_caller_sees(lakewright: Lakewright, demo: Path) -> None:
    tables = lakewright("catalog", "list", "--as", "square-analyst", "--json").document["tables"]
    assert {table["name"].split(".")[0] for table in tables} == {"square"}
    merchants = next(table for table in tables if table["name"] == "square.merchants")
    assert (merchants["kind"], merchants["rows"]) == ("delta", 80)
    assert len(merchants["columns"]) == 10
    assert merchants["version"] != ""
    assert merchants["description"]


def test_a_source_comes_asks_and_goes(lakewright: Lakewright, empty: Path, books: Path) -> None:
    added = lakewright("catalog", "add", "library", "sqlite", str(books), "--json").document
    assert added["tables"] == ["library.books"]
    assert lakewright("sql", "SELECT count(*) FROM library.books", "--json").document["rows"] == [[2]]
    checked = lakewright("catalog", "check", "--deep", "--json").document
    assert (checked["ok"], checked["problems"]) == (True, [])
    assert [note["message"] for note in checked["notes"]] == ["The table 'library.books' is not described."]
    drafted = lakewright("catalog", "draft", "library", "--json").document
    assert (drafted["source"], [table["table"] for table in drafted["profile"]]) == ("library", added["tables"])
    assert lakewright("catalog", "remove", "library", "--json").code == 0
    assert lakewright("catalog", "list", "--json").document == {"tables": []}


def test_a_store_that_is_gone_is_a_service_that_is_not_available(
    lakewright: Lakewright, empty: Path, books: Path
) -> None:
    lakewright("catalog", "add", "library", "sqlite", str(books))
    books.unlink()
    assert lakewright("sql", "SELECT * FROM library.books").code == 5
    listed = lakewright("catalog", "list", "--json").document["tables"]
    assert [(table["name"], table["rows"]) for table in listed] == [("library.books", None)]
    assert lakewright("catalog", "check").code == 1


def test_init_again_keeps_what_is_there(lakewright: Lakewright, empty: Path) -> None:
    (empty / "policy.yaml").write_text("version: 1\nprincipals:\n  - {name: owner, groups: [owners]}\n", "utf-8")
    assert lakewright("init", "--json").code == 0
    assert "grants" not in (empty / "policy.yaml").read_text("utf-8")


def test_a_token_is_shown_once(lakewright: Lakewright, empty: Path) -> None:
    made = lakewright("token", "create", "--for", "owner", "--days", "1", "--json").document
    assert made["token"].startswith("lw_")
    listed = lakewright("token", "list", "--json")
    assert made["token"] not in listed.out
    assert [token["id"] for token in listed.document["tokens"]] == [made["id"]]
    assert lakewright("token", "revoke", made["id"], "--json").document["revoked_at"]
    kept = b"".join(file.read_bytes() for file in empty.rglob("tokens*"))
    assert made["token"].encode() not in kept
    assert all(file.stat().st_mode & 0o077 == 0 for file in empty.rglob("tokens*"))


def test_the_audit_trail_names_who_asked(lakewright: Lakewright, demo: Path) -> None:
    lakewright("sql", "SELECT last4 FROM cash.cards", "--as", "support-ca")
    entry = lakewright("audit", "tail", "-n", "1", "--json").document["entries"][-1]
    assert (entry["principal"], entry["outcome"]) == ("support-ca", "forbidden")
    assert lakewright("audit", "verify", "--json").document["ok"] is True


def test_the_audit_trail_shows_kind_and_lineage(lakewright: Lakewright, demo: Path) -> None:
    lakewright("sql", "SELECT sum(amount) AS total FROM square.payments WHERE status = 'completed'")
    entry = lakewright("audit", "tail", "-n", "1", "--json").document["entries"][-1]
    assert (entry["kind"], entry["engine"]) == ("query", "duckdb")
    assert entry["lineage"] == {"total": ["square.payments.amount"], "": ["square.payments.status"]}
    assert {"bytes", "versions", "question", "ran", "ms", "id", "at"} <= set(entry)
    said = " ".join(lakewright("audit", "tail", "-n", "1").out.split())
    assert "kind" in said
    assert "lineage" in said


def test_an_anchor_shows_that_the_trail_was_cut(lakewright: Lakewright, empty: Path) -> None:
    lakewright("token", "create", "--for", "owner")
    found = lakewright("audit", "verify", "--json").document
    anchor = f"{found['seq']}:{found['hash']}"
    assert anchor in lakewright("audit", "verify").out
    assert lakewright("audit", "verify", "--anchor", anchor).code == 0
    for file in (empty / "lake/system").glob("journal*"):
        file.unlink()
    shutil.rmtree(empty / "lake/system/audit", ignore_errors=True)
    assert lakewright("audit", "verify").code == 0
    cut = lakewright("audit", "verify", "--anchor", anchor, "--json")
    assert (cut.code, cut.document["ok"]) == (1, False)
    assert "before the anchor's record" in cut.document["problem"]
    assert lakewright("audit", "verify", "--anchor", "7").code == 2


def test_administrative_acts_are_in_the_trail(lakewright: Lakewright, empty: Path, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "notes.sqlite") as connection:
        connection.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT)")
    connection.close()
    made = lakewright("token", "create", "--for", "owner", "--json").document
    lakewright("token", "revoke", made["id"])
    lakewright("catalog", "add", "notes", "sqlite", str(tmp_path / "notes.sqlite"))
    lakewright("catalog", "remove", "notes")
    entries = lakewright("audit", "tail", "--json").document["entries"]
    assert [(entry["kind"], entry["asked"]) for entry in entries] == [
        ("admin", "token create"),
        ("admin", "token revoke"),
        ("admin", "catalog add"),
        ("admin", "catalog remove"),
    ]
    assert all(entry["principal"] == "owner" for entry in entries)
    assert made["id"] in entries[0]["message"]
    assert made["token"] not in json.dumps(entries)


def test_the_system_is_described_where_it_is_named(lakewright: Lakewright, demo: Path) -> None:
    (described,) = lakewright("catalog", "describe", "system.audit", "--json").document["tables"]
    assert described["rows"] >= 0
    assert all(column["description"] for column in described["columns"])
    listed = lakewright("catalog", "list", "--json").document["tables"]
    assert not any(table["name"].startswith("system.") for table in listed)
    assert lakewright("sql", "SELECT * FROM system.audit", "--as", "support-ca").code == 3


def test_the_policy_explains_itself(lakewright: Lakewright, demo: Path) -> None:
    document = lakewright("policy", "explain", "cash.users", "--as", "support-ca", "--json").document
    assert "country" in document["row_filter"]
    assert {column["name"]: column["mask"] for column in document["columns"]}["email"] == "partial"
    assert "birth_date" not in {column["name"] for column in document["columns"]}
    why = document["why"]
    access = {column["name"]: column["access"] for column in why["columns"]}
    assert (access["email"], access["city"], access["birth_date"]) == ("masked", "granted", "not granted")
    assert why["row_filters"][0]["values"] == {"country": "CA"}
    line = why["row_filters"][0]["line"]
    assert "on: cash.users, where" in (demo / "policy.yaml").read_text("utf-8").splitlines()[line - 1]
    human = lakewright("policy", "explain", "tidal.plays", "--as", "support-ca")
    assert "no rule grants it" in human.out


def test_the_model_in_use_is_remembered(lakewright: Lakewright, empty: Path) -> None:
    (empty / "settings.yaml").write_text(
        "endpoints:\n  - {name: big, kind: openai, url: 'http://127.0.0.1:9/v1', model: m}\n", "utf-8"
    )
    assert lakewright("model", "use", "big", "--json").document == {"endpoint": "big"}
    models = lakewright("model", "list", "--json").document["models"]
    assert {model["name"]: model["current"] for model in models} == {
        "embedded": False,
        "base": False,
        "big": True,
    }


def test_a_larger_model_can_answer_once_it_was_pulled(
    lakewright: Lakewright, empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAKEWRIGHT_MODELS", str(tmp_path))
    assert lakewright("model", "use", "large", "--json").code == 4
    opened: list[str] = []

    def unpack(name: str, folder: Path) -> None:
        (folder / "config.json").write_text("{}")

    monkeypatch.setattr("app.packaged.provide", lambda *_, **__: None)
    monkeypatch.setattr("agents.endpoints.weights._unpack", unpack)
    monkeypatch.setattr("agents.endpoints.open_endpoint", lambda spec, _: opened.append(spec.name))
    pulled = lakewright("model", "pull", LARGE, "--json").document
    assert pulled == {"model": LARGE, "folder": str(tmp_path / LARGE), "endpoints": ["large"]}
    assert opened == ["large"]
    assert lakewright("model", "use", "large", "--json").document == {"endpoint": "large"}
    listed = {model["name"]: model for model in lakewright("model", "list", "--json").document["models"]}
    assert (listed["large"]["model"], listed["large"]["current"]) == (LARGE, True)


def test_a_model_that_is_no_package_is_not_pulled(lakewright: Lakewright, empty: Path) -> None:
    done = lakewright("model", "pull", "gpt-9", "--json")
    assert done.code == 4
    assert "gpt-9" in done.document["error"]["message"]
    assert LARGE in done.document["error"]["remedy"]


def test_another_users_home_is_closed(lakewright: Lakewright, empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: empty.stat().st_uid + 1)
    assert lakewright("sql", "SELECT 1", "--as", "owner").code == 3


def test_ctrl_c_ends_without_a_traceback(lakewright: Lakewright, empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("app.assembly.Lakewright.open", interrupted)
    done = lakewright("sql", "SELECT 1")
    assert (done.code, done.out, done.err) == (130, "", "lakewright: Interrupted.\n")


def test_a_fault_of_ours_is_one_line(lakewright: Lakewright, empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("app.assembly.Lakewright.open", broken)
    done = lakewright("sql", "SELECT 1", "--json")
    assert (done.code, done.document["error"]["kind"]) == (1, "internal")
    assert "division by zero" in done.document["error"]["message"]
