"""One after another: whoever works on a thing has it alone, whichever process they are in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zlib import crc32

from filelock import FileLock, Timeout

from data.errors import Busy, Unavailable

PATIENCE = 60.0
MOST_AT_ONCE = 256


class Turns:
    """Locks by name, in files of a folder; two names may share one. A process that is killed keeps none."""

    def __init__(self, folder: Path, noun: str) -> None:
        """`noun` says what names are names of, such as `filling`."""
        self._folder, self._noun = folder, noun

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Wait for the turn, and have it; Busy where another keeps it too long."""
        lock = self._lock(name)
        try:
            lock.acquire()
        except Timeout:
            raise Busy(f"The {self._noun} '{name}' is being worked on.", "Try again in a minute.") from None
        except OSError as error:
            raise Unavailable(
                f"'{lock.lock_file}' can't be used: {error}.", "Check that the home is writable."
            ) from None
        try:
            yield
        finally:
            lock.release()

    def _lock(self, name: str) -> FileLock:
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / f"{crc32(name.encode()) % MOST_AT_ONCE:02x}.lock"
        # Released by whichever thread reads the last of the events.
        return FileLock(file, timeout=PATIENCE, poll_interval=0.01, thread_local=False)
