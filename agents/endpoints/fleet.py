"""The endpoints of a home while it is open: they follow the settings and the installed adapters, and no question
notices when one takes another's place.

A question holds the endpoint that it began with. One that is to take over is opened beside the old one, which answers
until then; where it can't be opened the old one goes on.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.errors import DataError

if TYPE_CHECKING:
    from agents.endpoints import Endpoint, EndpointSpec

AGAIN = 30.0
"""Seconds after which an endpoint that could not take over is tried again."""


@dataclass(frozen=True)
class Held:
    """An open endpoint and what it was opened from: its line of settings, and the state of its weights."""

    endpoint: Endpoint
    spec: EndpointSpec
    stamp: str


@dataclass(frozen=True)
class Failed:
    """Why an endpoint could not take over, and when that was."""

    spec: EndpointSpec
    stamp: str
    why: str
    at: float


class Fleet(Mapping[str, "Callable[[], Endpoint]"]):
    """What opens each endpoint by name, the current one first. Thread safe."""

    def __init__(
        self,
        specs: Callable[[], Mapping[str, EndpointSpec]],
        open: Callable[[EndpointSpec], Endpoint],
        stamp: Callable[[EndpointSpec], str] = lambda spec: "",
    ) -> None:
        """`specs` gives the settings as they are now, the current endpoint first. `stamp` differs when an endpoint's
        weights do."""
        self._specs, self._opened, self._stamp = specs, open, stamp
        self._held: dict[str, Held] = {}
        self._coming: set[str] = set()
        self._failed: dict[str, Failed] = {}
        self._current = ""
        self._lock, self._opening = threading.RLock(), threading.RLock()

    def __getitem__(self, name: str) -> Callable[[], Endpoint]:
        if name not in self._specs():
            raise KeyError(name)
        return lambda: self._endpoint(name)

    def __iter__(self) -> Iterator[str]:
        names, current = self._specs(), self._settled()
        yield from dict.fromkeys((current, *names) if current in names else names)

    def __len__(self) -> int:
        return len(self._specs())

    def failure(self, name: str) -> str:
        """Why an endpoint that should have taken over did not; empty where nothing is wrong."""
        failed = self._failed.get(name)
        return failed.why if failed else ""

    def _settled(self) -> str:
        """The current endpoint: the one that the settings name as soon as it is open, and until then the one before."""
        specs = self._specs()
        wanted = next(iter(specs), "")
        with self._lock:
            before = self._current
            if before == wanted or before not in specs or before not in self._held or wanted in self._held:
                self._current = wanted
                return wanted
        self._fetch(wanted, specs[wanted])
        return before

    def _endpoint(self, name: str) -> Endpoint:
        spec = self._specs()[name]
        stamp = self._stamp(spec)
        held = self._held.get(name)
        if held is None:
            return self._open(name, spec, stamp).endpoint
        if (held.spec, held.stamp) != (spec, stamp):
            self._fetch(name, spec)
        return held.endpoint

    def _open(self, name: str, spec: EndpointSpec, stamp: str) -> Held:
        with self._opening:
            held = self._held.get(name)
            if held is None or (held.spec, held.stamp) != (spec, stamp):
                made = Held(self._opened(spec), spec, stamp)
                if held is not None and self._stamp(spec) != stamp:
                    return held  # The weights changed meanwhile: the next question fetches them anew.
                held = made
                with self._lock:
                    self._held[name] = held
                    self._failed.pop(name, None)
            return held

    def _fetch(self, name: str, spec: EndpointSpec) -> None:
        """Open an endpoint beside the others, once, while they answer."""
        stamp = self._stamp(spec)
        with self._lock:
            failed = self._failed.get(name)
            same = failed is not None and (failed.spec, failed.stamp) == (spec, stamp)
            if name in self._coming or (failed is not None and same and time.monotonic() - failed.at < AGAIN):
                return
            self._coming.add(name)
        threading.Thread(target=self._fetched, args=(name, spec, stamp), name="endpoint", daemon=True).start()

    def _fetched(self, name: str, spec: EndpointSpec, stamp: str) -> None:
        try:
            self._open(name, spec, stamp)
        except Exception as error:  # noqa: BLE001 - the one before goes on, whatever is wrong with this one
            why = error.message if isinstance(error, DataError) else f"{type(error).__name__}: {error}"
            with self._lock:
                self._failed[name] = Failed(spec, stamp, why, time.monotonic())
        finally:
            with self._lock:
                self._coming.discard(name)
