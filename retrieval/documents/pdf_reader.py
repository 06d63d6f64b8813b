"""The process that reads one PDF: its bytes on standard input, one JSON document on standard output.

It imports nothing of Lakewright, may take little memory and time, and may not open a file.
"""

from __future__ import annotations

import io
import json
import logging
import resource
import sys
from typing import Any

MEMORY, CPU_SECONDS = 1_500 * 2**20, 45
MOST_PAGES, MOST_TEXT = 2_000, 5_000_000
DEEPEST = 6


class Refused(Exception):
    """Why a file isn't read: a kind and a sentence."""


def read(content: bytes) -> dict[str, Any]:
    """The title, the outline as (page, heading), and the text of each page. Refused for what can't be read."""
    import pypdf
    from pypdf.errors import PyPdfError

    try:
        return _read(pypdf.PdfReader(io.BytesIO(content)))
    except Refused:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, OSError) as error:
        raise Refused("broken", f"It is not a whole PDF file ({type(error).__name__}).") from None
    except (RecursionError, MemoryError, AssertionError):
        raise Refused("broken", "It is not a whole PDF file.") from None


def _read(reader: Any) -> dict[str, Any]:
    if reader.is_encrypted and not reader.decrypt(""):
        raise Refused("encrypted", "It is encrypted with a password.")
    if len(reader.pages) > MOST_PAGES:
        raise Refused("pages", f"It has {len(reader.pages):,} pages; {MOST_PAGES:,} are the most.")
    pages: list[str] = []
    for page in reader.pages:
        pages.append(page.extract_text())
        if sum(map(len, pages)) > MOST_TEXT:
            raise Refused("text", f"It has more than {MOST_TEXT:,} characters.")
    if not any(text.strip() for text in pages):
        raise Refused("empty", "There is no text in it.")
    title = reader.metadata.title if reader.metadata else None
    return {"title": str(title or ""), "outline": _outline(reader, reader.outline), "pages": pages}


def _outline(reader: Any, entries: list[Any], depth: int = 0) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    for entry in entries[:MOST_PAGES]:
        if isinstance(entry, list):
            found += _outline(reader, entry, depth + 1) if depth < DEEPEST else []
        elif (number := reader.get_destination_page_number(entry)) is not None:
            found.append((number + 1, str(entry.title)))
    return sorted(found, key=lambda at: at[0])


def main() -> None:
    logging.disable(logging.CRITICAL)
    content = sys.stdin.buffer.read()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        document = read(content)
    except ImportError:
        document = {"kind": "missing", "message": ""}
    except Refused as refused:
        document = dict(zip(("kind", "message"), refused.args, strict=True))
    sys.stdout.write(json.dumps(document))


if __name__ == "__main__":
    main()
