"""What can be wrong with an installation and its home, each with the way to mend it."""

from app.doctor.check import Check, examine

__all__ = ["Check", "examine"]
