"""Open sequences that keep a prefix, so that only what is new is computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agents.endpoints.decoding import Engine, Session

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MEMORY = 512 * 1024**2
"""Bytes of keys and values that kept sequences may take together."""
LEAST_ROOM = 1024
"""Tokens behind a prefix that a sequence is opened for."""
ALIKE = 4
"""Sequences that may hold the same prefix."""


@dataclass
class Tape:
    """A session that holds a prefix of `length` tokens and, behind it, the tokens of `held`."""

    session: Session
    length: int
    room: int
    held: list[int] = field(default_factory=list)
    turn: int = 0
    """How often it was cleared: whoever remembers another number finds something else on it."""

    def clear(self) -> None:
        """Hold the prefix alone, so that an answer does not depend on the one before it in any digit."""
        self.held = []
        self.turn += 1
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
    """Open sequences with the prefixes that they hold, those used last at the end. The longest unused ones are dropped
    when together they would take more than `memory` bytes; the one in use may take more than that alone."""

    engine: Engine
    context_size: int
    memory: int = MEMORY
    kept: list[tuple[tuple[int, ...], Tape]] = field(default_factory=list)

    def tape(self, prefix: tuple[int, ...], needed: int, spared: Sequence[Tape] = ()) -> Tape:
        """A sequence that begins with `prefix` and has room for `needed` tokens more. Those that are `spared` are left
        as they are as long as another can be opened beside them."""
        tape = self._found(prefix, needed, spared) or self._opened(prefix, needed)
        self.kept = [entry for entry in self.kept if entry[1] is not tape]
        self.kept.append((prefix, tape))
        return tape

    @property
    def bytes(self) -> int:
        """What is kept takes so much memory."""
        return sum(tape.room for _, tape in self.kept) * self.engine.token_bytes

    def _found(self, prefix: tuple[int, ...], needed: int, spared: Sequence[Tape]) -> Tape | None:
        alike = [tape for held, tape in self.kept if held == prefix and tape.room >= len(prefix) + needed]
        free = [tape for tape in alike if not any(tape is one for one in spared)]
        if free:
            return free[-1]
        another = self._room(prefix, needed) * self.engine.token_bytes
        return alike[0] if len(alike) >= ALIKE or (alike and self.bytes + another > self.memory) else None

    def _opened(self, prefix: tuple[int, ...], needed: int) -> Tape:
        room = self._room(prefix, needed)
        while self.kept and self.bytes + room * self.engine.token_bytes > self.memory:
            self.kept.pop(0)
        tape = Tape(self.engine.open(room), len(prefix), room)
        tape.session.feed(prefix)
        return tape

    def _room(self, prefix: tuple[int, ...], needed: int) -> int:
        return min(self.context_size, len(prefix) + max(needed, LEAST_ROOM))
