"""A document written into its PDF form."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any

from agents.forms.form import Form
from agents.forms.handout import PDF
from agents.forms.pdf.node import Node, nodes, states
from agents.forms.pdf.schema import slots_of
from agents.forms.pdf.slot import READ_ONLY, Slot
from agents.forms.pdf.written import written
from data.errors import Invalid


def filled(form: Form, document: Any) -> bytes:
    """The form's PDF with the values of a document. What has been filled is read-only there; what has not is open.
    Invalid for a form that came as no PDF."""
    if form.media != PDF:
        raise Invalid(f"The form '{form.name}' is no PDF.", "Download it as JSON.")
    from pypdf import PdfReader, PdfWriter

    # The library's warnings quote values, and a log is no place for them.
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    writer = PdfWriter(clone_from=PdfReader(BytesIO(form.file)))
    acro_form = writer.root_object["/AcroForm"].get_object()
    values = dict(_values(form, document))
    pages = _pages(writer)
    for node in nodes(acro_form):
        if node.name in values:
            slot, value = values[node.name]
            _set(node, slot, value)
            if slot.kind not in ("check", "radio"):
                _draw(writer, acro_form, node, pages)
    # Fonts of the form may lack letters of a value; who shows the file draws it with their own.
    writer.set_need_appearances_writer(True)
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


def _values(form: Form, document: Any) -> Iterator[tuple[str, tuple[Slot, Any]]]:
    """The slots that have a value, by the PDF's names."""
    for path, slot in slots_of(form.schema):
        value = document
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        if value is not None:
            yield slot.name, (slot, value)


def _set(node: Node, slot: Slot, value: Any) -> None:
    from pypdf.generic import ArrayObject, NameObject, NumberObject, TextStringObject

    kept = dict(slot.options)
    match slot.kind:
        case "check" | "radio":
            _press(node, kept, value)
        case "list":
            chosen = [kept.get(str(one), str(one)) for one in value]
            node.field[NameObject("/V")] = ArrayObject(TextStringObject(one) for one in chosen)
            node.field.pop("/I", None)
        case "choice" | "text":
            said = kept.get(str(value), str(value)) if slot.kind == "choice" else written(value, slot)
            node.field[NameObject("/V")] = TextStringObject(said)
            node.field.pop("/I", None)
    node.field[NameObject("/Ff")] = NumberObject(node.flags | 1 << (READ_ONLY - 1))


def _press(node: Node, kept: Mapping[str, str], value: Any) -> None:
    """Set a button's state, and that of each place where it is shown."""
    from pypdf.generic import NameObject

    wanted = (next(iter(kept.values())) if value else "Off") if isinstance(value, bool) else kept[str(value)]
    node.field[NameObject("/V")] = NameObject(f"/{wanted}")
    labels = [label for label, _ in kept.items()]
    numbered = _is_numbered(node)
    for at, widget in enumerate(node.widgets):
        pressed = wanted in states(widget) and (not numbered or labels[at : at + 1] in ([str(value)], []))
        widget[NameObject("/AS")] = NameObject(f"/{wanted}" if pressed else "/Off")


def _is_numbered(node: Node) -> bool:
    """Whether two places share a state and only their order tells them apart."""
    found = [state for widget in node.widgets for state in states(widget)]
    return len(set(found)) < len(found) and isinstance(node.entries.get("/Opt"), list)


def _draw(writer: Any, acro_form: Any, node: Node, pages: Mapping[int, Any]) -> None:
    """Draw a text where it is shown, for readers that do not do it themselves."""
    from pypdf.generic import DictionaryObject, NameObject
    from pypdf.generic._appearance_stream import TextStreamAppearance

    for widget in node.widgets:
        page = pages.get(id(widget)) or writer.pages[0]
        if not _drawable(node, widget):
            widget.pop("/AP", None)
            continue
        look = TextStreamAppearance.from_text_annotation(writer, page, False, acro_form, node.field, widget)
        widget[NameObject("/AP")] = DictionaryObject({NameObject("/N"): writer._add_object(look)})


def _drawable(node: Node, widget: Any) -> bool:
    """Whether the library draws it; lines that have another name than their label are left to the reader."""
    options: Sequence[Any] = node.entries.get("/Opt") or ()
    return "/Rect" in widget and not any(isinstance(one.get_object(), list) for one in options)


def _pages(writer: Any) -> dict[int, Any]:
    """The page of each widget."""
    found = {}
    for page in writer.pages:
        annotations = page.get("/Annots")
        for annotation in annotations.get_object() if annotations is not None else ():
            found[id(annotation.get_object())] = page
    return found
