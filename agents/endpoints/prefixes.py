"""Open sequences that keep a prefix, so that only what is new is computed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agents.endpoints.decoding import Engine, Session, Step, Steps

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MEMORY = 512 * 1024**2
"""Bytes of keys and values that kept sequences may take together."""
LEAST_ROOM, BLOCK = 384, 128
"""Tokens behind a prefix that a sequence is opened for at least, and by which its room grows."""
PIECE = 256
"""Tokens of a prefix that are read in one step: as long have the answers of others to wait for their next token."""


@dataclass(eq=False)
class Tape:
    """A session that holds a prefix of `length` tokens and, behind it, the tokens of `held`."""

    session: Session
    length: int
    room: int
    held: list[int] = field(default_factory=list)
    logits: NDArray[np.float32] | None = None
    """Those behind the last token that is held."""
    turn: int = 0
    """How often it was cleared: whoever remembers another number finds something else on it."""
    read: bool = True
    """Whether it holds its whole prefix."""
    busy: bool = False
    """Whether somebody writes on it."""

    def clear(self) -> None:
        """Hold the prefix alone, so that an answer does not depend on the one before it in any digit."""
        self.held, self.logits = [], None
        self.turn += 1
        self.session.rewind(self.length)

    def after(self, ids: Sequence[int]) -> Steps[NDArray[np.float32]]:
        """The logits behind the prefix and `ids`, one at least; what it holds of them is not computed again."""
        if self.logits is not None and self.held == list(ids):
            return self.logits
        pairs = zip(self.held, ids[:-1], strict=False)
        shared = next((at for at, (old, new) in enumerate(pairs) if old != new), min(len(self.held), len(ids) - 1))
        if shared < len(self.held):
            self.held, self.logits = self.held[:shared], None
            self.session.rewind(self.length + shared)
        self.logits = yield Step(self.session, ids[shared:])
        self.held = list(ids)
        return self.logits

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Nobody else writes on it in the block."""
        self.busy = True
        try:
            yield
        finally:
            self.busy = False


def nothing() -> Sequence[Tape]:
    return ()


@dataclass
class Prefixes:
    """Open sequences with the prefixes that they hold, those used last at the end. Together they take at most `memory`
    bytes: those that nobody writes on are dropped, first what another holds as well, then what was not used longest.
    A single one that is in use may take more."""

    engine: Engine
    context_size: int
    memory: int = MEMORY
    kept: list[tuple[tuple[int, ...], Tape]] = field(default_factory=list)

    def tape(self, prefix: tuple[int, ...], needed: int, spared: Callable[[], Sequence[Tape]] = nothing) -> Steps[Tape]:
        """A sequence that holds `prefix` and has room for `needed` tokens more; it is busy until somebody says
        otherwise. Those that are `spared` are left as they are as long as another can be had without loss."""
        while self._being_read(prefix) or (tape := self._found(prefix, needed, spared())) is None:
            yield None
        self._used(prefix, tape)
        tape.busy = True
        try:
            yield from self._read(prefix, tape)
        except BaseException:
            self._drop(tape)
            raise
        return tape

    @property
    def bytes(self) -> int:
        """What is kept takes so much memory."""
        return sum(tape.room for _, tape in self.kept) * self.engine.token_bytes

    @property
    def busy(self) -> bool:
        """Whether anybody writes."""
        return any(tape.busy for _, tape in self.kept)

    def _being_read(self, prefix: tuple[int, ...]) -> bool:
        """Whether somebody computes this prefix, so that it can be copied when they are done."""
        return any(held == prefix and not tape.read for held, tape in self.kept)

    def _found(self, prefix: tuple[int, ...], needed: int, spared: Sequence[Tape]) -> Tape | None:
        room = min(self.context_size, len(prefix) + max(-(-needed // BLOCK) * BLOCK, LEAST_ROOM))
        alike = [tape for held, tape in self.kept if held == prefix and tape.room >= len(prefix) + needed]
        idle = [tape for tape in alike if not tape.busy]
        free = [tape for tape in idle if tape not in spared]
        if free:
            return free[-1]
        if idle and self.bytes + room * self.engine.token_bytes > self.memory:
            return idle[0]
        return self._opened(len(prefix), room)

    def _opened(self, length: int, room: int) -> Tape | None:
        """A new one, once there is memory for it; None where others have to end first."""
        dropped, left = list[Tape](), self.bytes
        for tape in self._droppable():
            if left + room * self.engine.token_bytes <= self.memory:
                break
            left -= tape.room * self.engine.token_bytes
            dropped.append(tape)
        if left and left + room * self.engine.token_bytes > self.memory:
            return None
        for tape in dropped:
            self._drop(tape)
        return Tape(self.engine.open(room), length, room, read=False)

    def _droppable(self) -> list[Tape]:
        """Those that nobody writes on, in the order in which they go."""
        last = list(dict(self.kept).values())
        return sorted((tape for _, tape in self.kept if not tape.busy), key=lambda tape: tape in last)

    def _read(self, prefix: tuple[int, ...], tape: Tape) -> Steps[None]:
        if tape.read:
            return
        same = next((one for held, one in self.kept if held == prefix and one.read), None)
        if same is not None:
            tape.session.copy(same.session, len(prefix))
        for at in range(0, len(prefix) if same is None else 0, PIECE):
            yield Step(tape.session, prefix[at : at + PIECE])
        tape.read = True

    def _used(self, prefix: tuple[int, ...], tape: Tape) -> None:
        self.kept = [entry for entry in self.kept if entry[1] is not tape]
        self.kept.append((prefix, tape))

    def _drop(self, tape: Tape) -> None:
        tape.turn += 1
        self.kept = [entry for entry in self.kept if entry[1] is not tape]
