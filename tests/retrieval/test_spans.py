"""Words, phrases and the forms that they are compared in."""

from __future__ import annotations

import pytest

from retrieval.spans import is_stopword, normal, phrases, plain, singular, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Swap_Dates", "swap date"),
        ("Cafés", "cafe"),
        ("PAYMENTS", "payment"),
        ("self-custody", "Self Custody"),
        ("Nova's", "nova"),
        ("Nova’s", "nova"),
        ("Straße", "STRASSE"),
        ("ﬁnance", "finance"),
    ],
)
def test_two_spellings_have_one_normal_form(one: str, other: str) -> None:
    assert normal(one) == normal(other) != ""


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Cafes", "cafe"),
        ("opened", "opened"),
        ("cities", "city"),
        ("boss", "boss"),
        ("gas", "gas"),
        ("K-Pop!", "k pop"),
        ("", ""),
        ("🎸", ""),
    ],
)
def test_values_lose_only_a_plural(text: str, form: str) -> None:
    assert singular(text) == form


def test_plain_text_has_no_accents_or_capitals() -> None:
    assert plain("Beyoncé ÅNGSTRÖM") == "beyonce angstrom"


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("How many plays?", ["How", "many", "plays"]),
        ("AT&T's self-custody 🎸 don't", ["AT&T's", "self-custody", "don't"]),
        ("from_coin", ["from", "coin"]),
        ("東京 кофе", ["東京", "кофе"]),
        ("'; DROP TABLE x;--", ["DROP", "TABLE", "x"]),
        ("?!…", []),
    ],
)
def test_the_words_of_a_question(question: str, found: list[str]) -> None:
    assert [word.group() for word in words(question)] == found


def test_phrases_come_longest_first_and_as_written() -> None:
    found = list(phrases("New  York  cafés", longest=2))
    assert [p.text for p in found] == ["New  York", "York  cafés", "New", "York", "cafés"]
    assert found[0].overlaps(found[1])
    assert not found[0].overlaps(found[4])


@pytest.mark.parametrize(
    ("text", "stop"), [("how many", True), ("Which", True), ("how many plays", False), ("Nova", False)]
)
def test_function_words(text: str, stop: bool) -> None:
    assert is_stopword(text) is stop
