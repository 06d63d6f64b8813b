"""What a binding gave for one subject."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agents.forms.binding import Binding
from agents.forms.state import Source


@dataclass(frozen=True)
class Got:
    """A raw value with its source, or in words why there is none. `offers` are values for a person to choose from, each
    with the binding that is remembered when they do."""

    value: Any
    source: Source | None
    message: str = ""
    offers: tuple[Offer, ...] = ()


@dataclass(frozen=True)
class Offer:
    """A value that a person has to confirm; `said` tells in words what it is."""

    value: Any
    source: Source
    said: str
    binding: Binding
    confidence: float
