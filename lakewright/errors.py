"""What a client raises."""

from __future__ import annotations


class LakewrightError(Exception):
    """What the server refused or could not do: its kind, what happened, and what to do about it."""

    def __init__(self, kind: str, message: str, remedy: str = "") -> None:
        super().__init__(f"{message} {remedy}".strip())
        self.kind, self.message, self.remedy = kind, message, remedy
