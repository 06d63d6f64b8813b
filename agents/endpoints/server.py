"""A model server of another program, vLLM: started, watched, started again when it dies, and stopped."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from agents.endpoints import weights
from agents.process import Process
from data.errors import Busy, Unavailable

PATIENCE = 600.0
"""Seconds that a server may take to load its model."""
EVERY = 1.0
"""Seconds between two looks at its health."""
SICK = 5
"""Looks in a row that get no answer, after which it is started again."""
BACKOFF, LONGEST = 1.0, 60.0
"""Seconds before it is started again; they double each time that it dies early."""
DEATHS = 5
"""Deaths in a row, without a minute of health between them, after which it is given up."""
HEALTHY = 60.0

ERROR, QUIET = re.compile(r"\b[A-Z]\w*(Error|Exception): .+"), re.compile(r"\b(DEBUG|INFO|WARNING)\b")
"""An error as Python writes it, and lines of the log that may quote one without there being any."""
MOST_SAID = 400

INPLACE: dict[str, object] = {"load_inplace": True}

Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """What is served: the base model's folder under `name`, and adapters by name. `command` begins the command line."""

    name: str
    base: Path
    adapters: Mapping[str, Path]
    port: int
    command: tuple[str, ...] = ("vllm",)
    host: str = "127.0.0.1"
    rank: int = 16
    memory: float | None = None
    """GB for keys and values; without it the server takes nearly all that the device has."""

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def words(self) -> list[str]:
        """vLLM's command line. Adapters come over HTTP once it is up, so that they can be changed while it serves."""
        options = {"--host": self.host, "--port": str(self.port), "--served-model-name": self.name}
        given = [word for option in options.items() for word in option]
        given += ["--uvicorn-log-level", "warning"]  # each look at its health would be a line of its log
        lora = ["--enable-lora", "--max-lora-rank", str(self.rank)] if self.adapters else []
        kept = ["--kv-cache-memory-bytes", str(int(self.memory * 1024**3))] if self.memory else []
        return [*self.command, "serve", str(self.base), *given, *lora, *kept]


