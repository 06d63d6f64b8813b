"""The archive's outside: a tar, compressed as its name says, that appears whole or not at all."""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, cast

from data.errors import Busy, Invalid

ENDINGS = (".tar.zst", ".tar.gz")
ROOT = "home/"
MANIFEST = "manifest.json"
LEVEL = 3


class Writer:
    """Adds files, and keeps the checksum of each for the manifest that ends the archive."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.files: dict[str, dict[str, Any]] = {}
        self.folders: dict[str, int] = {}

    def folder(self, name: str, mode: int) -> None:
        """A folder, with the rights that it has."""
        info = tarfile.TarInfo(ROOT + name)
        info.type, info.mode = tarfile.DIRTYPE, mode & 0o777
        self._tar.addfile(info)
        self.folders[name] = mode & 0o777

    def file(self, name: str, opened: IO[bytes], size: int, mode: int) -> None:
        """A file's first `size` bytes: what is added to it meanwhile is not in the copy."""
        info = tarfile.TarInfo(ROOT + name)
        info.size, info.mode = size, mode & 0o777
        summed = _Summed(opened, size)
        self._tar.addfile(info, cast("IO[bytes]", summed))
        self.files[name] = {"sha256": summed.digest(), "bytes": size}

    def close(self, about: dict[str, Any]) -> None:
        """Write the manifest, which ends the archive."""
        text = json.dumps({**about, "folders": sorted(self.folders), "files": self.files}).encode()
        info = tarfile.TarInfo(MANIFEST)
        info.size, info.mode = len(text), 0o600
        self._tar.addfile(info, io.BytesIO(text))


class _Summed:
    def __init__(self, opened: IO[bytes], size: int) -> None:
        self._opened, self._left, self._sum = opened, size, hashlib.sha256()

    def read(self, count: int = -1) -> bytes:
        piece = self._opened.read(self._left if count < 0 else min(count, self._left))
        self._left -= len(piece)
        self._sum.update(piece)
        return piece

    def digest(self) -> str:
        return self._sum.hexdigest()


@contextmanager
def written(file: Path) -> Iterator[Writer]:
    """A new archive, for its owner only. Invalid where its name says nothing, or it is there already."""
    if not file.name.endswith(ENDINGS):
        raise Invalid(f"'{file}' has no known ending.", f"Name it with one of: {', '.join(ENDINGS)}.")
    if file.exists():
        raise Invalid(f"'{file}' is there already.", "Choose another name; back-ups are not overwritten.")
    partial = file.with_name(f"{file.name}.partial")
    with _locked(partial) as raw:
        try:
            with _packed(raw, file.name) as packed, tarfile.open(fileobj=packed, mode="w|") as tar:
                yield Writer(tar)
            raw.flush()
            os.fsync(raw.fileno())
            _appear(partial, file)
        finally:
            partial.unlink(missing_ok=True)


def _appear(partial: Path, file: Path) -> None:
    """Give the finished archive its name; nothing of that name is replaced."""
    try:
        os.link(partial, file)
    except FileExistsError:
        raise Invalid(f"'{file}' has come to be meanwhile.", "Choose another name.") from None


@contextmanager
def _locked(partial: Path) -> Iterator[IO[bytes]]:
    """The unfinished archive, emptied of what a run that was killed had left. Busy while another run writes it."""
    try:
        number = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise Invalid(f"'{partial.parent}' can't be written to: {error.strerror}.", "Choose another place.") from error
    with os.fdopen(number, "w+b") as raw:
        try:
            fcntl.flock(raw, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Busy(f"Another back-up writes '{partial}'.", "Wait for it, or choose another name.") from None
        raw.truncate(0)
        yield raw


@contextmanager
def _packed(raw: IO[bytes], name: str) -> Iterator[IO[bytes]]:
    with ExitStack() as stack:
        if name.endswith(".zst"):
            import zstandard

            packer = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
            yield stack.enter_context(packer.stream_writer(raw, closefd=False))
        else:
            import gzip

            yield cast("IO[bytes]", stack.enter_context(gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=LEVEL)))
