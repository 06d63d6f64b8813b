"""Which concepts can be meant by the kind of answer that a field wants: a day, a name, a number, an amount."""

from __future__ import annotations

import re
from collections.abc import Mapping

from agents.forms.asked import Asked
from agents.forms.concepts import answered_by, named
from agents.forms.question import thing
from agents.forms.sample import FORMATS

UNFIT = 0.5
"""What is left of a concept whose answers can't stand in the field."""
UNLIKE = 0.85
"""The same where only the title's wording speaks against it."""
GENERAL, CLOSE = frozenset({"moment", "amount", "identifier", "name"}), 0.03
"""Concepts of which others are kinds, and how much nearer than these they have to be."""
LEANING = re.compile(r"^(?:since|from|to|until|till|on|by|for|at|in)\W*(?:\(?(?:date|day)\)?)?\W*$", re.I)
"""A title that leaves out what it is about."""
STATE = re.compile(r"^(?:us |u\.s\. )?state\W*$", re.I)
"""Part of an address beside a city or a postal code, and elsewhere how things stand."""
PERSONS = re.compile(r"^(?:persons?|people|individuals?|whom?)\b", re.I)
NAME = re.compile(
    r"^(?:[\w'’-]+ ){0,3}?name\b(?! of (?:the |an? )?(?:street|town|city|country|place|bank))|\bname$|^who\b", re.I
)
NUMBER = re.compile(r"^(?:number|no\.?)\b(?! of (?:[\w-]+ ){0,3}[\w-]{2,}s\b)|\b(?:number|no\.?|code)$", re.I)
FORMED: Mapping[str, frozenset[str]] = {
    "email": frozenset({"email"}), "uri": frozenset({"website"}), "phone": frozenset({"phone", "fax"}),
}  # fmt: skip


def suited(told: Mapping[str, float], asked: Asked) -> dict[str, float]:
    """By concept, how near a field is to it, those with other answers less."""
    if asked.texts and LEANING.match(asked.texts[0]):
        return {}
    if asked.located and asked.texts and STATE.match(asked.texts[0]):
        return {"region": 1.0}
    possible, likely = _possible(asked), _likely(asked)
    told = {one: near - (CLOSE if one in GENERAL and near < 1.0 else 0.0) for one, near in told.items()}
    return {
        one: near * (UNFIT if possible and one not in possible else UNLIKE if likely and one not in likely else 1.0)
        for one, near in told.items()
    }


def _possible(asked: Asked) -> frozenset[str]:
    """The concepts whose answers the field's type can hold; none where it may be any."""
    field = asked.field
    if field.options:
        return frozenset()
    if field.format in ("date", "date-time"):
        return answered_by("dated")
    if field.kind == "number":
        return answered_by("amounts")
    if field.kind == "integer":
        return answered_by("amounts") | answered_by("numbered") | {"founded", "birth_date"}
    return FORMED.get(FORMATS.get(field.format, field.format), frozenset()) if field.kind == "string" else frozenset()


def _likely(asked: Asked) -> frozenset[str]:
    """The concepts of which the title has the noun that it begins or ends with."""
    if not asked.texts or asked.field.options or asked.field.format or named(asked.texts[0]):
        return frozenset()
    title = thing(asked.texts[0])
    if NAME.search(title):
        return answered_by("named")
    if PERSONS.search(title):
        return answered_by("named") | {"audience", "employees"}
    return answered_by("numbered") if NUMBER.search(title) else frozenset()
