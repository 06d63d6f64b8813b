"""A member of a group that leaves while it is being given partitions."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from data.streams.reader import Reader
from data.streams.stream import Broker, Stream


class Leaving(Reader):
    given = False

    def _assign(self, consumer: Any, partitions: Sequence[Any]) -> None:
        self.given = True
        super()._assign(consumer, partitions)


def test_what_is_given_while_it_closes_is_not_taken(topic: str, broker: str) -> None:
    stream = Stream(topic, topic, "json", None, "lake.events", time="at")  # a group of its own
    quick = Broker(broker, {"session.timeout.ms": "1000", "heartbeat.interval.ms": "200"})
    reader = Leaving(stream, quick, dict.fromkeys, lambda: None)
    time.sleep(3)  # the group gives, and librdkafka says so in the next call, which is the close
    assert not reader.given
    reader.close()
    assert reader.given
    assert not reader.assigned
