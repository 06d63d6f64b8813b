"""On whose behalf a model is asked, and whether they still wait: what the code between them need not hand on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Caller:
    """A principal's name, and whether nobody waits for the answer any more."""

    name: str = ""
    gone: Callable[[], bool] = lambda: False


NOBODY = Caller()
_CURRENT: ContextVar[Caller] = ContextVar("caller", default=NOBODY)


def current() -> Caller:
    """The caller whose request this thread works on."""
    return _CURRENT.get()


@contextmanager
def calling(caller: Caller) -> Iterator[None]:
    """What the block asks of models is asked for this caller."""
    token = _CURRENT.set(caller)
    try:
        yield
    finally:
        _CURRENT.reset(token)
