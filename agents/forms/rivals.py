"""Fields of one section that claim the same source: a form does not ask the same thing twice in a row, so only the
likeliest of them has it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from agents.forms.binding import Binding
from agents.forms.field import Field
from agents.forms.vocabulary import tokens

LIKELIER = 0.03
"""How much likelier a field has to be than the next, to keep what both claim."""
FOUND = ("column", "measure", "rows")


def outdone(fields: Sequence[Field], plan: Mapping[str, tuple[Binding, ...]], likely: Mapping[str, float]) -> set[str]:
    """The paths of the fields that lose their source to another one; `likely` is by path how likely it was. Fields
    that ask in the same words all keep it."""
    claims: dict[tuple[tuple[str, ...], str], list[Field]] = defaultdict(list)
    for field in fields:
        if field.path in likely and (claim := _claim(plan[field.path])):
            claims[field.sections, claim].append(field)
    return {one.path for several in claims.values() for one in several if _loses(one, several, likely)}


def _claim(bindings: Sequence[Binding]) -> str:
    if len(bindings) != 1 or bindings[0].way not in FOUND:
        return ""
    return replace(bindings[0], confidence=0).as_text()


def _loses(field: Field, several: Sequence[Field], likely: Mapping[str, float]) -> bool:
    own = set(tokens(field.title))
    others = [likely[one.path] for one in several if one.path != field.path and set(tokens(one.title)) != own]
    return bool(others) and likely[field.path] < max(others) + LIKELIER
