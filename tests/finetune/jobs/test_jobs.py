"""The queue of jobs: states, one at a time, what is left of a runner that was killed, cancel, retry, logs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from agents.process import Process
from data.errors import Invalid, NotFound
from finetune.jobs.job import STARTS, Job
from finetune.jobs.log import lines
from finetune.jobs.runner import Runner, wake
from finetune.jobs.store import LEASE, MOST_QUEUED, Jobs

HELLO = "import sys; print('one', file=sys.stderr); print('{\"version\": 3}')"
SLOW = "import sys, time; print('begun', file=sys.stderr, flush=True); time.sleep(60)"


@pytest.fixture
def jobs(tmp_path: Path) -> Jobs:
    return Jobs(tmp_path)


def runner(jobs: Jobs, program: str = HELLO) -> Runner:
    return Runner(jobs, "cpu", lambda job: [sys.executable, "-c", program])


def until(holds: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def killed(jobs: Jobs) -> Iterator[tuple[Job, Process]]:
    """A job whose runner was killed while it ran, and the process that the runner left behind."""
    job = jobs.add("train", "risk", "cpu", "owner")
    script = (
        "import sys\nfrom pathlib import Path\nfrom finetune.jobs.runner import Runner\n"
        "from finetune.jobs.store import Jobs\n"
        f"Runner(Jobs(Path({str(jobs.home)!r})), 'cpu', lambda job: [sys.executable, '-c', {SLOW!r}]).work()\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script], cwd=Path(__file__).parents[3])
    until(lambda: "begun" in list(lines(jobs, job.id)) and worker(jobs, job.id))
    left = worker(jobs, job.id)
    assert left is not None
    process.kill()
    process.wait()
    yield job, left
    left.end(0.1)


def worker(jobs: Jobs, id: str) -> Process | None:
    with jobs._ledger.session() as connection:
        return Process.parse(connection.execute("SELECT worker FROM jobs WHERE id = ?", (id,)).fetchone()["worker"])


def test_jobs_run_in_their_order_and_keep_what_came_of_them(jobs: Jobs) -> None:
    first, second = jobs.add("train", "risk", "cpu", "owner"), jobs.add("learn", "square", "cpu", "owner")
    other = jobs.add("finetune", "ask", "cuda", "owner")
    assert [job.state for job in jobs.all()] == ["queued"] * 3
    order: list[str] = []

    def command(job: Job) -> list[str]:
        order.append(job.id)
        return [sys.executable, "-c", HELLO]

    assert Runner(jobs, "cpu", command).work() == 2
    assert order == [first.id, second.id]
    done = jobs.get(first.id)
    assert (done.state, done.result, done.error, done.attempts) == ("done", {"version": 3}, None, 1)
    assert done.created_at <= done.started_at <= done.ended_at
    assert list(lines(jobs, first.id)) == ["one"]
    assert jobs.get(other.id).state == "queued"


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("raise SystemExit(3)", "ended with exit code 3"),
        ("import os; os.kill(os.getpid(), 9)", "killed, perhaps because memory ran out"),
        ('print(\'{"error": {"kind": "x", "message": "No rows.", "remedy": "y"}}\'); raise SystemExit(1)', "No rows."),
        ("print('not JSON'); raise SystemExit(1)", "exit code 1"),
    ],
)
def test_a_failure_says_why(jobs: Jobs, program: str, message: str) -> None:
    job = jobs.add("train", "risk", "cpu", "owner")
    runner(jobs, program).work()
    failed = jobs.get(job.id)
    assert failed.state == "failed"
    assert failed.error is not None
    assert message in failed.error["message"]
    assert failed.result is None


def test_a_program_that_is_not_there_fails_the_job_alone(jobs: Jobs) -> None:
    job = jobs.add("train", "risk", "cpu", "owner")
    assert Runner(jobs, "cpu", lambda job: ["/no/such/program"]).work() == 1
    assert "No such file" in (jobs.get(job.id).error or {})["message"]


def test_one_runner_at_a_time_has_a_device(jobs: Jobs) -> None:
    many = [jobs.add("train", f"r{n}", "cpu", "owner") for n in range(4)]
    mark = jobs.home / "busy"
    program = (
        f"import os, time; os.close(os.open({str(mark)!r}, os.O_CREAT | os.O_EXCL)); time.sleep(0.1); "
        f"os.unlink({str(mark)!r})"
    )
    with ThreadPoolExecutor(3) as threads:
        done = list(threads.map(lambda _: runner(jobs, program).work(), range(3)))
    assert sum(done) == 4
    assert {jobs.get(job.id).state for job in many} == {"done"}


def test_the_job_of_a_killed_runner_is_interrupted_and_goes_on(jobs: Jobs, killed: tuple[Job, Process]) -> None:
    job, left = killed
    assert jobs.get(job.id).state == "interrupted"
    assert left.alive
    resumed: list[list[str]] = []

    def command(job: Job) -> list[str]:
        resumed.append(job.command())
        return [sys.executable, "-c", HELLO]

    assert Runner(jobs, "cpu", command).work() == 1
    assert not left.alive
    done = jobs.get(job.id)
    assert (done.state, done.attempts) == ("done", 2)
    assert [line for line in lines(jobs, job.id) if line in ("begun", "one")] == ["begun", "one"]


def test_what_was_interrupted_too_often_is_left_for_a_person(jobs: Jobs) -> None:
    job = jobs.add("finetune", "ask", "cpu", "owner")
    gone = Process(os.getpid(), "0", Process.of(os.getpid()).host)
    for attempt in range(1, STARTS + 1):
        claimed = jobs.claim("cpu", gone)
        assert claimed is not None
        assert claimed.attempts == attempt
        assert ("--resume" in claimed.command()) == (attempt > 1)
        jobs.reap()
    assert jobs.claim("cpu", gone) is None
    assert jobs.get(job.id).state == "interrupted"
    assert not jobs.get(job.id).waits
    assert jobs.retry(job.id).state == "queued"
    assert runner(jobs).work() == 1


def test_a_runner_elsewhere_is_believed_for_the_time_of_its_lease(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    job = jobs.add("train", "risk", "cpu", "owner")
    jobs.claim("cpu", Process(1, "5", "elsewhere"))
    assert jobs.get(job.id).state == "running"
    later = time.time() + LEASE + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert jobs.get(job.id).state == "interrupted"


def test_a_job_that_waits_is_cancelled_at_once_and_can_be_retried(jobs: Jobs) -> None:
    job = jobs.add("train", "risk", "cpu", "owner")
    assert jobs.cancel(job.id).state == "cancelled"
    assert runner(jobs).work() == 0
    with pytest.raises(Invalid, match="is cancelled"):
        jobs.cancel(job.id)
    assert jobs.retry(job.id).state == "queued"
    assert runner(jobs).work() == 1
    with pytest.raises(Invalid, match="is done"):
        jobs.retry(job.id)


def test_a_job_that_runs_is_ended(jobs: Jobs) -> None:
    job = jobs.add("train", "risk", "cpu", "owner")
    thread = threading.Thread(target=runner(jobs, SLOW).work)
    thread.start()
    until(lambda: "begun" in list(lines(jobs, job.id)) and worker(jobs, job.id))
    process = worker(jobs, job.id)
    assert process is not None
    assert jobs.cancel(job.id).cancelling
    thread.join(20)
    assert jobs.get(job.id).state == "cancelled"
    assert not process.alive


def test_the_job_of_a_killed_runner_can_be_cancelled(jobs: Jobs, killed: tuple[Job, Process]) -> None:
    job, left = killed
    assert jobs.cancel(job.id).state == "cancelled"
    assert not left.alive
    assert runner(jobs).work() == 0


def test_a_process_that_ignores_interrupts_is_killed() -> None:
    deaf = (
        "import signal, time; [signal.signal(s, signal.SIG_IGN) for s in (2, 15)]; print(1, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", deaf], start_new_session=True, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        Process.of(child.pid).end(0.2)
        assert child.wait(5) == -signal.SIGKILL


def test_a_number_that_another_process_has_by_now_is_not_taken_for_it() -> None:
    here = Process.of(os.getpid())
    assert here.alive
    assert Process.parse(str(here)) == here
    assert not Process(here.pid, "1", here.host).alive


def test_a_log_is_followed_until_the_job_is_over(jobs: Jobs) -> None:
    job = jobs.add("train", "risk", "cpu", "owner")
    said = "import sys, time; e = sys.stderr\nfor n in range(3): print(n, file=e, flush=True); time.sleep(0.1)\n"
    thread = threading.Thread(target=runner(jobs, said + "print('10%\\r90%\\r100%', file=e); e.write('cut')").work)
    thread.start()
    assert list(lines(jobs, job.id, follow=True)) == ["0", "1", "2", "100%", "cut"]
    thread.join(20)
    assert next(lines(jobs, jobs.add("train", "x", "cpu", "o").id, follow=True, gone=lambda: True), None) is None


def test_wrong_requests_are_named(jobs: Jobs) -> None:
    with pytest.raises(Invalid, match="no kind of job 'dance'"):
        jobs.add("dance", "x", "cpu", "owner")  # type: ignore[arg-type]
    with pytest.raises(NotFound, match="no job 'abc'"):
        jobs.get("abc")
    for n in range(MOST_QUEUED):
        jobs.add("train", str(n), "cpu", "owner")
    with pytest.raises(Invalid, match=f"{MOST_QUEUED} jobs wait already"):
        jobs.add("train", "more", "cpu", "owner")


def test_runners_are_started_for_the_devices_that_have_work(jobs: Jobs) -> None:
    record = jobs.home / "devices"
    command = [sys.executable, "-c", f"import sys; open({str(record)!r}, 'a').write(sys.argv[1])"]
    wake(jobs.home, command)
    assert not (jobs.home / "jobs.sqlite").exists()
    jobs.add("train", "risk", "cpu", "owner")
    wake(jobs.home, command)
    until(record.exists)
    until(lambda: record.read_text() == "cpu")
