"""Examples come from tables as a principal may see them, at a version, with consent; from files; from feedback."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from data import lake
from data.errors import Forbidden, Invalid, Unavailable
from data.federation import open_gateway
from finetune import sources
from finetune.examples import write
from finetune.learn.feedback import Case
from finetune.recipe import Recipe
from finetune.workshop import Workshop
from retrieval import Retriever

CATALOG = """
version: 1
sources:
  - name: desk
    kind: delta
    location: lake/desk
    tables:
      - name: tickets
        key: id
        columns:
          - {name: id, type: BIGINT}
          - {name: asked, type: VARCHAR}
          - {name: said, type: VARCHAR}
          - {name: worse, type: VARCHAR}
          - {name: country, type: VARCHAR}
          - {name: may_learn, type: BOOLEAN}
          - {name: email, type: VARCHAR}
"""
POLICY = """
version: 1
principals:
  - {name: owner, groups: [owners]}
  - {name: trainer, groups: [trainers], attributes: {country: CA}}
  - {name: nobody}
grants:
  - {to: owners, on: "*"}
  - {to: trainers, on: desk.tickets}
row_filters:
  - {for: trainers, on: desk.tickets, where: "country = :country"}
masks:
  - {for: trainers, columns: [desk.tickets.email], mask: redact}
