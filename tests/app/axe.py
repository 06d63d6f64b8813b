"""What axe-core finds on a page that people who need its help could not get past."""

from __future__ import annotations

from typing import Any

from tests.app.conftest import picture

GRAVE = ("serious", "critical")


def violations(page: Any) -> list[str]:
    """The serious and critical violations of WCAG 2.2 A and AA, each with where it is."""
    from axe_playwright_python.sync_playwright import Axe

    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    options = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": tags}}
    found = Axe().run(page, options=options).response["violations"]
    return [_told(one) for one in found if one["impact"] in GRAVE]


def looked_at(page: Any, name: str) -> None:
    """In the light, in the dark and on a phone: nobody is shut out, and nothing is cut off."""
    picture(page, name)
    page.evaluate("document.body.classList.add('dark')")
    assert not (found := violations(page)), "\n".join(found)
    picture(page, f"{name}_dark")
    page.evaluate("document.body.classList.remove('dark')")
    page.set_viewport_size({"width": 390, "height": 844})
    picture(page, f"{name}_phone")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.set_viewport_size({"width": 1100, "height": 1000})
    assert not (found := violations(page)), "\n".join(found)


def _told(one: dict[str, Any]) -> str:
    places = "; ".join(str(node["html"])[:300] for node in one["nodes"][:4])
    return f"{one['id']} ({one['impact']}): {places}"
