"""Open sequences that keep a prefix, so that only what is new is computed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agents.endpoints.decoding import Engine, Session

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

KEPT_PREFIXES = 4
"""Sequences that keep a prefix. Each holds some 50 kB of keys and values a token for SmolLM2-135M."""
LEAST_ROOM = 1024
"""Tokens behind a prefix that a sequence is opened for."""


@dataclass
class Tape:
    """A session that holds a prefix of `length` tokens and, behind it, the tokens of `held`."""

    session: Session
    length: int
    room: int
    held: list[int] = field(default_factory=list)

    def clear(self) -> None:
        """Hold the prefix alone, so that an answer does not depend on the one before it in any digit."""
        self.held = []
        self.session.rewind(self.length)

    def after(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """The logits behind the prefix and `ids`, one at least; what it holds of them is not computed again."""
        pairs = zip(self.held, ids[:-1], strict=False)
        shared = next((at for at, (old, new) in enumerate(pairs) if old != new), min(len(self.held), len(ids) - 1))
        if shared < len(self.held):
            self.session.rewind(self.length + shared)
        self.held = list(ids)
        return self.session.feed(ids[shared:])


@dataclass
class Prefixes:
    """Open sequences by the prefix that they hold, the longest unused one dropped first."""

    engine: Engine
    context_size: int
    kept: OrderedDict[tuple[int, ...], Tape] = field(default_factory=OrderedDict)

    def tape(self, prefix: tuple[int, ...], needed: int) -> Tape:
        """A sequence that begins with `prefix` and has room for `needed` tokens more."""
        tape = self.kept.pop(prefix, None)
        if tape is None or tape.room < len(prefix) + needed:
            while len(self.kept) >= KEPT_PREFIXES:
                self.kept.popitem(last=False)
            room = min(self.context_size, len(prefix) + max(needed, LEAST_ROOM))
            tape = Tape(self.engine.open(room), len(prefix), room)
            tape.session.feed(prefix)
        self.kept[prefix] = tape
        return tape
