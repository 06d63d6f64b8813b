"""A home folder as one governed lakehouse."""

from __future__ import annotations

import secrets
from pathlib import Path

from data.audit import Audit
from data.catalog import Catalog
from data.engines.duckdb import Engine
from data.gateway import Gateway
from data.policy import Policy
from data.system import with_system


def open_gateway(
    home: Path,
    *,
    catalog: Path | None = None,
    policy: Path | None = None,
    memory: str = "2GB",
    threads: int | None = None,
) -> Gateway:
    """The gateway of a home, by its `catalog.yaml` and `policy.yaml`. No store is opened before a query needs
    it.

    Without a policy file the principal `owner` sees everything, and there is nobody else.
    Raises NotFound without a catalogue, and Invalid (naming file and line) when a file is wrong.
    """
    home = home.resolve()
    known = with_system(Catalog.load(catalog or home / "catalog.yaml"))
    file = policy or home / "policy.yaml"
    rules = Policy.load(file, known) if policy is not None or file.exists() else Policy.for_owner(known)
    engine = Engine(known, home, memory=memory, threads=threads)
    return Gateway(known, rules, engine, Audit(home / "lake" / "system"), salt=_salt(home))


def _salt(home: Path) -> str:
    """The home's own salt for hashed values, made once."""
    path = home / "mask.salt"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
        path.write_text(secrets.token_hex(16), encoding="ascii")
    return path.read_text(encoding="ascii")