"""
TEXTS = {"system": "help", "user": '{asked} {"id": 1} from {email}', "answer": "{said}"}
SQL = "SELECT asked, said, worse, may_learn, email FROM desk.tickets ORDER BY id"


def tickets(*rows: tuple[int, str, str, str, bool | None]) -> pa.Table:
    names = ("id", "asked", "said", "country", "may_learn")
    table = pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows])
    extra = pa.array([f"p{row[0]}@x.org" for row in rows])
    return table.append_column("worse", pa.array(["no" for _ in rows])).append_column("email", extra)


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    (tmp_path / "catalog.yaml").write_text(CATALOG)
    (tmp_path / "policy.yaml").write_text(POLICY)
    folder = tmp_path / "lake/desk/tickets"
    first = [
        (1, "a", "A", "CA", True),
        (2, "b", "B", "US", True),
        (3, "c", "C", "CA", False),
        (4, "d", "D", "CA", None),
    ]
    lake.append(folder, tickets(*first))
    lake.append(folder, tickets((5, "e", "E", "CA", True), (6, "f", " ", "CA", True)))
    gateway = open_gateway(tmp_path, threads=1)
    owner = gateway.policy.principal("owner")
    return Workshop(gateway, owner, Retriever(gateway, tmp_path, tmp_path), tmp_path, tmp_path, lambda _: None)


def tabled(recipe: Recipe, method: str = "sft", size: int = 100, **table: Any) -> Recipe:
    given = {"sql": SQL, "consent": "may_learn", "texts": TEXTS} | table
    return Recipe.model_validate(
        recipe.model_dump() | {"method": method, "dataset": {"builder": "table", "size": size, "table": given}}
    )


def test_only_rows_with_consent_that_the_principal_sees_are_learnt(recipe: Recipe, shop: Workshop) -> None:
    everything = sources.build(tabled(recipe), shop)
    assert [row["answer"] for row in everything.examples] == ["A", "B", "E"]
    few = sources.build(tabled(recipe, principal="trainer"), shop)
    rows = list(few.examples)
    assert [row["answer"] for row in rows] == ["A", "E"]
    assert rows[0]["user"].startswith('a {"id": 1} from ')
    assert "@x.org" not in str(rows)
    (read,) = few.reads
    assert (read.name, read.source["version"], read.source["principal"]) == ("desk.tickets", "1", "trainer")
    assert len(list(sources.build(tabled(recipe, size=2), shop).examples)) == 2


def test_a_pinned_version_is_what_is_read(recipe: Recipe, shop: Workshop) -> None:
    drawn = sources.build(tabled(recipe, versions={"desk.tickets": "0"}), shop)
    assert [row["answer"] for row in drawn.examples] == ["A", "B"]
    assert drawn.reads[0].source["version"] == "0"
    with pytest.raises(Unavailable):
        sources.build(tabled(recipe, versions={"desk.tickets": "99"}), shop)


def test_a_principal_without_rights_trains_on_nothing(recipe: Recipe, shop: Workshop) -> None:
    with pytest.raises(Forbidden):
        sources.build(tabled(recipe, principal="nobody"), shop)


def test_pairs_come_from_a_table_too(recipe: Recipe, shop: Workshop) -> None:
    texts = {"system": "help", "user": "{asked}", "chosen": "{said}", "rejected": "{worse}"}
    drawn = sources.build(tabled(recipe, "dpo", texts=texts), shop)
    assert next(iter(drawn.examples)) == {"system": "help", "user": "a", "chosen": "A", "rejected": "no"}


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ({"consent": "agreed"}, r"no column 'agreed'.*not_needed"),
        ({"texts": TEXTS | {"user": "{question}"}}, r"texts\.user: the query has no column 'question'"),
        ({"texts": {"user": "u", "answer": "a"}}, r"texts has no 'system'"),
        ({"sql": "SELECT asked, said, email, may_learn FROM desk.tickets WHERE id > 90"}, "has no examples"),
    ],
)
def test_what_is_wrong_with_a_table_is_named(
    table: dict[str, Any], complaint: str, recipe: Recipe, shop: Workshop
) -> None:
    with pytest.raises(Invalid, match=complaint):
        sources.build(tabled(recipe, **table), shop)


def test_a_file_is_read_to_its_size_and_a_bad_line_is_named(recipe: Recipe, shop: Workshop, tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    rows = [{"system": "s", "user": str(n), "answer": "a"} for n in range(5)]
    write(file, "", rows)
    data = {"builder": "jsonl", "size": 3, "file": str(file)}
    mine = Recipe.model_validate(recipe.model_dump() | {"dataset": data})
    assert list(sources.build(mine, shop).examples) == rows[:3]
    write(file, "", [*rows, {"system": "s", "user": "u"}])
    with pytest.raises(Invalid, match="example 6 has no 'answer' text"):
        sources.build(mine, shop)


def test_feedback_is_learnt_only_with_consent(recipe: Recipe, shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    from agents.endpoints.scripted import scripted
    from finetune.sources import feedback

    now = datetime(2026, 1, 1, tzinfo=UTC)
    sql = "SELECT count(*) FROM desk.tickets"
    said = [Case(f"How many {n}?", sql, shop.principal, now, n % 2 == 0, "corrected") for n in range(12)]
    asked = [case.question for case in said if case.consent and not case.frozen]
    monkeypatch.setattr(feedback, "cases", lambda *_: said)
    monkeypatch.setattr("agents.endpoints.open_endpoint", lambda *_: replace(scripted(), ranking=None))
    made = {"system": "s", "answer": sql, "family": "corrected"}
    monkeypatch.setattr(feedback, "lesson", lambda case, *_: made | {"user": case.question})
    monkeypatch.setattr(Retriever, "retrieve", lambda *_: None)
    mine = Recipe.model_validate(recipe.model_dump() | {"dataset": {"builder": "feedback", "size": 100}})
    assert [row["user"] for row in sources.build(mine, shop).examples] == asked
    monkeypatch.setattr(feedback, "_worse", lambda _: {asked[0].casefold(): "SELECT 1"})
    pair = list(sources.build(mine.model_copy(update={"method": "dpo"}), shop).examples)
    assert pair == [{"system": "s", "user": asked[0], "chosen": sql, "rejected": "SELECT 1"}]
    monkeypatch.setattr(feedback, "cases", lambda *_: [replace(case, consent=False) for case in said])
    with pytest.raises(Invalid, match=r"no feedback that may be learnt.*--consent"):
        sources.build(mine, shop)
