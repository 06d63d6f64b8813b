"""Lists of objects: the rows of a table that point at the subject, and what it links to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agents.forms.forms import Forms
from agents.forms.hints import Hints
from agents.forms.rows import counted
from agents.forms.state import FieldValue
from data.gateway import Gateway
from data.policy import Principal
from tests.agents.forms.conftest import AS_OF

MONEY = {"type": "number", "title": "Amount"}
SALE = {
    "type": "object",
    "required": ["amount"],
    "properties": {"amount": MONEY, "state": {"type": "string", "title": "Status"}, "note": {"type": "string"}},
}
OWNER = {"type": "object", "properties": {"name": {"type": "string"}, "born": {"type": "string", "format": "date"}}}


def schema(title: str, items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"list": {"type": "array", "title": title, "items": items, **more}}}


def listed(open_forms: Callable[..., Forms], who: Principal, form: dict[str, Any]) -> FieldValue:
    forms = open_forms()
    forms.registry.add("listed", form, Hints(subject="shop.stores"), "owner")
    [value] = forms.fill(who, "listed", "store 3", as_of=AS_OF).values
    return value


@pytest.fixture
def owner(gateway: Gateway) -> Principal:
    return gateway.policy.principal("owner")


@pytest.mark.parametrize(
    ("title", "where"),
    [
        ("Last 3 sales", "ORDER BY sold_at DESC, sale_id LIMIT 3"),
        ("Paid sales", "AND status = 'paid' ORDER BY sold_at DESC, sale_id"),
        ("Sales in 2024", "AND year(sold_at) = 2024 ORDER BY sale_id"),
        ("The first two sales", "ORDER BY sold_at, sale_id LIMIT 2"),
    ],
)
def test_the_rows_that_a_title_names(
    open_forms: Callable[..., Forms], gateway: Gateway, owner: Principal, title: str, where: str
) -> None:
    value = listed(open_forms, owner, schema(title, SALE))
    rows = gateway.query(owner, f"SELECT amount, status AS state FROM shop.sales WHERE store_id = 3 {where}").table
    assert value.value == rows.to_pylist()
    assert value.value
    assert value.source is not None
    assert value.source.table == "shop.sales"
    assert len(value.source.key) == len(value.value)
    again = gateway.query(owner, value.source.query).table
    assert again.column("row_key").to_pylist() == value.source.key


def test_no_more_rows_than_the_form_takes(open_forms: Callable[..., Forms], owner: Principal) -> None:
    assert len(listed(open_forms, owner, schema("Sales", SALE, maxItems=2)).value) == 2


def test_a_list_of_the_one_that_is_linked_to(open_forms: Callable[..., Forms], owner: Principal) -> None:
    value = listed(open_forms, owner, schema("Owners", OWNER))
    assert value.value == [{"name": "Ada D. Lovelace", "born": "1980-01-04"}]


@pytest.mark.parametrize(
    ("title", "items"),
    [
        ("Guarantors", OWNER),
        ("Sales", {**SALE, "required": ["note"]}),
        ("Largest 3 sales", SALE),
        ("Sales to cousins", {"type": "object", "properties": {"cousin": {"type": "string"}}}),
    ],
)
def test_what_is_not_there_is_asked_for(
    open_forms: Callable[..., Forms], owner: Principal, title: str, items: dict[str, Any]
) -> None:
    assert listed(open_forms, owner, schema(title, items)).status == "ask"


def test_a_batch_gives_each_subject_its_own_rows(open_forms: Callable[..., Forms], owner: Principal) -> None:
    forms = open_forms()
    forms.registry.add("listed", schema("Sales", SALE), Hints(subject="shop.stores"), "owner")
    [*_, last] = forms.batch(owner, "listed", ["1", "2", "3", "9"], key="k", as_of=AS_OF)
    counts = [len(forms.get(owner, one).values[0].value) for one in last.filling_ids]
    assert sorted(counts) == [0, 13, 13, 14]


def test_who_sees_no_column_of_it_gets_no_rows(open_forms: Callable[..., Forms], gateway: Gateway) -> None:
    clerk = gateway.policy.principal("clerk")
    value = listed(open_forms, clerk, schema("Owners", OWNER))
    assert (value.status, value.value) == ("ask", None)
    assert "people" not in str(value)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Last 10 payments", ("last", 10)), ("the three most recent orders", ("", 0)), ("Top five shops", ("top", 5)),
        ("Payments of the last 90 days", ("", 0)), ("Owners", ("", 0)),
    ],
)  # fmt: skip
def test_how_many_are_asked_for(text: str, found: tuple[str, int]) -> None:
    assert counted(text)[:2] == found
