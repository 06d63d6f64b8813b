"""A person with a browser has a program written, reads and changes it, runs it, and decides what it may do."""

from __future__ import annotations

from typing import Any

import pytest

from agents.endpoints.scripted import scripted
from app.assembly import Lakewright
from tests.app.axe import looked_at
from tests.app.conftest import sign_in

COUNT = "SELECT country, count(*) AS merchants FROM square.merchants GROUP BY country ORDER BY country"
HOSTILE = "<img src=x onerror=window.cracked=1>${window.cracked=1}{{window.cracked=1}}"


@pytest.fixture
def replies(lakewright: Lakewright, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the model will say."""
    found: list[Any] = []
    lakewright.__dict__["endpoints"] = {"large": lambda: scripted(*found)}
    lakewright.retriever.model.encode(["made before anybody waits for it"])
    return found


def write(page: Any, lakewright: Lakewright, task: str, mode: str = "") -> None:
    sign_in(page, lakewright, "owner")
    page.locator("#to-code").click()
    if mode:
        page.locator("#code-mode input").click()
        page.get_by_role("option", name=mode).click()
    page.locator("#code-task textarea").fill(task)
    page.locator("#code-write").click()


def test_a_program_is_written_mended_shown_and_run_again(replies: list[Any], page: Any, lakewright: Lakewright) -> None:
    wrong = COUNT.replace("country, count", "nation, count")
    replies += [f"```sql\n{wrong}\n```", f"```sql\n{COUNT}\n```\nOne row for each country."]
    write(page, lakewright, "Merchants by country")
    page.locator("#code-live").get_by_text("delivered", exact=True).wait_for()
    assert "count(*) AS merchants" in page.locator("#code-editor").inner_text()
    page.get_by_text("2 attempts").click()
    assert "-SELECT nation" in page.locator("#code-live").inner_text()
    looked_at(page, "code")
    page.locator("#code-editor .cm-content").fill("SELECT nothing FROM square.merchants")
    page.locator("#code-run").click()
    page.locator("#code-live").get_by_text("failed", exact=True).wait_for()
    page.locator("#sign-out").click()
    page.locator("#token").wait_for()
    assert page.locator("#code-live .lw-code").count() == 0


def test_a_run_waits_until_it_is_approved(replies: list[Any], page: Any, lakewright: Lakewright) -> None:
    replies.append(f"```sql\n{COUNT}\n```")
    write(page, lakewright, "Merchants by country", "Ask before each run")
    page.get_by_text("May this program run?").wait_for()
    page.locator("#code-approve").click()
    page.locator("#code-live").get_by_text("delivered", exact=True).wait_for()
    assert page.locator("#code-approve").is_hidden()


def test_nothing_of_a_program_is_markup(replies: list[Any], page: Any, lakewright: Lakewright) -> None:
    replies.append(f"```sql\nSELECT '{HOSTILE}' AS said, name FROM square.merchants LIMIT 2\n```\n{HOSTILE}")
    write(page, lakewright, HOSTILE)
    page.locator("#code-live").get_by_text("delivered", exact=True).wait_for()
    assert page.locator("#code img").count() == 0
    assert page.evaluate("window.cracked") is None
