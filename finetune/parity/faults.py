"""What can be off in a form, asked directly and in this order: template, stop tokens, adapter."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from agents.endpoints import seal
from agents.endpoints.dialogue import Dialogue
from data.errors import DataError, Invalid

Part = Literal["template", "stop tokens", "adapter", "precision"]
GENAI = "genai_config.json"
SETTINGS = ("config.json", "generation_config.json", GENAI)
"""Where servers read the tokens that end an answer."""


@dataclass(frozen=True)
class Fault:
    """What is off in a form, and how that shows."""

    part: Part
    form: str
    said: str

    def __str__(self) -> str:
        return f"{self.part} ({self.form}): {self.said}"


class Shown(Protocol):
    """A form by its name and the folder of its files."""

    @property
    def name(self) -> str: ...

    @property
    def folder(self) -> Path: ...


@dataclass(frozen=True)
class Files:
    """The files of a form, which somebody else opens."""

    name: str
    folder: Path


@dataclass(frozen=True)
class Made:
    """The adapter in question, and the base that it is of."""

    base: Path
    adapter: Path


def refuse(form: Shown, made: Made) -> None:
    """Invalid, naming what is off, where something is."""
    fault = first(form, made)
    if fault is not None:
        raise Invalid(f"What would be served is not what was trained; off is the {fault}.", "Put back the right files.")


def first(form: Shown, made: Made) -> Fault | None:
    """The first fault of a form that a look at its files shows."""
    return next((found for check in CHECKS for found in check(form, made)), None)


def template(form: Shown, made: Made) -> Iterator[Fault]:
    """The prompt's tokens must be those of the training, by our own format and by the folder's chat template."""
    sealed = seal.Seal.beside(made.adapter)
    try:
        found, wanted = seal.prompt_hash(form.folder), sealed.prompt_hash if sealed else seal.prompt_hash(made.base)
    except (DataError, Exception) as error:  # noqa: BLE001 - tokenizers raises bare exceptions
        yield Fault("template", form.name, f"its tokenizer can't be read: {error}")
        return
    if found != wanted:
        yield Fault("template", form.name, "its tokenizer makes other tokens of a prompt than the one of the training")
    elif (said := _by_template(form.folder)) is not None:
        yield Fault("template", form.name, said)


def stop_tokens(form: Shown, made: Made) -> Iterator[Fault]:
    """The token that ends an answer must be among those that servers stop at."""
    dialogue, known = Dialogue.load(made.base), _ends(form.folder)
    if dialogue.end not in known:
        told = ", ".join(map(str, sorted(known))) or "none"
        yield Fault(
            "stop tokens", form.name,
            f"answers end with {dialogue.format.end} ({dialogue.end}), and eos_token_id in its settings has {told}",
        )  # fmt: skip


def adapter(form: Shown, made: Made) -> Iterator[Fault]:
    """The adapter must be whole, and of the base that it is put on."""
    try:
        seal.intact(made.adapter)
        seal.fits(made.adapter, made.base)
    except DataError as error:
        yield Fault("adapter", form.name, error.message)


CHECKS: tuple[Callable[[Shown, Made], Iterator[Fault]], ...] = (template, stop_tokens, adapter)


def _by_template(folder: Path) -> str | None:
    """What is wrong with the folder's chat template, which OpenAI-compatible servers use. None without one."""
    if not any((folder / name).is_file() for name in ("chat_template.jinja", "tokenizer_config.json")):
        return None
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    if not tokenizer.chat_template:
        return None
    messages = [{"role": role, "content": text} for role, text in seal.PROBE]
    try:
        ids = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=False)
    except Exception as error:  # noqa: BLE001 - a template is a program of its own
        return f"its chat template fails: {error}"
    wanted = Dialogue.load(folder).chat(seal.PROBE)
    if list(ids) == wanted:
        return None
    at = next((i for i, (a, b) in enumerate(zip(ids, wanted, strict=False)) if a != b), min(len(ids), len(wanted)))
    return (
        f"its chat template writes {tokenizer.decode(ids[at : at + 8])!r} where the training had "
        f"{tokenizer.decode(wanted[at : at + 8])!r} (token {at + 1})"
    )


def _ends(folder: Path) -> set[int]:
    """The tokens at which servers of this folder stop."""
    found = set[int]()
    for name in SETTINGS:
        file = folder / name
        facts: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        ends = (facts.get("model", {}) if name == GENAI else facts).get("eos_token_id")
        found |= set(ends if isinstance(ends, list) else [ends]) - {None}
    return found
