"""The online store: the features of one entity now, in one look-up."""

from __future__ import annotations

from pathlib import Path

from data.errors import Invalid
from data.features.online.base import Row, Store

__all__ = ["Row", "Store", "open_store"]

FILE = "online.sqlite"


def open_store(setting: str, home: Path) -> Store:
    """The store that the setting names: `sqlite`, or the address of a Redis."""
    if setting == "sqlite":
        from data.features.online.sqlite import SqliteStore

        return SqliteStore(home / FILE)
    if setting.startswith(("redis://", "rediss://", "unix://")):
        from data.features.online.redis import RedisStore

        return RedisStore(setting)
    raise Invalid("The setting `online` is neither `sqlite` nor an address of Redis.", "Write redis://host:6379/0.")
