"""Three small Parquet tables behind the real gateway, and a retriever that finds what a test says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from agents.answers import AnswerStore
from agents.approved import ApprovedQueries
from agents.ask.graph import Ask
from agents.endpoints import Endpoint
from data.federation import open_gateway
from data.gateway import Gateway
from data.policy import Principal
from retrieval import Context
from retrieval.hints import Hint

CATALOG = """
version: 1
sources:
  - name: tidal
    kind: parquet
    location: tidal
    description: Music.
    tables:
      - name: artists
        description: A musician.
        key: artist_id
        label: name
        columns:
          - {name: artist_id, type: BIGINT, description: Identifier.}
          - {name: name, type: VARCHAR, description: Stage name.}
      - name: plays
        description: One stream.
        key: play_id
        time: played_at
        columns:
          - {name: play_id, type: BIGINT, description: Identifier.}
          - {name: artist_id, type: BIGINT, description: The artist.}
          - {name: price, type: DOUBLE, description: What it cost., unit: USD}
          - {name: platform, type: VARCHAR, description: Where it was played.}
          - {name: length, type: BIGINT, description: How long it was., unit: s}
          - {name: played_at, type: TIMESTAMP, description: When.}
  - name: cash
    kind: parquet
    location: cash
    description: Wallets.
    tables:
      - name: users
        description: A person.
        key: user_id
        columns:
          - {name: user_id, type: BIGINT, description: Identifier.}
relationships:
  - {from: tidal.plays.artist_id, to: tidal.artists.artist_id}
"""
POLICY = """
version: 1
principals:
  - {name: owner, groups: [owners]}
  - {name: listener, groups: [listeners]}
grants:
  - {to: owners, on: "*"}
  - {to: listeners, on: tidal.*}
"""
TABLES = {
    "tidal/artists": {"artist_id": [1, 2, 3], "name": ["Nova", "Kite", "Zed"]},
    "tidal/plays": {
        "play_id": [1, 2, 3, 4],
        "artist_id": [1, 1, 1, 2],
        "price": [0.5, 1.0, 1.25, 1000.0],
        "platform": ["ios", "web", "ios", None],
        "length": [60, 120, 90, 30],
        "played_at": [datetime(2024, month, 1) for month in (1, 2, 3, 4)],
    },
    "cash/users": {"user_id": [7]},
}


@dataclass
class Findings:
    """A retriever whose hints and unknown names a test sets; what is visible comes from the gateway."""

    gateway: Gateway
    hints: tuple[Hint, ...] = (Hint("plays", "table", ("tidal.plays",)),)
    unknown: tuple[str, ...] = ()
    asked: list[str] = field(default_factory=list)

    def retrieve(self, principal: Principal, question: str) -> Context:
        self.asked.append(question)
        return Context(question, self.gateway.askable(principal), self.hints, self.unknown)


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("lake")
    (home / "catalog.yaml").write_text(CATALOG)
    (home / "policy.yaml").write_text(POLICY)
    for name, columns in TABLES.items():
        (home / name).parent.mkdir(exist_ok=True)
        pq.write_table(pa.table(columns), home / f"{name}.parquet")
    return home


@pytest.fixture(scope="session")
def gateway(lake: Path) -> Iterator[Gateway]:
    gateway = open_gateway(lake, threads=1)
    yield gateway
    gateway.close()


@pytest.fixture
def listener(gateway: Gateway) -> Principal:
    return gateway.policy.principal("listener")


@pytest.fixture
def owner(gateway: Gateway) -> Principal:
    return gateway.policy.principal("owner")


@pytest.fixture
def findings(gateway: Gateway) -> Findings:
    return Findings(gateway)


@pytest.fixture
def approved(tmp_path: Path) -> ApprovedQueries:
    return ApprovedQueries(tmp_path / "approved.sqlite")


@pytest.fixture
def answers(tmp_path: Path) -> AnswerStore:
    return AnswerStore(tmp_path / "answers.sqlite")


@pytest.fixture
def ask(
    gateway: Gateway, findings: Findings, approved: ApprovedQueries, answers: AnswerStore, tmp_path: Path
) -> Iterator[Callable[..., Ask]]:
    """Make an Ask over endpoints that are open already; it is closed after the test."""
    made: list[Ask] = []

    def make(*endpoints: Endpoint, limit: int = 1_000) -> Ask:
        openers = {endpoint.name: (lambda e=endpoint: e) for endpoint in endpoints}
        threads = tmp_path / "threads.sqlite"
        made.append(Ask(gateway, findings, openers, approved, threads, answers, limit=limit))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.close()
