"""When two results are the same."""

from __future__ import annotations

import itertools
import time
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from agents.rowsets import digest, same, table

DAY = date(2024, 1, 1)
MIDNIGHT = datetime(2024, 1, 1)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (1, Decimal("1.00")),
        (0.1 + 0.2, 0.3),
        (1_000_000.4, 1_000_000),
        (DAY, MIDNIGHT),
        (datetime(2024, 1, 1, tzinfo=UTC), MIDNIGHT),
        (datetime(2024, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))), MIDNIGHT),
        (None, None),
        (float("nan"), Decimal("nan")),
        (float("inf"), float("inf")),
        (1e-17, 0),
        ([1, {"a": None}], [1.0, {"a": None}]),
        ("é", "é"),
    ],
)
def test_values_that_are_the_same(one, other):
    assert same(table([[one]]), table([[other]]))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (0, False),
        (1, "1"),
        (None, 0),
        (None, ""),
        (None, float("nan")),
        (1_000_000, 1_000_001),
        (1.0, 1.00001),
        (float("inf"), float("-inf")),
        (DAY, "2024-01-01"),
        (DAY, datetime(2024, 1, 1, 0, 0, 1)),
        ("a", "A"),
        ("a", "a "),
        (b"a", "a"),
    ],
)
def test_values_that_are_not(one, other):
    assert not same(table([[one]]), table([[other]]))
    assert not same(table([[other]]), table([[one]]))


@pytest.mark.parametrize(
    ("gold", "got", "equal"),
    [
        ([["a", 1], ["b", 2]], [[2, "b"], [1, "a"]], True),
        ([["a", 1], ["b", 2]], [["a", 2], ["b", 1]], False),
        ([[1], [1], [2]], [[1], [2], [2]], False),
        ([[1]], [[1], [1]], False),
        ([[1, 1]], [[1]], False),
        ([], [], True),
        ([[1, 2], [2, 1]], [[2, 1], [1, 2]], True),
        ([[1, 2, 3], [2, 3, 1]], [[3, 1, 2], [1, 2, 3]], True),
        ([[1, None], [None, 1]], [[None, 1], [1, None]], True),
        ([[1.0, "x"], [1.0 + 1e-9, "y"]], [[1.0, "y"], [1.0 + 1e-9, "x"]], True),
        ([[1.0, 5], [1.0 + 1e-9, 3]], [[1.0, 3], [1.0 + 1e-9, 5]], True),
        ([[1.0, 5], [1.0 + 1e-9, 3]], [[1.0, 3], [1.0 + 1e-9, 4]], False),
    ],
)
def test_rows_are_a_multiset_and_columns_have_no_order(gold, got, equal):
    assert same(table(gold), table(got)) is equal


@pytest.mark.parametrize(
    ("got", "equal"),
    [([["a", 1], ["b", 2]], True), ([[1, "a"], [2, "b"]], True), ([["b", 2], ["a", 1]], False)],
)
def test_order_counts_when_asked_for(got, equal):
    assert same(table([["a", 1], ["b", 2]]), table(got), ordered=True) is equal


@pytest.mark.parametrize("seed", range(5))
def test_any_order_of_rows_and_columns_is_found(seed):
    rows = [[(i * j + seed) % 3 for j in range(4)] for i in range(6)]
    for order in itertools.permutations(range(4)):
        shuffled = [[row[i] for i in order] for row in reversed(rows)]
        assert same(table(rows), table(shuffled))
        broken = [[*shuffled[0][:3], 9], *shuffled[1:]]
        assert not same(table(rows), table(broken))


def test_many_equal_columns_take_no_factorial_time():
    rows = [[n % 2] * 12 + [n] for n in range(50)]
    wrong = [[n % 2] * 12 + [n] for n in range(49)] + [[1 - 49 % 2] * 12 + [49]]
    assert same(table(rows), table(rows))
    assert not same(table(rows), table(wrong))


def cost(many: int) -> float:
    """The processor's seconds for so many rows, whatever else runs."""
    rows, took = [[0.5, n] for n in range(many)], []
    for _ in range(3):
        began = time.process_time()
        assert same(table(rows), table(rows[::-1]))
        took.append(time.process_time() - began)
    return min(took)


def test_many_rows_take_no_quadratic_time():
    assert cost(20_000) < 10 * cost(4_000)


@pytest.mark.parametrize(
    ("wanted", "got", "equal"),
    [
        ("2024-01-01", DAY, True),
        ("2024-01-01", MIDNIGHT, True),
        ("2024-01-01T00:00:00", DAY, True),
        ("2024-01-01 10:00:00", datetime(2024, 1, 1, 10), True),
        ("2024-01-02", DAY, False),
        ("2024-13-01", "2024-13-01", True),
        ("Nova", "Nova", True),
        (4, Decimal("4.0"), True),
        (None, None, True),
    ],
)
def test_json_writes_times_as_text(wanted, got, equal):
    assert same(table([[wanted]], as_text=True), table([[got]], as_text=True)) is equal


def test_a_digest_is_of_the_rows_alone():
    rows = [["a", 0.1 + 0.2], ["b", Decimal("2.50")]]
    assert digest(rows, ordered=False) == digest([["b", 2.5], ["a", 0.3]], ordered=False)
    assert digest(rows, ordered=True) != digest(rows[::-1], ordered=True)
    assert digest([[1]], ordered=False) != digest([[True]], ordered=False)
    assert digest([[None]], ordered=False) != digest([[""]], ordered=False)
    assert digest([], ordered=False) != digest([[None]], ordered=False)
    assert digest([["a', 'b"]], ordered=False) != digest([["a", "b"]], ordered=False)
