"""The words of one field, as they are held against columns and tables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from agents.forms.field import Field, steps
from agents.forms.vocabulary import listed, tokens
from data.naming import words

BEHIND = re.compile(
    r"^(?P<what>.+?)\s*[(,]\s*(?:in )?(?P<how>count|number|total|sum|average|mean|maximum|minimum)\s*\)?$", re.I
)
"""A title that says at its end what is to be done."""
STATE = re.compile(r"\bstate of (?=the |an? |your |this )", re.I)


@dataclass(frozen=True)
class Asked:
    """`words` are in place of the form's title, where its hints have better ones."""

    field: Field
    words: str = ""

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The titles of the field: what it is called for people, and its name in the document."""
        name = " ".join(words(steps(self.field.path)[-1])) if self.field.path else ""
        texts = (_turned(text) for text in (self.words or self.field.title, name))
        return tuple(dict.fromkeys(text for text in texts if tokens(text)))

    @cached_property
    def titles(self) -> tuple[tuple[str, ...], ...]:
        """The same in tokens."""
        return tuple(dict.fromkeys(tokens(text) for text in self.texts))

    @cached_property
    def about(self) -> tuple[str, ...]:
        """The tokens of the field's description and instructions."""
        return tokens(f"{self.field.description} {self.field.instructions}")

    @cached_property
    def section(self) -> frozenset[str]:
        """The tokens of the sections around it that say something."""
        own = {one for section in self.field.sections for one in tokens(section)}
        return frozenset(own - listed("subject"))

    @cached_property
    def inmost(self) -> frozenset[str]:
        """The tokens of the nearest section, where that is within another."""
        return frozenset(tokens(self.field.sections[-1])) if len(self.field.sections) > 1 else frozenset()

    @property
    def sentence(self) -> str:
        """The field in one text, for its embedding."""
        around = " ".join(self.field.sections[-1:])
        said = self.words or self.field.title
        return f"{around} {said}. {self.field.description}".strip()


def _turned(text: str) -> str:
    """A title in the usual order of words: 'Sales (number)' asks for the number of sales."""
    text = STATE.sub("status of ", text)
    if found := BEHIND.match(text):
        how = found["how"].lower()
        return f"{'number of' if how in ('count', 'number') else how} {found['what']}"
    return text
