"""Adding a form on the page: the browser reads the file, and hands it over with the click of whoever is signed in.

No upload of the chat's framework is open for it: those would take files from anybody.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any

from app.ui import render
from app.ui.session import signed_in
from data.errors import DataError, Invalid

if TYPE_CHECKING:
    from agents.forms.form import Form
    from app.assembly import Lakewright
    from app.ui.session import Visit

MOST_BYTES = 700_000
"""Of a file; as text it is a third longer, and a request of the page may have a megabyte."""
INPUT = """<label class="lw-upload" for="form-file">A JSON Schema, or a PDF with fields
<input type="file" id="form-file" accept=".json,.pdf,application/json,application/pdf"></label>"""
READ = f"""async (visit, name, _) => {{
  const file = document.getElementById("form-file").files[0];
  if (!file) return [visit, name, JSON.stringify({{missing: true}})];
  if (file.size > {MOST_BYTES}) return [visit, name, JSON.stringify({{bytes: file.size}})];
  const url = await new Promise((done, failed) => {{
    const reader = new FileReader();
    reader.onload = () => done(reader.result);
    reader.onerror = failed;
    reader.readAsDataURL(file);
  }});
  return [visit, name, JSON.stringify({{file: url.slice(url.indexOf(",") + 1)}})];
}}"""


class Upload:
    """The administrator's part of the room."""

    def __init__(self, lakewright: Lakewright) -> None:
        self._lakewright = lakewright

    def may(self, visit: Visit) -> bool:
        """Whether this visitor may add forms."""
        return self._lakewright.administers(signed_in(self._lakewright, visit).name)

    def add(self, visit: Visit, name: str, told: str) -> tuple[str, str]:
        """(the form's name, "") or ("", what is wrong). Who it is is checked again."""
        try:
            form = self._added(visit, (name or "").strip(), told)
        except DataError as error:
            return "", render.notice(error.message, error.remedy)
        return form.name, ""

    def _added(self, visit: Visit, name: str, told: str) -> Form:
        from agents.forms.hints import Hints
        from agents.forms.intake import add_file

        principal = signed_in(self._lakewright, visit)
        self._lakewright.require_administrator(principal.name, "add forms")
        form = add_file(self._lakewright.forms.registry, name, content(told), Hints(), principal.name)
        self._lakewright.note(principal.name, "forms add", f"{form.name} version {form.version}")
        return form

    def place(self) -> None:
        """Its components, hidden from all but the administrator."""
        import gradio as gr

        with gr.Accordion("Add a form", open=False, visible=False, elem_id="form-adding") as self.box:
            gr.HTML(INPUT)
            with gr.Row(elem_classes="lw-beside"):
                self._name = gr.Textbox(
                    label="Name", placeholder="loan-application", max_lines=1, elem_id="form-new-name", scale=3
                )
                self._add = gr.Button("Add form", elem_id="form-add", scale=0, min_width=120)
        self._file = gr.Textbox(visible=False)

    def wire(self, visit: Any, live: Any, private: dict[str, Any]) -> Any:
        """What happens on a click; gives the event and the component that has the new form's name."""
        import gradio as gr

        added = gr.State("")
        sent = self._add.click(self.add, [visit, self._name, self._file], [added, live], js=READ, **private)
        return sent, added


def content(told: str) -> bytes:
    """The file that the browser handed over; Invalid where there is none that may be taken."""
    try:
        found = json.loads(told)
        text = found.get("file") if isinstance(found, dict) else None
        file = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (ValueError, binascii.Error, RecursionError):
        file, found = b"", {}
    if (not file and isinstance(found, dict) and isinstance(found.get("bytes"), int)) or len(file) > MOST_BYTES:
        remedy = "Add it with: lakewright forms add NAME FILE"
        raise Invalid(f"The file is larger than {MOST_BYTES // 1000} kB, the most that the page takes.", remedy)
    if not file:
        raise Invalid("No file was chosen.", "Choose a JSON Schema or a PDF with fields.")
    return file
