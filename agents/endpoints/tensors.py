"""Files of tensors, read with errors that say what is wrong, and their hash without loading them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.errors import Invalid

if TYPE_CHECKING:
    from torch import Tensor

MOST_HEADER = 100_000_000
"""Bytes of a header that safetensors takes."""
PIECE = 1 << 20
REMEDY = "Put back the whole file, or train it again."


def read(file: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file. Invalid where it is cut off or no such file."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return dict(load_file(file))
    except (SafetensorError, OSError, ValueError) as error:
        raise Invalid(f"The weights {str(file)!r} are corrupt: {error}.", REMEDY) from error


def fingerprint(files: Sequence[Path]) -> str:
    """SHA-256 of the names, kinds, shapes and bytes of all tensors, however they are spread over files. Invalid where
    a file is cut off."""
    found = sorted((entry for file in files for entry in _entries(file)), key=lambda entry: entry[0])
    digest = hashlib.sha256()
    for name, facts, file, start, end in found:
        digest.update(f"{name}|{facts['dtype']}|{facts['shape']}|".encode())
        with file.open("rb") as opened:
            opened.seek(start)
            while start < end:
                piece = opened.read(min(end - start, PIECE))
                digest.update(piece)
                start += len(piece)
    return digest.hexdigest()


def _entries(file: Path) -> Iterator[tuple[str, dict[str, Any], Path, int, int]]:
    """Name, facts, file, start and end of each tensor in a file."""
    try:
        size = file.stat().st_size
        with file.open("rb") as opened:
            length = int.from_bytes(opened.read(8), "little")
            if length > min(size, MOST_HEADER):
                raise ValueError("it ends within its header")
            header = json.loads(opened.read(length))
        header.pop("__metadata__", None)
        last = 8 + length + max((facts["data_offsets"][1] for facts in header.values()), default=0)
        if last != size:
            raise ValueError(f"it has {size} bytes and should have {last}")
        for name, facts in header.items():
            start, end = facts["data_offsets"]
            yield name, facts, file, 8 + length + start, 8 + length + end
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Invalid(f"The weights {str(file)!r} are corrupt: {error}.", REMEDY) from error
