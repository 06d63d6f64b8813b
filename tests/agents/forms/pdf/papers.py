"""PDF forms made on the spot, harmless and hostile."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, TextStringObject
from reportlab.lib.pagesizes import LETTER
from reportlab.pdfgen.canvas import Canvas

Draw = Callable[[Any], None]


def onboarding() -> bytes:
    """Three pages: texts, a date and an amount with scripts, a check box, radio buttons, a choice and a list."""
    made = BytesIO()
    canvas = Canvas(made, pagesize=LETTER, invariant=1)
    canvas.setTitle("Merchant onboarding")
    _first(canvas)
    canvas.showPage()
    _second(canvas)
    canvas.showPage()
    canvas.drawString(72, 720, "Signature")
    canvas.acroForm.textfield(name="notes", x=200, y=500, width=300, height=120, fieldFlags="multiline")
    canvas.save()
    return scripted(made.getvalue(), {
        "opened_on": 'AFDate_FormatEx("mm/dd/yyyy");', "volume": 'AFNumber_Format(2, 0, 0, 0, "$", true);',
    })  # fmt: skip


def _first(canvas: Any) -> None:
    canvas.drawString(72, 750, "Legal name of the business:")
    canvas.acroForm.textfield(name="text1", x=240, y=745, width=280, height=20, fieldFlags="required")
    canvas.drawString(72, 720, "Country")
    canvas.acroForm.choice(
        name="country", tooltip="Country of the business", options=[("Canada", "CA"), ("Ireland", "IE")],
        value="CA", fieldFlags="combo", x=240, y=715, width=120, height=20,
    )  # fmt: skip
    canvas.acroForm.textfield(name="opened_on", tooltip="Opened on", x=240, y=680, width=120, height=20)
    canvas.acroForm.textfield(name="volume", tooltip="Volume of last year", x=240, y=650, width=120, height=20)


def _second(canvas: Any) -> None:
    canvas.acroForm.checkbox(name="is_online", x=72, y=740, size=14)
    canvas.drawString(94, 743, "The business sells online")
    for at, (state, said) in enumerate((("1", "Company"), ("2", "Sole trader"), ("3", "Charity"))):
        canvas.acroForm.radio(name="legal_form", tooltip="Legal form", value=state, x=72, y=700 - 24 * at, size=14)
        canvas.drawString(94, 703 - 24 * at, said)
    canvas.acroForm.listbox(
        name="channels", tooltip="Channels", options=["shop", "web", "phone"], value=["shop"],
        fieldFlags="multiSelect", x=72, y=560, width=120, height=60,
    )  # fmt: skip
    canvas.acroForm.textfield(name="secret", x=72, y=500, width=120, height=20, fieldFlags="password")


def scripted(file: bytes, scripts: dict[str, str]) -> bytes:
    """A form whose fields have scripts that write their values."""

    def change(writer: Any) -> None:
        for field in fields(writer):
            if script := scripts.get(str(field.get("/T"))):
                field[NameObject("/AA")] = DictionaryObject({NameObject("/F"): action(script)})

    return changed(file, change)


def changed(file: bytes, change: Draw) -> bytes:
    """A PDF after some change."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(file)))
    change(writer)
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


def fields(writer: Any) -> list[Any]:
    return [one.get_object() for one in writer.root_object["/AcroForm"]["/Fields"]]


def action(script: str) -> Any:
    return DictionaryObject({NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject(script)})


def armed(file: bytes) -> bytes:
    """With scripts, an attachment, and a way out to the network."""

    def change(writer: Any) -> None:
        script = writer._add_object(action("SECRET_SCRIPT"))
        names = DictionaryObject({NameObject("/Names"): ArrayObject([TextStringObject("go"), script])})
        writer.root_object[NameObject("/Names")] = DictionaryObject({NameObject("/JavaScript"): names})
        writer.add_attachment("evil.exe", b"SECRET_ATTACHMENT")
        writer.root_object[NameObject("/OpenAction")] = action("SECRET_OPEN")
        launch = {NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("SECRET_PROGRAM")}
        submit = {NameObject("/S"): NameObject("/SubmitForm"), NameObject("/F"): TextStringObject("SECRET_ADDRESS")}
        first, second, *_ = fields(writer)
        first[NameObject("/A")] = DictionaryObject(launch)
        within = DictionaryObject(
            {NameObject("/S"): NameObject("/GoTo"), NameObject("/Next"): DictionaryObject(submit)}
        )
        second[NameObject("/A")] = within

    return changed(file, change)


