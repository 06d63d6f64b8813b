"""Work beside the callers: one thread at a time, started when there is something to do."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Mover:
    """Runs `move` in a thread of its own. Calls that come while it runs become one more run."""

    def __init__(self, move: Callable[[], None]) -> None:
        self._move = move
        self._mutex = threading.Lock()
        self._thread: threading.Thread | None = None
        self._again = False
        self.failure = ""
        """What the last run failed with; "" when it did not. The next run tries again."""

    def wake(self) -> None:
        """Have it run soon; returns at once."""
        with self._mutex:
            self._again = True
            if self._thread is None:
                # No daemon: the interpreter waits for the run that is under way.
                self._thread = threading.Thread(target=self._work, name="audit-mover", daemon=False)
                self._thread.start()

    def join(self) -> None:
        """Wait until nothing runs any more."""
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _work(self) -> None:
        while True:
            with self._mutex:
                if not self._again:
                    self._thread = None
                    return
                self._again = False
            try:
                self._move()
                self.failure = ""
            except Exception as error:  # noqa: BLE001 - nobody waits here; the records are safe in the journal
                self.failure = str(error)
