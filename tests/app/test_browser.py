"""A person with a browser: signs in, asks, reads the rows, rates the answer."""

from __future__ import annotations

from typing import Any

from app.assembly import Lakewright
from tests.app.axe import looked_at
from tests.app.conftest import sign_in

HOSTILE = (
    "SELECT '<img src=x onerror=window.cracked=1>${window.cracked=1}{{window.cracked=1}}' AS \"<b>x</b>\", "
    "name FROM tidal.artists LIMIT 3"
)


def ask(page: Any, question: str) -> Any:
    """Type a question and give the card of its answer."""
    cards = page.locator("#log article")
    before = cards.count()
    page.locator("#question textarea").fill(question)
    page.locator("#ask").click()
    cards.nth(before).wait_for()
    return cards.nth(before)


def test_a_wrong_token_is_told_so(page: Any) -> None:
    page.locator("#token input, #token textarea").fill("lw_wrong")
    page.locator("#sign-in").click()
    page.get_by_role("alert").get_by_text("This token is not valid.").wait_for()
    assert not page.locator("#question").is_visible()


def test_sign_in_ask_and_see_the_rows(page: Any, lakewright: Lakewright, script: Any) -> None:
    script.replies = (
        "SELECT u.country, count(*) AS streams FROM tidal.plays p JOIN cash.users u ON u.user_id = p.user_id "
        "GROUP BY u.country ORDER BY streams DESC",
    )
    sign_in(page, lakewright, "owner")
    card = ask(page, "How many streams by country of the user?")
    assert card.locator(".lw-badge").first.inner_text() == "answered"
    assert card.locator("th").all_inner_texts() == ["country", "streams"]
    assert card.locator("tbody tr").count() > 3
    assert card.locator("svg rect").count() == card.locator("tbody tr").count()
    assert "tidal.plays" in card.locator(".lw-sources").inner_text()
    card.get_by_text("SQL", exact=True).click()
    assert "JOIN cash.users" in card.locator("pre").inner_text()
    page.locator("#thumb-up").click()
    page.get_by_text("thumb up is kept").wait_for()
    answer = lakewright.answers.recent("owner", 1)[0]
    assert answer.thumb == "up"
    looked_at(page, "chat")


def test_what_comes_from_data_is_never_markup(page: Any, lakewright: Lakewright, script: Any) -> None:
    script.replies = (HOSTILE,)
    sign_in(page, lakewright, "owner")
    card = ask(page, "artists <script>window.cracked=1</script>${window.cracked=1}")
    assert "<img src=x" in card.locator("td").first.inner_text()
    assert "${window.cracked=1}" in card.locator("td").first.inner_text()
    assert card.locator("img, script, b").count() == 0
    assert page.evaluate("window.cracked") is None


def test_two_answers_stay_and_signing_out_clears_them(page: Any, lakewright: Lakewright, script: Any) -> None:
    script.replies = ("SELECT count(*) FROM square.merchants",)
    sign_in(page, lakewright, "owner")
    ask(page, "How many shops are there?")
    ask(page, "How many merchants are there?")
    assert page.locator("#log article").count() == 2
    page.locator("#sign-out").click()
    page.locator("#token").wait_for()
    assert page.locator("#log article").count() == 0


def test_a_question_that_cant_be_asked_says_why(page: Any, lakewright: Lakewright) -> None:
    sign_in(page, lakewright, "owner")
    page.locator("#question textarea").fill("   ")
    page.locator("#ask").click()
    page.get_by_role("alert").wait_for()
