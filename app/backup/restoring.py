"""Restoring a back-up into a new home. An archive is hostile until its manifest has been checked."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from app.backup import stores
from app.backup.archive import MANIFEST, ROOT
from app.migrations import FORMAT
from data.errors import Busy, DataError, Invalid

ZSTD, GZIP = b"\x28\xb5\x2f\xfd", b"\x1f\x8b"
KEPT_FREE = 1024**3
"""Bytes of the disk that restoring leaves alone."""
FREELY, RATIO = 1024**3, 200
"""Bytes that may come out of any archive, and beyond them, how many times its size."""
MOST_FILES = 5_000_000
LONGEST_NAME = 64 * 1024
LONGEST_MANIFEST = 1024**3
PIECE = 1024**2
NAMING = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME)
PLAIN = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.DIRTYPE)


class Entry(BaseModel):
    """What the manifest says of a file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sha256: str
    bytes: int


class Manifest(BaseModel):
    """The end of an archive: what it holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int
    home_format: int
    lakewright: str
    made: str
    folders: list[str]
    files: dict[str, Entry]


class _Strict(tarfile.TarInfo):
    """Looks at each header before what it announces is read."""

    @classmethod
    def frombuf(cls, buf: Any, encoding: str, errors: str) -> _Strict:
        info = super().frombuf(buf, encoding, errors)
        if info.type not in (*PLAIN, *NAMING):
            raise Invalid(f"The archive holds '{info.name[:80]}', which is neither file nor folder.", REFUSED)
        if info.type in NAMING and info.size > LONGEST_NAME:
            raise Invalid("The archive holds a name without end.", REFUSED)
        return info


REFUSED = "Don't trust this archive: no back-up of Lakewright looks like it."


@dataclass
class _Taken:
    """What has come out so far."""

    files: dict[str, Entry] = field(default_factory=dict)
    folders: dict[str, int] = field(default_factory=dict)
    bytes: int = 0
    manifest: Manifest | None = None


def restore(file: Path, home: Path, say: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """Make the home anew from the archive: whole, or not at all. Invalid where the home is there already, or the
    archive is damaged, cut or hostile."""
    if home.exists() and not (home.is_dir() and not any(home.iterdir())):
        raise Invalid(f"'{home}' is there already.", "Restore into a new folder: --home NEW.")
    if not file.is_file():
        raise Invalid(f"'{file}' is no file.", "Name the archive that `lakewright backup` made.")
    with _room(home) as room:
        taken = _extracted(file, room, say)
        manifest = _verified(file, taken)
        for name in sorted(taken.folders, reverse=True):
            (room / name).chmod(taken.folders[name])
        for name in taken.folders:
            if f"{name}/PG_VERSION" in taken.files:
                stores.cluster_owned(room / name)
        os.rename(room, home)
    return {"home": str(home), "files": len(taken.files), "bytes": taken.bytes, "made": manifest.made}


@contextmanager
def _room(home: Path) -> Iterator[Path]:
    """A folder beside the home, emptied of what a run that was killed had left; it goes unless it becomes the home."""
    room = home.with_name(f".{home.name}.restoring")
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        room.mkdir(mode=0o700, exist_ok=True)
        number = os.open(room, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        raise Invalid(f"'{home}' can't be made: {error.strerror}.", "Choose another --home.") from error
    try:
        _locked(number, home)
        try:
            for entry in room.iterdir():
                shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
            yield room
        finally:
            shutil.rmtree(room, ignore_errors=True)
    finally:
        os.close(number)


def _locked(number: int, home: Path) -> None:
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Busy(f"Another process restores into '{home}'.", "Wait for it.") from None


def _extracted(file: Path, room: Path, say: Callable[[str], None]) -> _Taken:
    most = min(shutil.disk_usage(room).free - KEPT_FREE, FREELY + RATIO * file.stat().st_size)
    taken = _Taken()
    try:
        with (
            file.open("rb") as raw,
            _unpacked(raw, file) as plain,
            tarfile.open(fileobj=plain, mode="r|", tarinfo=_Strict) as tar,
        ):
            for info in tar:
                if taken.manifest is not None:
                    raise Invalid(f"'{info.name[:80]}' comes after the end of the archive.", REFUSED)
                _take(tar, info, room, taken, most)
                if len(taken.files) % 5_000 == 4_999:
                    say(f"{taken.bytes / 1024**2:,.0f} MB restored")
    except DataError:
        raise
    except (tarfile.TarError, EOFError, zlib.error, OSError, UnicodeError, ValueError, RuntimeError) as error:
        raise Invalid(f"'{file}' can't be restored: {error}.", "Take another back-up: this one is damaged.") from error
    return taken


def _take(tar: tarfile.TarFile, info: tarfile.TarInfo, room: Path, taken: _Taken, most: int) -> None:
    if len(taken.files) + len(taken.folders) > MOST_FILES or taken.bytes + info.size > most:
        raise Invalid("The archive holds more than there is room for.", "Free the disk; or the archive is hostile.")
    opened = tar.extractfile(info)
    if info.name == MANIFEST and opened is not None:
        if info.size > LONGEST_MANIFEST:
            raise Invalid("The manifest has no end.", REFUSED)
        taken.manifest = _read(opened.read())
        return
    name = _safe(info.name)
    if name in taken.files or name in taken.folders:
        raise Invalid(f"The archive holds '{name[:80]}' twice.", REFUSED)
    if opened is None:
        (room / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        taken.folders[name] = info.mode & 0o755 | 0o700
        return
    (room / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    taken.files[name] = _filed(opened, room / name, info.mode & 0o755 | 0o400)
    taken.bytes += taken.files[name].bytes


def _filed(opened: IO[bytes], path: Path, mode: int) -> Entry:
    """Write a file that must be new."""
    summed, size = hashlib.sha256(), 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as target:
        while piece := opened.read(PIECE):
            target.write(piece)
            summed.update(piece)
            size += len(piece)
        os.fchmod(target.fileno(), mode)
    return Entry(sha256=summed.hexdigest(), bytes=size)


def _safe(name: str) -> str:
    """The place inside the home that a member names. Invalid for any other place."""
    inner = PurePosixPath(name.removeprefix(ROOT))
    strange = any(part in ("..", ".", "") or "\\" in part for part in inner.parts)
    printable = all(ord(letter) >= 32 for letter in name)
    if not name.startswith(ROOT) or inner.is_absolute() or strange or not inner.parts or not printable:
        raise Invalid(f"The archive holds {name[:80]!r}, which lies outside a home.", REFUSED)
    return inner.as_posix()


def _read(text: bytes) -> Manifest:
    try:
        return Manifest.model_validate(json.loads(text))
    except (ValidationError, ValueError, RecursionError) as error:
        raise Invalid("The archive's manifest can't be read.", REFUSED) from error


def _verified(file: Path, taken: _Taken) -> Manifest:
    """The manifest, when everything is as it says."""
    manifest = taken.manifest
    if manifest is None:
        raise Invalid(f"'{file}' ends too early: it has no manifest.", "It was cut, or is no back-up: take another.")
    if manifest.format != 1 or manifest.home_format > FORMAT:
        raise Invalid(f"'{file}' was made by Lakewright {manifest.lakewright[:20]}, which is newer.", "Upgrade first.")
    for name in sorted({*manifest.files, *taken.files}):
        if manifest.files.get(name) != taken.files.get(name):
            raise Invalid(f"'{name[:80]}' is not as the manifest says.", "The archive is damaged: take another.")
    return manifest


@contextmanager
def _unpacked(raw: IO[bytes], file: Path) -> Iterator[IO[bytes]]:
    """The tar inside, by what the file begins with."""
    start = raw.read(4)
    raw.seek(0)
    if start == ZSTD:
        import zstandard

        try:
            with zstandard.ZstdDecompressor(max_window_size=128 * 1024**2).stream_reader(raw) as plain:
                yield cast("IO[bytes]", plain)
        except zstandard.ZstdError as error:
            raise Invalid(f"'{file}' can't be unpacked: {error}.", "Take another back-up: it is damaged.") from error
    elif start.startswith(GZIP):
        import gzip

        with gzip.GzipFile(fileobj=raw, mode="rb") as unzipped:
            yield cast("IO[bytes]", unzipped)
    else:
        raise Invalid(f"'{file}' is no back-up.", "Name an archive that `lakewright backup` made.")
