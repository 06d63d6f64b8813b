"""A tuned model in a form that other programs serve: base and adapter merged, in one folder."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from agents.endpoints import export as built
from agents.endpoints import weights
from agents.endpoints.weights import Progress
from data.errors import Invalid
from finetune import disk
from finetune.parity import faults
from finetune.parity.faults import Files, Made

Format = Literal["safetensors", "onnx", "gguf"]


@dataclass(frozen=True)
class Published:
    """What was written where, and how large it is."""

    format: Format
    folder: Path
    files: tuple[str, ...]
    bytes: int


def publish(base: Path, adapter: Path, models: Path, out: Path, format: Format, say: Progress) -> Published:
    """Write the merged model into the new folder `out`, whole or not at all. Invalid where `out` holds something, the
    adapter is corrupt or of another base, others would prompt it wrongly, or the format has no place for it."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise Invalid(f"{str(out)!r} is there already.", "Give a folder that is new or empty.")
    out.parent.mkdir(parents=True, exist_ok=True)
    room = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}-"))
    try:
        with disk.room():
            WRITERS[format](base, adapter, models, room, say)
        faults.refuse(Files(format, base), Made(base, adapter))
        room.chmod(0o755)
        if out.exists():
            out.rmdir()
        os.rename(room, out)
    finally:
        shutil.rmtree(room, ignore_errors=True)
    files = sorted(file for file in out.rglob("*") if file.is_file())
    names = tuple(str(file.relative_to(out)) for file in files)
    return Published(format, out, names, sum(file.stat().st_size for file in files))


def _safetensors(base: Path, adapter: Path, models: Path, room: Path, say: Progress) -> None:
    weights.merge(base, adapter, room)


def _onnx(base: Path, adapter: Path, models: Path, room: Path, say: Progress) -> None:
    if not built.builds(base):
        kind = weights.config(base).get("model_type")
        raise Invalid(f"A {kind!r} model has no ONNX form.", "Export it as safetensors.")
    shutil.copytree(built.onnx(base, adapter, models, progress=say), room, dirs_exist_ok=True)


def _gguf(base: Path, adapter: Path, models: Path, room: Path, say: Progress) -> None:
    from finetune import gguf_file

    merged = room / "merged"
    merged.mkdir()
    weights.merge(base, adapter, merged)
    gguf_file.write(merged, room / "model.gguf")
    shutil.rmtree(merged)


WRITERS: dict[Format, Callable[[Path, Path, Path, Path, Progress], None]] = {
    "safetensors": _safetensors,
    "onnx": _onnx,
    "gguf": _gguf,
}
