"""Everything that decides what a tuned model answers, kept with each of its versions as one MLflow model."""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import shutil
import warnings
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from agents.endpoints import seal, tensors
from data.errors import DataError, Invalid

if TYPE_CHECKING:
    from finetune.lora import Trained
    from finetune.recipe import Recipe

KIND = "adapter"
FILE = "stack.json"
INSIDE = Path("data") / "adapter"
"""Where MLflow's model folder has the adapter."""
LOADER = "app.pyfunc"
"""The module that MLflow loads the model with."""
PROMPT, GRAMMAR = ("agents.ask.prompts", "agents.endpoints.chat_format"), ("agents.grammar",)
"""What writes the prompts and the grammars: their text is their version."""


class Stack(BaseModel):
    """What a version was tuned and measured with. Hashes are SHA-256."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    prompt: dict[str, str]
    grammar: dict[str, str]
    base: dict[str, str]
    adapter: dict[str, Any]
    data: dict[str, Any]
    scores: dict[str, float]
    recipe: dict[str, Any]
    software: dict[str, str]

    @classmethod
    def of(cls, recipe: Recipe, trained: Trained, scores: Mapping[str, float]) -> Self:
        """The stack as it runs now, around an adapter that was just trained."""
        sealed = seal.Seal.beside(trained.adapter)
        told = sealed.model_dump() if sealed else {}
        return cls(
            prompt={"version": source_hash(PROMPT), "hash": told.get("prompt_hash", "")},
            grammar={
                "version": source_hash(GRAMMAR),
                "engine": f"llguidance {version('llguidance')}",
                "decoding": "greedy",
            },
            base={"name": recipe.base, "hash": told.get("base_hash", "")},
            adapter={"hash": told.get("adapter_hash", ""), **recipe.lora.model_dump(mode="json")},
            data={"hash": trained.data_hash, "examples": trained.examples, **recipe.dataset.model_dump(mode="json")},
            scores=dict(scores),
            recipe=recipe.model_dump(mode="json"),
            software={name: version(name) for name in ("lakewright", "onnxruntime-genai", "transformers")},
        )

    @classmethod
    def beside(cls, folder: Path) -> Self | None:
        """That of an adapter's folder; None where it has none. Invalid when it can't be read."""
        file = folder / FILE
        if not file.is_file():
            return None
        try:
            return cls.model_validate_json(file.read_bytes())
        except ValidationError as error:
            raise Invalid(f"{str(file)!r} can't be read as a model's stack.", "Train the adapter again.") from error

    @property
    def changed(self) -> tuple[str, ...]:
        """What has another version now than when the model was measured."""
        now = {"prompt": source_hash(PROMPT), "grammar": source_hash(GRAMMAR)}
        return tuple(name for name, text in now.items() if getattr(self, name)["version"] != text)


def package(recipe: Recipe, trained: Trained, scores: Mapping[str, float], folder: Path) -> None:
    """Write the adapter with its stack as MLflow's model into `folder`, which must not exist yet."""
    import mlflow.pyfunc

    made, data = Stack.of(recipe, trained, scores), folder.parent / INSIDE.name
    shutil.copytree(trained.adapter, data)
    (data / FILE).write_text(made.model_dump_json(indent=2) + "\n", encoding="utf-8")
    logging.getLogger("mlflow.pyfunc").setLevel(logging.WARNING)
    told = {"base": made.base, "prompt": made.prompt, "grammar": made.grammar, "data_hash": trained.data_hash}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it says of type hints
        mlflow.pyfunc.save_model(
            str(folder),
            loader_module=LOADER,
            data_path=str(data),
            signature=signature(),
            pip_requirements=["lakewright", "pandas"],
            metadata={**told, "scores": dict(scores)},
        )


def signature() -> Any:
    """Questions in; status and SQL out."""
    from mlflow.models import ModelSignature
    from mlflow.types.schema import ColSpec, Schema

    outputs = [ColSpec("string", "status"), ColSpec("string", "sql"), ColSpec("string", "answer")]
    return ModelSignature(Schema([ColSpec("string", "question")]), Schema(outputs))


def inside(folder: Path) -> Path:
    """The adapter's own folder, given it or MLflow's model folder."""
    return folder / INSIDE if (folder / "MLmodel").is_file() else folder


def same(one: Path, other: Path) -> bool:
    """Whether two folders hold the same weights."""
    try:
        return tensors.fingerprint([one / seal.WEIGHTS]) == tensors.fingerprint([other / seal.WEIGHTS])
    except DataError:
        return False


def source_hash(modules: tuple[str, ...]) -> str:
    """Of the text of modules and packages, without importing them."""
    digest = hashlib.sha256()
    for name in modules:
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        files = (
            sorted(Path(spec.origin).parent.glob("*.py")) if spec.submodule_search_locations else [Path(spec.origin)]
        )
        for file in files:
            digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()
