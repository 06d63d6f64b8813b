"""Queries that no model writes: what the hints of a question say is put together in the plain forms."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from agents import statement
from agents.ask.sketch.calendar import stands
from agents.ask.sketch.sketches import sketches
from agents.ask.sketch.whole import wholes
from data.catalog import Catalog, Column, SourceConfig, Table
from retrieval import Context
from retrieval.hints import Hint
from retrieval.shortened import consonants, is_clipped
from tests.agents.test_rerank import BOATS, OWNERS, WEIGHT, catalog

SOLD = Hint("sold", "column", ("harbour.boat.sold_on",))
MOORED = Hint("moored", "column", ("harbour.boat.moored",))
MENTOR = Hint("mentor", "column", ("harbour.owner.mentor_id",))
IDA = Hint("Ida", "value", ("harbour.owner.full_name",), ("Ida",))
MEW = Hint("Mew", "value", ("harbour.boat.name",), ("Mew",))
TERN = Hint("Tern", "value", MEW.targets, ("Tern",))
BUILT = Hint("built", "column", ("harbour.boat.built_on",))
LENGTH = Hint("length", "column", ("harbour.boat.length",))
NAMES = Hint("names", "column", MEW.targets)
DAY = Hint("on 1 May 2024", "time", literals=("2024-05-01", "2024-05-02"))
SPAN = Hint("from 2023 to 2024", "time", literals=("2023-01-01", "2025-01-01"))
YEAR = Hint("in 2024", "time", literals=("2024-01-01", "2025-01-01"))
LAST = Hint("in 2023", "time", literals=("2023-01-01", "2024-01-01"))
BO = Hint("Bo", "value", IDA.targets, ("Bo",))
SOLD_IN = "count(*) FILTER (WHERE sold_on >= '{}-01-01' AND sold_on < '{}-01-01')"
OVER = Hint("over 5", "number", literals=("5",), operator=">")
BOAT = Hint("boat", "table", BOATS.targets)
OWNER = Hint("owner", "table", OWNERS.targets)
HEAVIEST = Hint("heaviest", "column", WEIGHT.targets)
THREE = Hint("three", "number", literals=("3",))
SAID, FIGURE = Hint("weight", "column", WEIGHT.targets), Hint("3", "number", literals=("3",))
OWNED_SOLD = "count(*) FILTER (WHERE boat.sold_on >= '{}-01-01' AND boat.sold_on < '{}-01-01')"
BUILT_WEIGHT = "coalesce(sum(boat.weight) FILTER (WHERE boat.built_on >= '{}-01-01' AND boat.built_on < '{}-01-01'), 0)"
SAID_MEW = Hint("average Mew", "value", MEW.targets, ("Mew",))
FIVE, MOORING = Hint("five", "number", literals=("5",)), Hint("mooring", "column", ("harbour.boat.moored",))
HEAVY = Hint("heavy", "column", WEIGHT.targets)
PRICE, TAX = Hint("price", "column", ("harbour.boat.price",)), Hint("price tax", "column", ("harbour.boat.price_tax",))
OWNED = Hint("owner", "column", ("harbour.boat.owner_id",))
SOLD_BY = Hint("there", "column", ("harbour.boat.sold_on",))
JOIN = "FROM harbour.boat JOIN harbour.owner ON boat.owner_id = owner.owner_id SELECT"


def drawn(question: str, *hints: Hint) -> tuple[str, ...]:
    placed = tuple(Hint(h.span, h.kind, h.targets, h.literals, h.operator, question.find(h.span)) for h in hints)
    assert all(hint.start >= 0 for hint in placed), "a hint must be said"
    return sketches(Context(question, catalog(), tuple(sorted(placed, key=lambda hint: hint.start))))


@pytest.mark.parametrize(
    ("question", "hints", "query"),
    [
        ("How many boats?", (BOATS,), "FROM harbour.boat SELECT count(*)"),
        ("how many boats does Ida have", (BOATS, IDA), f"{JOIN} count(*) WHERE owner.full_name = 'Ida'"),
        ("list all boats", (BOATS,), "FROM harbour.boat SELECT name"),
        ("which boats are moored", (BOATS, MOORED), "FROM harbour.boat SELECT name WHERE moored = true"),
        ("which boats are not moored", (BOATS, MOORED), "FROM harbour.boat SELECT name WHERE moored = false"),
        ("boats that haven't been sold", (BOATS, SOLD), "FROM harbour.boat SELECT name WHERE sold_on IS NULL"),
        (
            "boats sold in 2024",
            (BOATS, SOLD, YEAR),
            "FROM harbour.boat SELECT name WHERE sold_on >= '2024-01-01' AND sold_on < '2025-01-01'",
        ),
        (
            "boats per owner",
            (BOATS, OWNER),
            f"{JOIN} owner.full_name, count(*) GROUP BY owner.owner_id, owner.full_name",
        ),
        (
            "how many boats does each owner have",
            (BOATS, OWNER),
            f"{JOIN} owner.full_name, count(*) GROUP BY owner.owner_id, owner.full_name",
        ),
        (
            "the three heaviest boats",
            (THREE, HEAVIEST, BOATS),
            "FROM harbour.boat SELECT name ORDER BY weight DESC LIMIT 3",
        ),
        (
            "the heaviest boat, and how heavy",
            (HEAVIEST, BOAT),
            "FROM harbour.boat SELECT name, weight ORDER BY weight DESC LIMIT 1",
        ),
        (
            "which owner has the most boats, and how many",
            (OWNER, BOATS),
            f"{JOIN} owner.full_name, count(*) GROUP BY owner.owner_id, owner.full_name ORDER BY count(*) DESC LIMIT 1",
        ),
        (
            "which owners have the most boats",
            (OWNERS, BOATS),
            f"{JOIN} owner.full_name GROUP BY owner.owner_id, owner.full_name ORDER BY count(*) DESC LIMIT 1",
        ),
        (
            "owners without boats",
            (OWNERS, BOATS),
            "FROM harbour.owner SELECT owner.full_name WHERE owner.owner_id NOT IN "
            "(FROM harbour.boat SELECT boat.owner_id WHERE boat.owner_id IS NOT NULL)",
        ),
        ("boats over 5", (BOATS, OVER), "FROM harbour.boat SELECT name WHERE weight > 5"),
        ("which boats have we got rid of", (BOATS,), "FROM harbour.boat SELECT name WHERE sold_on IS NOT NULL"),
        (
            "boats, leave out the ones we got rid of",
            (BOATS,),
            "FROM harbour.boat SELECT name WHERE sold_on IS NULL",
        ),
        ("list the boats in alphabetical order", (BOATS,), "FROM harbour.boat SELECT name ORDER BY name"),
        (
            "the owner with the single heaviest boat",
            (OWNER, HEAVIEST, BOAT),
            f"{JOIN} owner.full_name ORDER BY boat.weight DESC LIMIT 1",
        ),
        (
            "owners with over 5 boats",
            (OWNERS, OVER, BOATS),
            f"{JOIN} owner.full_name GROUP BY owner.owner_id, owner.full_name HAVING count(*) > 5",
        ),
        (
            "Who is the mentor of Ida?",
            (MENTOR, IDA),
            "FROM harbour.owner JOIN harbour.owner AS mentor ON owner.mentor_id = mentor.owner_id "
            "SELECT mentor.full_name WHERE owner.full_name = 'Ida'",
        ),
        (
            "what share of boats is moored",
            (BOATS, MOORED),
            "FROM harbour.boat SELECT 100.0 * count(*) FILTER (WHERE moored = true) / count(moored)",
        ),
        ("total heavy of the boats in tonnes", (WEIGHT, BOATS), "FROM harbour.boat SELECT sum(weight) / 1000.0"),
        (
            "how many more boats were sold in 2023 than in 2024",
            (BOATS, SOLD, LAST, YEAR),
            f"FROM harbour.boat SELECT {SOLD_IN.format(2023, 2024)} - {SOLD_IN.format(2024, 2025)}",
        ),
        (
            "by how many percent did boats sold in 2023 grow in 2024",
            (BOATS, SOLD, LAST, YEAR),
            f"FROM harbour.boat SELECT 100.0 * ({SOLD_IN.format(2024, 2025)} - {SOLD_IN.format(2023, 2024)})"
            f" / {SOLD_IN.format(2023, 2024)}",
        ),
        (
            "ratio of Ida's boats to those of Bo",
            (IDA, BOATS, BO),
            f"{JOIN} 1.0 * count(*) FILTER (WHERE owner.full_name = 'Ida') / "
            "count(*) FILTER (WHERE owner.full_name = 'Bo')",
        ),
        (
            "How many of Ida's boats are still with us?",
            (IDA, BOATS),
            f"{JOIN} count(*) WHERE owner.full_name = 'Ida' AND boat.sold_on IS NULL",
        ),
        ("boats of weight 3", (BOATS, SAID, FIGURE), "FROM harbour.boat SELECT name WHERE weight = 3"),
        ("boats except Mew", (BOATS, MEW), "FROM harbour.boat SELECT name WHERE name != 'Mew'"),
        ("boats, not counting Mew", (BOATS, MEW), "FROM harbour.boat SELECT name WHERE name != 'Mew'"),
        ("boats, Mew left out", (BOATS, MEW), "FROM harbour.boat SELECT name WHERE name != 'Mew'"),
        (
            "number of boats per owner, including owners without any",
            (BOATS, OWNER),
            "FROM harbour.owner LEFT JOIN harbour.boat ON boat.owner_id = owner.owner_id "
            "SELECT owner.full_name, count(boat.owner_id) GROUP BY owner.owner_id, owner.full_name",
        ),
        (
            "total weight of the boats of Ida compared with Bo",
            (SAID, BOATS, IDA, BO),
            f"{JOIN} owner.full_name, sum(boat.weight) WHERE owner.full_name IN ('Ida', 'Bo') GROUP BY ALL",
        ),
        (
            "How many boats were sold in 2023 and how many in 2024?",
            (BOATS, SOLD, LAST, YEAR),
            f"FROM harbour.boat SELECT {SOLD_IN.format(2023, 2024)}, {SOLD_IN.format(2024, 2025)}",
        ),
        (
            "owners who have both Mew and Tern",
            (OWNERS, MEW, TERN),
            "FROM harbour.owner SELECT owner.full_name WHERE owner.owner_id IN (FROM harbour.boat SELECT boat.owner_id "
            "WHERE boat.owner_id IS NOT NULL AND boat.name = 'Mew') AND owner.owner_id IN (FROM harbour.boat SELECT "
            "boat.owner_id WHERE boat.owner_id IS NOT NULL AND boat.name = 'Tern')",
        ),
        (
            "owners of Mew but not of Tern",
            (OWNERS, MEW, TERN),
            "FROM harbour.owner SELECT owner.full_name WHERE owner.owner_id IN (FROM harbour.boat SELECT boat.owner_id "
            "WHERE boat.owner_id IS NOT NULL AND boat.name = 'Mew') AND owner.owner_id NOT IN (FROM harbour.boat "
            "SELECT boat.owner_id WHERE boat.owner_id IS NOT NULL AND boat.name = 'Tern')",
        ),
        (
            "weight of the boats per metre of length",
            (SAID, BOATS, LENGTH),
            "FROM harbour.boat SELECT 1.0 * sum(weight) / sum(length)",
        ),
        (
            "owners whose boats have an average weight over 5",
            (OWNERS, BOATS, SAID, OVER),
            f"{JOIN} owner.full_name GROUP BY owner.owner_id, owner.full_name HAVING avg(boat.weight) > 5",
        ),
        (
            "average number of boats per owner",
            (BOATS, OWNER),
            f"{JOIN} 1.0 * count(*) / count(DISTINCT boat.owner_id)",
        ),
        (
            "how many boats were sold on Saturdays",
            (BOATS, SOLD),
            "FROM harbour.boat SELECT count(*) WHERE dayname(sold_on) IN ('Saturday')",
        ),
        (
            "How many boats were there on 1 May 2024?",
            (BOATS, DAY),
            "FROM harbour.boat SELECT count(*) WHERE built_on <= '2024-05-01' "
            "AND (sold_on IS NULL OR sold_on >= '2024-05-01')",
        ),
        (
            "how many boats were sold before they were built",
            (BOATS, SOLD, BUILT),
            "FROM harbour.boat SELECT count(*) WHERE sold_on < built_on",
        ),
        (
            "how many owners have over 5 boats",
            (OWNERS, OVER, BOATS),
            "FROM harbour.owner SELECT count(*) WHERE owner.owner_id IN "
            "(FROM harbour.boat JOIN harbour.owner ON boat.owner_id = owner.owner_id SELECT boat.owner_id "
            "GROUP BY boat.owner_id HAVING count(*) > 5)",
        ),
        (
            "in which month were the most boats sold",
            (BOATS, SOLD),
            "FROM harbour.boat SELECT date_trunc('month', sold_on) GROUP BY ALL ORDER BY count(*) DESC LIMIT 1",
        ),
        (
            "by how much did the number of boats sold change from 2023 to 2024",
            (BOATS, SOLD, SPAN),
            f"FROM harbour.boat SELECT {SOLD_IN.format(2024, 2025)} - {SOLD_IN.format(2023, 2024)}",
        ),
        ("how many names do the boats have", (NAMES, BOATS), "FROM harbour.boat SELECT count(DISTINCT name)"),
        ("list all 3-weight boats", (BOATS,), "FROM harbour.boat SELECT name WHERE weight = 3"),
        (
            "boats sold per decade, how many",
            (BOATS, SOLD),
            "FROM harbour.boat SELECT decade(sold_on), count(*) GROUP BY ALL",
        ),
        (
            "how many boats have no owner Ida",
            (BOATS, OWNED, IDA),
            "FROM harbour.boat SELECT count(*) WHERE boat.owner_id IS NULL",
        ),
        ("how many owner visits were there", (OWNER, SOLD_BY), f"{JOIN} count(*)"),
        ("the boat with the worst weight", (BOAT, SAID), "FROM harbour.boat SELECT name ORDER BY weight LIMIT 1"),
        ("the boat with the worst weight", (BOAT, SAID), "FROM harbour.boat SELECT name ORDER BY weight DESC LIMIT 1"),
        (
            "which owners sold fewer boats in 2024 than in 2023",
            (OWNERS, SOLD, BOATS, YEAR, LAST),
            f"{JOIN} owner.full_name GROUP BY owner.owner_id, owner.full_name HAVING "
            f"{OWNED_SOLD.format(2024, 2025)} < {OWNED_SOLD.format(2023, 2024)}",
        ),
        (
            "boats sold per owner in 2023 against in 2024, how many",
            (BOATS, SOLD, OWNER, LAST, YEAR),
            f"{JOIN} owner.full_name, {OWNED_SOLD.format(2023, 2024)}, {OWNED_SOLD.format(2024, 2025)} "
            "GROUP BY owner.owner_id, owner.full_name",
        ),
        (
            "how many boats are dearer than the average boat",
            (BOATS,),
            "FROM harbour.boat SELECT count(*) WHERE price > (FROM harbour.boat SELECT avg(price))",
        ),
        (
            "boats named Mew heavier than the average Mew, how heavy",
            (BOATS, MEW, SAID_MEW, HEAVY),
            "FROM harbour.boat SELECT name WHERE name = 'Mew' AND weight > "
            "(FROM harbour.boat SELECT avg(weight) WHERE name = 'Mew')",
        ),
        (
            "total price of all boats, price tax excluded",
            (PRICE, BOATS, TAX),
            "FROM harbour.boat SELECT sum(price)",
        ),
        (
            "total price of the boats, leave the price tax out",
            (PRICE, BOATS, TAX),
            "FROM harbour.boat SELECT sum(price)",
        ),
        (
            "what names do boats have, and how many of each",
            (NAMES, BOATS),
            "FROM harbour.boat SELECT name, count(*) GROUP BY ALL",
        ),
        (
            "the heaviest boat and its owner",
            (HEAVIEST, BOAT, OWNER),
            f"{JOIN} boat.name, owner.full_name ORDER BY boat.weight DESC LIMIT 1",
        ),
        (
            "boats built in 2024, newest first",
            (BOATS, BUILT, YEAR),
            "FROM harbour.boat SELECT name WHERE built_on >= '2024-01-01' AND built_on < '2025-01-01' "
            "ORDER BY built_on DESC",
        ),
        (
            "boats per owner, biggest fleet first",
            (BOATS, OWNER),
            f"{JOIN} owner.full_name, count(*) GROUP BY owner.owner_id, owner.full_name ORDER BY count(*) DESC",
        ),
        (
            "what do we pay per metre of length for the boats",
            (LENGTH, BOATS),
            "FROM harbour.boat SELECT 1.0 * sum(price) / sum(length)",
        ),
        (
            "boats whose price is more than double what the price tax is",
            (BOATS, PRICE, TAX),
            "FROM harbour.boat SELECT name WHERE price > 2 * price_tax",
        ),
        ("total price of the boats over the years", (PRICE, BOATS), "FROM harbour.boat SELECT sum(price)"),
        ("boats without a price tax", (BOATS, TAX), "FROM harbour.boat SELECT name WHERE price_tax IS NULL"),
        (
            "average price of boats with mooring and without",
            (PRICE, BOATS, MOORING),
            "FROM harbour.boat SELECT moored, avg(price) GROUP BY ALL",
        ),
        (
            "boats sold by owner and year, how many",
            (BOATS, SOLD, OWNER),
            f"{JOIN} owner.full_name, year(boat.sold_on), count(*) GROUP BY ALL",
        ),
        (
            "owners by what their boats cost in total, the dearest five",
            (OWNERS, BOATS, FIVE),
            f"{JOIN} owner.full_name GROUP BY owner.owner_id, owner.full_name ORDER BY sum(boat.price) DESC LIMIT 5",
        ),
        ("boats with a price over 5", (BOATS, PRICE, OVER), "FROM harbour.boat SELECT name WHERE price > 5"),
        (
            "which owners had less boat weight in 2024 than in 2023",
            (OWNERS, SAID, YEAR, LAST),
            f"{JOIN} owner.full_name GROUP BY owner.owner_id, owner.full_name HAVING "
            f"{BUILT_WEIGHT.format(2024, 2025)} < {BUILT_WEIGHT.format(2023, 2024)}",
        ),
        (
            "how many boats don't have an owner",
            (BOATS, OWNER),
            "FROM harbour.boat SELECT count(*) WHERE boat.owner_id IS NULL",
        ),
        (
            "price per length of the boats",
            (PRICE, LENGTH, BOATS),
            "FROM harbour.boat SELECT 1.0 * sum(price) / sum(length)",
        ),
        (
            "per length of the boats, the price",
            (LENGTH, BOATS, PRICE),
            "FROM harbour.boat SELECT 1.0 * sum(price) / sum(length)",
        ),
        ("what does Mew go for", (MEW,), "FROM harbour.boat SELECT price WHERE name = 'Mew'"),
        (
            "the best month for boats",
            (BOATS,),
            "FROM harbour.boat SELECT date_trunc('month', built_on) GROUP BY ALL ORDER BY sum(weight) DESC LIMIT 1",
        ),
        (
            "what is our busiest day of the week for boats",
            (BOATS,),
            "FROM harbour.boat SELECT dayname(built_on) GROUP BY ALL ORDER BY count(*) DESC LIMIT 1",
        ),
        ("how many boats are there altogether", (BOATS,), "FROM harbour.boat SELECT count(*)"),
        (
            "everyone who has a moored boat",
            (MOORED, BOAT),
            "FROM harbour.owner SELECT owner.full_name WHERE owner.owner_id IN (FROM harbour.boat SELECT "
            "boat.owner_id WHERE boat.owner_id IS NOT NULL AND boat.moored = true)",
        ),
        (
            "how many days do we keep a boat on average",
            (BOAT,),
            "FROM harbour.boat SELECT avg(date_diff('day', built_on, sold_on))",
        ),
        (
            "longest time between built and sold of a boat",
            (BUILT, SOLD),
            "FROM harbour.boat SELECT max(date_diff('day', built_on, sold_on))",
        ),
    ],
)
def test_plain_questions_are_drawn(question: str, hints: tuple[Hint, ...], query: str) -> None:
    plain = [re.sub(r" / 1000$", " / 1000.0", sketch) for sketch in drawn(question, *hints)]
    assert query in plain


@pytest.mark.parametrize(
    ("question", "hints", "query"),
    [
        ("How many boats are moored?", (BOATS, MOORED), "SELECT COUNT(*) FROM harbour.boat WHERE moored"),
        ("boats that were never sold or painted", (BOATS, SOLD), None),
        ("list the moored boats", (MOORED, BOATS), "SELECT name FROM harbour.boat WHERE moored"),
    ],
)
def test_only_a_question_that_is_understood_as_a_whole_is_read(
    question: str, hints: tuple[Hint, ...], query: str | None
) -> None:
    """Of the things that are listed the name is told, and not the key beside it."""
    placed = tuple(replace(hint, start=question.find(hint.span)) for hint in hints)
    assert wholes(Context(question, catalog(), placed)) == ((query,) if query else ())


@pytest.mark.parametrize(
    ("question", "ways"),
    [
        ("which boats are still with us", (True,)),
        ("what they spent with us in 2024", ()),
        ("what is running low", ()),
        ("trips that are running", (True,)),
        ("boats that were scrapped", (False,)),
    ],
)
def test_what_goes_on_is_told_from_what_is_only_said_so(question: str, ways: tuple[bool, ...]) -> None:
    assert stands(question) == ways


def stocked(question: str) -> tuple[str, ...]:
    part = Table(
        "store", "part", columns=(
            Column("part_id", "BIGINT"), Column("part_name", "VARCHAR"), Column("unit_cost", "DOUBLE"),
            Column("quantity_on_hand", "BIGINT"), Column("monthly_rent", "DOUBLE"),
        ), key="part_id", label="part_name",
    )  # fmt: skip
    parts = Hint("parts", "table", ("store.part",), start=question.find("parts"))
    rent = Hint("rent", "column", ("store.part.monthly_rent",), start=question.find("rent"))
    hints = (rent, parts) if rent.start >= 0 else (parts,)
    return sketches(
        Context(question, Catalog((SourceConfig("store", "sqlite", "store.db", tables=(part,)),), ()), hints)
    )


@pytest.mark.parametrize(
    ("question", "shown"),
    [
        ("what are all our parts worth", "sum(quantity_on_hand * unit_cost)"),
        ("rent for all parts in a whole year", "12 * sum(monthly_rent)"),
        ("what do we pay a month for all parts", "sum(monthly_rent)"),
    ],
)
def test_numbers_that_no_column_keeps_are_drawn(question: str, shown: str) -> None:
    assert f"FROM store.part SELECT {shown}" in stocked(question)


def test_a_number_that_nobody_asks_money_of_is_no_product() -> None:
    assert not any("*" in sketch.replace("(*)", "") for sketch in stocked("how many hours did we spend on parts"))


def test_a_question_that_nothing_was_found_for_draws_nothing() -> None:
    assert drawn("How are you?") == ()


@pytest.mark.parametrize("said", ["O'Hara", '"; DROP TABLE boats; --', "a' OR '1'='1", "\\"])
def test_a_value_stays_one_constant(said: str) -> None:
    """What somebody stored, or asks for, never becomes SQL."""
    hint = Hint("Ida", "value", ("harbour.owner.full_name",), (said,))
    found = drawn("how many boats does Ida have", BOATS, hint)
    assert found
    for sketch in found:
        tree = statement.query(sketch)
        assert statement.reads_rows(tree)
        texts = {str(node.this) for node in tree.find_all(statement.exp.Literal) if node.is_string}
        assert texts <= {said}


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ("clnt", "client"),
        ("mttr_ref", "matter"),
        ("ofc", "office"),
        ("hrly_rate", "hourly rate"),
        ("tbl_prsn", "person"),
    ],
)
def test_a_name_without_vowels_is_known_by_its_consonants(stored: str, said: str) -> None:
    assert is_clipped(stored)
    assert consonants(stored) == consonants(said)
    assert consonants(stored) != consonants(f"{said} window")


@pytest.mark.parametrize("name", ["client", "city", "ref_no", "beerName", "style"])
def test_a_name_with_vowels_is_not_clipped(name: str) -> None:
    assert not is_clipped(name)
