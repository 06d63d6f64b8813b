"""A person with a browser reads the catalogue, looks after trainings, the audit trail, models and their own tokens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import jobs as service
from app.assembly import Lakewright
from app.settings import Settings
from finetune.jobs.runner import Runner
from finetune.jobs.store import Jobs
from finetune.loop import Tick, ticks
from tests.agents.predictors import tiny
from tests.app.axe import looked_at, violations
from tests.app.conftest import sign_in
from tests.app.served import RISK, copied

pytestmark = pytest.mark.long


def enter(page: Any, lakewright: Lakewright, principal: str, room: str) -> None:
    sign_in(page, lakewright, principal)
    page.locator(f"#to-{room}").click()
    page.locator(f"#to-{room}.primary").wait_for()


def test_a_room_opens_whatever_the_server_does(page: Any, lakewright: Lakewright) -> None:
    enter(page, lakewright, "owner", "catalogue")
    page.route("**/gradio_api/queue/join*", lambda route: None)
    for room in ("forms", "settings", "forms"):
        page.locator(f"#to-{room}").click()
    page.locator("#form-about").wait_for()
    assert page.locator("#to-forms.primary").is_visible()
    assert page.locator("#rooms .primary").count() == 1
    assert page.locator("#catalogue-words").is_hidden()


def test_the_catalogue_is_searched_and_a_table_read(page: Any, lakewright: Lakewright) -> None:
    lakewright.retriever.model.encode(["made before anybody waits for it"])
    enter(page, lakewright, "owner", "catalogue")
    page.locator("#catalogue-tables").get_by_label("square.payments", exact=True).check()
    shown = page.locator("#catalogue-page article")
    shown.get_by_role("cell", name="merchant_id", exact=True).wait_for()
    assert shown.locator("svg rect").count() > 1
    shown.get_by_text("Why you see what you see").click()
    assert "grant" in shown.locator("details").inner_text()
    looked_at(page, "catalogue")
    page.locator("#catalogue-words textarea, #catalogue-words input").fill("songs that people played")
    page.keyboard.press("Enter")
    page.locator("#catalogue-page article").wait_for(state="detached")
    assert "tidal" in page.locator("#catalogue-tables").inner_text()


def test_others_see_their_part_of_the_catalogue_and_no_rules(page: Any, lakewright: Lakewright) -> None:
    enter(page, lakewright, "support-ca", "catalogue")
    names = page.locator("#catalogue-tables label")
    names.first.wait_for()
    mine = {table.full_name for table in lakewright.gateway.askable(lakewright.principal("support-ca")).tables}
    assert set(names.all_inner_texts()) == mine
    names.first.click()
    page.locator("#catalogue-page article").wait_for()
    assert page.locator("#catalogue-page details").count() == 0
    for room in ("training", "streams", "audit"):
        assert page.locator(f"#to-{room}").is_hidden()


def test_an_answer_is_kept_as_a_file_and_its_sql_copied(page: Any, lakewright: Lakewright, script: Any) -> None:
    script.replies = ("SELECT city, count(*) AS shops FROM square.merchants GROUP BY city ORDER BY city",)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign_in(page, lakewright, "owner")
    page.locator("#question textarea").fill("How many shops are there in each city?")
    page.locator("#ask").click()
    card = page.locator("#log article")
    with page.expect_download() as download:
        card.get_by_role("link", name="CSV").click()
    assert Path(download.value.path()).read_text().splitlines()[0] == "city,shops"
    card.get_by_text("SQL", exact=True).click()
    card.get_by_role("button", name="Copy SQL").click()
    card.get_by_role("button", name="Copied").wait_for()
    assert "GROUP BY city" in page.evaluate("navigator.clipboard.readText()")
    assert violations(page) == []


@pytest.fixture
def store(lakewright: Lakewright, monkeypatch: pytest.MonkeyPatch) -> Jobs:
    """The jobs of the served home; nobody does them."""
    monkeypatch.setattr(service, "wake", lambda lakewright: None)
    (lakewright.settings.home / "jobs.sqlite").unlink(missing_ok=True)
    return Jobs(lakewright.settings.home)


def trained(store: Jobs, losses: list[float]) -> None:
    """Do what waits: a training that says its losses, and some markup."""
    said: list[str] = ["<img src=x onerror=window.cracked=1>${window.cracked=1}"]
    for step, loss in enumerate(losses, 1):
        ticks(said.append)(Tick(5 * step, 5 * len(losses), loss, 0.1, 3.0, 60.0))
    program = f"import sys; print({chr(10).join(said)!r}, file=sys.stderr); print('{{\"held_loss\": {losses[-1]}}}')"
    Runner(store, "cpu", lambda job: ["python3", "-c", program]).work()


def test_trainings_are_started_watched_compared_and_cancelled(page: Any, lakewright: Lakewright, store: Jobs) -> None:
    enter(page, lakewright, "owner", "training")
    page.get_by_text("No trainings yet").wait_for()
    page.locator("#training-start").click()
    page.locator("#training-said").get_by_text("No recipe is chosen").wait_for()
    page.locator("#training-recipe input").click()
    page.get_by_role("option", name="train risk").click()
    page.locator("#training-start").click()
    shown = page.locator("#training-page article")
    shown.get_by_text("queued", exact=True).wait_for()
    trained(store, [2.5, 1.75, 1.25])
    shown.get_by_text("done", exact=True).wait_for()
    assert shown.locator("svg polyline").count() == 1
    assert "step 15 of 15" in shown.locator("pre").inner_text()
    assert (page.locator("#training img").count(), page.evaluate("window.cracked")) == (0, None)
    looked_at(page, "training")
    page.locator("#training-start").click()
    shown.get_by_text("queued", exact=True).wait_for()
    page.locator("#training-cancel").click()
    shown.get_by_text("cancelled", exact=True).wait_for()
    page.locator("#training-retry").click()
    shown.get_by_text("queued", exact=True).wait_for()
    trained(store, [2.25, 2.0])
    shown.get_by_text("done", exact=True).wait_for()
    page.locator("#training-jobs input").last.check()
    shown.get_by_text("Side by side").wait_for()
    assert shown.locator("svg polyline").count() == 2
    assert {"1.25", "2.00"} <= set(shown.locator("td.lw-number").all_inner_texts())
    looked_at(page, "training_compared")


def test_the_audit_trail_is_searched_and_checked(page: Any, lakewright: Lakewright) -> None:
    for number in range(60):
        lakewright.note("owner", "rename <b>loudly</b>", f"number {number}")
    enter(page, lakewright, "owner", "audit")
    page.locator("#audit-chain").get_by_text("chain verified").wait_for()
    page.locator("#audit-words").locator("textarea, input").fill("rename <b>loudly")
    page.locator("#audit-find").click()
    records = page.locator("#audit-records tbody tr")
    page.locator("#audit-records").get_by_text("number 59").first.wait_for()
    page.locator("#audit-older:not([disabled])").wait_for()
    assert (records.count(), page.locator("#audit-records b").count()) == (50, 0)
    looked_at(page, "audit")
    page.locator("#audit-older").click()
    page.locator("#audit-records").get_by_text("number 0", exact=False).first.wait_for()
    page.locator("#audit-who").locator("textarea, input").fill("nobody")
    page.locator("#audit-find").click()
    page.get_by_text("No record fits").wait_for()


def test_own_settings(page: Any, lakewright: Lakewright) -> None:
    _, other = lakewright.tokens.create("support-ca", 1)
    _, mine = lakewright.tokens.create("owner", 1)
    enter(page, lakewright, "owner", "settings")
    tokens = page.locator("#settings-tokens")
    row = tokens.locator("tr", has_text=mine.id)
    assert "in use" in row.inner_text()
    assert tokens.get_by_text(other.id).count() == 0
    page.locator("#settings-token input").click()
    page.get_by_role("option", name=mine.id).click()
    page.locator("#settings-revoke").click()
    tokens.get_by_text(f"{mine.id} can not be used any more").wait_for()
    assert "revoked" in row.inner_text()
    looked_at(page, "settings")
    page.get_by_label("Dark").check()
    page.locator("body.dark").wait_for()
    page.reload()
    page.locator("body.dark").wait_for()


class TestModels:
    @pytest.fixture
    def lakewright(self, demo_home: Path, tmp_path: Path) -> Iterator[Lakewright]:
        opened = Lakewright.open(Settings.load(copied(demo_home, tmp_path / "home")))
        tiny.register(tmp_path / "home", RISK, alias="challenger")
        yield opened
        opened.close()

    def test_features_and_models(self, page: Any, lakewright: Lakewright) -> None:
        enter(page, lakewright, "owner", "models")
        page.get_by_label("features: card_payments").check()
        shown, found = page.locator("#models-page article"), page.locator("#models-found")
        shown.get_by_role("cell", name="spent_1d", exact=True).wait_for()
        page.locator("#models-keys").locator("textarea, input").fill("card_id")
        page.locator("#models-find").click()
        found.get_by_text("'card_id' names no key").wait_for()
        page.locator("#models-keys").locator("textarea, input").fill("card_id=7")
        page.locator("#models-find").click()
        found.get_by_text("card_id = 7").wait_for()
        page.get_by_label("model: risk").check()
        shown.get_by_text("challenger", exact=True).wait_for()
        page.locator("#models-keys").locator("textarea, input").fill(str(paid_by_card(lakewright)))
        page.keyboard.press("Enter")
        found.get_by_text("what each input adds").wait_for()
        assert found.locator(".lw-bar").count() > 1
        looked_at(page, "models")


def paid_by_card(lakewright: Lakewright) -> str:
    sql = "SELECT max(payment_id) AS id FROM square.payments WHERE card_id IS NOT NULL"
    found = lakewright.gateway.query(lakewright.principal("owner"), sql).table
    return f"payment_id={found.column('id')[0].as_py()}"
