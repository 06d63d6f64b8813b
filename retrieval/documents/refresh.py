"""Bring the index of a folder up to date: what is new or changed is read, what has gone is forgotten."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from data.errors import Busy, Invalid
from retrieval.documents.folder import File, digest, files
from retrieval.documents.store import Store
from retrieval.embedding import MiniLM


@dataclass
class Report:
    """What became of each file; `skipped` has those that can't be read, with why and what to do."""

    source: str
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: int = 0
    skipped: list[dict[str, str]] = field(default_factory=list)
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def refresh(
    store: Store, source: str, folder: Path, model: Callable[[], MiniLM], say: Callable[[str], None] = lambda _: None
) -> Report:
    """Read the folder's files whose content has changed, each in one step: a refresh that is killed goes on with the
    next one where it was. Busy while another refreshes the same folder."""
    store.path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(store.path.with_suffix(".lock"), timeout=1)
    begun = time.perf_counter()
    try:
        with lock:
            report = _refreshed(store, source, folder, model, say)
    except Timeout:
        raise Busy(f"The documents of '{source}' are being refreshed already.", "Wait until that is done.") from None
    report.seconds = round(time.perf_counter() - begun, 3)
    return report


def _refreshed(
    store: Store, source: str, folder: Path, model: Callable[[], MiniLM], say: Callable[[str], None]
) -> Report:
    store.begin()
    report, known = Report(source), store.files()
    there = list(files(folder))
    for path in sorted(known.keys() - {file.path for file in there}):
        store.drop(path)
        report.removed.append(path)
    for file in there:
        before = known.get(file.path)
        mark = ""
        try:
            content = file.content()
            mark = digest(content)
            if before is not None and before.digest == mark:
                _same(report, file, before.problem, before.remedy)
                continue
            say(f"reading {source}/{file.path}")
            _read(store, source, file, content, mark, model)
            (report.changed if before is not None else report.added).append(file.path)
        except Invalid as error:
            store.refuse(file.path, mark, error)
            _same(report, file, error.message, error.remedy)
    return report


def _same(report: Report, file: File, problem: str, remedy: str) -> None:
    if problem:
        report.skipped.append({"file": file.path, "problem": problem, "remedy": remedy})
    else:
        report.unchanged += 1


def _read(store: Store, source: str, file: File, content: bytes, mark: str, model: Callable[[], MiniLM]) -> None:
    from retrieval.documents.ingest import ingest

    parsed = file.parse(content)
    if not parsed.blocks:
        raise Invalid("There is no text in it.", "Write something into it, or take it away.")
    passages, vectors = ingest(parsed, source, file.path, mark, model())
    store.put(file.path, mark, passages[0].title, passages, vectors)
