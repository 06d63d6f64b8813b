"""The queue of jobs: `jobs.sqlite` in the home, which any process may read and change at any time."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import Row
from typing import Any

from agents.ledger import Ledger
from agents.process import Process
from data.errors import Invalid, NotFound
from finetune.jobs.job import KINDS, STARTS, Device, Job, Kind

LEASE = 60.0
"""Seconds after its last sign of life for which a runner on another machine is believed to run."""
MOST_QUEUED = 100
"""Jobs that may wait."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    state TEXT NOT NULL,
    device TEXT NOT NULL,
    principal TEXT NOT NULL,
    created_at TEXT NOT NULL,
    started_at TEXT NOT NULL DEFAULT '',
    ended_at TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0,
    left INTEGER NOT NULL,
    cancelling INTEGER NOT NULL DEFAULT 0,
    result TEXT,
    error TEXT,
    runner TEXT NOT NULL DEFAULT '',
    worker TEXT NOT NULL DEFAULT '',
    beat REAL NOT NULL DEFAULT 0
)
"""
FIELDS = tuple(Job.__dataclass_fields__)


class Jobs:
    """The jobs of one home."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._ledger = Ledger(home / "jobs.sqlite", SCHEMA)

    def add(self, kind: Kind, subject: str, device: Device, principal: str) -> Job:
        """Put a job at the end of the queue. Invalid for a kind that is none, and when too many wait."""
        if kind not in KINDS:
            raise Invalid(f"There is no kind of job '{kind}'.", f"Use one of: {', '.join(KINDS)}.")
        with self._ledger.session() as connection:
            (waiting,) = connection.execute("SELECT count(*) FROM jobs WHERE state = 'queued'").fetchone()
            if waiting >= MOST_QUEUED:
                raise Invalid(f"{waiting} jobs wait already.", "Cancel some: lakewright job cancel ID")
            job = Job(secrets.token_hex(4), kind, subject, "queued", device, principal, _now())
            connection.execute(
                "INSERT INTO jobs (id, kind, subject, state, device, principal, created_at, left) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (job.id, kind, subject, job.state, device, principal, job.created_at, job.left),
            )
        return job

    def all(self) -> list[Job]:
        """Every job, the newest first. One whose runner has gone is told as interrupted."""
        with self._ledger.session() as connection:
            return [_seen(row) for row in connection.execute("SELECT * FROM jobs ORDER BY number DESC")]

    def get(self, id: str) -> Job:
        """One job; NotFound."""
        with self._ledger.session() as connection:
            row = connection.execute("SELECT * FROM jobs WHERE id = ?", (id,)).fetchone()
        if row is None:
            raise NotFound(f"There is no job '{id}'.", "See them with: lakewright job list")
        return _seen(row)

    def log(self, id: str) -> Path:
        """The file of what a job says."""
        return self.home / "jobs" / f"{self.get(id).id}.log"

    def cancel(self, id: str) -> Job:
        """End a job: one that waits at once, one that runs as soon as its runner looks. Invalid when it is over."""
        job = self.get(id)
        if job.over:
            raise Invalid(f"The job '{id}' is {job.state}.", "There is nothing to cancel.")
        if job.state == "running":
            self._set(id, "running", cancelling=1)
            return self.get(id)
        if job.state == "interrupted":
            self._bury(id)
        self._set(id, "queued", state="cancelled", ended_at=_now())
        self._set(id, "interrupted", state="cancelled", ended_at=_now())
        return self.get(id)

    def retry(self, id: str) -> Job:
        """Let a job that failed, was cancelled or interrupted wait again. Invalid for any other."""
        job = self.get(id)
        if job.state not in ("failed", "cancelled", "interrupted"):
            raise Invalid(f"The job '{id}' is {job.state}.", "Only one that ended without a result can be tried again.")
        if job.state == "interrupted":
            self._bury(id)
        again = {"state": "queued", "left": STARTS, "cancelling": 0, "ended_at": "", "error": None}
        for state in ("failed", "cancelled", "interrupted"):
            self._set(id, state, **again)
        return self.get(id)

    def claim(self, device: Device, runner: Process) -> Job | None:
        """The next job of a device, which runs from now on; None when none waits. One that was interrupted comes
        first, unless that has been so too often."""
        with self._ledger.session() as connection:
            row = connection.execute(
                "SELECT * FROM jobs WHERE device = ? AND (state = 'queued' OR state = 'interrupted' AND left > 0) "
                "ORDER BY state = 'queued', number LIMIT 1",
                (device,),
            ).fetchone()
            if row is None:
                return None
            begun = row["started_at"] or _now()
            connection.execute(
                "UPDATE jobs SET state = 'running', attempts = attempts + 1, left = left - 1, started_at = ?, "
                "runner = ?, worker = '', beat = ? WHERE id = ?",
                (begun, str(runner), time.time(), row["id"]),
            )
            attempts, left = row["attempts"] + 1, row["left"] - 1
            return replace(_job(row), state="running", started_at=begun, attempts=attempts, left=left)

    def beat(self, id: str, worker: Process | None = None) -> bool:
        """Say that the job's runner lives; whether the job is to be ended."""
        changed: dict[str, Any] = {"beat": time.time()} | ({"worker": str(worker)} if worker else {})
        self._set(id, "running", **changed)
        return self.get(id).cancelling

    def finish(self, id: str, state: str, result: Mapping[str, Any] | None, error: Mapping[str, str] | None) -> None:
        """Keep what came of a job that ran."""
        texts = {name: json.dumps(value) if value else None for name, value in (("result", result), ("error", error))}
        self._set(id, "running", state=state, ended_at=_now(), **texts)

    def reap(self) -> None:
        """Mark the jobs whose runners have gone as interrupted, and end what they left behind."""
        for job in self.all():
            if job.state == "interrupted":
                self._bury(job.id)

    def _bury(self, id: str) -> None:
        with self._ledger.session() as connection:
            row = connection.execute("SELECT * FROM jobs WHERE id = ?", (id,)).fetchone()
        worker = Process.parse(row["worker"])
        if worker is not None:
            worker.end()
        state = "cancelled" if row["cancelling"] else "interrupted"
        with self._ledger.session() as connection:
            connection.execute(
                "UPDATE jobs SET state = ? WHERE id = ? AND state = 'running' AND runner = ?",
                (state, id, row["runner"]),
            )

    def _set(self, id: str, before: str, **values: Any) -> None:
        """Change a job that is in this state; nothing where it is not any more."""
        columns = ", ".join(f"{name} = ?" for name in values)
        with self._ledger.session() as connection:
            connection.execute(f"UPDATE jobs SET {columns} WHERE id = ? AND state = ?", (*values.values(), id, before))


def _seen(row: Row) -> Job:
    """The job as it is now: one that is said to run does so only while its runner lives."""
    job, runner = _job(row), Process.parse(row["runner"])
    if job.state != "running" or runner is None:
        return job
    lives = runner.alive if runner.here else time.time() - row["beat"] < LEASE
    return job if lives else replace(job, state="interrupted")


def _job(row: Row) -> Job:
    values = {name: row[name] for name in FIELDS}
    parsed = {name: json.loads(row[name]) if row[name] else None for name in ("result", "error")}
    return Job(**{**values, **parsed, "cancelling": bool(row["cancelling"])})


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
