"""The process that takes the jobs of one device, one after the other, until none waits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from agents.process import Process
from finetune.jobs.job import DEVICES, Device, Job
from finetune.jobs.store import Jobs

if TYPE_CHECKING:
    from collections.abc import Iterator

EVERY = 0.5
"""Seconds between two looks at whether a job is to be cancelled; each is a sign of life."""
MOST_RESULT = 1_000_000
"""Bytes of a result that are kept."""

Command = Callable[[Job], list[str]]


@dataclass(frozen=True)
class Runner:
    """Runs each job as a process of its own, as `command` has it, with what it says in the job's log."""

    jobs: Jobs
    device: Device
    command: Command

    def work(self) -> int:
        """Run all jobs that wait; how many. Nothing is done while another runner has the device."""
        done, alone = 0, True
        # A job that came between the last look and the end of the lock found it taken: so there is one more look.
        while alone and self._waits():
            with self._alone() as alone:
                while alone and (job := self._next()) is not None:
                    self._run(job)
                    done += 1
        return done

    def _waits(self) -> bool:
        return any(job.device == self.device and job.waits for job in self.jobs.all())

    def _next(self) -> Job | None:
        self.jobs.reap()
        return self.jobs.claim(self.device, Process.of(os.getpid()))

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        folder = self.jobs.home / "jobs"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with FileLock(folder / f".{self.device}.lock", timeout=0):
                yield True
        except Timeout:
            yield False

    def _run(self, job: Job) -> None:
        folder = self.jobs.home / "jobs"
        file = folder / f"{job.id}.out"
        with (folder / f"{job.id}.log").open("a", encoding="utf-8") as log, file.open("w+", encoding="utf-8") as out:
            try:
                worker = _started(self.command(job), log, out)
            except OSError as error:
                self.jobs.finish(job.id, "failed", None, _error(f"It could not be started: {error.strerror}."))
                return
            cancelled = self._watched(job, worker)
            out.seek(0)
            self._ended(job, worker.returncode, out.read(MOST_RESULT), cancelled=cancelled)
        file.unlink(missing_ok=True)

    def _watched(self, job: Job, worker: subprocess.Popen[bytes]) -> bool:
        """Wait for the job's process; whether it was cancelled."""
        process, cancelled = Process.of(worker.pid), False
        while True:
            if self.jobs.beat(job.id, process) and not cancelled:
                cancelled = True
                threading.Thread(target=process.end, daemon=True).start()
            try:
                worker.wait(EVERY)
                return cancelled
            except subprocess.TimeoutExpired:
                continue

    def _ended(self, job: Job, code: int, said: str, *, cancelled: bool) -> None:
        document = _document(said)
        if code == 0:
            self.jobs.finish(job.id, "done", document, None)
        elif cancelled:
            self.jobs.finish(job.id, "cancelled", None, None)
        else:
            self.jobs.finish(job.id, "failed", None, document.get("error") or _error(_reason(code)))


def wake(home: Path, command: list[str]) -> None:
    """Start a runner for each device that has jobs to do. It goes on when this process ends."""
    jobs = Jobs(home)
    if not (home / "jobs.sqlite").exists():
        return
    wanted = {job.device for job in jobs.all() if job.waits}
    for device in DEVICES:
        if device in wanted:
            null = subprocess.DEVNULL
            child = subprocess.Popen([*command, device], start_new_session=True, stdin=null, stdout=null, stderr=null)
            # Whoever starts it may live long: nobody else would take note of its end.
            threading.Thread(target=child.wait, daemon=True).start()


def _started(command: list[str], log: IO[str], out: IO[str]) -> subprocess.Popen[bytes]:
    unbuffered = {**os.environ, "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=out, stderr=log, start_new_session=True, env=unbuffered
    )


def lakewright(home: Path, *words: str) -> list[str]:
    """A command line of this installation on this home, whichever folder it is run in."""
    root = str(Path(__file__).parents[2])
    main = f"import sys; sys.path.insert(0, {root!r}); from app.cli import main; sys.exit(main())"
    return [sys.executable, "-c", main, *words, "--home", str(home), "--json"]


def _document(said: str) -> Mapping[str, Any]:
    try:
        document = json.loads(said)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _reason(code: int) -> str:
    if code == -9:
        return "It was killed, perhaps because memory ran out."
    return f"It was ended by signal {-code}." if code < 0 else f"It ended with exit code {code} and said no reason."


def _error(message: str) -> dict[str, str]:
    return {"kind": "failed", "message": message, "remedy": "See its log, then try it again."}
