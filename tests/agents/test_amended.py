"""Queries with what they leave out: other things that are asked for, and how many at what one costs."""

from __future__ import annotations

import pytest

from agents import statement
from agents.ask.rerank.shape import Shape
from agents.ask.sketch.amended import amended
from agents.ask.sketch.brief import Brief
from data.catalog import Catalog, Column, Relationship, SourceConfig, Table
from retrieval import Context
from retrieval.hints import Hint


def _table(name: str, columns: str, **facts: str) -> Table:
    made = (Column(*each.split(":")) for each in columns.split())
    return Table("shop", name, columns=tuple(made), **facts)  # type: ignore[arg-type]


CATALOG = Catalog(
    (
        SourceConfig(
            "shop",
            "sqlite",
            "shop.sqlite",
            tables=(
                _table("maker", "maker_id:BIGINT maker_name:VARCHAR", key="maker_id", label="maker_name"),
                _table(
                    "wine",
                    "wine_id:BIGINT wine_name:VARCHAR vintage:BIGINT price:DOUBLE maker_id:BIGINT",
                    key="wine_id",
                    label="wine_name",
                ),
                _table(
                    "guest",
                    "guest_id:BIGINT full_name:VARCHAR town:VARCHAR left_on:DATE",
                    key="guest_id",
                    label="full_name",
                ),
                _table("sale", "sale_id:BIGINT guest_id:BIGINT sold_on:DATE amount:DOUBLE", key="sale_id"),
                _table("line", "sale_id:BIGINT wine_id:BIGINT bottles:BIGINT unit_price:DOUBLE"),
                _table("parcel", "price_list_id:BIGINT tax_rate:DOUBLE quantity:BIGINT unit_price:DOUBLE"),
                _table("tank", "tank_id:BIGINT litres:DOUBLE cost:DOUBLE", key="tank_id"),
                _table("rack", "rack_id:BIGINT wine_id:BIGINT shelf:BIGINT unit_price:DOUBLE", key="rack_id"),
            ),
        ),
    ),
    (
        Relationship("shop.wine", "maker_id", "shop.maker", "maker_id"),
        Relationship("shop.sale", "guest_id", "shop.guest", "guest_id"),
        Relationship("shop.line", "sale_id", "shop.sale", "sale_id"),
        Relationship("shop.line", "wine_id", "shop.wine", "wine_id"),
        Relationship("shop.rack", "wine_id", "shop.wine", "wine_id"),
    ),
)
WINES = Hint("wines", "table", ("shop.wine",))
WINE = Hint("wine", "table", ("shop.wine",))
MAKER = Hint("maker", "table", ("shop.maker",))
VINTAGE = Hint("vintage", "column", ("shop.wine.vintage",))
TOWN = Hint("town", "column", ("shop.guest.town",))
SALE = Hint("sale", "table", ("shop.sale",))
LIST = "FROM shop.wine SELECT wine_name WHERE price > 9"
JOINED = "JOIN shop.maker AS maker ON wine.maker_id = maker.maker_id"
MADE_BY = f"SELECT wine.wine_name, maker.maker_name FROM shop.wine {JOINED} WHERE wine.price > 9"


def drawn(question: str, query: str, *hints: Hint) -> list[str]:
    placed = tuple(Hint(h.span, h.kind, h.targets, h.literals, h.operator, question.find(h.span)) for h in hints)
    assert all(hint.start >= 0 for hint in placed), "a hint must be said"
    context = Context(question, CATALOG, tuple(sorted(placed, key=lambda hint: hint.start)))
    return list(amended(Shape(statement.query(query), CATALOG), Brief(context)))


@pytest.mark.parametrize(
    ("question", "hints", "more"),
    [
        ("wines over 9, with vintage", (WINES, VINTAGE), "wine.wine_name, wine.vintage FROM shop.wine"),
        ("wines over 9 (and vintage)", (WINES, VINTAGE), "wine.wine_name, wine.vintage FROM shop.wine"),
        (
            "wines over 9 and the maker of each",
            (WINES, MAKER),
            f"wine.wine_name, maker.maker_name FROM shop.wine {JOINED}",
        ),
        (
            "wines over 9 and which maker they are by",
            (WINES, MAKER),
            f"wine.wine_name, maker.maker_name FROM shop.wine {JOINED}",
        ),
        ("wines over 9, the maker too", (WINES, MAKER), f"wine.wine_name, maker.maker_name FROM shop.wine {JOINED}"),
    ],
)
def test_a_list_tells_what_else_is_asked_for(question: str, hints: tuple[Hint, ...], more: str) -> None:
    assert drawn(question, LIST, *hints)[0] == f"SELECT {more} WHERE wine.price > 9"


