"""What can go wrong with data, said once for every face of the application."""

from __future__ import annotations

from typing import ClassVar


class DataError(Exception):
    """A failure that a person can act on: what happened, what to do, and the facts behind it."""

    kind: ClassVar[str] = "error"

    def __init__(self, message: str, remedy: str = "", **facts: object) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.facts = facts

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class Forbidden(DataError):
    """The caller may not see this, or the gateway lets nobody do this."""

    kind = "forbidden"


class NotFound(DataError):
    """There is no such thing, and the caller may know that."""

    kind = "not_found"


class Invalid(DataError):
    """What was given can't be read or makes no sense."""

    kind = "invalid"


class Unavailable(DataError):
    """A store does not answer."""

    kind = "unavailable"


class TooExpensive(DataError):
    """The query took more time or memory than it may."""

    kind = "too_expensive"


class Busy(DataError):
    """The caller, or everybody together, asks more at once than may be asked."""

    kind = "busy"
