"""The demo's forms: whole, and the same in other words."""

from __future__ import annotations

import pytest

from agents.forms import demo
from agents.forms.evaluate import same
from agents.forms.flatten import fields_of
from agents.forms.reading import check
from agents.forms.rewording import reworded


@pytest.mark.parametrize("wording", demo.WORDINGS)
@pytest.mark.parametrize("name", demo.NAMES)
def test_every_field_has_a_right_value_and_other_words(name: str, wording: str) -> None:
    schema, hints = demo.schema(name), demo.hints(name)
    check(schema, name)
    paths = [field.path for field in fields_of(schema, hints, name)]
    assert list(demo.gold(name)) == paths
    words = demo.wording(name, wording)
    assert list(words["fields"]) == paths
    other, moved, to = reworded(schema, hints, words["sections"], words["fields"])
    check(other, name)
    assert [field.path for field in fields_of(other, moved, name)] == [to[path] for path in paths]
    assert len(set(to.values())) == len(paths)


def test_there_are_enough_fields() -> None:
    assert sum(len(demo.gold(name)) for name in demo.NAMES) >= 150


@pytest.mark.parametrize(
    ("value", "gold", "right"),
    [(12.34, 12.344, True), (12.34, 12.36, False), (3, 3, True), ("a", "a", True), ("a", "b", False), (3, "3", True)],
)
def test_what_is_right(value: object, gold: object, right: bool) -> None:
    assert same(value, gold) is right
