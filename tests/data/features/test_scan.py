"""A history's row groups: in order, cut into pieces, and met by the entities that are asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from deltalake import DeltaTable
from hypothesis import given, settings
from hypothesis import strategies as st

from data.features import datafiles
from data.features.bench import lakehouse
from data.features.entities import Entities
from data.features.fetch import POINTS
from data.features.history import History
from data.features.plan import TIME
from data.features.scan import Scan
from tests.data.features import strategies

KEYS = st.tuples(st.sampled_from((-(2**62), -1, 0, 1, 7, 2**62)), st.sampled_from(("", "a", "aa", "ç", "\U0001f600")))


def columns(rows: list[tuple[int, str]], which: tuple[int, ...]) -> list[pa.ChunkedArray]:
    types = (pa.int64(), pa.string())
    return [pa.chunked_array([pa.array([row[i] for row in rows], types[i])]) for i in which]


@settings(deadline=None)
@given(st.lists(KEYS, min_size=1), st.lists(KEYS), st.sampled_from([(0,), (1,), (0, 1), (1, 0)]))
def test_numbers_of_entities_are_in_the_order_of_their_keys(
    asked: list[tuple[int, str]], others: list[tuple[int, str]], which: tuple[int, ...]
) -> None:
    entities = Entities(columns(asked, which))
    keys = [tuple(row[i] for i in which) for row in asked + others]
    found = entities.codes(columns(asked + others, which)).tolist()
    known = dict(zip(keys, found[: len(asked)], strict=False))
    assert sorted(known, key=known.__getitem__) == sorted(known)
    assert len(set(known.values())) == len(known)
    strangers = [code for key, code in zip(keys, found, strict=True) if key not in known]
    assert not set(strangers) & set(known.values())
    for key, code in known.items():
        assert all((other >= entities.before(key[0])) == (name[0] >= key[0]) for name, other in known.items()), code


def test_whole_numbers_close_together_stand_for_themselves() -> None:
    assert Entities(columns([(7, ""), (9, "")], (0,))).codes(columns([(8, ""), (9, "")], (0,))).tolist() == [8, 9]


def test_pieces_have_each_event_once_and_about_as_many_as_are_wanted(tmp_path: Path) -> None:
    """One large file in order, and small ones that lie across all of it."""
    coin, plan, files = np.random.default_rng(5), strategies.plan(), []
    for number, size in enumerate((40_000, 300, 1, 2_000)):
        key = np.sort(coin.integers(0, 5_000, size))
        table = pa.table({"key": key, TIME: np.arange(size), "_known": np.arange(size)})
        for name in ("_v0", "_v1", "_v2", "_v3"):
            table = table.append_column(name, pa.nulls(size, pa.int64()))
        reader = pa.RecordBatchReader.from_batches(table.schema, table.to_batches(500))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(datafiles, "ROW_GROUP", 1_000)
            files += [tmp_path / action.path for action in datafiles.write(reader, tmp_path, ["key", TIME])]
        assert Scan.of(files[number:], plan).read(None, None)["key"].to_numpy().tolist() == key.tolist()
    scan = Scan.of(files, plan).within(100, 4_899)
    cuts = scan.cuts(5_000)
    sizes = []
    for start, end in zip([0, *cuts], [*cuts, 5_000], strict=True):
        found = scan.read(start, end)["key"].to_numpy()
        sizes.append(int(((found >= start) & (found < end)).sum()))
    everything = Scan.of(files, plan).read(None, None)["key"].to_numpy()
    assert sum(sizes[1:-1]) == ((everything >= cuts[0]) & (everything < cuts[-1])).sum()
    assert len(sizes) > 6
    assert max(sizes) < 8_000


def test_a_history_is_written_in_the_order_of_entity_and_moment(tmp_path: Path) -> None:
    lakehouse.build(tmp_path, 4 * POINTS)
    with lakehouse.opened(tmp_path) as features:
        list(features.materialize(features.gateway.policy.principal("owner"), [], lakehouse.END, str, values=False))
        history = History.of(features.registry.plan("cards"), tmp_path)
        rows = Scan.of(history.files(history.version or 0), history.plan).read(None, None)
    pairs = rows["card_id"].to_numpy() * 2**51 + rows[TIME].to_numpy()
    assert len(pairs) == 4 * POINTS
    assert (pairs[1:] >= pairs[:-1]).all()
    assert DeltaTable(history.folder).get_add_actions(flatten=True)["num_records"].to_pylist() == [4 * POINTS]
