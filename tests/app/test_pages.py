"""What the rooms of the page do, without a browser: under whose rights, and with what words."""

from __future__ import annotations

from typing import Any

import pytest

from app import jobs as service
from app.assembly import Lakewright
from app.scopes import ALL
from app.ui import lineage, losses, runs
from app.ui.catalogue import Catalogue
from app.ui.models import Models, keys_of
from app.ui.settings import Own
from app.ui.trail import Trail
from app.ui.training import Training
from data.catalog import Catalog, Relationship, SourceConfig, Table
from data.errors import Invalid
from finetune.jobs.job import Job
from finetune.jobs.store import Jobs
from finetune.loop import Tick, ticks
from tests.app.conftest import visiting

HOSTILE = "<img src=x onerror=alert(1)>${alert(1)}"


@pytest.fixture
def store(lakewright: Lakewright, monkeypatch: pytest.MonkeyPatch) -> Jobs:
    monkeypatch.setattr(service, "wake", lambda lakewright: None)
    (lakewright.settings.home / "jobs.sqlite").unlink(missing_ok=True)
    return Jobs(lakewright.settings.home)


@pytest.mark.parametrize(
    ("principal", "scopes", "said"),
    [("support-ca", ALL, "may not"), ("owner", ("ui", "ask"), "not for"), ("owner", ("admin",), "not for")],
)
def test_the_administrators_rooms_are_theirs_alone(
    lakewright: Lakewright, store: Jobs, principal: str, scopes: tuple[str, ...], said: str
) -> None:
    job, other = store.add("train", "risk", "cpu", "owner"), visiting(lakewright, principal, scopes)
    training, trail = Training(lakewright), Trail(lakewright)
    looks = (training.start("train/risk", other, []), training.act("cancel", other, [job.id]), training.look(other, []))
    assert all(said in told and (listed, page) == ([], "") for listed, page, told, _ in looks)
    assert [one.state for one in store.all()] == ["queued"]
    assert said in trail.look("", "", "", None, other)[0]
    assert said in trail.check(other)


def test_who_came_with_a_narrow_token_sees_no_more_than_it_is_for(lakewright: Lakewright) -> None:
    narrow = visiting(lakewright, "owner", ("ui", "ask"))
    assert "not for" in Catalogue(lakewright).search("", narrow)[1]
    assert "not for" in Catalogue(lakewright).show("square.payments", narrow)
    assert Models(lakewright).names(narrow)[0] == []
    assert "not for" in Models(lakewright).look_up("view/card_payments", "card_id=7", narrow)


def test_a_table_that_is_not_granted_is_not_there(lakewright: Lakewright) -> None:
    caller = lakewright.principal("support-ca")
    hidden = {t.full_name for t in lakewright.gateway.catalog.tables} - {
        t.full_name for t in lakewright.gateway.visible(caller).tables
    }
    shown = Catalogue(lakewright).show(min(hidden), visiting(lakewright, "support-ca"))
    assert 'role="alert"' in shown
    assert "<article" not in shown


def test_nobody_ends_the_token_of_somebody_else(lakewright: Lakewright) -> None:
    _, theirs = lakewright.tokens.create("owner", 1)
    offered, shown = Own(lakewright).revoke(theirs.id, visiting(lakewright, "support-ca"))
    assert "You have no token" in shown
    assert theirs.id not in {id for _, id in offered}
    assert {token.id: token for token in lakewright.tokens.all()}[theirs.id].revoked_at is None


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        ("card_id=7", {"card_id": 7}),
        (" a = x y , b=-3 ", {"a": "x y", "b": -3}),
        ('{"id": "007"}', {"id": "007"}),
    ],
)
def test_keys_are_read(words: str, keys: dict[str, Any]) -> None:
    assert keys_of(words) == keys


@pytest.mark.parametrize("words", ["", "card_id", "=7", "{", '{"a": [1]}', '{"a": ' * 9, "a=1,,b=2"])
def test_what_names_no_key_is_quoted(words: str) -> None:
    with pytest.raises(Invalid, match="names no key"):
        keys_of(words)


def test_losses_are_read_as_trainings_tell_them() -> None:
    said: list[str] = ["reading", HOSTILE]
    tick = ticks(said.append)
    for step, loss in ((5, 2.5), (10, 2.25), (5, 2.0), (12, 1.5)):
        tick(Tick(step, 12, loss, 0.1, 1.0, 60.0))
    assert losses.read(said) == [(5, 2.0), (10, 2.25), (12, 1.5)]
    assert losses.svg({"a": [(1, 2.0)]}) == ""
    job = Job("77", "train", HOSTILE, "failed", "cpu", HOSTILE, "2026-01-01", error={"message": HOSTILE, "remedy": ""})
    for shown in (runs.one(job, said), runs.compared([(job, said), (job, said)])):
        assert "<img" not in shown
        assert "${" not in shown


def test_the_picture_has_what_hangs_together_and_no_markup() -> None:
    tables = tuple(Table("s", name) for name in ("a", "b", HOSTILE, "alone"))
    links = (Relationship("s.a", "b_id", "s.b", "id"), Relationship(f"s.{HOSTILE}", HOSTILE, "s.a", "id"))
    catalog = Catalog((SourceConfig("s", "sqlite", "", tables=tables),), links)
    drawn = lineage.picture(catalog, tables[0])
    assert (drawn.count("<rect"), drawn.count("marker-end")) == (3, 2)
    assert "<img" not in drawn
    assert "${" not in drawn
    assert lineage.picture(catalog, tables[3]) == ""
    many = tuple(Relationship(f"s.t{n}", "a_id", "s.a", "id") for n in range(40))
    assert "and 28 more" in lineage.picture(Catalog(catalog.sources, many), tables[0])
