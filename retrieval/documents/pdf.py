"""PDF: read page by page in a process of its own, so that a file that is made to harm harms only its reading."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data.errors import Invalid, Unavailable
from retrieval.documents import plain
from retrieval.documents.cleaning import clean
from retrieval.documents.parsed import Parsed
from retrieval.documents.passage import Block

READER = Path(__file__).with_name("pdf_reader.py")
SECONDS = 60.0
"""How long the reading of one file may take."""

REMEDIES = {
    "encrypted": "Save it without a password.",
    "pages": "Split it into several files.",
    "text": "Split it into several files.",
    "empty": "It may be a scan: run it through OCR first.",
    "broken": "Open it in a viewer and save it again.",
}


def parse(content: bytes) -> Parsed:
    """The blocks of a PDF, whose places are those in the text of their page. Invalid for one that can't be read."""
    read = _read(content)
    outline = [(page, clean(title)) for page, title in read["outline"]]
    blocks = tuple(block for page, text in enumerate(read["pages"], 1) for block in _page(page, text, outline))
    first = next((block.headings[0] for block in blocks if block.headings), "")
    return Parsed(clean(read["title"]) or first, blocks)


def _page(page: int, text: str, outline: list[tuple[int, str]]) -> Iterator[Block]:
    """The blocks of a page, under the last bookmark that is on it or before it."""
    above = [title for at, title in outline if at <= page and title][-1:]
    yield from plain.blocks(text, page, tuple(above))


def _read(content: bytes) -> dict[str, Any]:
    command = [sys.executable, "-P", str(READER)]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise Invalid(f"It takes more than {SECONDS:.0f} seconds to read.", REMEDIES["broken"]) from None
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise Invalid("It can't be read: it asks for too much memory or time.", REMEDIES["broken"]) from None
    if found.get("kind") == "missing":
        raise Unavailable("PDF files can't be read: pypdf is not installed.", "Run: pip install pypdf")
    if "kind" in found:
        raise Invalid(str(found["message"]), REMEDIES[str(found["kind"])])
    return found
