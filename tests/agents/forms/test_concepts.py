"""What forms ask for, told by sense; the vectors that ship with it."""

from __future__ import annotations

import numpy as np
import pytest

from agents.forms.asked import Asked
from agents.forms.concepts import Concepts, bare, named, texts
from agents.forms.field import Field
from agents.forms.neighbours import completed
from agents.forms.period import read, within
from agents.forms.shipped import _kept, digest
from agents.forms.spelling import spelled
from tests.agents.forms.conftest import words


def test_the_shipped_vectors_are_those_of_the_phrases() -> None:
    kept = _kept(digest(texts()))
    assert kept is not None, "concepts.yaml has changed: run python -m agents.forms.shipped"
    assert kept.shape == (len(texts()), 384)
    assert np.allclose(np.linalg.norm(kept, axis=1), 1.0, atol=1e-3)
    assert kept[0] @ kept[texts().index("email")] < 0.9, "different phrases have different vectors"


@pytest.mark.parametrize(
    ("title", "concept"),
    [
        ("Seat (city)", "city"),
        ("Country of trading", "country"),
        ("Company number", "registration_number"),
        ("E-mail", "email"),
    ],
)
def test_a_title_that_names_a_concept_stands_for_it(title: str, concept: str) -> None:
    told = Concepts(words).of([title])
    assert max(told, key=lambda one: told[one]) == concept


def test_words_for_whom_it_is_about_are_left_out() -> None:
    assert bare("Town in which the owner resides") == "Town in which the resides"
    assert bare("Merchant") == "Merchant", "a text keeps its last word"
    assert (named("the e-mail address"), named("frobnication")) == ("email", "")


@pytest.mark.parametrize(
    ("printed", "meant"),
    [
        ("# pmts, L90D", "number of payments, in the last 90 days"),
        ("capturedVolLY", "captured volume last year"),
        ("avgTxnAmt2025", "average transaction amount 2025"),
        ("Merchant-No.", "Merchant number"),
        ("USD out, LY", "USD outgoing, last year"),
        ("Transfers in LY (USD)", "Transfers incoming last year (USD)"),
        ("Country you live in", "Country you live in"),
        ("Revenue FY2024", "Revenue in 2024"),
        ("Sale #", "Sale number"),
        ("Turnover, preceding 90 d.", "Turnover, in the last 90 days."),
        ("No. of transfers, prior CY", "number of transfers, last year"),
        ("Transfers out prior yr", "Transfers outgoing last year"),
        ("Money transferred to others", "Money outgoing"),
        ("Transfers made to the subject", "Transfers incoming"),
        ("Captured payments, before refunds", "Captured payments,"),
        ("Payments less refunds", "Payments netted"),
        ("Disputes decided in favour of the cardholder", "Disputes lost"),
        ("Disputes settled in your favour", "Disputes won"),
        ("St / no.", "street / number"),
    ],
)
def test_short_forms_are_written_out(printed: str, meant: str) -> None:
    assert spelled(printed) == meant


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("01/2025", "2025-01"), ("2025-03", "2025-03"), ("Jan '25", "2025-01"), ("Feb 25", "2025-02"),
        ("Q2 2025", "2025-Q2"), ("twelve months past", "12 months"), ("may 25 people", ""),
        ("ninety days last past", "90 days"),
        ("calendar year last past", "last year"), ("CAPT 202503", "2025-03"), ("12/31/2025", "2025"),
    ],
)  # fmt: skip
def test_periods_are_read_as_they_are_printed(text: str, period: str) -> None:
    assert read(text)[0] == period


def test_a_month_alone_takes_its_year_from_around_it() -> None:
    assert (within("March", "Year 2025"), within("Q3", "2024"), within("March", "Totals")) == ("2025-03", "2024-Q3", "")


def test_a_title_that_leans_on_the_one_before_is_completed() -> None:
    fields = [Field("a", "integer", "How many offers?"), Field("b", "integer", "Of these, by newsletter")]
    assert completed(fields) == {"b": "How many offers by newsletter"}


@pytest.mark.parametrize(("title", "counts"), [("Number of sales", True), ("Number of the sale", False)])
def test_what_is_counted_and_what_is_numbered(title: str, counts: bool) -> None:
    assert Asked(Field("x", "integer", title)).counts == counts
