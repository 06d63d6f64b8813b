"""PDF forms: read, filled, and read back."""

from __future__ import annotations

import logging
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from agents.forms.form import Form
from agents.forms.hints import Hints
from agents.forms.intake import add_file
from agents.forms.pdf.fill import filled
from agents.forms.pdf.slot import Slot
from agents.forms.pdf.written import written
from agents.forms.registry import FormRegistry
from data.errors import Invalid
from tests.agents.forms.pdf import papers

DOCUMENT = {
    "text1": "Żółć & Söhne 東京", "country": "Ireland", "opened_on": "2024-03-05", "volume": 1234567.5,
    "is_online": True, "legal_form": "Sole trader", "channels": ["web", "phone"], "notes": "one\ntwo (x)",
}  # fmt: skip
KEPT = {
    "text1": "Żółć & Söhne 東京", "country": "IE", "opened_on": "03/05/2024", "volume": "1,234,567.50",
    "is_online": "/Yes", "legal_form": "/2", "channels": ["web", "phone"], "notes": "one\ntwo (x)",
}  # fmt: skip


@pytest.fixture
def registry(tmp_path: Path) -> FormRegistry:
    return FormRegistry(tmp_path / "forms.sqlite")


def added(registry: FormRegistry, file: bytes) -> Form:
    return add_file(registry, "paper", file, Hints(), "owner")


def fields_of(file: bytes) -> dict[str, Any]:
    """The values in a PDF, read anew."""
    found = PdfReader(BytesIO(file)).get_fields() or {}
    return {name: field.get("/V") for name, field in found.items()}


def drawn(widget: Any) -> str:
    """The texts that a field shows."""
    content = widget["/AP"]["/N"].get_data().decode("latin-1")
    return (
        "".join(bytes.fromhex(part).decode("latin-1") for part in re.findall("<([0-9a-f]+)> *Tj", content)) or content
    )


def test_fields_have_their_kind_words_and_options(registry: FormRegistry) -> None:
    form = added(registry, papers.onboarding())
    found = {field.path: (field.title, field.kind, field.format, field.options) for field in form.fields}
    assert found == {
        "text1": ("Legal name of the business", "string", "", ()),
        "country": ("Country of the business", "string", "", ("Canada", "Ireland")),
        "opened_on": ("Opened on", "string", "date", ()),
        "volume": ("Volume of last year", "number", "", ()),
        "is_online": ("The business sells online", "boolean", "", ()),
        "legal_form": ("Legal form", "string", "", ("Company", "Sole trader", "Charity")),
        "channels": ("Channels", "array", "", ()),
        "notes": ("notes", "string", "", ()),
    }
    assert form.field("text1").required
    assert not form.field("country").required
    assert (form.title, form.media) == ("Merchant onboarding", "application/pdf")


def test_the_same_file_again_is_the_same_version(registry: FormRegistry) -> None:
    assert [added(registry, papers.onboarding()).version for _ in range(2)] == [1, 1]


def test_values_are_in_the_pdf_and_can_be_seen(
    registry: FormRegistry, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    form = added(registry, papers.onboarding())
    with caplog.at_level(logging.WARNING):
        file = filled(form, DOCUMENT)
    found = fields_of(file)
    assert {name: found[name] for name in KEPT} == KEPT
    assert not found["secret"]
    assert caplog.text == ""
    pages = PdfReader(BytesIO(file)).pages
    looks = {str(one.get("/T")): one for page in pages for one in (kid.get_object() for kid in page["/Annots"])}
    assert "03/05/2024" in drawn(looks["opened_on"])
    assert looks["is_online"]["/AS"] == "/Yes"
    pressed = [kid.get_object()["/AS"] for kid in PdfReader(BytesIO(file)).get_fields()["legal_form"]["/Kids"]]
    assert pressed == ["/Off", "/2", "/Off"]
    (Path(os.environ.get("SCREENSHOTS", tmp_path)) / "filled.pdf").write_bytes(file)


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="another reader of PDF files is not installed")
def test_another_reader_sees_the_values(registry: FormRegistry, tmp_path: Path) -> None:
    (tmp_path / "filled.pdf").write_bytes(filled(added(registry, papers.onboarding()), DOCUMENT))
    said = subprocess.run(
        ["pdftotext", tmp_path / "filled.pdf", "-"], capture_output=True, text=True, check=True
    ).stdout
    assert all(value in said for value in ("03/05/2024", "1,234,567.50", "one"))