@dataclass
class Server:
    """One server and the watch over it. `run` returns when `stop` was called."""

    plan: Plan
    folder: Path
    say: Say = lambda text: None
    patience: float = PATIENCE
    every: float = EVERY
    backoff: float = BACKOFF
    _stopping: threading.Event = field(default_factory=threading.Event)
    _loaded: dict[str, str] = field(default_factory=dict)
    _begun: int = 0
    """Where in the log its present life begins."""

    def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Keep the server up until `stop`. `ready` is called each time that it can be asked. Unavailable when it can't
        be started, or dies again and again; Busy while another process keeps it up."""
        from filelock import FileLock, Timeout

        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.folder / "lock", timeout=0):
                self._clear()
                (self.folder / "watch").write_text(str(Process.of(os.getpid())), encoding="ascii")
                self._kept_up(ready)
        except Timeout:
            remedy = f"Stop it: lakewright model stop {self.folder.name}"
            raise Busy(f"'{self.folder.name}' is served already.", remedy) from None

    def stop(self) -> None:
        """End the server, and `run`."""
        self._stopping.set()

    def _kept_up(self, ready: Callable[[], None]) -> None:
        deaths, pause = 0, self.backoff
        while not self._stopping.is_set():
            begun = time.monotonic()
            why = self._lived(ready)
            if self._stopping.is_set():
                return
            long = time.monotonic() - begun > HEALTHY
            deaths, pause = (1, self.backoff) if long else (deaths + 1, min(pause * 2, LONGEST) if deaths else pause)
            if deaths >= DEATHS:
                raise Unavailable(f"The server died {deaths} times: {why}", f"See {self.folder / 'log'}.")
            self.say(f"the server is gone ({why}); it is started again in {pause:g} s")
            self._stopping.wait(pause)

    def _lived(self, ready: Callable[[], None]) -> str:
        """Start it and watch it until it is gone; why that was."""
        with (self.folder / "log").open("ab") as log:
            self._begun = log.tell()
            child = self._started(log)
            process = Process.of(child.pid)
            (self.folder / "process").write_text(str(process), encoding="ascii")
            try:
                return self._watched(child, ready)
            finally:
                process.end(10.0)
                child.wait()
                (self.folder / "process").unlink(missing_ok=True)

    def _watched(self, child: subprocess.Popen[bytes], ready: Callable[[], None]) -> str:
        self._loaded, up, sick, end = {}, False, 0, time.monotonic() + self.patience
        while not self._stopping.is_set():
            if child.poll() is not None:
                return self._ended(child.returncode)
            well = _well(self.plan.url)
            if well and not up:
                up = True
                self.say(f"{self.plan.name} is served at {self.plan.url}/v1")
            sick = 0 if well else sick + 1
            if up and sick >= SICK:
                return "it does not answer any more"
            if not up and time.monotonic() > end:
                return f"it was not up after {self.patience:g} s"
            if well and self._adapters():
                ready()
            self._stopping.wait(self.every)
        return "it was stopped"

    def _adapters(self) -> bool:
        """Load the adapters whose files are not those that the server has; whether it has them all, of which some are
        new, or has just come up."""
        first = not self._loaded
        stamps = {name: _stamp(folder) for name, folder in self.plan.adapters.items()}
        fresh = [name for name, stamp in stamps.items() if self._loaded.get(name) != stamp]
        for name in fresh:
            if not _load(self.plan.url, name, self.plan.adapters[name], again=name in self._loaded):
                self.say(f"the server did not take the adapter {name}: {self._cause()}")
                return False
            self._loaded[name] = stamps[name]
        if not stamps:
            self._loaded[""] = ""
        return first or bool(fresh)

    def _started(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        words = self.plan.words()
        if shutil.which(words[0]) is None:
            remedy = "Install vLLM in an environment of its own, and name its program by --command."
            raise Unavailable(f"There is no program '{words[0]}'.", remedy)
        # https://docs.vllm.ai/en/latest/features/lora.html: adapters over HTTP have to be allowed.
        allowed = {**os.environ, "VLLM_ALLOW_RUNTIME_LORA_UPDATING": "True", "HF_HUB_OFFLINE": "1"}
        nothing = subprocess.DEVNULL
        return subprocess.Popen(words, stdout=log, stderr=log, stdin=nothing, start_new_session=True, env=allowed)

    def _clear(self) -> None:
        """End what a watch left behind that was killed."""
        left = _noted(self.folder / "process")
        if left is not None and left.remains:
            self.say("ending a server that was left behind")
            left.end()

    def _ended(self, code: int) -> str:
        return f"it ended with code {code}: {self._cause()}" if code >= 0 else f"it was killed by signal {-code}"

    def _cause(self) -> str:
        """The first error in the log of this life, from which the others follow, or else the last line."""
        with (self.folder / "log").open("rb") as log:
            log.seek(self._begun)
            lines = log.read().decode(errors="replace").strip().splitlines()
        errors = (ERROR.search(line) for line in lines if not QUIET.search(line))
        found = next((error.group() for error in errors if error), lines[-1] if lines else "it said nothing")
        return found[:MOST_SAID]


def stop(folder: Path, patience: float = 30.0) -> bool:
    """End the server that another process watches; whether there was one."""
    watch = _noted(folder / "watch")
    if watch is None or not watch.alive:
        return False
    os.kill(watch.pid, signal.SIGTERM)
    end = time.monotonic() + patience
    while watch.alive and time.monotonic() < end:
        time.sleep(0.1)
    return True


def _noted(file: Path) -> Process | None:
    return Process.parse(file.read_text(encoding="ascii")) if file.exists() else None


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listens on now."""
    with socket.create_server((host, 0)) as listener:
        return int(listener.getsockname()[1])


def _well(url: str) -> bool:
    import httpx

    try:
        return httpx.get(f"{url}/health", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def _load(url: str, name: str, folder: Path, *, again: bool) -> bool:
    """Have the server read an adapter; one that it has already is replaced without a moment in which it lacks."""
    import httpx

    body: dict[str, object] = {"lora_name": name, "lora_path": str(folder.resolve())}
    try:
        answer = httpx.post(f"{url}/v1/load_lora_adapter", json=body | INPLACE if again else body, timeout=60)
        if answer.status_code == 200 or not again:
            return answer.status_code == 200
        # Servers before `load_inplace` take it only after the old one has gone.
        httpx.post(f"{url}/v1/unload_lora_adapter", json={"lora_name": name}, timeout=60)
        return httpx.post(f"{url}/v1/load_lora_adapter", json=body, timeout=60).status_code == 200
    except httpx.HTTPError:
        return False


def _stamp(folder: Path) -> str:
    try:
        found = (folder / weights.ADAPTER_WEIGHTS).stat()
    except OSError:
        return ""
    return f"{found.st_ino}|{found.st_size}|{found.st_mtime_ns}"
