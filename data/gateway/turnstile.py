"""How many queries one principal may have under way at once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from data.errors import Busy


class Turnstile:
    """Counts who is inside. Many threads may use one turnstile at once."""

    def __init__(self) -> None:
        self._inside: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def entered(self, name: str, most: int) -> Iterator[None]:
        """Let one more query of `name` in while the block runs; Busy when there are `most` already."""
        with self._lock:
            if self._inside[name] >= most:
                message = f"'{name}' has {most} queries under way, which is the most."
                raise Busy(message, "Wait for one of them to end, then ask again.", concurrency=most)
            self._inside[name] += 1
        try:
            yield
        finally:
            with self._lock:
                self._inside[name] -= 1
                if not self._inside[name]:
                    del self._inside[name]
