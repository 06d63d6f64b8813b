"""The registered models that are served, each loaded once."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from pathlib import Path

from agents.predictors.artifact import Spec
from agents.predictors.scorer import Scorer
from agents.predictors.store import CHAMPION, ModelStore, Version
from data.errors import NotFound

KIND = "tabular"
PAUSE = 1.0
"""Seconds after which a change of the registry is seen: a run that logs its steps changes it all the time."""


@dataclass(frozen=True)
class Loaded:
    """A version of a model, ready to score."""

    version: Version
    scorer: Scorer

    @property
    def spec(self) -> Spec:
        return self.scorer.spec


class Models:
    """What the registry names, looked up again after it has changed. Threads may share it."""

    def __init__(self, store: ModelStore) -> None:
        self.store = store
        self._lock = threading.Lock()
        self._stamp: tuple[int, int] = (0, 0)
        self._looked = -PAUSE
        self._versions: dict[tuple[str, str], Version] = {}
        self._names: tuple[str, ...] | None = None
        self._scorers: dict[Path, Scorer] = {}

    def get(self, name: str, version: str | int = CHAMPION) -> Loaded:
        """NotFound where there is no such model over features."""
        with self._lock:
            self._refresh()
            key = (name, str(version))
            if key not in self._versions:
                self._versions[key] = self._resolved(name, version)
            found = self._versions[key]
            if found.folder not in self._scorers:
                self._scorers[found.folder] = Scorer.load(found.folder)
            return Loaded(found, self._scorers[found.folder])

    def champions(self) -> list[Loaded]:
        """The champion of each model that has one."""
        found = []
        for name in self.names():
            try:
                found.append(self.get(name))
            except NotFound:
                continue
        return found

    def names(self) -> tuple[str, ...]:
        """All models over features; asking costs nothing while the registry has not changed."""
        with self._lock:
            self._refresh()
            if self._names is None:
                self._names = self.store.names(KIND)
            return self._names

    def _resolved(self, name: str, version: str | int) -> Version:
        found = self.store.resolve(name, version)
        if found.kind != KIND:
            raise NotFound(f"'{name}' is a language model's adapter: it gives no scores.", "Name another model.")
        return found

    def _refresh(self) -> None:
        now = time.monotonic()
        if now - self._looked < PAUSE:
            return
        self._looked = now
        stamp = self.store.stamp()
        if stamp != self._stamp:
            self._stamp, self._versions, self._names = stamp, {}, None
            self._scorers = dict(list(self._scorers.items())[-8:])
