"""Prometheus metrics: how many, how long and how they ended, by names that are nobody's data."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import Response

from app import home
from app.identity import identify
from app.scopes import ADMIN
from app.tokens import Unauthenticated
from data.observe import Observation

if TYPE_CHECKING:
    from app.assembly import Lakewright

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


class Metrics:
    """Counts what is observed. Its labels are routes, steps, kinds of errors: sets that the program bounds."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        labels = ("kind", "name", "outcome")
        self._ended = Counter("lakewright_done", "What has ended.", labels, registry=self.registry)
        self._took = Histogram(
            "lakewright_seconds", "How long it took.", labels[:2], registry=self.registry, buckets=SECONDS
        )
        self._running = Gauge("lakewright_running", "What goes on now.", ("kind",), registry=self.registry)

    @contextmanager
    def observe(self, seen: Observation) -> Iterator[None]:
        begun = time.perf_counter()
        self._running.labels(seen.kind).inc()
        try:
            yield
        finally:
            self._running.labels(seen.kind).dec()
            self._took.labels(seen.kind, seen.name).observe(time.perf_counter() - begun)
            self._ended.labels(seen.kind, seen.name, seen.outcome).inc()

    def text(self) -> bytes:
        """Everything, in Prometheus' format."""
        return generate_latest(self.registry)


class Door:
    """`/metrics`: for this machine's own programs, and for the administrator's token."""

    def __init__(self, lakewright: Lakewright, metrics: Metrics) -> None:
        self._lakewright, self._metrics = lakewright, metrics

    def show(self, request: Request) -> Response:
        """Unauthenticated, or Forbidden for anybody but the administrator."""
        given = request.headers.get("authorization", "")
        if given or not _own(request):
            secret = given.removeprefix("Bearer ").strip()
            if not secret:
                raise Unauthenticated("There is no access token.", "Send the header: Authorization: Bearer TOKEN")
            identify(self._lakewright, secret).require(ADMIN, "read the metrics")
        return Response(self._metrics.text(), media_type=CONTENT_TYPE_LATEST)


def _own(request: Request) -> bool:
    """Whether a program of this machine asks for itself: a proxy's clients come from elsewhere."""
    client = request.client.host if request.client is not None else ""
    named = request.url.hostname or ""
    forwarded = any(name in request.headers for name in FORWARDED)
    return home.local(client) and home.local(named) and not forwarded
