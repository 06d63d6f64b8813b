"""The home's MLflow registry: names, versions and aliases of models, and where their files are."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlparse

from agents.predictors import addresses
from data.catalog import nearest
from data.errors import NotFound

if TYPE_CHECKING:
    from mlflow import MlflowClient

CHAMPION, CHALLENGER = "champion", "challenger"
KIND, WHY = "lakewright.kind", "lakewright.why"
"""Tags of a version: `tabular` or `adapter`; what the gate said of it."""


@dataclass(frozen=True)
class Version:
    """One version of a registered model."""

    name: str
    version: int
    run_id: str
    folder: Path
    aliases: tuple[str, ...]
    kind: str
    why: str


@dataclass(frozen=True)
class ModelStore:
    """The store under `home`: a SQLite file beside a folder of artefacts."""

    home: Path

    def names(self, kind: str = "") -> tuple[str, ...]:
        """The registered models, or those of one kind, by name."""
        return tuple(dict.fromkeys(v.name for v in self.versions() if kind in ("", v.kind)))

    def versions(self, name: str | None = None) -> list[Version]:
        """All versions of all models, or of one, by name, the newest first."""
        if not self._file.exists():
            return []
        with self.client() as client:
            aliases = {m.name: dict(m.aliases) for m in client.search_registered_models(max_results=1000)}
            found = client.search_model_versions(max_results=10_000)
        chosen = [v for v in found if name is None or v.name == name]
        ordered = sorted(chosen, key=lambda v: (v.name, -int(v.version)))
        return [_version(v, aliases.get(v.name, {})) for v in ordered]

    def resolve(self, name: str, version: str | int = CHAMPION) -> Version:
        """The version with that number or alias. NotFound otherwise, and where its files are gone."""
        versions = self.versions(name)
        if not versions:
            hint = nearest(name, self.names()) or "See: lakewright model list; make one with: lakewright train RECIPE"
            raise NotFound(f"There is no model '{name}'.", hint)
        for found in versions:
            if str(version) in (str(found.version), *found.aliases):
                if not found.folder.is_dir():
                    raise NotFound(f"The files of '{name}' version {found.version} are gone.", "Train it again.")
                return found
        known = ", ".join(str(found.version) for found in versions)
        said = f"'{name}' has no {version}." if not str(version).isdigit() else f"'{name}' has no version {version}."
        raise NotFound(said, f"Its versions are {known}; lakewright model promote {name} VERSION makes one champion.")

    def stamp(self) -> tuple[int, int]:
        """Changes whenever anything in the registry does."""
        try:
            found = self._file.stat()
        except OSError:
            return 0, 0
        return found.st_mtime_ns, found.st_size

    @property
    def _file(self) -> Path:
        return self.home / "mlflow.db"

    @contextmanager
    def client(self) -> Iterator[MlflowClient]:
        """MLflow's client of this store."""
        from mlflow import MlflowClient
        from sqlalchemy.exc import SADeprecationWarning

        self.home.mkdir(parents=True, exist_ok=True)
        if self._file.exists():
            addresses.follow(self._file, self.home)
        store = f"sqlite:///{self._file.resolve()}"
        # It tells of each table that it makes, and MLflow 3.17 uses what SQLAlchemy 2.1 will drop.
        logging.getLogger("mlflow.store.db").setLevel(logging.WARNING)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SADeprecationWarning)
            yield MlflowClient(tracking_uri=store, registry_uri=store)


def _version(found: Any, aliases: dict[str, Any]) -> Version:
    mine = tuple(sorted(alias for alias, version in aliases.items() if str(version) == str(found.version)))
    return Version(
        name=found.name,
        version=int(found.version),
        run_id=found.run_id or "",
        folder=Path(unquote(urlparse(found.source).path)),
        aliases=mine,
        kind=found.tags.get(KIND, "adapter"),
        why=found.tags.get(WHY, ""),
    )
