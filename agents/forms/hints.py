"""What whoever adds a form may say of its fields."""

from __future__ import annotations

from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from agents.forms.rules import Rule
from data.errors import Invalid

MOST_LETTERS = 200_000
WAYS = (
    "column",
    "feature",
    "score",
    "sum",
    "difference",
    "ratio",
    "join",
    "constant",
    "person",
    "query",
    "ask",
    "passage",
)


class FieldHint(BaseModel):
    """Where a field's value comes from, in one of several ways, and what there is to know of it. Fields are named by
    their paths."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    column: str = ""
    """A column `source.table.column` of the subject, or of what it links to."""
    feature: str = ""
    """A feature, as `view.feature`."""
    score: str = ""
    """A registered model that scores the subject."""
    sum: tuple[str, ...] = ()
    """Fields to add up."""
    difference: tuple[str, ...] = ()
    """Two fields: the first without the second."""
    ratio: tuple[str, ...] = ()
    """Two fields: the first by the second."""
    join: tuple[str, ...] = ()
    """Fields whose texts stand one after another."""
    separator: str = " "
    """What stands between joined texts."""
    query: str = ""
    """SQL that gives the value, with $key for the subject's key; it runs under the rights of whoever fills the form."""
    ask: str = ""
    """A question about {subject} to the agent that writes SQL; a person confirms the answer."""
    passage: str = ""
    """What to look for in documents about the subject; a person confirms what is found."""
    constant: Any = None
    person: bool = False
    """Only a person can tell."""
    words: str = ""
    """What the field asks for, in better words than the form's."""
    instructions: str = ""
    unit: str = ""
    """The unit that the form wants, such as USD, cents or %."""

    @model_validator(mode="after")
    def _one_way(self) -> FieldHint:
        given = [way for way in WAYS if getattr(self, way) not in ("", (), None, False)]
        if len(given) > 1:
            raise ValueError(f"a field has one source, not {' and '.join(given)}")
        for pair in ("difference", "ratio"):
            if len(getattr(self, pair)) not in (0, 2):
                raise ValueError(f"a {pair} is of two fields")
        return self


class Hints(BaseModel):
    """`subject` is the table that a filling of the form is about, as `source.table`; without it, the words of whoever
    fills it tell."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    subject: str = ""
    title: str = ""
    fields: dict[str, FieldHint] = {}
    rules: tuple[Rule, ...] = Field(default=(), max_length=200)


def read_hints(text: str, name: str) -> Hints:
    """Hints as YAML; Invalid says what is wrong in `name`."""
    remedy = "Write `subject: source.table` and `fields:` with one entry per path; docs/forms.md has all keys."
    if len(text) > MOST_LETTERS:
        raise Invalid(f"The hints in '{name}' are {len(text):,} characters; {MOST_LETTERS:,} are the most.", remedy)
    try:
        return Hints.model_validate(yaml.safe_load(text) or {})
    except (yaml.YAMLError, RecursionError) as error:
        raise Invalid(f"'{name}' is no YAML: {str(error).splitlines()[0]}.", remedy) from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Invalid(f"'{name}' has a mistake at '{place}': {first['msg']}.", remedy) from None
