"""The words of one field, as they are held against columns and tables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from agents.forms.field import Field, steps
from agents.forms.spelling import spelled
from agents.forms.title import LONGEST, defined, is_code, turned, unnumbered
from agents.forms.vocabulary import light, listed, tokens
from data.naming import words

COUNTING = re.compile(r"\b(?:number|count|quantity|tally) of (?:[\w-]+ ){0,3}[\w-]{2,}s\b|\bhow many\b", re.I)

ONLY = re.compile(r"(?:^|[.;(]\s*)(?:(?:count|include|use|take) )?(?:(?:only|just|solely) (?P<behind>[^.;,:()]{3,60})"
                  r"|(?P<before>[^.;,:()]{3,60}?) only\b)", re.I)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """`words` are in place of the form's title, where its hints have better ones. `lead` are tokens by which the form
    calls its subject: the suspect, the recipient."""

    field: Field
    words: str = ""
    lead: frozenset[str] = frozenset()
    kin: frozenset[str] = frozenset()
    """What the catalogue calls whom the heading above the field means: merchant, where the form says retailer."""
    opening: bool = False
    """Whether it stands in the form's first section."""
    located: bool = False
    """Whether it stands beside parts of an address."""
    addresses: bool = True
    """Whether the form says 'you' to whom it is about."""

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The titles of the field: what it is called for people, and its name in the document."""
        name = " ".join(words(steps(self.field.path)[-1])) if self.field.path else ""
        name = "" if words(name) == words(self.field.title) else name
        coded = not self.words and is_code(self.field.title)
        told = defined(self.field.description[:LONGEST], whole=coded)
        said = (told, self.field.title, name) if coded else (self.words or self.field.title, name, told)
        texts = (turned(text[:LONGEST]) for text in said)
        return tuple(dict.fromkeys(text for text in texts if tokens(text)))

    @cached_property
    def titles(self) -> tuple[tuple[str, ...], ...]:
        """The same in tokens."""
        return tuple(dict.fromkeys(tokens(text) for text in self.texts))

    @cached_property
    def about(self) -> tuple[str, ...]:
        """The tokens of the field's description and instructions."""
        return tokens(spelled(f"{self.field.description} {self.field.instructions}"[:LONGEST]))

    @cached_property
    def only(self) -> frozenset[str]:
        """The tokens to which a description restricts what is counted: 'Captured payments only.'"""
        found = ONLY.search(spelled(self.field.description[:LONGEST]))
        return frozenset(tokens(found["before"] or found["behind"])) if found else frozenset()

    @cached_property
    def section(self) -> frozenset[str]:
        """The tokens of the sections around it that say something."""
        own = {one for section in self.headings for one in tokens(section)}
        return frozenset(own - listed("subject")) | self.kin

    @cached_property
    def inmost(self) -> frozenset[str]:
        """The tokens of the nearest section, where that is within another."""
        return frozenset(tokens(self.headings[-1])) if len(self.headings) > 1 else frozenset()

    @cached_property
    def headings(self) -> tuple[str, ...]:
        """The titles of the sections around it, outermost first."""
        return tuple(spelled(unnumbered(one)[:LONGEST]) for one in self.field.sections)

    @cached_property
    def neutral(self) -> frozenset[str]:
        """Tokens that do not narrow what the field asks: light words, and what its heading says already."""
        return light() | frozenset(tokens(self.headings[-1]) if self.headings else ())

    @property
    def counts(self) -> bool:
        """Whether the title asks how many there are: 'Number of sales', but not 'Number of the sale'."""
        return bool(self.texts and COUNTING.search(self.texts[0]))

    @property
    def sentence(self) -> str:
        """The field in one text, for its embedding."""
        around = " ".join(self.headings[-1:])
        said = spelled(unnumbered(self.words or self.field.title))
        return f"{around} {said}. {self.field.description}".strip()
