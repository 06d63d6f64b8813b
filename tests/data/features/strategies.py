"""Random prepared events and moments, close together, so that windows begin and end on events."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from data.features.definition import Feature, FeatureView
from data.features.events import CODE, Events
from data.features.plan import KNOWN, TIME, Key, Output, Plan, Stored

MINUTE = 60_000_000
WINDOWS = {"5m": 5 * MINUTE, "1h": 60 * MINUTE, "3h": 180 * MINUTE}
STORED = (
    Stored("_v0", "", "decimal", 2),
    Stored("_v1", "", "float"),
    Stored("_v2", "", "text"),
    Stored("_v3", "", "integer"),
)
TAKEN: tuple[tuple[str, int | None], ...] = (
    ("count", None),
    ("age", None),
    *((name, 0) for name in ("count", "sum", "avg", "min", "max", "last", "approx_distinct", "quantile")),
    *((name, 1) for name in ("min", "max", "last", "approx_distinct", "quantile", "age")),
    *((name, 2) for name in ("count", "last", "approx_distinct")),
    *((name, 3) for name in ("sum", "avg", "min", "quantile")),
)


def plan(ttl: int = WINDOWS["3h"], quantile: float = 0.5) -> Plan:
    """Every function of every kind of value over three windows."""
    outputs = []
    for function, stored in TAKEN:
        feature = Feature(f"{function}_{stored}", function, over=tuple(WINDOWS), quantile=quantile)  # type: ignore[arg-type]
        kind, scale = ("integer", 0) if stored is None else (STORED[stored].kind, STORED[stored].scale)
        outputs += [Output(f"{feature.name}_{w}", feature, n, stored, kind, scale) for w, n in WINDOWS.items()]
    view = FeatureView("random", "thing", ("key",), "t", "time", ())
    return Plan(view, (Key("key", "BIGINT"),), STORED, tuple(outputs), "SELECT", ttl, None, (), ())


def moments() -> st.SearchStrategy[int]:
    """Some on a coarse grid, so that many are equal or exactly one window apart."""
    coarse = st.integers(0, 60).map(lambda n: n * 5 * MINUTE)
    return st.one_of(coarse, coarse.map(lambda n: n + 1), st.integers(0, 300 * MINUTE))


@st.composite
def rows(draw: st.DrawFn, *, late: bool | None = None, most: int = 40) -> list[dict[str, Any]]:
    """Events of up to four entities; with `late`, some become known in another order."""
    late = draw(st.booleans()) if late is None else late
    delay = draw(st.sampled_from((0, MINUTE, 60 * MINUTE)))
    row = st.fixed_dictionaries(
        {
            "key": st.integers(0, 3),
            TIME: moments(),
            "_v0": st.none() | st.integers(-10_000, 10_000),
            "_v1": st.none() | st.floats(allow_nan=False, allow_infinity=False).map(lambda x: x + 0.0),
            "_v2": st.none() | st.sampled_from(("a", "b", "ç", "")),
            "_v3": st.none() | st.integers(-5, 5),
            KNOWN: st.integers(0, 120 * MINUTE) if late else st.just(delay),
        }
    )
    found = draw(st.lists(row, max_size=most))
    return [{**row, KNOWN: row[TIME] + row[KNOWN]} for row in found]


def events(rows: list[dict[str, Any]]) -> tuple[Events, dict[int, int]]:
    """The events as they are computed with, and the number of each entity."""
    codes = {key: code for code, key in enumerate(sorted({row["key"] for row in rows}))}
    ordered = sorted(rows, key=lambda row: (row["key"], row[TIME], row[KNOWN], *_nulls_first(row)))
    types = {CODE: pa.int64(), TIME: pa.int64(), KNOWN: pa.int64()}
    types |= {s.name: {"float": pa.float64(), "text": pa.string()}.get(s.kind, pa.int64()) for s in STORED}
    columns = {CODE: [codes[row["key"]] for row in ordered]}
    columns |= {name: [row[name] for row in ordered] for name in types if name != CODE}
    table = pa.table({name: pa.array(columns[name], kind) for name, kind in types.items()})
    return Events.of(table, plan()), codes


def _nulls_first(row: dict[str, Any]) -> list[tuple[bool, Any]]:
    return [(row[s.name] is not None, 0 if row[s.name] is None else row[s.name]) for s in STORED]
