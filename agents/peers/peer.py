"""One peer over one database, in a process of its own that is asked question after question."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from agents.ask.state import Answer
from agents.peers import rows
from data import environment
from data.errors import Invalid, Unavailable

NAMES = ("langchain", "langchain-react", "llamaindex")
WANTED = (
    "langchain==1.5.*",
    "langchain-community==0.4.*",
    "langchain-openai==1.7.*",
    "llama-index-core==0.14.*",
    "llama-index-llms-openai-like==0.8.*",
    "sqlalchemy==2.1.*",
)
"""Versions that resolve together and were measured."""
REMEDY = f"Make an environment with {' '.join(WANTED)} and name its Python with --peer-python."
SIDE = Path(__file__).with_name("side.py")
MOST_TOKENS = 512
"""Of one answer of the model: more than any query takes, and room to reason."""
PATIENCE = 60.0
"""Seconds for a question, as many as a person might wait."""
STARTING = 180.0
CLOSED = ""


def provide(python: Path | None, say: Callable[[str], None]) -> Path:
    """The Python that is named, or that of an environment in the cache folder, which is made where it is not there."""
    return python or environment.provide("text-to-sql", "LangChain and LlamaIndex", WANTED, REMEDY, say)


@dataclass(frozen=True)
class Setup:
    """How a peer is opened: the address and the name of the model that it asks."""

    python: Path
    name: str
    url: str
    model: str
    database: Path
    seconds: float = PATIENCE


class Peer:
    """Asked a question, it gives what came of it within its seconds: a process that takes longer is ended, and
    another one answers the next question."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def start(self) -> None:
        """Begin the process and wait until it can be asked. Unavailable, with its last words, if it can't."""
        setup, lines = self._setup, queue.SimpleQueue[str]()
        fixed = (setup.name, setup.url, setup.model, str(setup.database), str(MOST_TOKENS), f"{setup.seconds:g}")
        try:
            process = subprocess.Popen(
                [str(setup.python), str(SIDE), *fixed],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                env={**environment.alone(), "LANGSMITH_TRACING": "false", "PYTHONWARNINGS": "ignore"},
            )  # fmt: skip
        except OSError as error:
            raise Invalid(f"'{setup.python}' can't be run: {error}.", REMEDY) from None
        assert process.stdout is not None
        self._listener = threading.Thread(target=_listen, args=(process.stdout, lines), daemon=True)
        self._listener.start()
        self._process, self._lines = process, lines
        if self._said(STARTING) is None:
            self.close()
            raise Unavailable(f"'{setup.python}' does not run {setup.name}.", REMEDY)

    def __call__(self, question: str) -> Answer:
        if self._process is None:
            self.start()
        assert self._process is not None
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # its end is read below
            self._process.stdin.write(f"{json.dumps(question)}\n")
            self._process.stdin.flush()
        said = self._said(self._setup.seconds)
        if said is None:
            self.close()
            return _failed(f"no answer within {self._setup.seconds:g} s")
        return answered(said, self._setup.database)

    def ready(self) -> None:
        """Be in a state to be asked, so that starting counts for no question."""
        if self._process is None:
            self.start()

    def close(self) -> None:
        """End the process, whatever it does."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        self._listener.join()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):  # what was written last may have no reader any more
                assert pipe is not None
                pipe.close()

    def _said(self, seconds: float) -> dict[str, Any] | None:
        """The next answer; None where the process has ended or takes too long."""
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            return None
        document: dict[str, Any] | None = json.loads(line) if line != CLOSED else None
        return document


def answered(said: dict[str, Any], database: Path) -> Answer:
    """An answer of `side.py` as ours are: its rows are those of the last query that runs. A peer that ran none and
    answered in words has refused; in its favour, whatever the words are."""
    failure = str(said["error"])
    for sql in reversed(said["sql"]):
        try:
            columns, found = rows.lenient(database, sql)
        except rows.Failed as error:
            failure = failure or str(error)
            continue
        return Answer("answered" if found else "empty", str(said["answer"]), sql, columns, rows.plain(found))
    if said["sql"] or failure:
        return _failed(failure, said["sql"][-1] if said["sql"] else "")
    return Answer("unsure", str(said["answer"]))


def _failed(message: str, sql: str = "") -> Answer:
    return Answer("failed", message, sql, error={"kind": "invalid", "message": message, "remedy": ""})


def _listen(output: IO[str], lines: queue.SimpleQueue[str]) -> None:
    for line in output:
        lines.put(line)
    lines.put(CLOSED)
