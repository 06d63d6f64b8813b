"""Marks of the stages that a job has finished, so that one that was killed goes on behind the last."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from data.errors import Busy
from finetune.learn.budget import Budget

Facts = dict[str, Any]
IDENTITY = "job"


@dataclass(frozen=True)
class Stages:
    """A job's folder with a file for every finished stage."""

    folder: Path
    names: Sequence[str]
    budget: Budget | None
    say: Callable[[str], None]

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Busy while another process learns in this home; the system lets go of the lock of one that dies."""
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.folder.parent / ".lock", timeout=0):
                yield
        except Timeout:
            raise Busy("Another process is learning in this home.", "Wait for it, or stop it with Ctrl-C.") from None

    def begin(self, identity: Mapping[str, Any]) -> bool:
        """Whether an unfinished job of the same identity is there; otherwise the folder is emptied for a new one."""
        if self.read(IDENTITY) == dict(identity) and self.read(self.names[-1]) is None:
            return True
        self.clear()
        self.write(IDENTITY, identity)
        return False

    def clear(self) -> None:
        """Forget the job; its identity goes first, so that half a job is never taken for one."""
        self._file(IDENTITY).unlink(missing_ok=True)
        for path in self.folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def run(self, name: str, work: Callable[[], Mapping[str, Any]]) -> Facts:
        """What a stage gave, now or before."""
        number = f"{self.names.index(name) + 1} of {len(self.names)}"
        found = self.read(name)
        if found is not None:
            self.say(f"{name} ({number}): done before")
            return found
        left = f", {max(0.0, self.budget.left / 60):.0f} min left" if self.budget else ""
        self.say(f"{name} ({number}){left}")
        self.write(name, work())
        made = self.read(name)
        assert made is not None
        return made

    def read(self, name: str) -> Facts | None:
        """The facts of a finished stage."""
        file = self._file(name)
        return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None

    def write(self, name: str, facts: Mapping[str, Any]) -> None:
        """Mark a stage as finished, all at once."""
        part = self._file(name).with_suffix(".part")
        part.write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")
        os.replace(part, self._file(name))

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.stage.json"
