"""A form out of a file, whatever the file is."""

from __future__ import annotations

from agents.forms.form import Form
from agents.forms.hints import Hints
from agents.forms.reading import read_schema
from agents.forms.registry import FormRegistry

MARK = b"%PDF-"
HEAD = 1024
"""Bytes within which a PDF says that it is one."""


def add_file(registry: FormRegistry, name: str, file: bytes, hints: Hints, by: str) -> Form:
    """Add the form in a file: a JSON Schema, or a PDF with fields. Invalid where it can't be used."""
    if MARK not in file[:HEAD]:
        return registry.add(name, read_schema(file, name), hints, by)
    from agents.forms.handout import PDF
    from agents.forms.pdf.read import read_pdf

    found = read_pdf(file, name)
    return registry.add(name, found.schema, hints, by, media=PDF, file=found.file)
