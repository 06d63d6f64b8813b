"""What a field's neighbours say of it: whom the form calls 'you', what it is about, and what a title leaves out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.forms.field import Field
from agents.forms.spelling import spelled
from agents.forms.title import unnumbered
from agents.forms.vocabulary import parties, tokens

OWNED = re.compile(r"\b(\w+)(?:'s|’s|s'|s’)(?=\s)", re.I)
LEADS = 2
PART = re.compile(
    r"^(?:(?:of|from|among|out of) (?:these|those|them|which|the above)|thereof|including"
    r"|(?=by (?!when|date|the |which|what)))\b[,:]?\s*(?P<rest>.+)",
    re.I,
)
YOU = re.compile(r"\b(?:you|your|yours)\b", re.I)
THEY = re.compile(
    r"\b(?:they|them|their|theirs|he|she|his|her|it|its|(?:the|this|that) (?:person|customer|user|suspect|subject))\b",
    re.I,
)
ADDRESS = re.compile(r"\b(?:street|city|town|zip|post(?:al)? ?code|postcode|postal|address line)\b", re.I)


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


def addresses(fields: Sequence[Field]) -> bool:
    """Whether a form says 'you' to whom it is about, and not of them 'they' and 'you' to whoever fills it."""
    first = [field.title for field in fields if field.sections[:1] == fields[0].sections[:1]]
    return any(map(YOU.search, first)) or not any(map(THEY.search, first))


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
