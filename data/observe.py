"""Where operators may look: requests, questions, agent steps, models, queries, engines and what is made to last pass
here, by names that are nobody's data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["request", "question", "step", "model", "query", "engine", "commit"]


@dataclass
class Observation:
    """Something that goes on. `name` is one of a few that the program has, never what a person wrote."""

    kind: Kind
    name: str
    outcome: str = "ok"
    facts: dict[str, str | int | float] = field(default_factory=dict)


Observer = Callable[[Observation], AbstractContextManager[object]]
_OBSERVERS: list[Observer] = []


@contextmanager
def observing(*observers: Observer) -> Iterator[None]:
    """Let these look on while the block runs."""
    _OBSERVERS.extend(observers)
    try:
        yield
    finally:
        for observer in observers:
            _OBSERVERS.remove(observer)


@contextmanager
def observed(kind: Kind, name: str) -> Iterator[Observation]:
    """Have the block looked at. How it failed is told by the error's kind; its message may quote data."""
    seen = Observation(kind, name)
    if not _OBSERVERS:
        yield seen
        return
    with ExitStack() as stack:
        for observer in tuple(_OBSERVERS):
            stack.enter_context(observer(seen))
        try:
            yield seen
        except BaseException as error:
            seen.outcome = str(getattr(error, "kind", type(error).__name__))
            raise