def encrypted(file: bytes) -> bytes:
    return changed(file, lambda writer: writer.encrypt("secret", algorithm="RC4-128"))


def with_fields(count: int) -> bytes:
    """A page with so many fields."""

    def change(writer: Any) -> None:
        writer.add_blank_page(100, 100)
        made = [writer._add_object(_field(f"field_{at}")) for at in range(count)]
        _form(writer, made)

    return _new(change)


def looped() -> bytes:
    """A field that is within itself."""

    def change(writer: Any) -> None:
        writer.add_blank_page(100, 100)
        field = _field("round")
        reference = writer._add_object(field)
        field[NameObject("/Kids")] = ArrayObject([reference])
        _form(writer, [reference])

    return _new(change)


def bomb() -> bytes:
    """A page whose text unpacks to half a gigabyte."""
    import zlib

    def change(writer: Any) -> None:
        from pypdf.generic import StreamObject

        page = writer.add_blank_page(100, 100)
        stream = StreamObject()
        stream[NameObject("/Filter")] = NameObject("/FlateDecode")
        stream._data = zlib.compress(b"BT (x) Tj ET " * 40_000_000)
        page[NameObject("/Contents")] = writer._add_object(stream)
        field = writer._add_object(_field("text1"))
        page[NameObject("/Annots")] = ArrayObject([field])
        _form(writer, [field])

    return _new(change)


def nested() -> bytes:
    """Fields within fields, as form editors for large forms write them, two with the same last name."""

    def change(writer: Any) -> None:
        page = writer.add_blank_page(300, 300)
        leaves = [_field("name[0]"), _field("name[0]"), _field("city[0]")]
        kids = [writer._add_object(leaf) for leaf in leaves]
        page[NameObject("/Annots")] = ArrayObject(kids)
        groups = [_group(writer, "owner[0]", kids[:1]), _group(writer, "shop[0]", kids[1:])]
        _form(writer, [_group(writer, "topmostSubform[0]", [_group(writer, "Page1[0]", groups)])])
        for leaf in leaves:
            leaf[NameObject("/TU")] = TextStringObject("")

    return _new(change)


def signed(file: bytes) -> bytes:
    def change(writer: Any) -> None:
        field = _field("signature")
        field[NameObject("/FT")] = NameObject("/Sig")
        field[NameObject("/V")] = DictionaryObject({NameObject("/Type"): NameObject("/Sig")})
        writer.root_object["/AcroForm"]["/Fields"].append(writer._add_object(field))

    return changed(file, change)


def _new(change: Draw) -> bytes:
    writer = PdfWriter()
    change(writer)
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


def _form(writer: Any, references: list[Any]) -> None:
    form = DictionaryObject({NameObject("/Fields"): ArrayObject(references)})
    writer.root_object[NameObject("/AcroForm")] = form


def _field(name: str) -> Any:
    return DictionaryObject({
        NameObject("/FT"): NameObject("/Tx"), NameObject("/T"): TextStringObject(name),
        NameObject("/Subtype"): NameObject("/Widget"),
        NameObject("/Rect"): ArrayObject(NumberObject(at) for at in (10, 10, 200, 30)),
    })  # fmt: skip


def _group(writer: Any, name: str, kids: list[Any]) -> Any:
    made = DictionaryObject({NameObject("/T"): TextStringObject(name), NameObject("/Kids"): ArrayObject(kids)})
    reference = writer._add_object(made)
    for kid in kids:
        kid.get_object()[NameObject("/Parent")] = reference
    return reference
