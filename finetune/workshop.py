"""What a fine-tuning job works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from data.gateway import Gateway
    from data.policy import Principal
    from retrieval import Retriever

Say = Callable[[str], None]


@dataclass(frozen=True)
class Workshop:
    """`models` is the folder of weights; under `home` are the jobs' files and the registry."""

    gateway: Gateway
    principal: Principal
    retriever: Retriever
    models: Path
    home: Path
    say: Say
