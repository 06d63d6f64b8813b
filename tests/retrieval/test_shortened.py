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


CODES = {"t": {"type": ["WI", "OC", "PL"], "paid": ["Y", "N"]}, "u": {"state": ["R", "H"], "sky": ["FG", "CL"]}}


@pytest.mark.parametrize(
    ("phrase", "code"),
    [
        ("wrong information", "WI"),
        ("planets", "PL"),
        ("fog", "FG"),
        ("rejected", "R"),
        ("river", None),
        ("noted", None),
        ("flags", None),
        ("", None),
    ],
)
def test_a_code_of_a_letter_or_two_is_known_by_the_words_that_it_begins(phrase: str, code: str | None) -> None:
    assert [place[2] for place in Shortened(CODES).brief(phrase)] == ([code] if code else [])


def test_a_code_that_several_columns_have_says_nothing() -> None:
    assert Shortened({**CODES, "v": {"kind": ["FG", "XY"]}}).brief("fog") == ()


def test_a_long_code_is_known_by_any_word_that_begins_with_it() -> None:
    found = Shortened({"t": {"contract": ["SEAS", "PERM"]}}).find("seasonal")
    assert found == (("t", "contract", "SEAS"),)
