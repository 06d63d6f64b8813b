"""What must hold between the fields of a form, beyond what a JSON Schema can say."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

CENT = 0.005
"""How far a sum of amounts may be off."""
KINDS = ("ordered", "parts", "equal", "different", "together", "some")


class Rule(BaseModel):
    """One rule over fields, which are named by their paths. It is checked as soon as all that it is about have values;
    `together` and `some` are about which have."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ordered: tuple[str, ...] = ()
    """None is greater than the next: days, moments, numbers."""
    parts: tuple[str, ...] = ()
    """They add up to `total`."""
    total: str = ""
    equal: tuple[str, ...] = ()
    different: tuple[str, ...] = ()
    """No two are the same."""
    together: tuple[str, ...] = ()
    """All have a value, or none."""
    some: tuple[str, ...] = ()
    """At least one has a value."""
    within: float = CENT
    """How far a sum may be off."""
    says: str = ""
    """What a person is told where it does not hold."""

    @model_validator(mode="after")
    def _one_kind(self) -> Rule:
        given = [kind for kind in KINDS if getattr(self, kind)]
        if len(given) != 1:
            raise ValueError(f"a rule is one of {', '.join(KINDS)}")
        if len(self.paths) < 2 or bool(self.parts) != bool(self.total):
            raise ValueError("a rule is of two fields or more, and `parts` have a `total`")
        return self

    @property
    def kind(self) -> str:
        return next(kind for kind in KINDS if getattr(self, kind))

    @property
    def paths(self) -> tuple[str, ...]:
        """The fields that it is about."""
        found: tuple[str, ...] = getattr(self, self.kind)
        return (*found, self.total) if self.total else found


def broken(rules: Sequence[Rule], values: Mapping[str, Any]) -> Iterator[str]:
    """What does not hold, in words without the values."""
    for rule in rules:
        if not _holds(rule, [values.get(path) for path in rule.paths]):
            yield rule.says or _told(rule)


def _holds(rule: Rule, values: Sequence[Any]) -> bool:
    there = [value for value in values if value is not None]
    if rule.kind == "together":
        return len(there) in (0, len(values))
    if rule.kind == "some":
        return bool(there)
    if len(there) < len(values):
        return True
    match rule.kind:
        case "ordered":
            return all(_at_most(one, next_one) for one, next_one in pairwise(values))
        case "parts":
            return _adds_up(values[:-1], values[-1], rule.within)
        case "equal":
            return all(value == values[0] for value in values)
    return not any(one == other for at, one in enumerate(values) for other in values[at + 1 :])


def _at_most(one: Any, other: Any) -> bool:
    """Days and moments are texts of one form, which are in the order of time."""
    if isinstance(one, str) != isinstance(other, str) or isinstance(one, list | dict) or isinstance(other, list | dict):
        return False
    shorter = min(len(one), len(other)) if isinstance(one, str) else 0
    return bool(one[:shorter] <= other[:shorter]) if shorter == 10 else bool(one <= other)


def _adds_up(parts: Sequence[Any], total: Any, within: float) -> bool:
    numbers = [*parts, total]
    if any(isinstance(one, bool) or not isinstance(one, int | float) for one in numbers):
        return False
    return math.isclose(math.fsum(parts), total, rel_tol=1e-12, abs_tol=within)


def _told(rule: Rule) -> str:
    names = [f"'{path}'" for path in getattr(rule, rule.kind)]
    said = ", ".join(names)
    match rule.kind:
        case "ordered":
            return f"{said} have to be in this order, none before the one that precedes it"
        case "parts":
            return f"{said} have to add up to '{rule.total}'"
        case "equal":
            return f"{said} have to be the same"
        case "different":
            return f"{said} have to be different"
        case "together":
            return f"{said} have to be given together"
    return f"one of {said} has to be given"
