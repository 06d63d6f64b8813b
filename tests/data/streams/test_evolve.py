"""What a table takes in of a changed schema, and what it does not."""

from __future__ import annotations

import pyarrow as pa
import pytest

from data.streams.evolve import evolution, same

OLD = pa.schema([pa.field("id", pa.string(), False), pa.field("n", pa.int64())])


def test_nullable_fields_are_added() -> None:
    new = pa.schema([pa.field("new", pa.float64()), *OLD])
    assert evolution(OLD, new).added == [pa.field("new", pa.float64())]
    assert not evolution(OLD, new).reasons


def test_nullable_fields_may_go() -> None:
    found = evolution(OLD, pa.schema([OLD.field("id")]))
    assert (found.added, found.reasons) == ([], [])


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ([pa.field("id", pa.string(), False), pa.field("n", pa.string())], "type of 'n' changed from int64 to string"),
        ([pa.field("n", pa.int64())], "required field 'id' was removed"),
        ([*OLD, pa.field("x", pa.int64(), False)], "new field 'x' is required"),
        ([pa.field("id", pa.string()), pa.field("n", pa.int64())], "'id' may now be null"),
        ([*OLD, pa.field("N", pa.int64())], "'N' is 'n' but for"),
    ],
)
def test_the_rest_has_a_reason(fields: list[pa.Field], reason: str) -> None:
    (found,) = evolution(OLD, pa.schema(fields)).reasons
    assert reason in found


def test_layout_makes_no_difference() -> None:
    inner = pa.struct([pa.field("a", pa.string()), pa.field("b", pa.list_(pa.field("element", pa.int64())))])
    other = pa.struct([pa.field("b", pa.large_list(pa.field("item", pa.int64()))), pa.field("a", pa.string_view())])
    assert same(inner, other)
    assert not same(inner, pa.struct([pa.field("a", pa.string())]))
    assert same(pa.timestamp("us"), pa.timestamp("us", "UTC"))
    assert not same(pa.timestamp("us"), pa.timestamp("ns"))
    assert not same(pa.binary(), pa.string())
