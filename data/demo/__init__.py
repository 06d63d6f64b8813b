"""A small payments group with planted fraud rings: deterministic, seeded, in four real stores."""

from data.demo.home import build

__all__ = ["build"]
