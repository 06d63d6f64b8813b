"""What must hold between the fields of a form."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from agents.forms.rules import Rule, broken


@pytest.mark.parametrize(
    ("rule", "values", "holds"),
    [
        ({"ordered": ("a", "b")}, {"a": "2025-01-02", "b": "2025-01-02"}, True),
        ({"ordered": ("a", "b")}, {"a": "2025-01-03", "b": "2025-01-02"}, False),
        ({"ordered": ("a", "b")}, {"a": "2025-01-02T10:00:00Z", "b": "2025-01-02"}, True),
        ({"ordered": ("a", "b", "c")}, {"a": 1, "b": 5, "c": 4}, False),
        ({"ordered": ("a", "b")}, {"a": 1}, True),
        ({"ordered": ("a", "b")}, {"a": 1, "b": "x"}, False),
        ({"ordered": ("a", "b")}, {"a": [1], "b": [2]}, False),
        ({"parts": ("a", "b"), "total": "c"}, {"a": 0.1, "b": 0.2, "c": 0.3}, True),
        ({"parts": ("a", "b"), "total": "c"}, {"a": 1, "b": 2, "c": 4}, False),
        ({"parts": ("a", "b"), "total": "c", "within": 1}, {"a": 1, "b": 2, "c": 4}, True),
        ({"parts": ("a", "b"), "total": "c"}, {"a": True, "b": 2, "c": 3}, False),
        ({"equal": ("a", "b")}, {"a": "x", "b": "y"}, False),
        ({"different": ("a", "b", "c")}, {"a": 1, "b": 2, "c": 1}, False),
        ({"together": ("a", "b")}, {"a": 1}, False),
        ({"together": ("a", "b")}, {}, True),
        ({"some": ("a", "b")}, {}, False),
        ({"some": ("a", "b")}, {"b": 0}, True),
    ],
)
def test_a_rule_holds_or_is_told(rule: dict[str, Any], values: dict[str, Any], holds: bool) -> None:
    said = list(broken([Rule(**rule)], values))
    assert (not said) is holds
    assert all("'a'" in one for one in said)


@pytest.mark.parametrize(
    "rule", [{}, {"ordered": ("a",)}, {"parts": ("a", "b")}, {"equal": ("a", "b"), "some": ("a", "b")}]
)
def test_what_is_no_rule_is_refused(rule: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Rule(**rule)
