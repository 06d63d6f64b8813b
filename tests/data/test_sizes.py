"""One call can't make a value that fills the memory."""

from __future__ import annotations

import pytest

from data.engines.parser import Parser
from data.errors import TooExpensive
from data.gateway.sizes import check_sizes

SMALL = [
    "SELECT lpad(name, 5, '0'), repeat('-', 40), printf('%05d', 3), format('{:>10}', 'x') FROM t",
    "SELECT range(10), generate_series(1, 100), [x * 2 for x in range(5)], range(length('abc'))",
    "SELECT * FROM range(1000000000)",
    "SELECT * FROM generate_series(DATE '2024-01-01', DATE '2024-12-31', INTERVAL 1 DAY)",
    "SELECT unnest(generate_series(d, e, INTERVAL '1 month')) FROM t",
    "SELECT * FROM generate_series(TIMESTAMP '2024-01-01', TIMESTAMP '2024-02-01', INTERVAL 1 HOUR)",
    "SELECT generate_series(TIMESTAMP '2024-01-01', TIMESTAMP '2024-01-02', INTERVAL '15 minutes')",
]

LARGE = [
    "SELECT repeat('x', 3000000000)",
    "SELECT repeat('x', n) FROM t",
    "SELECT \"REPEAT\"('x', 20000)",
    "SELECT repeat(repeat('x', 10000), 10000)",
    "SELECT repeat(s, 5000) FROM (SELECT lpad('x', 5000, 'y') AS s)",
    "SELECT lpad('x', 1000000, 'y')",
    "SELECT list_resize([1], 400000000)",
    "SELECT bar(1, 0, 10, 100000000)",
    "SELECT printf('%1000000000d', 1)",
    "SELECT printf(name, 1) FROM t",
    "SELECT format('{:1000000000}', 1)",
    "SELECT len(range(400000000))",
    "SELECT range(n) FROM t",
    "SELECT list_reduce(range(100000000), lambda x, y: x + y)",
    "SELECT generate_series(a, b, INTERVAL 1 SECOND) FROM t",
    "SELECT * FROM generate_series(TIMESTAMP '1900-01-01', TIMESTAMP '2100-01-01', INTERVAL '1 microsecond')",
    "SELECT generate_series(TIMESTAMP '1900-01-01', TIMESTAMP '2100-01-01', INTERVAL 1 SECOND)",
]


@pytest.mark.parametrize("sql", SMALL)
def test_what_is_small_passes(sql: str) -> None:
    check_sizes(Parser().tree(sql))


@pytest.mark.parametrize("sql", LARGE)
def test_what_could_be_large_is_refused(sql: str) -> None:
    with pytest.raises(TooExpensive):
        check_sizes(Parser().tree(sql))
