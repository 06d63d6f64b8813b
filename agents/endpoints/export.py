"""The int8 ONNX model that the CPU engine runs: base and adapter merged, then made by onnxruntime-genai's builder."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from agents.endpoints import weights
from data.errors import Unavailable

Precision = Literal["int8", "int4", "fp32"]

BUILDER = "onnxruntime_genai.models.builder"
MODEL = "model.onnx"
FAMILIES = frozenset({"llama", "mistral", "qwen2", "qwen3", "phi3", "gemma"})
"""The `model_type` of what the builder turns into ONNX; transformers serves the others, MPT among them."""
OPTIONS = ("prune_lm_head=true",)
"""The logits of the last token are all that decoding reads."""


def onnx(
    base: Path,
    adapter: Path | None,
    models: Path,
    *,
    precision: Precision = "int8",
    progress: weights.Progress = lambda _: None,
) -> Path:
    """The ONNX folder of `base` with `adapter` under `models`, built once for every combination (about 20 s).

    Unavailable, with the builder's last words, when it fails.
    """
    target = models / f"onnx-{precision}-{fingerprint(base, adapter, precision)}"
    if target.exists():
        return target
    with weights.building(target) as folder:
        if folder is not None:
            progress(f"preparing the model for this CPU ({precision}, once)")
            _build(base, adapter, folder, precision)
    return target


def builds(base: Path) -> bool:
    """Whether there is an ONNX form of this model."""
    return weights.config(base).get("model_type") in FAMILIES


def fingerprint(base: Path, adapter: Path | None, precision: Precision) -> str:
    """A hash of all that decides the built model: the base's files, the adapter, precision and builder."""
    digest = hashlib.sha256(f"{base.name}|{precision}|{OPTIONS}|{version('onnxruntime-genai')}".encode())
    for file in sorted(base.glob("*.safetensors")):
        # Half a gigabyte, written once: size and time say whether it changed.
        digest.update(f"|{file.name}|{file.stat().st_size}|{file.stat().st_mtime_ns}".encode())
    for name in (weights.ADAPTER_CONFIG, weights.ADAPTER_WEIGHTS):
        digest.update((adapter / name).read_bytes() if adapter else b"")
    return digest.hexdigest()[:16]


def _build(base: Path, adapter: Path | None, folder: Path, precision: Precision) -> None:
    merged = folder / "merged"
    if adapter is not None:
        merged.mkdir()
        weights.merge(base, adapter, merged)
    source = merged if adapter is not None else base
    run_builder(source, folder, precision)
    shutil.rmtree(merged, ignore_errors=True)
    shutil.copy(base / "config.json", folder / "config.json")


def run_builder(source: Path, out: Path, precision: Precision) -> None:
    """Run the builder in a process of its own: it prints much, and its memory is given back."""
    command: list[str | Path] = [
        sys.executable,
        "-m",
        BUILDER,
        "-i",
        source,
        "-o",
        out,
        "-p",
        precision,
        "-e",
        "cpu",
    ]
    command += ["-c", out / "cache", "--extra_options", *OPTIONS]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    shutil.rmtree(out / "cache", ignore_errors=True)
    if done.returncode != 0 or not (out / MODEL).is_file():
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise Unavailable(
            f"The ONNX model could not be built: {last[0] if last else 'no message'}.",
            "Check that onnx, onnx-ir and onnxruntime-genai are installed, and that the disk has 1 GB free.",
        )
