"""Preference training (DPO; Rafailov et al., 2023) through trl: of two answers to a question, the better is learnt.

The reference is the model as it starts. Texts are tokenised by our own chat format, so that a text can't spell a
control token; a checkpoint counts only once it is whole and of this very run.
"""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.endpoints.dialogue import Dialogue
from data.errors import Invalid, Unavailable
from finetune import adapter
from finetune.loop import Series, Tick
from finetune.packing import Example
from finetune.recipe import Recipe

if TYPE_CHECKING:
    from finetune.trainee import Pairs

KEYS = ("system", "user", "chosen", "rejected")
WHOLE = "whole"
"""The file that says of which run a checkpoint is."""
PART = 4
"""Pairs of one forward and backward pass, at most; a batch is added up from as many as it needs."""
NOTED = {"rewards/accuracies": "preference_accuracy", "rewards/margins": "preference_margin", "learning_rate": "lr"}


@dataclass
class Told:
    """What trl told of each step."""

    losses: list[float] = field(default_factory=list)
    series: Series = field(default_factory=dict)

    @classmethod
    def of(cls, log: Sequence[dict[str, float]]) -> Told:
        """From the trainer's own log, which a checkpoint carries too."""
        told = cls()
        for entry in log:
            if "loss" in entry:
                told.losses.append(float(entry["loss"]))
                for key, name in NOTED.items():
                    told.series.setdefault(name, []).append((int(entry["step"]), float(entry[key])))
        return told


def train(
    recipe: Recipe,
    examples: Sequence[Example],
    out: Path,
    progress: Callable[[Tick], None],
    *,
    base: Path,
    first: Pairs,
    name: str,
    resume: bool,
) -> Told:
    """Train on {system, user, chosen, rejected} and write the adapter to `out`; `name` is the run's identity.

    Unavailable without trl.
    """
    rows, work = pairs(examples, Dialogue.load(base)), out / "checkpoints"
    try:
        trainer = _trainer(recipe, rows, base, first, work, name, progress)
    except ImportError as error:
        raise Unavailable(f"Preference training needs trl: {error}.", "Install `lakewright[finetune]`.") from error
    last = _last(work, name) if resume else None
    if last is None:
        shutil.rmtree(work, ignore_errors=True)
    trainer.train(resume_from_checkpoint=str(last) if last else None)
    adapter.save(_pairs_of(trainer.model), out, base=recipe.base, lora=recipe.lora)
    return Told.of(trainer.state.log_history)


def pairs(examples: Sequence[Example], dialogue: Dialogue) -> list[dict[str, list[int]]]:
    """Token ids of each prompt with its two answers. Invalid, with its number, when an example is malformed."""
    rows = []
    for number, example in enumerate(examples, 1):
        missing = [key for key in KEYS if not isinstance(example.get(key), str)]
        if missing or example["chosen"] == example["rejected"]:
            what = f"has no {missing[0]!r} text" if missing else "has two answers that are the same"
            raise Invalid(
                f"Example {number} {what}.",
                'An example for dpo is {"system": …, "user": …, "chosen": …, "rejected": …}.',
            )
        prompt = [*dialogue.prefix(example["system"]), *dialogue.turn(example["user"])]
        chosen, rejected = (dialogue.answer(example[key]) for key in ("chosen", "rejected"))
        rows.append({"prompt_ids": prompt, "chosen_ids": chosen, "rejected_ids": rejected})
    return rows


def _trainer(
    recipe: Recipe,
    rows: list[dict[str, list[int]]],
    base: Path,
    first: Pairs,
    work: Path,
    name: str,
    progress: Callable[[Tick], None],
) -> Any:
    from datasets import Dataset
    from transformers import PreTrainedTokenizerFast
    from trl import DPOTrainer

    from finetune.trainee import device, precision
    from finetune.transformer import LoraTransformer

    class Tokenised(DPOTrainer):
        """Takes the ids as they are."""

        def _prepare_dataset(self, dataset: Any, *_: Any, **__: Any) -> Any:
            return dataset

    where = device(recipe.device)
    learner = LoraTransformer(base, recipe, device=where, precision=precision(recipe.precision, where))
    learner.load(first)
    end = Dialogue.load(base).format.end
    return Tokenised(
        model=learner.model,
        args=_settings(recipe, work, where),
        train_dataset=Dataset.from_list(rows),
        processing_class=PreTrainedTokenizerFast(
            tokenizer_file=str(base / "tokenizer.json"), eos_token=end, pad_token=end
        ),
        callbacks=[_watcher(name, progress, len(rows) * recipe.train.epochs)],
    )


def _settings(recipe: Recipe, work: Path, where: str) -> Any:
    from trl import DPOConfig

    settings = recipe.train
    part = math.gcd(settings.batch, PART) if settings.packing != "none" else 1
    return DPOConfig(
        output_dir=str(work),
        per_device_train_batch_size=part,
        gradient_accumulation_steps=settings.batch // part,
        num_train_epochs=settings.epochs,
        learning_rate=settings.lr,
        lr_scheduler_type="cosine",
        warmup_steps=settings.warmup,
        max_grad_norm=settings.clip,
        weight_decay=0.0,
        seed=settings.seed,
        beta=settings.beta,
        max_length=None,
        gradient_checkpointing=settings.checkpointing,
        bf16=False,
        use_cpu=where == "cpu",
        save_steps=settings.checkpoint_every,
        save_total_limit=2,
        logging_steps=1,
        report_to=[],
        disable_tqdm=True,
    )


def _watcher(name: str, progress: Callable[[Tick], None], examples: int) -> Any:
    """A trainer callback that tells of each step, and marks each checkpoint once it is whole."""
    from transformers import TrainerCallback

    class Watcher(TrainerCallback):
        begun = time.perf_counter()

        def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **_: Any) -> None:
            if logs and "loss" in logs:
                done, most = state.global_step, state.max_steps
                speed = examples * done / most / (time.perf_counter() - self.begun)
                left = examples * (most - done) / most / speed
                progress(Tick(done, most, float(logs["loss"]), float(logs["learning_rate"]), speed, left))

        def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
            (folder / WHOLE).write_text(name, encoding="utf-8")

    return Watcher()


def _last(work: Path, name: str) -> Path | None:
    """The latest whole checkpoint of this run."""
    marks = [mark for mark in work.glob(f"checkpoint-*/{WHOLE}") if mark.read_text(encoding="utf-8") == name]
    return max((mark.parent for mark in marks), key=lambda folder: int(folder.name.rpartition("-")[2]), default=None)


def _pairs_of(model: Any) -> dict[str, Any]:
    named, first = dict(model.named_parameters()), ".lora_A.default.weight"
    return {
        name.removeprefix(adapter.PREFIX).removesuffix(first): (down, named[name.replace("lora_A", "lora_B")])
        for name, down in named.items()
        if name.endswith(first)
    }