def test_several_things_are_told_together_and_one_by_one() -> None:
    found = drawn("wines over 9: vintage, maker", LIST, WINES, VINTAGE, MAKER)
    assert [sum(name in query for name in ("wine.vintage", "maker.maker_name")) for query in found] == [2, 1, 1]


@pytest.mark.parametrize(
    ("question", "query", "hints"),
    [
        ("which maker has wines over 9", LIST, (MAKER, WINES)),
        ("wines over 9 per maker", LIST, (WINES, MAKER)),
        ("wines over 9, with town", LIST, (WINES, TOWN)),
        ("wines, with vintage", "FROM shop.wine SELECT count(*)", (WINES, VINTAGE)),
        ("wines, with vintage", "FROM shop.wine SELECT wine_name, vintage", (WINES, VINTAGE)),
        ("wines, with vintage", "FROM shop.wine SELECT price UNION FROM shop.wine SELECT price", (WINES, VINTAGE)),
        ("wines, with vintage", "FROM (FROM shop.wine SELECT wine_name) SELECT wine_name", (WINES, VINTAGE)),
    ],
)  # fmt: skip
def test_nothing_is_added_that_is_not_asked_for_or_not_reached(
    question: str, query: str, hints: tuple[Hint, ...]
) -> None:
    assert drawn(question, query, *hints) == []


def test_who_it_was_takes_the_place_of_a_key_and_of_the_link() -> None:
    (query,) = drawn(
        "biggest sale: who was it", "FROM shop.sale SELECT sale_id, guest_id, amount ORDER BY amount DESC LIMIT 1", SALE
    )
    join = "JOIN shop.guest AS guest ON sale.guest_id = guest.guest_id"
    assert query == f"SELECT sale.amount, guest.full_name FROM shop.sale {join} ORDER BY sale.amount DESC LIMIT 1"


def test_nothing_is_multiplied_by_a_key_or_a_rate() -> None:
    (query,) = drawn("how much did we spend", "FROM shop.parcel SELECT sum(quantity)")
    assert query == "SELECT SUM(unit_price * quantity) FROM shop.parcel"


def test_a_cost_beside_litres_is_that_of_all_of_them() -> None:
    assert drawn("how much did we spend", "FROM shop.tank SELECT sum(cost)") == []


@pytest.mark.parametrize("column", ["unit_price", "bottles"])
def test_money_is_how_many_at_what_one_costs(column: str) -> None:
    (query,) = drawn("how much did we earn", f"FROM shop.line SELECT sum({column})")
    assert query in (
        "SELECT SUM(bottles * unit_price) FROM shop.line",
        "SELECT SUM(unit_price * bottles) FROM shop.line",
    )


@pytest.mark.parametrize(
    ("question", "query"),
    [
        ("how many bottles", "FROM shop.line SELECT sum(bottles)"),
        ("what are the racks worth", "FROM shop.rack SELECT sum(unit_price)"),
        ("what did we earn", "FROM shop.sale SELECT sum(amount)"),
    ],
)
def test_numbers_that_are_no_money_or_no_quantity_stay(question: str, query: str) -> None:
    assert drawn(question, query) == []


@pytest.mark.parametrize(
    ("question", "query", "test"),
    [
        ("current guests", "FROM shop.guest SELECT full_name", "guest.left_on IS NULL"),
        ("guests who have left", "FROM shop.guest SELECT count(*)", "NOT guest.left_on IS NULL"),
        ("guests", "FROM shop.guest SELECT full_name", ""),
        ("current guests", "FROM shop.guest SELECT full_name WHERE left_on IS NULL", ""),
    ],
)
def test_what_goes_on_is_what_has_not_ended(question: str, query: str, test: str) -> None:
    found = drawn(question, query)
    assert [each.rpartition(" WHERE ")[2] for each in found] == ([test] if test else [])
