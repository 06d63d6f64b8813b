"""Linking over a wine merchant's store: words that ask elsewhere, editions by their year, stars, and misspelt words."""

from __future__ import annotations

import pytest

from retrieval.asking import is_thing
from retrieval.embedding import MiniLM
from retrieval.hints import Hint
from retrieval.linker import Linker
from tests.retrieval.conftest import Over

CELLAR = """
version: 1
sources:
  - name: cellar
    kind: sqlite
    location: cellar.sqlite
    tables:
      - name: bottlings
        key: bottling_id
        label: wine_name
        columns:
          - {name: bottling_id, type: BIGINT}
          - {name: wine_name, type: VARCHAR}
          - {name: vintage, type: BIGINT, unit: year}
          - {name: list_price, type: DOUBLE}
      - name: customers
        key: customer_id
        label: full_name
        columns:
          - {name: customer_id, type: BIGINT}
          - {name: full_name, type: VARCHAR}
          - {name: ph, type: VARCHAR, synonyms: [phone]}
          - {name: country, type: VARCHAR}
      - name: orders
        key: order_id
        time: ordered_on
        columns:
          - {name: order_id, type: BIGINT}
          - {name: customer_id, type: BIGINT}
          - {name: channel, type: VARCHAR}
          - {name: ordered_on, type: DATE}
      - name: order_lines
        key: line_id
        columns:
          - {name: line_id, type: BIGINT}
          - {name: order_id, type: BIGINT}
          - {name: bottling_id, type: BIGINT}
          - {name: bottles, type: BIGINT}
          - {name: unit_price, type: DOUBLE}
      - name: reviews
        key: review_id
        columns:
          - {name: review_id, type: BIGINT}
          - {name: bottling_id, type: BIGINT}
          - {name: stars, type: BIGINT}
relationships:
  - {from: cellar.orders.customer_id, to: cellar.customers.customer_id}
  - {from: cellar.order_lines.order_id, to: cellar.orders.order_id}
  - {from: cellar.order_lines.bottling_id, to: cellar.bottlings.bottling_id}
  - {from: cellar.reviews.bottling_id, to: cellar.bottlings.bottling_id}
"""
VALUES = {
    "cellar.bottlings": {"wine_name": ["Dry Riesling", "Estate Syrah"]},
    "cellar.customers": {"full_name": ["Ida Berg", "Tri-County Wines"], "country": ["US", "DE"]},
    "cellar.orders": {"channel": ["phone", "web", "wholesale"]},
}


@pytest.fixture(scope="module")
def linker(over: Over) -> Linker:
    return over(CELLAR, VALUES)


def hints(linker: Linker, question: str) -> dict[str, Hint]:
    return {hint.span: hint for hint in linker.link(question).hints}


@pytest.mark.parametrize(
    ("before", "word", "after", "thing"),
    [
        ("average bottles per ", "order", "", True),
        ("the biggest wholesale ", "order", " of 2024", True),
        ("which ", "show", " is it from", True),
        ("the name of the ", "show", "", True),
        ("customers without an ", "order", "", True),
        ("", "show", " me the customers", False),
        ("please ", "show", " the customers", False),
        ("customers in ", "order", " of name", False),
        ("customers in reverse ", "order", "", False),
        ("customers, ", "order", " by name", False),
        ("how ", "many", " customers", False),
    ],
)
def test_words_that_ask_elsewhere_name_things_where_they_stand_so(
    before: str, word: str, after: str, thing: bool
) -> None:
    assert is_thing(word, before, after) is thing


@pytest.mark.parametrize(
    ("question", "span", "targets"),
    [
        ("bottles per order", "order", ("cellar.orders",)),
        ("bottles per order", "bottles", ("cellar.order_lines.bottles",)),
        ("we haven't sold a single bottle", "bottle", ("cellar.order_lines.bottles",)),
        ("how many bottlings", "bottlings", ("cellar.bottlings",)),
        ("phone no. of Ida Berg", "phone", ("cellar.customers.ph",)),
        ("how many phone orders", "phone", ("cellar.orders.channel",)),
        ("the priciest wine", "priciest", ("cellar.bottlings.list_price",)),
    ],
)
def test_what_words_mean(linker: Linker, question: str, span: str, targets: tuple[str, ...]) -> None:
    assert hints(linker, question)[span].targets == targets


@pytest.mark.parametrize(
    ("question", "span", "target", "number"),
    [
        ("price of the 2022 Dry Riesling", "of the 2022", "cellar.bottlings.vintage", "2022"),
        ("bottles of our 2021 Estate Syrah", "2021", "cellar.bottlings.vintage", "2021"),
        ("the 2020 vintage", "2020", "cellar.bottlings.vintage", "2020"),
        ("one-star reviews", "one-star", "cellar.reviews.stars", "1"),
        ("how many 5 star reviews", "5 star", "cellar.reviews.stars", "5"),
    ],
)
def test_editions_and_stars_are_numbers(linker: Linker, question: str, span: str, target: str, number: str) -> None:
    hint = hints(linker, question)[span]
    assert (hint.kind, hint.targets, hint.operator, hint.literals) == ("number", (target,), "=", (number,))


@pytest.mark.parametrize("question", ["top 5 stars", "the five stars", "first 3 stars of the list"])
def test_so_many_stars_are_no_rating(linker: Linker, question: str) -> None:
    assert not any(hint.operator == "=" for hint in linker.link(question).hints)


def test_a_year_of_something_else_is_a_time(linker: Linker) -> None:
    assert hints(linker, "orders in 2022")["in 2022"].kind == "time"


def test_a_country_in_capitals_begins_a_question(linker: Linker) -> None:
    assert hints(linker, "US customers")["US"].literals == ("US",)
    assert "us" not in hints(linker, "tell us the customers")


def test_today_before_a_request_bounds_nothing(linker: Linker) -> None:
    assert "today" not in hints(linker, "Chasing money today. How many orders does each customer have?")
    assert hints(linker, "how many orders today")["today"].kind == "time"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("abvoe", "above"),
        ("teh", "the"),
        ("valuble", "valuable"),
        ("riesling", "riesling"),
        ("above", "above"),
        ("xq", "xq"),
    ],
)
def test_a_misspelt_word_is_the_one_that_is_a_letter_away(minilm: MiniLM, said: str, meant: str) -> None:
    assert minilm.respelt(said) == meant
