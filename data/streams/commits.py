"""What the newest commits of a Delta table say about themselves, read from their files alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from data.sources.commit import WATERMARK, information, moment
from data.streams.target import EVENTS, NEWEST

MOST = 1000
"""Commits that are read back at most: the cost of a look does not grow with the table's log."""


@dataclass(frozen=True)
class Commit:
    """One commit. `events` is None for one that no stream made, such as upkeep."""

    at: datetime
    events: int | None = None
    newest: datetime | None = None
    watermark: datetime | None = None


class Commits:
    """The commits of one table's log, each read once. Not for several threads."""

    def __init__(self, log: Path) -> None:
        self._log, self._known = log, dict[int, Commit | None]()

    def since(self, version: int, moment: datetime) -> Sequence[Commit]:
        """The streams' commits up to a version, newest first, back to the first one before `moment`."""
        found: list[Commit] = []
        first = max(-1, version - MOST)
        for number in range(version, first, -1):
            commit = self._commit(number)
            if commit is None:
                break
            if commit.events is not None:
                found.append(commit)
                if commit.at < moment:
                    break
        self._known = {number: known for number, known in self._known.items() if number > first}
        return found

    def _commit(self, version: int) -> Commit | None:
        """None for a commit that the log no longer has."""
        if version not in self._known:
            self._known[version] = _read(self._log / f"{version:020}.json")
        return self._known[version]


def _read(path: Path) -> Commit | None:
    facts = information(path)
    if facts is None:
        return None
    return _commit_of(facts) if facts else Commit(datetime.fromtimestamp(path.stat().st_mtime, UTC))


def _commit_of(facts: dict[str, Any]) -> Commit:
    stamp, events = facts.get("timestamp"), str(facts.get(EVENTS, ""))
    return Commit(
        datetime.fromtimestamp(stamp / 1000 if isinstance(stamp, int) else 0, UTC),
        int(events) if events.isdecimal() and len(events) < 19 else None,
        moment(facts.get(NEWEST)),
        moment(facts.get(WATERMARK)),
    )
