"""A fine-tuning recipe: one YAML file, checked before any weight is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from data.errors import Invalid, NotFound

Target = Literal[
    "q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj",
    "Wqkv", "out_proj", "qkv_proj", "gate_up_proj",
]  # fmt: skip
"""Linear layers of Llama, Mistral and Qwen; then those that MPT and Phi name otherwise."""
Device = Literal["auto", "cpu", "cuda"]
Precision = Literal["auto", "float32", "bfloat16"]
Quantise = Literal["none", "8bit", "4bit"]
Packing = Literal["prefix", "examples", "none"]
Method = Literal["sft", "dpo"]
Part = Literal["system", "user", "answer", "chosen", "rejected"]
Name = Annotated[str, Field(min_length=1)]

NOT_NEEDED = "not_needed"
"""Consent of rows that are about nobody."""

RECIPES = Path(__file__).parent / "recipes"


class Section(BaseModel):
    """A part of a recipe: unknown keys are refused, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TableData(Section):
    """Rows of one governed SELECT as examples.

    It runs under `principal`, or under who trains. `versions` pins tables by full name; others are read as they are
    now, and their versions are kept with the run. `consent` names a column that is true where a row may be learnt, or
    is `not_needed` where the rows are about nobody. `texts` has each part of an example, with {column} in it.
    """

    sql: Name
    consent: Name
    texts: dict[Part, str]
    principal: Name | None = None
    versions: dict[str, Name] = {}


class Dataset(Section):
    """Which builder makes the examples, how many at most, from which seed; `file` and `table` are what it reads."""

    builder: Name
    size: int = Field(gt=0)
    seed: int = 7
    options: dict[str, str | int | float | bool] = {}
    file: Name | None = None
    table: TableData | None = None


class Lora(Section):
    """The shape of the adapter: rank, scale alpha / r, and the linear layers that carry one."""

    r: int = Field(default=16, gt=0, le=256)
    alpha: float = Field(default=32, gt=0)
    targets: tuple[Target, ...] = Field(
        default=("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"), min_length=1
    )


class EarlyStop(Section):
    """End when the loss of examples that are not learnt no longer falls; the adapter that did best on them is kept.

    `share` of the examples is held back; they are asked every `every` steps, and `patience` times without a gain end
    the training.
    """

    share: float = Field(default=0.05, gt=0, lt=0.5)
    every: int = Field(default=50, gt=0)
    patience: int = Field(default=3, gt=0)


class Train(Section):
    """The optimiser: AdamW, linear warm-up over a share of the steps, then a cosine down to zero.

    A step is `batch` examples, at a time at most `together` of those that share a system message. `packing`: `prefix`
    computes a shared system message once, `examples` lays whole examples side by side, `none` takes one at a time.
    `pass_tokens` bounds what one forward and backward pass takes; a step is as many passes as it needs, whose gradients
    add up. `by_length` puts examples of like length into one pass. `checkpointing` recomputes each layer in the
    backward pass: less memory, about a third more time.
    """

    epochs: int = Field(default=1, gt=0)
    batch: int = Field(default=16, gt=0)
    together: int | None = Field(default=None, gt=0)
    lr: float = Field(default=1e-3, gt=0, lt=1)
    warmup: float = Field(default=0.05, ge=0, lt=1)
    clip: float = Field(default=1.0, gt=0)
    seed: int = 7
    checkpoint_every: int = Field(default=50, gt=0)
    packing: Packing = "prefix"
    pass_tokens: int | None = Field(default=None, gt=0)
    by_length: bool = False
    checkpointing: bool = False
    early_stop: EarlyStop | None = None
    beta: float = Field(default=0.1, gt=0)
    """dpo: how strongly the adapter is held to the base."""


class Evaluation(Section):
    """The questions that judge the adapter, and the execution accuracy that it must reach."""

    file: Name
    gate: float = Field(ge=0, le=1)


class Bounds(Section):
    """How far a served form may be from its trainer: the least share of tokens that are the same in greedy decoding,
    and the most that the log-probability of a token may differ, on average."""

    agreement: float = Field(ge=0, le=1)
    logprob: float = Field(ge=0)


class Parity(Section):
    """What is compared before an adapter answers: so many prompts of the evaluation, answers of so many tokens."""

    prompts: int = Field(default=12, gt=0)
    tokens: int = Field(default=48, gt=0)
    merged: Bounds = Bounds(agreement=0.99, logprob=0.01)
    quantised: Bounds = Bounds(agreement=0.97, logprob=0.03)
    endpoint: Bounds = Bounds(agreement=0.97, logprob=0.03)


class Recipe(Section):
    """Everything that decides an adapter. `start` is the name or the folder of one to go on from."""

    name: Name
    base: Name
    method: Method = "sft"
    start: Name | None = None
    dataset: Dataset
    lora: Lora = Lora()
    train: Train = Train()
    device: Device = "auto"
    precision: Precision = "auto"
    quantise: Quantise = "none"
    evaluation: Evaluation | None = None
    parity: Parity = Parity()

    @model_validator(mode="after")
    def _agree(self) -> Recipe:
        """Settings that can't stand together."""
        if self.method == "dpo" and self.train.early_stop:
            raise ValueError("early_stop is for supervised training; leave it out of a dpo recipe")
        return self

    @classmethod
    def load(cls, file: Path | str) -> Recipe:
        """Read a recipe, by path or by the name of a shipped one. NotFound; Invalid names field and file."""
        return load(cls, file)


Kind = TypeVar("Kind", bound=Section)


def load(kind: type[Kind], file: Path | str) -> Kind:
    """Read a recipe of one kind, by path or by the name of a shipped one. NotFound; Invalid names field and file."""
    path = Path(file)
    if not path.is_file():
        path = RECIPES / f"{file}.yaml"
    if not path.is_file():
        raise NotFound(f"There is no recipe {str(file)!r}.", f"Give a file, or one of: {', '.join(shipped(kind))}.")
    try:
        return kind.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Invalid(f"{path} is not YAML: {error}.", "Mend the file.") from error
    except ValidationError as error:
        raise _field_error(path, error) from error


def shipped(kind: type[Section]) -> list[str]:
    """The shipped recipes of a kind, told by the fields that it must have."""
    needed = {name for name, field in kind.model_fields.items() if field.is_required()}
    files = sorted(RECIPES.glob("*.yaml"))
    return [file.stem for file in files if needed <= set(yaml.safe_load(file.read_text(encoding="utf-8")))]


def _field_error(path: Path, error: ValidationError) -> Invalid:
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"]) or "the recipe"
    value = f", not {first['input']!r}" if first["type"] not in ("missing", "extra_forbidden") else ""
    return Invalid(
        f"{path}: {field}: {first['msg']}{value}.",
        "Mend that field of the recipe.",
        field=field,
        file=str(path),
    )
