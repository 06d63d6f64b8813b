"""The words of one field, as they are held against columns and tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from agents.forms.field import Field, steps
from agents.forms.question import BARE, CALLED, ONE
from agents.forms.spelling import spelled
from agents.forms.vocabulary import light, listed, parties, tokens
from data.naming import words

BEHIND = re.compile(
    r"^(?P<what>.+?)\s*[(,:–—]\s*(?:in |the |their )?(?P<how>how many|how much|count|number|quantity|total(?: amount| number)?|sum|amount|value|"  # noqa: E501
    r"average|mean|median|maximum|minimum|largest|highest|smallest|lowest|"
    r"aggregate(?: (?:amount|value))?|(?:date|day) of|"
    r"(?:date of )?(?:the )?(?:first|last|latest|most recent))\s*\)?$",
    re.I,
)
"""A title that says at its end what is to be done."""
NUMBERED = re.compile(
    r"^\s*(?:(?:box|line|item|field|question|part|section|step|schedule|row|cell)\s+)?"
    r"(?:\(?(?:\d{1,3}(?:\.\d{1,2})*[a-z]?|[a-z]|[ivx]{1,5})(?:\s?[.):]|\s[-–—])"
    r"|(?!(?:q|h|m|p|w|fy|l|t)\d)\(?(?:[a-z]{1,2}[.-]?\d{1,3}|\d{1,3})(?:[.-]\d{1,3})*[a-z]?[.):]{0,2}"
    r"(?=\s(?-i:[A-Z#%]))(?!\s(?:day|week|month|quarter|year|hour)))\s+(?=\S)",
    re.I,
)
"""What only says where in the printed form a field or section is: 'Box 5a:', 'Part II -', '3.'"""
COUNTING = re.compile(r"\b(?:number|count|quantity|tally) of (?:[\w-]+ ){0,3}[\w-]{2,}s\b|\bhow many\b", re.I)
OWNED = re.compile(r"\b(\w+)(?:'s|’s|s'|s’)(?=\s)", re.I)
HEAD = re.compile(
    r"^(?:(?:this is|enter|state|give)\s+)?(?P<head>[^.;:?!]{3,90}?)(?=[.;:?!,]|\s+(?:that|which|who|as)\b|$)", re.I
)
"""What a description says that the field is: 'The city' of 'The city that you trade in.'"""
ASIDE = re.compile(
    r"^(?:please )?(?:count|includ|exclud|us(?:e|ing) |add|leave|do not|don['’]t|only|without|for example|e\.g|such as"
    r"|see |if |as )",
    re.I,
)
"""How a description begins that says how to answer, and not what."""
LONGEST = 300
"""Letters of a title that are read; what is longer is a page and no title."""
LEADS = 2
MOST_WORDS = 12
PLURAL = re.compile(r"(?<=\w)\((?:e?s|ies)\)")
PART = re.compile(
    r"^(?:(?:of|from|among|out of) (?:these|those|them|which|the above)|thereof|including"
    r"|(?=by (?!when|date|the |which|what)))\b[,:]?\s*(?P<rest>.+)",
    re.I,
)
COUNT = re.compile(r"^(?!.*\b(?:number|count) of\b)(?P<what>[\w' -]+?) (?:count|qty|quantity)\b(?P<rest>.*)$", re.I)
"""A count as programs call it: 'transaction count last year'."""
STATE = re.compile(r"\bstate of (?=the |an? |your |this )", re.I)


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
        said = (self.words or self.field.title, name, _defined(self.field.description[:LONGEST]))
        texts = (_turned(text[:LONGEST]) for text in said)
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


def _turned(text: str) -> str:
    """A title in the usual order of words: 'Sales (number)' asks for the number of sales."""
    text = STATE.sub("status of ", spelled(PLURAL.sub("s", unnumbered(text))))
    if found := CALLED.match(text):
        return f"name of {found['what']}"
    if found := ONE.match(text):
        return f"{found['what']} number"
    if found := COUNT.match(text):
        return f"number of {found['what']}{found['rest']}"
    if found := BEHIND.match(text):
        return f"{_before(found['how'].lower())} {found['what']}"
    return text


def _before(how: str) -> str:
    if how in ("count", "number", "how many", "quantity"):
        return "number of"
    if how in ("how much",) or how.startswith("aggregate"):
        return "total amount of"
    return "total amount of" if how in ("amount", "value") else how


def unnumbered(text: str) -> str:
    """A title without its number in the printed form."""
    return NUMBERED.sub("", text)


def _defined(description: str) -> str:
    """What a description says that the field is; "" where it says something else."""
    found = HEAD.match(description.strip())
    if (
        found is None
        or ASIDE.match(description.strip())
        or len(found["head"].split()) > MOST_WORDS
        or not set(tokens(found["head"])) - BARE
    ):
        return ""
    return found["head"]


def completed(fields: Sequence[Field]) -> dict[str, str]:
    """By path, the titles that leave out what the one before says: 'Offers made', then 'Of these by newsletter'."""
    found, before = dict[str, str](), ("", "")
    for field in fields:
        around = field.sections[-1] if field.sections else ""
        if (part := PART.match(spelled(unnumbered(field.title)))) is None:
            before = (around, field.title)
        elif before[0] == around and not set(tokens(part["rest"])) & set(tokens(before[1])):
            found[field.path] = f"{before[1].rstrip(' ?:.')} {part['rest']}"
    return found


YOU = re.compile(r"\b(?:you|your|yours)\b", re.I)
THEY = re.compile(
    r"\b(?:they|them|their|theirs|he|she|his|her|it|its|(?:the|this|that) (?:person|customer|user|suspect|subject))\b",
    re.I,
)


def addresses(fields: Sequence[Field]) -> bool:
    """Whether a form says 'you' to whom it is about, and not of them 'they' and 'you' to whoever fills it."""
    first = [field.title for field in fields if field.sections[:1] == fields[0].sections[:1]]
    return any(map(YOU.search, first)) or not any(map(THEY.search, first))


ADDRESS = re.compile(r"\b(?:street|city|town|zip|post(?:al)? ?code|postcode|postal|address line)\b", re.I)


def located(fields: Sequence[Field]) -> frozenset[tuple[str, ...]]:
    """The sections that have parts of an address."""
    return frozenset(field.sections for field in fields if ADDRESS.search(field.title))


def lead_of(fields: Sequence[Field]) -> frozenset[str]:
    """The tokens by which a form calls its subject: the heading of its first section, as the owner of something."""
    if not fields or not fields[0].sections:
        return frozenset()
    heading = tokens(unnumbered(fields[0].sections[0]))
    owners = {one for field in fields for word in OWNED.findall(field.title) for one in tokens(word)}
    if len(heading) == 1 and _leads(fields, heading[0]) >= LEADS:
        owners |= set(heading)
    if len(heading) > 1 and sum(_has(tokens(field.title), heading) for field in fields) >= LEADS:
        owners |= set(heading)
    return frozenset((set(heading) & owners) - parties())


def _has(title: Sequence[str], phrase: Sequence[str]) -> bool:
    return any(tuple(title[at : at + len(phrase)]) == tuple(phrase) for at in range(len(title)))


def _leads(fields: Sequence[Field], token: str) -> int:
    """How many titles of a form's first section begin with a word, as 'Payee name' does."""
    own = (tokens(field.title) for field in fields if field.sections[:1] == fields[0].sections[:1])
    return sum(len(title) > 1 and title[0] == token for title in own)
