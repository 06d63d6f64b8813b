"""A person with a browser fills a form: sees its sources, answers, signs, downloads."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from agents.forms import demo
from agents.forms.hints import Hints, read_hints
from agents.forms.intake import add_file
from app.assembly import Lakewright
from tests.agents.forms.pdf import papers
from tests.app.axe import looked_at
from tests.app.conftest import picture, sign_in

pytestmark = pytest.mark.long

HOSTILE = "<img src=x onerror=window.cracked=1>${window.cracked=1}{{window.cracked=1}}"


@pytest.fixture
def registry(lakewright: Lakewright) -> Iterator[Any]:
    """The forms of the home, which have gone after the test."""
    lakewright.retriever.model.encode(["made before anybody waits for it"])
    registry = lakewright.forms.registry
    yield registry
    for form in registry.list():
        registry.remove(form.name)


def fill(page: Any, lakewright: Lakewright, about: str) -> None:
    sign_in(page, lakewright, "owner")
    page.locator("#to-forms").click()
    page.locator("#form-about input, #form-about textarea").fill(about)
    page.locator("#form-fill").click()


def field(page: Any, label: str) -> Any:
    return page.locator("#forms").get_by_label(label, exact=True)


def saved(page: Any, name: str) -> bytes:
    with page.expect_download() as waiting:
        page.get_by_role("link", name=name).click()
    return Path(waiting.value.path()).read_bytes()


def test_a_demo_form_shows_where_its_values_come_from(page: Any, lakewright: Lakewright, registry: Any) -> None:
    name = "merchant-onboarding"
    registry.add(name, demo.schema(name), demo.hints(name), "owner")
    fill(page, lakewright, "square.merchants:1")
    page.get_by_text("ready to sign").wait_for()
    source = page.locator("details.lw-source", has_text="square.merchants.name").first
    source.locator("summary").click()
    assert "Confidence" in source.inner_text()
    looked_at(page, "forms")


def test_a_pdf_is_filled_answered_signed_and_downloaded(page: Any, lakewright: Lakewright, registry: Any) -> None:
    add_file(registry, "paper", papers.onboarding(), Hints(), "owner")
    fill(page, lakewright, "square.merchants:1")
    field(page, "Legal name of the business *").fill("Blue Bottle")
    field(page, "Opened on").fill("soon")
    page.locator("#form-save").click()
    page.get_by_role("alert").get_by_text("can't be 'soon'").wait_for()
    assert field(page, "Legal name of the business *").input_value() == "Blue Bottle"
    field(page, "Opened on").fill("2024-03-05")
    for label, choice in (("The business sells online *", "yes"), ("Legal form *", "Sole trader")):
        field(page, label).click()
        page.get_by_role("option", name=choice).click()
    page.locator("#form-save").click()
    page.get_by_text("ready to sign").wait_for()
    assert page.get_by_text("said by owner").count() == 4
    picture(page, "forms_pdf")
    page.locator("#form-sign").click()
    page.get_by_text("Download PDF").wait_for()
    assert not field(page, "Opened on").is_editable()
    fields = PdfReader(BytesIO(saved(page, "Download PDF"))).get_fields()
    assert fields is not None
    assert (fields["text1"]["/V"], fields["opened_on"]["/V"], fields["legal_form"]["/V"]) == (
        "Blue Bottle", "03/05/2024", "/2",
    )  # fmt: skip
    looked_at(page, "forms_signed")


def test_several_that_match_are_to_choose_from(page: Any, lakewright: Lakewright, registry: Any) -> None:
    schema = {"type": "object", "properties": {"name": {"type": "string"}}}
    registry.add("shop", schema, read_hints("subject: square.merchants", "hints"), "owner")
    query = "SELECT split_part(name, ' ', 1) AS word FROM square.merchants GROUP BY 1 HAVING count(*) > 1 ORDER BY 1"
    word = lakewright.gateway.query(lakewright.principal("owner"), query).table["word"][0].as_py()
    fill(page, lakewright, word)
    page.get_by_text("Several match").wait_for()
    page.locator("#form-choice label").nth(1).click()
    page.locator("#form-sign").wait_for()
    assert field(page, "name").input_value().startswith(word)


def test_nothing_of_a_form_is_markup(page: Any, lakewright: Lakewright, registry: Any) -> None:
    schema = {"type": "object", "title": HOSTILE, "properties": {"a": {"type": "string", "title": HOSTILE}}}
    registry.add("hostile", schema, Hints(), "owner")
    fill(page, lakewright, "square.merchants:1")
    page.locator("#form-sign").wait_for()
    field(page, HOSTILE).fill(HOSTILE)
    page.locator("#form-save").click()
    page.get_by_text("said by owner").wait_for()
    assert field(page, HOSTILE).input_value() == HOSTILE
    assert page.locator("#forms img").count() == 0
    assert page.evaluate("window.cracked") is None


def test_what_there_is_not_is_said_and_signing_out_clears(page: Any, lakewright: Lakewright, registry: Any) -> None:
    registry.add("shop", {"type": "object", "properties": {"name": {"type": "string"}}}, Hints(), "owner")
    fill(page, lakewright, "square.merchants:999999")
    page.get_by_role("alert").wait_for()
    page.locator("#form-about input, #form-about textarea").fill("square.merchants:1")
    page.locator("#form-fill").click()
    page.locator("#form-sign").wait_for()
    page.locator("#sign-out").click()
    page.locator("#token").wait_for()
    page.locator("#form-sign").wait_for(state="detached")


@pytest.mark.parametrize(("kind", "file"), [("json", None), ("pdf", papers.onboarding)])
def test_the_administrator_adds_a_form_on_the_page_with_the_keyboard(
    page: Any, lakewright: Lakewright, registry: Any, tmp_path: Path, kind: str, file: Any
) -> None:
    path = tmp_path / f"form.{kind}"
    path.write_bytes(file() if file else b'{"title": "Shop card", "properties": {"name": {"type": "string"}}}')
    sign_in(page, lakewright, "owner")
    page.locator("#to-forms").press("Enter")
    page.get_by_role("button", name="Add a form").press("Enter")
    page.locator("#form-file").set_input_files(path)
    page.locator("#form-file").press("Tab")
    page.keyboard.type("shop card!")
    page.locator("#form-add button, button#form-add").press("Enter")
    page.get_by_role("alert").get_by_text("is no name for a form").wait_for()
    page.locator("#form-new-name input, #form-new-name textarea").fill("shop-card")
    page.locator("#form-add button, button#form-add").press("Enter")
    page.get_by_text("The form shop-card was added").wait_for()
    picture(page, f"forms_added_{kind}")
    page.locator("#form-about input, #form-about textarea").fill("square.merchants:1")
    page.locator("#form-about input, #form-about textarea").press("Enter")
    page.locator("#form-save").wait_for()


def test_others_than_the_administrator_add_no_forms(page: Any, lakewright: Lakewright, registry: Any) -> None:
    registry.add("shop", {"type": "object", "properties": {"name": {"type": "string"}}}, Hints(), "owner")
    sign_in(page, lakewright, "square-analyst")
    page.locator("#to-forms").click()
    page.locator("#form-fill").wait_for()
    assert page.locator("#form-file").count() == 0
