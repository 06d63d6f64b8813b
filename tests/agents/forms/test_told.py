"""Values of a query of the hints, of the agent that answers questions, and of documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from agents.forms.answered import Told, about_key
from agents.forms.forms import Forms
from agents.forms.hints import Hints, read_hints
from data.errors import Invalid
from data.gateway import Gateway
from data.policy import Principal
from retrieval.documents.passage import Found, Passage
from tests.agents.forms.conftest import AS_OF, words

SCHEMA = {
    "type": "object",
    "properties": {
        "odd": {"type": "number", "title": "Odd figure"},
        "lease": {"type": "string", "format": "date", "title": "Lease signed on"},
        "landlord": {"type": "string", "title": "Landlord of the premises"},
        "area": {"type": "integer", "title": "Floor area"},
    },
}
LEASE = """Landlord of the premises: Harbour Estates Ltd
The lease was signed on 3 March 2021 by both sides. The floor area is 1,250 square metres.
The lease was signed again."""
Open = Callable[..., Forms]


def passage(text: str, title: str = "Lease of Blue Bottle 3") -> Found:
    return Found(Passage("contracts", "lease.pdf", title, ("Terms",), 2, 0, len(text), text, "abc"), 0.9)


@pytest.fixture
def owner(gateway: Gateway) -> Principal:
    return gateway.policy.principal("owner")


@pytest.fixture
def open_told(tmp_path: Path, gateway: Gateway) -> Iterator[Open]:
    opened: list[Forms] = []

    def opener(hints: str = "", asks: object = None, found: Sequence[Found] | None = None) -> Forms:
        search = None if found is None else (lambda principal, question: found)
        opened.append(Forms(tmp_path, gateway, words, asks=asks, library=lambda _: search))  # type: ignore[arg-type]
        told = read_hints(hints, "h") if hints else Hints(subject="shop.stores")
        opened[-1].registry.add("odd", SCHEMA, told, "owner")
        return opened[-1]

    yield opener
    for one in opened:
        one.close()


QUERY = "SELECT sum(amount) FROM shop.sales WHERE store_id = $key AND status <> 'paid'"


def test_a_query_of_the_hints_gives_the_value_in_a_batch_too(open_told: Open, owner: Principal) -> None:
    forms = open_told(f'subject: shop.stores\nfields:\n  odd: {{query: "{QUERY}"}}')
    value = forms.fill(owner, "odd", "2", as_of=AS_OF).values[0]
    assert (value.status, value.value) == ("filled", 41.0)
    assert value.source is not None
    assert (value.source.way, value.source.table, value.source.query) == ("query", "shop.sales", QUERY)
    [*_, last] = forms.batch(owner, "odd", ["2", "9"], key="k", as_of=AS_OF)
    assert [forms.get(owner, one).values[0].value for one in last.filling_ids] == [41.0, None]


def test_a_query_runs_under_the_rights_of_whoever_fills(open_told: Open, gateway: Gateway) -> None:
    forms = open_told(
        'subject: shop.stores\nfields:\n  landlord: {query: "SELECT name FROM shop.people WHERE person_id = $key"}'
    )
    filling = forms.fill(gateway.policy.principal("clerk"), "odd", "2", as_of=AS_OF)
    assert filling.values[2].status == "ask"
    assert "Lovelace" not in str(filling.as_json())


def test_an_answer_counts_when_a_person_has_confirmed_it_and_then_for_others(open_told: Open, owner: Principal) -> None:
    asked: list[str] = []

    def asks(principal: Principal, question: str) -> Told:
        asked.append(question)
        name = question.split("'")[1]
        return Told(
            "SELECT count(*) FROM shop.sales AS s JOIN shop.stores AS t ON s.store_id = t.store_id"
            f" WHERE t.name = '{name}' AND s.status = 'returned'"
        )

    forms = open_told("subject: shop.stores\nfields:\n  odd: {ask: How many returned sales}", asks)
    filling = forms.fill(owner, "odd", "2", as_of=AS_OF)
    value = filling.values[0]
    assert (value.status, value.value) == ("uncertain", None)
    assert [one.value for one in value.candidates] == [4]
    assert asked == ["How many returned sales of 'Red Bottle 2'"]
    forms.answer(owner, filling.filling_id, {"odd": {"use": 1}})
    forms.sign(owner, filling.filling_id)
    again = forms.fill(owner, "odd", "1", as_of=AS_OF).values[0]
    assert (again.status, again.value) == ("filled", 3)
    assert len(asked) == 1, "the confirmed query is remembered, with the key of whoever it is about"


@pytest.mark.parametrize("sql", ["SELECT count(*) FROM shop.sales", "SELECT 1 WHERE 'a' = 'b'", "no sql (", ""])
def test_an_answer_that_is_about_nobody_is_none(open_told: Open, owner: Principal, sql: str) -> None:
    forms = open_told("subject: shop.stores\nfields:\n  odd: {ask: How many}", lambda principal, question: Told(sql))
    assert forms.fill(owner, "odd", "2", as_of=AS_OF).values[0].status == "ask"


def test_sql_about_one_is_sql_about_any(gateway: Gateway) -> None:
    stores = gateway.catalog.table("shop.stores")
    found = about_key("SELECT 1 FROM shop.stores AS t WHERE t.store_id = 7 AND t.city = '7'", stores, 7, "Blue")
    assert found == "SELECT 1 FROM shop.stores AS t WHERE t.\"store_id\" = $key AND t.city = '7'"
    assert about_key("SELECT 1 FROM shop.stores WHERE city = 'Blue'", stores, 7, "Blue") is None


def test_a_passage_is_offered_with_its_place_and_counts_when_confirmed(open_told: Open, owner: Principal) -> None:
    forms = open_told(found=[passage(LEASE)])
    filling = forms.fill(owner, "odd", "3", as_of=AS_OF)
    found = {value.path: value for value in filling.values}
    assert {path: [one.value for one in value.candidates] for path, value in found.items()} == {
        "odd": [], "lease": ["2021-03-03"], "landlord": ["Harbour Estates Ltd"], "area": [1250],
    }  # fmt: skip
    source = found["lease"].candidates[0].source
    assert source is not None
    assert source.name == "contracts/lease.pdf, page 2, Terms"
    assert source.passage == "The lease was signed on 3 March 2021 by both sides."
    assert filling.document == {}, "nothing of a document counts by itself"
    answered = forms.answer(owner, filling.filling_id, {"lease": {"use": 1}})
    assert answered.document == {"lease": "2021-03-03"}


@pytest.mark.parametrize("text", ["Nothing of it.", "The lease was signed on 3 March 2021 or 4 May 2022."])
def test_what_a_document_does_not_say_clearly_is_asked_for(open_told: Open, owner: Principal, text: str) -> None:
    filling = open_told(found=[passage(text)]).fill(owner, "odd", "3", as_of=AS_OF)
    assert {value.status for value in filling.values} == {"ask"}


def test_a_document_about_another_is_not_used(open_told: Open, owner: Principal) -> None:
    filling = open_told(found=[passage(LEASE, "Lease of Blue Bottle 33")]).fill(owner, "odd", "3", as_of=AS_OF)
    assert {value.status for value in filling.values} == {"ask"}


def test_two_ways_for_one_field_are_refused() -> None:
    with pytest.raises(Invalid, match="one source"):
        read_hints("fields:\n  odd: {query: SELECT 1, ask: How many}", "h")
