"""Moments as options give them."""

from __future__ import annotations

from datetime import UTC, datetime

from data.errors import Invalid


def moment_of(text: str | None, option: str) -> datetime:
    """A moment in UTC, without a zone."""
    if text is None:
        return datetime.now(UTC).replace(tzinfo=None)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(f"{option} is no moment: '{text}'.", "Write 2025-12-31 or 2025-12-31T23:59:59.") from None
    return found if found.tzinfo is None else found.astimezone(UTC).replace(tzinfo=None)
