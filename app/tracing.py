"""Traces: each request, agent step, model call and query as an OpenTelemetry span, sent by OTLP; and agent steps in
MLflow, where the settings want that. No span holds a question, an answer, SQL or a name of a person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from data.audit import REQUEST
from data.observe import Observation, Observer

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter

    from app.settings import Settings

SERVICE = "lakewright"


def observers(settings: Settings) -> tuple[list[Observer], Callable[[], None]]:
    """What the settings ask for, and what sends the last of it at the end."""
    found: list[Observer] = []
    finish: Callable[[], None] = _nothing
    if settings.otlp:
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

        spans = Spans(OTLPSpanExporter(endpoint=settings.otlp, insecure=settings.otlp.startswith("http://")))
        found.append(spans.observe)
        finish = spans.close
    if settings.mlflow_traces:
        found.append(_in_mlflow(settings.mlflow_traces))
    return found, finish


def _nothing() -> None:
    """Nothing is left to send."""


class Spans:
    """Sends spans aside, in batches: a collector that does not answer holds nobody up."""

    def __init__(self, exporter: SpanExporter) -> None:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        from lakewright import __version__

        resource = Resource.create({"service.name": SERVICE, "service.version": __version__})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer(SERVICE)

    @contextmanager
    def observe(self, seen: Observation) -> Iterator[None]:
        from opentelemetry.trace import Status, StatusCode

        # An exception's message may quote data: it is told by its kind alone.
        name = f"{seen.kind} {seen.name}"
        with self._tracer.start_as_current_span(name, record_exception=False, set_status_on_exception=False) as span:
            try:
                yield
            finally:
                span.set_attributes(_attributes(seen))
                if seen.outcome not in ("ok", "answered") and not seen.outcome.startswith(("2", "3")):
                    span.set_status(Status(StatusCode.ERROR, seen.outcome))

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()


def _attributes(seen: Observation) -> dict[str, Any]:
    return {"lakewright.request": REQUEST.get(), "lakewright.outcome": seen.outcome, **seen.facts}


def _in_mlflow(address: str) -> Observer:
    """Agent steps and model calls as MLflow's spans; they are sent in threads of MLflow's own."""
    import mlflow

    mlflow.set_tracking_uri(address)
    mlflow.set_experiment(SERVICE)

    @contextmanager
    def observe(seen: Observation) -> Iterator[None]:
        if seen.kind in ("query", "engine", "commit"):
            yield
            return
        kinds = {"request": "AGENT", "question": "AGENT", "step": "CHAIN", "model": "LLM"}
        with mlflow.start_span(name=seen.name, span_type=kinds[seen.kind]) as span:
            try:
                yield
            finally:
                span.set_attributes(_attributes(seen))

    return observe
