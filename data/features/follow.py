"""Features that follow a stream: what has landed in a table goes into the views that read it, while more lands."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from data.errors import Busy
from data.features.history import History
from data.features.plan import Plan
from data.features.platform import Features
from data.features.results import now
from data.policy import Principal
from data.sources.delta import latest_version

EVERY = 1.0
"""Seconds between two looks at the tables."""

SHARE = 4
"""After an update follows a pause of so many times as long, so that landing keeps the machine."""

STILL = 30.0
"""Seconds until a view of a SELECT is looked at again where nothing has landed: rows of it may have become known."""

LONGEST = 60.0
"""Seconds of pause after failures, at most."""


class Follower:
    """Keeps the history and the online values of those views up to date that were materialised once. A failure is
    said and tried again; it never reaches the stream."""

    def __init__(
        self, features: Features, principal: Principal, tables: Mapping[str, Path],
        say: Callable[[str], None] = lambda _: None, now: Callable[[], datetime] = now, every: float = EVERY,
    ) -> None:  # fmt: skip
        """`tables` are those that streams land in, with their folders."""
        self.updates, self.failures = 0, 0
        self._features, self._principal, self._tables = features, principal, tables
        self._say, self._now, self._every = say, now, every
        self._seen: dict[str, tuple[Mapping[str, int | None], float]] = {}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="features", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self, *, finish: bool) -> None:
        """End after what is under way; with `finish`, after what has landed until now is in the views."""
        self._done.set()
        self._thread.join()
        if finish:
            self.update()

    def update(self) -> bool:
        """Bring the views of tables with new versions up to date; whether all of them are now."""
        good = True
        for plan in self._plans():
            good = self._bring(plan) and good
        return good

    def _run(self) -> None:
        pause = self._every
        while not self._done.wait(pause):
            began = time.monotonic()
            good = self.update()
            taken = (time.monotonic() - began) * SHARE
            pause = max(self._every, taken) if good else min(max(pause * 2, taken), LONGEST)

    def _plans(self) -> Sequence[Plan]:
        try:
            plans = self._features.registry.plans().values()
        except Exception as error:  # noqa: BLE001
            self._failed("features", error)
            return ()
        return [p for p in plans if self._tables.keys() & set(p.tables) and self._begun(p)]

    def _begun(self, plan: Plan) -> bool:
        return History.of(plan, self._features.home).version is not None

    def _bring(self, plan: Plan) -> bool:
        name = plan.view.name
        versions = {t: latest_version(self._tables[t] / "_delta_log") for t in plan.tables if t in self._tables}
        seen, looked = self._seen.get(name, ({}, 0.0))
        if seen == versions and (plan.table is not None or time.monotonic() - looked < STILL):
            return True
        try:
            for _ in self._features.materialize(self._principal, [name], self._now(), lambda _: None, values=False):
                self.updates += 1
        except Busy:
            return False  # somebody else does it
        except Exception as error:  # noqa: BLE001
            self._failed(name, error)
            return False
        self._seen[name] = versions, time.monotonic()
        return True

    def _failed(self, name: str, error: Exception) -> None:
        self.failures += 1
        self._say(f"{name}: its features are not brought up to date: {error} It is tried again.")
