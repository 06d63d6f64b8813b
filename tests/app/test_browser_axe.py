"""Every room, in light and in dark, to people who need a screen reader, a keyboard or a strong contrast."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from app.assembly import Lakewright
from app.ui.rooms import LABELS
from tests.app.axe import violations
from tests.app.conftest import sign_in


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_room_shuts_anybody_out(page: Any, lakewright: Lakewright, tmp_path: Path, scheme: str) -> None:
    page.goto(f"{page.url}?__theme={scheme}")
    page.locator("#sign-in").wait_for()
    found = violations(page)
    sign_in(page, lakewright, "owner")
    folder = Path(os.environ.get("SCREENSHOTS", tmp_path))
    for room in LABELS:
        page.locator(f"#to-{room}").click()
        page.locator(f"#to-{room}.primary").wait_for()
        page.wait_for_timeout(300)
        found += [f"{room}: {said}" for said in violations(page)]
        page.screenshot(path=str(folder / f"axe_{room}_{scheme}.png"), full_page=True)
    assert not found, "\n".join(found)
