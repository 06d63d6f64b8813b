"""Periods, values as forms want them, and what measures are read out of titles."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from agents.forms.asked import Asked
from agents.forms.field import Field
from agents.forms.measured import Measures
from agents.forms.normal import Misfit, normalised
from agents.forms.period import bounds, read
from agents.forms.reach import downward, keys_of, nouns
from agents.forms.sample import Samples
from agents.forms.sight import Sight
from data.gateway import Gateway

TODAY = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("text", "period", "first", "after"),
    [
        ("revenue last year", "last year", date(2025, 1, 1), date(2026, 1, 1)),
        ("sales in the last twelve months", "12 months", date(2025, 3, 31), TODAY),
        ("sales in the past 30 days", "30 days", date(2026, 3, 1), TODAY),
        ("the previous month sales", "", None, None),
        ("volume in 2024", "2024", date(2024, 1, 1), date(2025, 1, 1)),
        ("sales, February 2024", "2024-02", date(2024, 2, 1), date(2024, 3, 1)),
        ("sales this year so far", "this year", date(2026, 1, 1), TODAY),
        ("sales in the last 1 months", "1 months", date(2026, 2, 28), TODAY),
        ("annual sales", "last year", date(2025, 1, 1), date(2026, 1, 1)),
    ],
)
def test_periods(text: str, period: str, first: date | None, after: date | None) -> None:
    assert read(text)[0] == period
    assert bounds(period, TODAY) == (None if first is None else (first, after))


@pytest.mark.parametrize(
    ("value", "field", "wanted"),
    [
        (datetime(2025, 2, 3, 4), Field("a", "string", "A", format="date"), "2025-02-03"),
        (datetime(2025, 2, 3, 4), Field("a", "string", "A", format="date-time"), "2025-02-03T04:00:00Z"),
        (date(2025, 2, 3), Field("a", "string", "A", pattern=r"^\d\d/\d\d/\d{4}$"), "03/02/2025"),
        (Decimal("12.30"), Field("a", "number", "A"), 12.3),
        (3.0, Field("a", "integer", "A"), 3),
        ("+1 (503) 555-0137", Field("a", "string", "Telephone"), "+15035550137"),
        ("US", Field("a", "string", "Country", pattern="^[A-Z]{3}$"), "USA"),
        ("DE", Field("a", "string", "Country", options=("France", "Germany")), "Germany"),
        ("not_received", Field("a", "string", "A", options=("Not received",)), "Not received"),
        (True, Field("a", "string", "A", options=("Yes", "No")), "Yes"),
        ("Y", Field("a", "boolean", "A"), True),
        (["b"], Field("a", "array", "A"), ["b"]),
    ],
)
def test_values_are_written_as_the_form_wants(value: Any, field: Field, wanted: Any) -> None:
    found = normalised(value, field)
    assert found == wanted
    assert type(found) is type(wanted)


@pytest.mark.parametrize(
    ("value", "field"),
    [
        (3.5, Field("a", "integer", "A")),
        ("nobody", Field("a", "string", "A", format="email")),
        ("Atlantis", Field("a", "string", "A", options=("France",))),
        (float("nan"), Field("a", "number", "A")),
        (2, Field("a", "boolean", "A")),
    ],
)
def test_what_does_not_fit_is_no_value_and_is_not_told(value: Any, field: Field) -> None:
    with pytest.raises(Misfit) as error:
        normalised(value, field)
    assert str(value) not in str(error.value)


@pytest.fixture(scope="module")
def measures(gateway: Gateway) -> Measures:
    principal = gateway.policy.principal("owner")
    catalog = Sight(gateway, principal).readable
    table = catalog.table("shop.stores")
    keys = keys_of(catalog, catalog.tables)
    return Measures(downward(catalog, table), Samples(gateway, principal), nouns(table), keys)


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Number of sales", "count of shop.sales"),
        ("How many sales were returned last year?", "count of shop.sales, status returned, last year"),
        ("Average sale", "avg of shop.sales.amount"),
        ("Total amount of paid sales in 2024", "sum of shop.sales.amount, status paid, 2024"),
        ("Largest sale", "max of shop.sales.amount"),
        ("Percentage of sales returned", "share of shop.sales, status returned"),
        ("How much was returned in the course of 2025?", "sum of shop.sales.amount, status returned, 2025"),
        ("salesCountLY", "count of shop.sales, last year"),
        ("Number of sales made by the shop over the most recent ninety days", "count of shop.sales, 90 days"),
    ],
)
def test_measures_are_read_out_of_titles(measures: Measures, title: str, said: str) -> None:
    found = measures.bindings(Asked(Field("x", "number", title)))
    assert found[0].said() == said
    assert found[0].confidence > 0.85


@pytest.mark.parametrize(
    "title",
    [
        "Number of employees",
        "Total debt",
        "Average age of customers",
        "Largest room",
        "Sales less refunds",
        "Over how many months shall the sale be paid?",
    ],
)
def test_what_is_not_there_is_no_measure(measures: Measures, title: str) -> None:
    found = measures.bindings(Asked(Field("x", "number", title)))
    assert not found or found[0].confidence < 0.76
