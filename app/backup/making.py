"""Making a back-up of a home that may be in use."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.backup import contents, stores
from app.backup.archive import Writer, written
from app.backup.contents import Part
from app.migrations import format_of
from data.errors import Unavailable
from lakewright import __version__

EVERY = 256 * 1024**2
"""Bytes between two words of progress."""
Say = Callable[[str], None]


def back_up(home: Path, file: Path, say: Say = lambda _: None, *, models: bool = False) -> dict[str, Any]:
    """Copy the home into the archive; what was copied. Nobody has to stop meanwhile."""
    return pack(home, file, contents.parts(home, models=models), say)


def pack(home: Path, file: Path, parts: Iterable[Part], say: Say = lambda _: None) -> dict[str, Any]:
    """Write these parts of the home into the archive."""
    with written(file) as writer, tempfile.TemporaryDirectory(dir=file.parent, prefix=".backup-") as room:
        copier = _Copier(home, writer, Path(room), say)
        for part in parts:
            if part.path not in (file, file.with_name(f"{file.name}.partial"), Path(room)):
                copier.add(part)
        about = {"format": 1, "home_format": format_of(home), "lakewright": __version__}
        writer.close({**about, "made": datetime.now(UTC).isoformat(timespec="seconds")})
        facts = {"files": len(writer.files), "bytes": copier.bytes}
    return {"file": str(file), **facts, "archive_bytes": file.stat().st_size}


class _Copier:
    def __init__(self, home: Path, writer: Writer, room: Path, say: Say) -> None:
        self._home, self._writer, self._room, self._say = home, writer, room, say
        self.bytes = self._said = 0

    def add(self, part: Part) -> None:
        """Copy one part. What has gone since it was listed is not in the back-up."""
        try:
            getattr(self, f"_{part.kind}")(part.path)
        except FileNotFoundError:
            if part.path.exists():
                raise
        except OSError as error:
            raise Unavailable(f"'{part.path}' can't be read: {error.strerror}.", "See to its rights.") from error

    def _folder(self, path: Path) -> None:
        self._writer.folder(self._name(path), path.stat().st_mode)

    def _file(self, path: Path) -> None:
        self._put(self._name(path), path, path.stat().st_mode)

    def _sqlite(self, path: Path) -> None:
        copy = self._room / "copy.sqlite"
        stores.sqlite_copy(path, copy)
        self._put(self._name(path), copy, path.stat().st_mode)
        copy.unlink()

    def _delta(self, path: Path) -> None:
        folders = set()
        for file in stores.delta_files(path):
            for folder in (*reversed(file.relative_to(path).parents[:-1]), Path()):
                if folder not in folders:
                    folders.add(folder)
                    self._folder(path / folder)
            self._file(file)

    def _cluster(self, path: Path) -> None:
        copy = self._room / "cluster"
        self._say(f"copying the PostgreSQL in {path.name}")
        stores.cluster_copy(path, copy)
        self._writer.folder(self._name(path), 0o700)
        for folder, _, names in sorted(os.walk(copy)):
            place = Path(folder)
            if place != copy:
                self._writer.folder(f"{self._name(path)}/{place.relative_to(copy)}", 0o700)
            for name in sorted(names):
                self._put(f"{self._name(path)}/{(place / name).relative_to(copy)}", place / name, 0o600)

    def _put(self, name: str, path: Path, mode: int) -> None:
        with path.open("rb") as opened:
            size = os.fstat(opened.fileno()).st_size
            self._writer.file(name, opened, size, mode)
        self.bytes += size
        if self.bytes - self._said >= EVERY:
            self._said = self.bytes
            self._say(f"{self.bytes / 1024**2:,.0f} MB copied")

    def _name(self, path: Path) -> str:
        return path.relative_to(self._home).as_posix()
