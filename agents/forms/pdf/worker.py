"""The process that opens a stranger's PDF, with bounds on what it may take: `python -m agents.forms.pdf.worker`.

It reads the file from its input, and writes a line of JSON, the slots or what is wrong, then the cleaned file.
"""

from __future__ import annotations

import json
import logging
import resource
import sys
import warnings
from io import BytesIO
from typing import Any

from agents.forms.pdf.clean import cleaned
from agents.forms.pdf.labels import titled
from agents.forms.pdf.node import Unreadable, nodes
from agents.forms.pdf.slot import Slot, slot_of

SECONDS = 20
MEMORY = 1 << 30
MOST_PAGES = 300
MOST_FIELDS = 1_000
DAMAGED = ("The file is no PDF, or is damaged.", "Open it in a PDF reader and save it anew.")


def main() -> None:
    """One file."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    logging.disable()
    warnings.simplefilter("ignore")
    try:
        head, file = opened(sys.stdin.buffer.read())
    except Unreadable as error:
        head, file = {"wrong": list(error.args)}, b""
    except Exception:  # noqa: BLE001
        # Whatever the library stumbles over, the file is at fault.
        head, file = {"wrong": list(DAMAGED)}, b""
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + file)


def opened(file: bytes) -> tuple[dict[str, Any], bytes]:
    """The slots of a PDF, and the PDF without what could act."""
    from pypdf import PdfReader

    if b"%PDF-" not in file[:1024]:
        raise Unreadable(*DAMAGED)
    reader = PdfReader(BytesIO(file))
    if reader.is_encrypted:
        raise Unreadable("The PDF is encrypted.", "Save a copy without its password and restrictions.")
    if len(reader.pages) > MOST_PAGES:
        raise Unreadable(f"The PDF has {len(reader.pages):,} pages; {MOST_PAGES:,} are the most.", "Split the form.")
    slots = _slots(reader)
    writer = cleaned(reader)
    made = BytesIO()
    writer.write(made)
    title = str((reader.metadata.title if reader.metadata else "") or "")
    return {"title": title[:200], "slots": [slot.as_json() for slot in titled(reader, slots)]}, made.getvalue()


def _slots(reader: Any) -> list[Slot]:
    acro_form = reader.root_object.get("/AcroForm")
    acro_form = acro_form.get_object() if acro_form is not None else {}
    found: dict[str, Slot] = {}
    for node in nodes(acro_form):
        slot = slot_of(node)
        if slot is not None:
            found.setdefault(slot.name, slot)
        if len(found) > MOST_FIELDS:
            raise Unreadable(f"The PDF has more than {MOST_FIELDS:,} fields.", "Split the form.")
    if not found:
        xfa = "It is an XFA form: save it as an AcroForm." if "/XFA" in acro_form else "Add form fields to it."
        raise Unreadable("The PDF has no fields to fill.", xfa)
    return list(found.values())


if __name__ == "__main__":
    main()
