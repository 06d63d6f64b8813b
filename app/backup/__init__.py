"""Back-ups of a home: one compressed archive, made while the home is in use, and the way back."""

from app.backup.making import back_up
from app.backup.restoring import restore

__all__ = ["back_up", "restore"]
