"""Every room, in light and in dark, to people who need a screen reader, a keyboard or a strong contrast."""

from __future__ import annotations

from typing import Any

from app.assembly import Lakewright
from app.ui.rooms import LABELS
from tests.app.axe import violations
from tests.app.conftest import sign_in

SHADES = {"light": "classList.remove('dark')", "dark": "classList.add('dark')"}


def seen(page: Any, place: str) -> list[str]:
    """What is wrong at a place, in both shades."""
    found = []
    for shade, change in SHADES.items():
        page.evaluate(f"document.body.{change}")
        found += [f"{place}, {shade}: {said}" for said in violations(page)]
    return found


def test_no_room_shuts_anybody_out(page: Any, lakewright: Lakewright) -> None:
    page.locator("#sign-in").wait_for()
    found = seen(page, "entrance")
    sign_in(page, lakewright, "owner")
    for room in LABELS:
        page.locator(f"#to-{room}").click()
        page.locator(f"#to-{room}.primary").wait_for()
        found += seen(page, room)
    assert not found, "\n".join(found)


def test_the_keyboard_goes_everywhere(page: Any, lakewright: Lakewright) -> None:
    sign_in(page, lakewright, "owner")
    for room in LABELS:
        page.locator(f"#to-{room}").wait_for()
    page.locator("#to-chat").focus()
    for room in list(LABELS)[1:]:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == f"to-{room}"
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.locator("#settings-look").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#settings-look') !== null")
