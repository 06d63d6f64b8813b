"""Group commit: writers of one process that wait at the same time share one transaction and one fsync."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from data.errors import DataError, Unavailable


@dataclass
class _Line:
    text: str
    done: bool = False
    error: BaseException | None = None


class Group:
    """Whoever gets the turn writes for all who wait; the others find their line written."""

    def __init__(self, commit: Callable[[Sequence[str]], object]) -> None:
        self._commit = commit
        self._waiting: list[_Line] = []
        self._mutex = threading.Lock()
        self._turn = threading.Lock()

    def add(self, text: str) -> None:
        """Returns when the text is durable; raises when it is not."""
        line = _Line(text)
        with self._mutex:
            self._waiting.append(line)
        with self._turn:
            if not line.done:
                self._lead()
        if line.error is not None:
            raise _told(line.error)

    def _lead(self) -> None:
        with self._mutex:
            batch, self._waiting = self._waiting, []
        error: BaseException | None = None
        try:
            self._commit([line.text for line in batch])
        except Exception as failure:  # noqa: BLE001 - it is raised again in each writer
            error = failure
        except BaseException:
            error = Unavailable("The audit trail was interrupted.", "Ask again.")
            raise
        finally:
            for line in batch:
                line.done, line.error = True, error


def _told(error: BaseException) -> BaseException:
    """The failure for one of several threads: each needs an exception of its own."""
    if isinstance(error, DataError):
        return type(error)(error.message, error.remedy, **error.facts)
    return Unavailable(f"The audit trail can't be written: {error}.", "Look at `lakewright doctor`.")
