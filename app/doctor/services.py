"""The services that the settings name: model servers, broker, Redis, Spark."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app import home
from app.doctor.check import Check, Look
from app.settings import Settings
from data.catalog import Catalog

if TYPE_CHECKING:
    from data.streams.declaration import Streams

PATIENCE = 3.0
"""Seconds for which a service is waited for."""
SPARK_PORT = 15002


def endpoint(settings: Settings) -> Iterator[Check]:
    """Every endpoint that is declared, the current one first; servers are asked for their models."""
    current = settings.spec()
    yield Check("endpoint", True, f"{current.name} ({current.kind}, {current.device})")
    from agents.endpoints import open_endpoint
    from agents.endpoints.openai import served

    for spec in settings.specs():
        if spec.kind != "openai":
            continue
        open_endpoint(spec, settings.models_folder)
        models, wrong = served(spec, PATIENCE)
        name, wanted = f"endpoint: {spec.name}", spec.adapter or spec.model
        if wrong:
            yield Check(name, False, wrong, f"Start the server, or take '{spec.name}' out of the settings.")
        elif wanted not in models:
            remedy = f"It has: {', '.join(models[:5]) or 'none'}. Set its `model`."
            yield Check(name, False, f"the server has no model '{wanted}'", remedy)
        else:
            yield Check(name, True, f"serves {wanted}")


def broker(settings: Settings) -> Iterator[Check]:
    from data.streams.declaration import FILE, load_streams
    from data.streams.edges import edges

    if not (settings.home / FILE).exists():
        yield Check("broker", True, "no streams are declared")
        return
    declared = load_streams(settings.home / FILE, Catalog.load(settings.home / home.CATALOG))
    reasons = {topic: edge.reason for topic, edge in edges(declared.broker, _topics(declared)).items()}
    for topic, reason in reasons.items():
        remedy = "Start the broker, or mend streams.yaml." if reason else ""
        yield Check(f"topic: {topic}", not reason, reason or "the broker has it", remedy)


def _topics(declared: Streams) -> list[str]:
    return [stream.topic for stream in declared.streams]


def online(settings: Settings) -> Iterator[Check]:
    """Where online features are kept."""
    if settings.online == "sqlite":
        yield Check("online store", True, "a file in the home")
        return
    import redis

    try:
        redis.Redis.from_url(settings.online, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE).ping()
    except redis.RedisError as error:
        said = f"Redis does not answer ({type(error).__name__})"
        yield Check("online store", False, said, "Start it, or set `online` to its address or to sqlite.")
        return
    yield Check("online store", True, "Redis answers")


def spark(settings: Settings) -> Iterator[Check]:
    if not settings.spark:
        yield Check("spark", settings.engine != "spark", f"none; {settings.engine} runs queries", _unset(settings))
        return
    address = urlsplit(settings.spark)
    try:
        socket.create_connection((address.hostname or "", address.port or SPARK_PORT), PATIENCE).close()
    except OSError as error:
        said = f"nothing listens at {address.hostname}:{address.port or SPARK_PORT} ({error})"
        yield Check("spark", False, said, "Start the Spark Connect server, or mend the setting `spark`.")
        return
    yield Check("spark", True, "the Spark Connect server listens")


def _unset(settings: Settings) -> str:
    return "Set `spark` to sc://host:port, or `engine` to duckdb." if settings.engine == "spark" else ""


LOOKS: tuple[Look, ...] = (endpoint, broker, online, spark)
