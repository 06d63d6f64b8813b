"""Where topics begin and end, as far as the broker says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from data.errors import DataError, NotFound
from data.location import redacted
from data.streams import connection
from data.streams.connection import Topic
from data.streams.stream import Broker

PATIENCE = 3.0
"""Seconds until somebody who watches is told that the broker does not answer."""

SOON = {"fetch.wait.max.ms": "10"}
"""At a topic's end the broker shall say so, not wait for more."""


@dataclass(frozen=True)
class Edge:
    """A topic's first and next offsets, for each partition; or the reason why they can't be had."""

    id: str = ""
    firsts: Mapping[int, int] = field(default_factory=dict)
    ends: Mapping[int, int] = field(default_factory=dict)
    reason: str = ""


def edges(broker: Broker, names: Iterable[str]) -> Mapping[str, Edge]:
    """The edges of each topic. It never raises for a broker that does not answer, or a topic that is missing."""
    wanted = sorted(set(names))
    try:
        there = _there(broker) if wanted else set()
        # Asked for by name, a topic may come to be.
        found = {name: _topic(broker, name) for name in wanted if name in there}
        known = _edges(broker, [each for each in found.values() if each is not None])
    except DataError as error:
        return dict.fromkeys(wanted, Edge(reason=error.message))
    return {name: known.get(name) or _missing(broker, name) for name in wanted}


def _there(broker: Broker) -> set[str]:
    """The topics there are; Unavailable sooner than `connection` says it."""
    from confluent_kafka import KafkaException
    from confluent_kafka.admin import AdminClient

    try:
        return set(AdminClient(connection.configuration(broker)).list_topics(timeout=PATIENCE).topics)
    except KafkaException as error:
        raise connection.unavailable(broker, error.args[0].str()) from None


def _topic(broker: Broker, name: str) -> Topic | None:
    try:
        return connection.topic(broker, name)
    except NotFound:
        return None


def _missing(broker: Broker, name: str) -> Edge:
    return Edge(reason=f"There is no topic '{name}' at '{redacted(broker.servers)}'.")


def _edges(broker: Broker, topics: Sequence[Topic]) -> Mapping[str, Edge]:
    if not topics:
        return {}
    firsts = _firsts(broker, topics)
    ends = connection.ends(replace(broker, options={**broker.options, **SOON}), topics)
    return {topic.name: Edge(topic.id, firsts[topic.name], ends[topic.name]) for topic in topics}


def _firsts(broker: Broker, topics: Sequence[Topic]) -> Mapping[str, Mapping[int, int]]:
    from confluent_kafka import Consumer, KafkaException

    settings = {"group.id": "lakewright.status", "enable.auto.commit": False}
    consumer = Consumer({**connection.configuration(broker), **settings})
    try:
        return {each.name: connection.beginnings(consumer, each.name, each.partitions) for each in topics}
    except KafkaException as error:
        raise connection.unavailable(broker, error.args[0].str()) from None
    finally:
        consumer.close()
