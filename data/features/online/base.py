"""What an online store does: it keeps two pieces of bytes for each key of a space, and one number for the space."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """An entity: `head` has its values, and `state` the events that later values are made of."""

    key: str
    head: bytes
    state: bytes


class Store(ABC):
    """A space is a view in one definition. Many threads may read; one process writes. All raise Unavailable where
    the store does not answer."""

    @abstractmethod
    def head(self, space: str, key: str) -> bytes | None:
        """The values of one key, in one look-up."""

    @abstractmethod
    def state(self, space: str, key: str) -> bytes | None:
        """The events of one key."""

    @abstractmethod
    def rows(self, space: str, keys: Sequence[str]) -> dict[str, Row]:
        """Those of the keys that are there."""

    @abstractmethod
    def put(self, space: str, rows: Iterable[Row]) -> None:
        """Add or replace rows: all of them or none."""

    @abstractmethod
    def position(self, space: str) -> int | None:
        """The version of the history that a space was brought up to; None for one that was never whole."""

    @abstractmethod
    def begin(self, space: str, version: int) -> None:
        """A space will be made anew from a version: nothing of another version stays in it. What an earlier run has
        made of the same version does."""

    @abstractmethod
    def finish(self, space: str, position: int) -> None:
        """Say that a space is whole up to a position, and drop all others of the same view."""

    @abstractmethod
    def close(self) -> None:
        """Let go of connections."""


def view_of(space: str) -> str:
    """The view of a space: spaces are named `view-digest`."""
    return space.rpartition("-")[0]
