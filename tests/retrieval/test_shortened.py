"""Values that are said otherwise than they are stored."""

from __future__ import annotations

import pytest

from retrieval.names import Names
from retrieval.shortened import Shortened
from tests.agents.test_rerank import catalog

LABELS = {("t", "cause"): {"1": "Number porting", "2": "Billing", "3": "Transfer to another office later"}}


@pytest.mark.parametrize(("word", "code"), [("porting", "1"), ("billed", "2"), ("number", None), ("office", None)])
def test_a_code_is_known_by_the_word_of_its_label_that_tells_which_it_is(word: str, code: str | None) -> None:
    found = Shortened({}, LABELS).find(word)
    assert found == ((("t", "cause", code),) if code else ())


def test_a_name_in_plain_words_is_cut_from_nothing() -> None:
    assert Names(catalog()).cut == {}


@pytest.mark.parametrize(
    ("word", "found"), [("seasonal", True), ("seasoned", True), ("seasons", False), ("seasickness", False)]
)
def test_a_code_of_four_letters_is_known_by_a_form_of_the_word_that_it_begins(word: str, found: bool) -> None:
    codes = Shortened({"t": {"contract": ["SEAS", "PERM"]}})
    assert codes.find(word) == ((("t", "contract", "SEAS"),) if found else ())
