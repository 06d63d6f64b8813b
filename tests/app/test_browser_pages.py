"""A person with a browser reads the catalogue, looks after trainings, the audit trail, models and their own tokens."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from app.assembly import Lakewright
from tests.app.axe import violations
from tests.app.conftest import sign_in


def picture(page: Any, name: str, tmp_path: Path) -> None:
    """Once more in the dark and on a phone, where somebody wants to look at it."""
    folder = Path(os.environ.get("SCREENSHOTS", tmp_path))
    page.screenshot(path=str(folder / f"{name}.png"), full_page=True)
    page.evaluate("document.body.classList.add('dark')")
    assert violations(page) == []
    page.screenshot(path=str(folder / f"{name}_dark.png"), full_page=True)
    page.evaluate("document.body.classList.remove('dark')")
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(200)
    page.screenshot(path=str(folder / f"{name}_phone.png"), full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.set_viewport_size({"width": 1100, "height": 1000})
    assert violations(page) == []


def enter(page: Any, lakewright: Lakewright, principal: str, room: str) -> None:
    sign_in(page, lakewright, principal)
    page.locator(f"#to-{room}").click()
    page.locator(f"#to-{room}.primary").wait_for()


def test_the_catalogue_is_searched_and_a_table_read(page: Any, lakewright: Lakewright, tmp_path: Path) -> None:
    lakewright.retriever.model.encode(["made before anybody waits for it"])
    enter(page, lakewright, "owner", "catalogue")
    page.locator("#catalogue-tables").get_by_label("square.payments", exact=True).check()
    shown = page.locator("#catalogue-page article")
    shown.get_by_role("cell", name="merchant_id", exact=True).wait_for()
    assert shown.locator("svg rect").count() > 1
    shown.get_by_text("Why you see what you see").click()
    assert "grant" in shown.locator("details").inner_text()
    picture(page, "catalogue", tmp_path)
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
