"""The end of a coding task that nobody waits for any more: of the query and of the program that are under way."""

from __future__ import annotations

import threading

from data.errors import Unavailable
from data.stop import Stop


class Abort(Stop):
    """`cancel` ends both; the task stays as it was before the step, and can be resumed."""

    def __init__(self) -> None:
        super().__init__()
        self.event = threading.Event()

    def cancel(self) -> None:
        self.event.set()
        super().cancel()

    def check(self) -> None:
        """Unavailable once it was cancelled."""
        if self.event.is_set():
            raise Unavailable("The task was broken off.", "Resume it by its id, or ask again with the same key.")
