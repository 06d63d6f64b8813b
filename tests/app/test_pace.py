"""The measurements of the feature platform run; Feast is asked for only where it is compared with."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from app import pace
from data.errors import Invalid, Unavailable
from data.features.bench import peer

pytestmark = pytest.mark.long

SMALL = pace.Sizes(events=10_000, labels=1_000, rounds=1, clients=8, histories="10000", seconds=1.1)


def test_clients_of_a_server_get_their_features_and_memory_is_told() -> None:
    found = pace.measure(SMALL, ["http", "memory"], None, lambda _: None)
    assert found.keys() == {"http", "memory"}
    assert found["http"].keys() == {"features", "score", "score_by_key"}
    for told in (one[how] for one in found["http"].values() for how in ("closed", "paced")):
        assert told["errors"] == {}
        assert told["requests"] >= 8
    assert found["memory"]["10,000 events"]["memory_mb"] > 50


def test_a_python_without_feast_is_named() -> None:
    with pytest.raises(Invalid, match=r"has no Feast with DuckDB.*--peer-python"):
        pace.measure(SMALL, ["online"], Path(sys.executable), lambda _: None)
    with pytest.raises(Invalid, match="can't be run"):
        peer.provide(Path("/no/such/python"), lambda _: None)


def test_an_environment_that_can_not_be_made_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(peer, "WANTED", "no-such-distribution-of-feast @ file:///nowhere")
    with pytest.raises(Unavailable, match=r"Feast can't be installed: .*--peer-python"):
        peer.provide(None, lambda _: None)


@pytest.mark.parametrize(
    ("only", "sizes", "said"), [(["speed"], "10000", "'speed'"), (["memory"], "few", "'few'"), (["memory"], "7", "'7'")]
)
def test_what_can_not_be_measured_is_refused(only: list[str], sizes: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        pace.measure(pace.Sizes(10_000, 1_000, 1, 1, sizes), only, None, lambda _: None)
