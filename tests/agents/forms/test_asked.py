"""What is read out of the words of printed forms."""

from __future__ import annotations

import pytest

from agents.forms.asked import Asked
from agents.forms.binding import Binding
from agents.forms.field import Field
from agents.forms.neighbours import addresses, completed, lead_of, located
from agents.forms.question import thing
from agents.forms.rivals import outdone
from agents.forms.suited import suited
from agents.forms.title import turned, unnumbered
from agents.forms.vocabulary import tokens


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("Box 5a: January 2025", "January 2025"), ("1. Chargeback details", "Chargeback details"),
        ("Part II - Transfers", "Transfers"), ("(c) City", "City"), ("Section B – Payment", "Payment"),
        ("Address line 1", "Address line 1"), ("Part time staff", "Part time staff"), ("A city", "A city"),
        ("4(h) Name", "Name"), ("Sec. 3. Card", "Card"), ("Part One. The Subject", "The Subject"),
        ("3.", "3."), ("24 hour phone", "24 hour phone"),
    ],
)  # fmt: skip
def test_a_number_of_the_printed_form_is_left_out(text: str, bare: str) -> None:
    assert unnumbered(text) == bare


@pytest.mark.parametrize(
    ("title", "first"),
    [
        ("Refunds (amount)", "total amount of Refunds"), ("Transfers: number", "number of Transfers"),
        ("Swaps: date of last", "date of last Swaps"), ("What is the business called?", "name of the business"),
        ("Telephone number(s)", "Telephone numbers"), ("Transfers, number, last year", "number of Transfers last year"),
        ("Cards held, no. thereof blocked", "number of Cards held blocked"), ("Refunds, $", "total amount of Refunds"),
        ("Offer number 2025", "number of Offers 2025"), ("Offer number", "Offer number"),
    ],
)  # fmt: skip
def test_what_stands_behind_is_read_first(title: str, first: str) -> None:
    assert Asked(Field("x", "string", title)).texts[0] == first


@pytest.mark.parametrize(
    ("description", "told"),
    [
        ("The city that you trade in.", "The city"), ("Their number.", None), ("The name as printed.", None),
        ("Please tell us in as many words as you like and without leaving out a single thing why it is so", None),
    ],
)  # fmt: skip
def test_a_description_that_says_what_it_is(description: str, told: str | None) -> None:
    texts = Asked(Field("x", "string", "Place", description)).texts
    assert (texts[-1] if len(texts) > 2 else None) == told


@pytest.mark.parametrize("title", ["CAPT_CNT", "MRTRDNAM", "capturedPayments", "segment"])
def test_of_a_code_the_description_is_the_title(title: str) -> None:
    told = "Count of payments that were captured"
    assert Asked(Field("x", "integer", title, f"{told}. See the manual.")).texts[0] == told
    assert Asked(Field("x", "string", "Trade", f"{told}.")).texts[0] == "Trade"


def test_a_description_restricts_what_is_counted() -> None:
    assert Asked(Field("x", "integer", "Payments", "Captured payments only.")).only == set(tokens("captured payments"))
    assert not Asked(Field("x", "integer", "Payments", "All captured payments.")).only


def test_one_source_answers_one_field_of_a_section() -> None:
    fields = [
        Field(name, "string", title, sections=("Owner",)) for name, title in (("a", "Country"), ("b", "Nation of"))
    ]
    plan = {name: (Binding("column", "cash.users", "country", confidence=1.0),) for name in "ab"}
    assert outdone(fields, plan, {"a": 2.0, "b": 1.5}) == {"b"}
    assert outdone(fields, plan, {"a": 2.0, "b": 2.0}) == {"a", "b"}
    again = [fields[0], Field("b", "string", "Country", sections=("Owner",))]
    assert not outdone(again, plan, {"a": 2.0, "b": 1.5}), "the same question has the same answer"


def test_a_form_s_own_name_for_its_subject() -> None:
    fields = [
        Field(f"a/{at}", "string", title, sections=("The payee",)) for at, title in enumerate(("PAYEE'S name", "x"))
    ]
    assert lead_of(fields) == frozenset(tokens("payee"))
    twice = [
        Field(f"a/{at}", "string", title, sections=("User",)) for at, title in enumerate(("User name", "User city"))
    ]
    assert lead_of(twice) == frozenset(tokens("user"))
    others = [Field("a/b", "string", "Guarantor's name", sections=("Guarantor",))]
    assert lead_of(others) == frozenset()


@pytest.mark.parametrize("text", ["( " * 500_000, ", in " * 300_000, "a:" * 500_000, "1" * 1_000_000, "'s " * 300_000])
def test_a_page_in_the_place_of_a_title_costs_little(text: str) -> None:
    assert len(Asked(Field("x", "string", text, text, sections=(text[:1000],))).texts) <= 3


@pytest.mark.parametrize(
    ("question", "what"),
    [
        ("What is your company number?", "company number"), ("Which city does the person live in?", "city"),
        ("Please enter the owner's date of birth", "owner's date of birth"), ("Trading name", "Trading name"),
        ("What number can we call the business on?", "number can we call the business on"),
    ],
)  # fmt: skip
def test_a_question_asks_for_a_thing(question: str, what: str) -> None:
    assert thing(question) == what


def test_you_is_not_always_whom_a_form_is_about() -> None:
    about = [Field("a", "string", "What is the person's name?", sections=("Who is it?",))]
    yours = Field("b", "string", "Your name", sections=("About you",))
    assert not addresses([*about, yours])
    assert addresses([yours, *about])


def test_a_concept_has_to_suit_the_answer() -> None:
    near = {"phone": 0.7, "due": 0.6, "employees": 0.6, "region": 0.1, "status": 0.9}
    day, many = Asked(Field("x", "string", "Reply by", format="date")), Asked(Field("x", "number", "Staff"))
    assert [max(told, key=told.__getitem__) for told in (suited(near, day), suited(near, many))] == ["due", "employees"]
    street, state = (Field(one, "string", one, sections=("Seat",)) for one in ("Street", "State"))
    assert located([street, state]) == {("Seat",)}
    assert suited(near, Asked(state, located=True)) == {"region": 1.0}, "an address has no standing"
    assert suited(near, Asked(Field("x", "string", "Since"))) == {}, "nothing is said of what"


def test_titles_by_what_they_are_parted_are_completed() -> None:
    fields = [Field("a", "integer", "Offers made"), Field("b", "integer", "By newsletter")]
    assert completed(fields) == {"b": "Offers made By newsletter"}


@pytest.mark.parametrize(
    ("title", "read"),
    [
        ("Why the claim is refused", "merchant's explanation about"),
        ("Why should this chargeback be rejected?", "merchant's explanation about?"),
        ("Why the payment is disputed", "reason the payment is disputed"),
    ],
)
def test_who_says_why(title: str, read: str) -> None:
    assert turned(title) == read
