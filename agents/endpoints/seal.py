"""What an adapter was when it was trained: the hash of its weights, of its base, and of how that writes a prompt."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from agents.endpoints import tensors
from agents.endpoints.dialogue import Dialogue
from data.errors import Invalid

FILE = "seal.json"
WEIGHTS, CONFIG = "adapter_model.safetensors", "adapter_config.json"
PROBE = (("system", "Tables:\nsales.orders(id key, city 'Zürich')"), ("user", "how many orders?\norders -> 7 %"))
"""A conversation whose tokens tell one way of writing prompts from another."""


class Seal(BaseModel):
    """Hashes are SHA-256. An adapter that was made elsewhere has no seal."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base: str
    base_hash: str
    adapter_hash: str
    config_hash: str
    prompt_hash: str

    @classmethod
    def of(cls, adapter: Path, name: str, base: Path) -> Self:
        """The seal of an adapter that was trained on the base of that name in that folder."""
        return cls(
            base=name,
            base_hash=base_hash(base),
            adapter_hash=tensors.fingerprint([adapter / WEIGHTS]),
            config_hash=_file_hash(adapter / CONFIG),
            prompt_hash=prompt_hash(base),
        )

    @classmethod
    def beside(cls, adapter: Path) -> Self | None:
        """That of an adapter's folder; None where it has none. Invalid when it can't be read."""
        file = adapter / FILE
        if not file.is_file():
            return None
        try:
            return cls.model_validate_json(file.read_bytes())
        except (OSError, ValidationError) as error:
            raise Invalid(f"The seal {str(file)!r} can't be read.", "Train the adapter again.") from error

    def write(self, adapter: Path) -> None:
        """Put it beside the adapter's weights, whole or not at all."""
        part = adapter / f"{FILE}.part"
        part.write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")
        os.replace(part, adapter / FILE)


def intact(adapter: Path) -> None:
    """Invalid where an adapter's files are cut off, or are no longer those that were sealed."""
    found, seal = tensors.fingerprint([adapter / WEIGHTS]), Seal.beside(adapter)
    if seal is None:
        return
    changed = (
        WEIGHTS if found != seal.adapter_hash else CONFIG if _file_hash(adapter / CONFIG) != seal.config_hash else ""
    )
    if changed:
        raise Invalid(
            f"The adapter's {changed!r} in {str(adapter)!r} is corrupt: its checksum is not the one of its training.",
            tensors.REMEDY,
        )


def fits(adapter: Path, base: Path) -> None:
    """Invalid where an adapter is of another base than the one in that folder."""
    seal = Seal.beside(adapter)
    if seal is not None and (found := base_hash(base)) != seal.base_hash:
        raise Invalid(
            f"The adapter in {str(adapter)!r} is of another base: it was trained on {seal.base!r} with the weights "
            f"{seal.base_hash[:12]}, and {str(base)!r} has {found[:12]}.",
            "Use its own base, or train it again on this one.",
        )


def base_hash(base: Path) -> str:
    """Of all weights of a model folder."""
    return tensors.fingerprint(sorted(base.glob("*.safetensors")))


def prompt_hash(folder: Path) -> str:
    """Of the tokens that a model folder makes of a conversation, and the one that ends an answer."""
    dialogue = Dialogue.load(folder)
    told = (dialogue.chat(PROBE), dialogue.answer("SELECT 1"))
    return hashlib.sha256(repr(told).encode()).hexdigest()


def _file_hash(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        raise Invalid(f"The adapter lacks {str(file)!r}.", tensors.REMEDY) from error