def test_what_has_no_value_stays_open(registry: FormRegistry) -> None:
    file = filled(added(registry, papers.onboarding()), {"is_online": False, "text1": "Blue Bottle"})
    fields = PdfReader(BytesIO(file)).get_fields()
    assert fields is not None
    assert {name for name, field in fields.items() if int(field.get("/Ff", 0)) & 1} == {"is_online", "text1"}
    assert fields["is_online"]["/V"] == "/Off"


def test_nested_fields_keep_their_sections(registry: FormRegistry) -> None:
    form = added(registry, papers.nested())
    assert [field.path for field in form.fields] == ["owner/name", "shop/name", "shop/city"]
    file = filled(form, {"owner": {"name": "Ada"}, "shop": {"name": "Blue Bottle"}})
    values = fields_of(file)
    around = "topmostSubform[0].Page1[0]"
    assert values[f"{around}.owner[0].name[0]"] == "Ada"
    assert values[f"{around}.shop[0].name[0]"] == "Blue Bottle"
    assert values[f"{around}.shop[0].city[0]"] is None


def test_what_could_act_is_left_out(registry: FormRegistry) -> None:
    armed = papers.armed(papers.onboarding())
    form = added(registry, armed)
    for word in (b"SECRET_", b"/JavaScript", b"/JS", b"/Launch", b"/SubmitForm", b"/EmbeddedFile", b"/OpenAction"):
        assert word in armed
        assert word not in form.file
    assert fields_of(filled(form, DOCUMENT))["volume"] == "1,234,567.50"


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (lambda: papers.encrypted(papers.onboarding()), "encrypted"),
        (lambda: papers.signed(papers.onboarding()), "signed already"),
        (lambda: papers.onboarding()[:3000], "damaged"),
        (lambda: b"%PDF-1.7\n" + b"\xff" * 1000, "damaged"),
        (lambda: papers.with_fields(10_000), "more than 1,000 fields"),
        (lambda: papers.looped(), "nested too deeply"),
        (lambda: papers.with_fields(0), "no fields"),
        (lambda: b"%PDF-" + b"0" * 20_000_001, "are the most"),
    ],
)
def test_hostile_files_are_refused(registry: FormRegistry, file: Callable[[], bytes], said: str) -> None:
    with pytest.raises(Invalid, match=said) as caught:
        added(registry, file())
    assert caught.value.remedy
    assert registry.list() == ()


def test_a_page_that_unpacks_without_end_is_bounded(registry: FormRegistry) -> None:
    assert [field.path for field in added(registry, papers.bomb()).fields] == ["text1"]


def test_what_takes_too_long_is_stopped(registry: FormRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.forms.pdf.read.PATIENCE", 0.001)
    with pytest.raises(Invalid, match="too much time"):
        added(registry, papers.onboarding())


def test_a_schema_is_no_pdf(registry: FormRegistry) -> None:
    form = added(registry, b'{"type": "object", "properties": {"name": {"type": "string"}}}')
    assert form.media == ""
    with pytest.raises(Invalid, match="no PDF"):
        filled(form, {"name": "Ada"})


@pytest.mark.parametrize(
    ("value", "slot", "text"),
    [
        ("2024-03-05", Slot("d", "text", date="d.m.yy"), "5.3.24"),
        ("2024-03-05T10:00:00Z", Slot("d", "text", date="dd-mmm-yyyy"), "05-Mar-2024"),
        (-1234.5, Slot("n", "text", places=2, separators=2), "-1.234,50"),
        (1234, Slot("n", "text", places=0, separators=1), "1234"),
        (12, Slot("t", "text"), "12"),
        (True, Slot("t", "text"), "Yes"),
    ],
)
def test_values_are_written_as_the_paper_wants(value: Any, slot: Slot, text: str) -> None:
    assert written(value, slot) == text
