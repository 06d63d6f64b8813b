"""Who takes part: our endpoints through the whole agent, and the peers with the same weights."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agents.endpoints import EndpointSpec
from agents.peers.peer import NAMES, WANTED, Peer, Setup
from data.errors import Invalid

if TYPE_CHECKING:
    from agents.endpoints.transcript import Transcript
    from agents.evaluation.run import AskOne
    from app.assembly import Lakewright
    from app.contest.databases import Database
    from app.settings import Settings

Models = Mapping[str, "Transcript"]
PLACE = "{}"
"""What stands for the database's name in an adapter's."""


@dataclass(frozen=True)
class Asker:
    """`ready` does what counts for no question, such as starting a process; then a question may be asked."""

    ask: AskOne
    ready: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Ours:
    """An endpoint of the settings."""

    name: str
    spec: EndpointSpec
    models: Path
    dialect = "duckdb"

    def parts(self, database: Database) -> str:
        """What the answers depend on: the model's files, or how the server is reached."""
        spec = for_database(self.spec, database)
        if spec.kind == "openai":
            return json.dumps(spec.model_dump(mode="json", exclude={"key_env", "key_file"}), sort_keys=True)
        return weights(spec, self.models)

    @contextmanager
    def asked(self, database: Database, lakewright: Lakewright) -> Iterator[Asker]:
        """Opened, so that loading counts for no question."""
        principal = lakewright.principal(lakewright.settings.principal)
        lakewright.endpoints[self.name]()
        yield Asker(lambda question: lakewright.ask.run(principal, question, endpoint=self.name))


@dataclass(frozen=True)
class Theirs:
    """A peer with one of the models that our server has."""

    peer: str
    model: str
    python: Path
    url: str
    weights: str
    dialect = "sqlite"

    @property
    def name(self) -> str:
        return f"{self.peer} ({self.model})"

    def parts(self, database: Database) -> str:
        """What the answers depend on: the model's files, and the versions of the peer."""
        return " ".join((self.weights, *WANTED))

    @contextmanager
    def asked(self, database: Database, lakewright: Lakewright) -> Iterator[Asker]:
        peer = Peer(Setup(self.python, self.peer, self.url, self.model, database.path.resolve()))
        try:
            yield Asker(peer, peer.ready)
        finally:
            peer.close()


Side = Ours | Theirs


def chosen(peers: str) -> tuple[str, ...]:
    """The peers that a text names: all, none, or some with commas between them."""
    if peers in ("all", "none"):
        return NAMES if peers == "all" else ()
    names = tuple(name.strip() for name in peers.split(","))
    for name in names:
        if name not in NAMES:
            raise Invalid(f"There is no peer '{name}'.", f"Use all, none, or some of: {', '.join(NAMES)}.")
    return tuple(dict.fromkeys(names))


def specs(settings: Settings, endpoints: Sequence[str], adapters: Sequence[str]) -> tuple[EndpointSpec, ...]:
    """The endpoints that are named, or the current one where none is, and the embedded model with each adapter."""
    named = [settings.spec(name) for name in endpoints] or [settings.spec()]
    own = settings.spec("embedded")
    more = [own.model_copy(update={"name": f"adapter {adapter}", "adapter": adapter}) for adapter in adapters]
    found = (*named, *more)
    doubled = next((spec.name for spec in found if [one.name for one in found].count(spec.name) > 1), None)
    if doubled is not None:
        raise Invalid(f"'{doubled}' is named twice.", "Name each endpoint and adapter once.")
    return found


def for_database(spec: EndpointSpec, database: Database) -> EndpointSpec:
    """The endpoint with the adapter of a database, where its name has a place for the database's."""
    return spec.model_copy(update={"adapter": spec.adapter.replace(PLACE, database.name)})


def weights(spec: EndpointSpec, models: Path) -> str:
    """A hash of the embedded model's files, and of the map that says how sure it is."""
    from agents.endpoints import export
    from agents.endpoints import weights as stored
    from agents.endpoints.calibration import FILE
    from agents.endpoints.embedded import BASE, adapter_folder

    adapter = adapter_folder(spec.adapter, models) if spec.adapter else None
    found = export.fingerprint(stored.base(spec.model or BASE, models), adapter, "int8")
    measured = adapter / FILE if adapter else None
    if measured is None or not measured.is_file():
        return found
    return hashlib.sha256(found.encode() + measured.read_bytes()).hexdigest()[:16]


def transcripts(
    settings: Settings, ours: Sequence[EndpointSpec], say: Callable[[str], None]
) -> dict[str, tuple[str, Transcript]]:
    """The models that the peers ask, with their hashes: the embedded one and each other that we answer with; the base
    as it was published, and with our adapter merged."""
    from agents.endpoints import weights as stored
    from agents.endpoints.embedded import BASE, adapter_folder, engine, pick
    from agents.endpoints.transcript import Transcript

    models, found = settings.models_folder, {}
    for name, spec in asked_of(settings.spec("embedded"), ours).items():
        base = stored.base(spec.model or BASE, models, say)
        adapter = adapter_folder(spec.adapter, models) if spec.adapter else None
        opened = engine(base, adapter, models, pick(spec.device))
        found[name] = weights(spec, models), Transcript.load(opened, base, stored.context_size(base))
    return found


def asked_of(own: EndpointSpec, ours: Sequence[EndpointSpec]) -> dict[str, EndpointSpec]:
    """The models of the peers by the names that they have in figures: `base`, `adapter`, and `base of NAME`."""
    from agents.endpoints.embedded import BASE

    others = [spec for spec in ours if spec.kind == "embedded" and (spec.model or BASE) != (own.model or BASE)]
    every = [("", own), *((f" of {spec.name}", spec) for spec in others)]
    return {
        f"{kind}{name}": spec.model_copy(update={"adapter": adapter})
        for name, spec in every
        for kind, adapter in (("base", ""), ("adapter", spec.adapter))
    }
