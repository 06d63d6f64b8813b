"""A home folder as one governed lakehouse."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from pathlib import Path

from data.audit import Audit
from data.catalog import Catalog
from data.engines.base import Engine
from data.engines.duckdb import DuckDB
from data.engines.parser import Parser
from data.engines.spark import Spark
from data.errors import DataError
from data.gateway import Gateway
from data.gateway.query import Door
from data.policy import Policy
from data.system import with_system

log = logging.getLogger(__name__)

Stamp = tuple[tuple[int, int, int] | None, ...]


def open_gateway(
    home: Path,
    *,
    catalog: Path | None = None,
    policy: Path | None = None,
    memory: str = "2GB",
    threads: int | None = None,
    engine: str = "duckdb",
    spark: str | None = None,
) -> Gateway:
    """The gateway of a home, by its `catalog.yaml` and `policy.yaml`. No store is opened before a query needs
    it; a file that changes is read again before the next query.

    Without a policy file the principal `owner` sees everything, and there is nobody else.
    Raises NotFound without a catalogue, and Invalid (naming file and line) when a file is wrong.
    """
    home = home.resolve()

    def engines(known: Catalog) -> dict[str, Engine]:
        found: dict[str, Engine] = {"duckdb": DuckDB(known, home, memory=memory, threads=threads)}
        return found | {"spark": Spark(known, home, spark)} if spark else found

    audit = Audit(home / "lake" / "system")
    federation = Federation(
        home, catalog or home / "catalog.yaml", policy or home / "policy.yaml", policy is not None, engines, audit
    )
    return Gateway(federation.door, audit, engine=engine)


class Federation:
    """The catalogue and the policy of a home as their files are now, with the engines that serve them."""

    def __init__(
        self,
        home: Path,
        catalog: Path,
        policy: Path,
        strict: bool,
        engines: Callable[[Catalog], dict[str, Engine]],
        audit: Audit,
    ) -> None:
        """With `strict`, a policy file that is missing is an error."""
        self._catalog, self._policy, self._strict = catalog, policy, strict
        self._engines, self._audit, self._salt = engines, audit, _salt(home)
        self._parser = Parser()
        self._lock = threading.Lock()
        self._read = self._stamp()
        self._door = self._opened(None)

    def door(self) -> Door:
        """The state of this moment. Files that have become wrong change nothing: who serves goes on."""
        stamp = self._stamp()
        if stamp != self._read:
            with self._lock:
                if stamp != self._read:
                    self._renew()
                    self._read = stamp
        return self._door

    def _renew(self) -> None:
        try:
            self._door = self._opened(self._door)
        except DataError as error:
            log.warning("Going on with the last good catalogue and policy: %s", error)

    def _opened(self, before: Door | None) -> Door:
        known = with_system(Catalog.load(self._catalog))
        exists = self._strict or self._policy.exists()
        rules = Policy.load(self._policy, known) if exists else Policy.for_owner(known)
        same = before is not None and _stores(before.catalog) == _stores(known)
        engines = before.engines if before is not None and same else self._engines(known)
        return Door(known, rules, engines, self._parser, self._audit, self._salt)

    def _stamp(self) -> Stamp:
        return tuple(_stat(path) for path in (self._catalog, self._policy))


def _stat(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _stores(catalog: Catalog) -> list[tuple[str, str, str]]:
    """What an engine is opened over: it stays as it is when only descriptions change."""
    return [(source.name, source.kind, source.location) for source in catalog.sources]


def _salt(home: Path) -> str:
    """The home's own salt for hashed values, made once."""
    path = home / "mask.salt"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
        path.write_text(secrets.token_hex(16), encoding="ascii")
    return path.read_text(encoding="ascii")
