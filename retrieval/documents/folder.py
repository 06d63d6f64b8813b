"""The files of a folder that can be read as documents."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from data.errors import Invalid
from retrieval.documents.parsed import Parsed

PARSERS = {".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html", ".pdf": "pdf", ".txt": "plain"}
"""Ending of a file's name -> the module that parses it."""

LARGEST = 25 * 2**20
"""Bytes of a file."""


@dataclass(frozen=True)
class File:
    """A file by its path within the folder."""

    path: str
    place: Path

    @property
    def parse(self) -> Callable[[bytes], Parsed]:
        module = import_module(f"retrieval.documents.{PARSERS[self.place.suffix.lower()]}")
        parse: Callable[[bytes], Parsed] = module.parse
        return parse

    def content(self) -> bytes:
        """What is in it; Invalid for one that is too large or can't be read."""
        try:
            with self.place.open("rb") as file:
                found = file.read(LARGEST + 1)
        except OSError as error:
            raise Invalid(f"It can't be read: {error.strerror}.", "Correct its rights, or take it away.") from None
        if len(found) > LARGEST:
            raise Invalid(f"It has more than {LARGEST // 2**20} MB.", "Split it into several files.")
        return found


def files(folder: Path) -> Iterator[File]:
    """All files in order. What is hidden is left out, and so are links: they may lead out of the folder."""
    for place, inner, names in os.walk(folder, followlinks=False):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        for name in sorted(names):
            file = Path(place, name)
            if not name.startswith(".") and file.suffix.lower() in PARSERS and file.is_file() and not file.is_symlink():
                yield File(file.relative_to(folder).as_posix(), file)


def digest(content: bytes) -> str:
    """The hash that an answer names a file's content by."""
    return hashlib.sha256(content).hexdigest()[:16]
