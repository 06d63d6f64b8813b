"""Values out of documents: what a sentence about the subject says of a field, with the place where it stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from agents.forms.answered import label_of
from agents.forms.binding import Binding
from agents.forms.got import Got, Offer
from agents.forms.sight import Sight
from agents.forms.state import Source
from agents.forms.vocabulary import listed, tokens
from data.catalog import Table

if TYPE_CHECKING:
    from data.policy import Principal
    from retrieval.documents.passage import Found, Passage

Passages = Callable[["Principal", str], Sequence["Found"]]
"""Finds passages of the documents that somebody may read."""

MOST_OFFERS = 4
HALF = 0.5
"""The share of the field's words that a line has to have."""
LONGEST = 400
LONGEST_LINE = 2_000
LABELLED = re.compile(r"^\W*(?P<label>[^:|]{2,80}?)\s*[:|]\s*(?P<value>\S.*?)\s*\|?\s*$")
"""'Registered office: 12 Main Street', also as the row of a table."""
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9\"'])")
MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
DAYS = ("%Y-%m-%d", "%d %B %Y", "%d. %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y", "%d.%m.%Y")
VALUES = {
    "date": re.compile(
        rf"\d{{4}}-\d\d-\d\d|\d{{1,2}}\.? {MONTH} \d{{4}}"
        rf"|{MONTH} \d{{1,2}}, \d{{4}}|\d{{1,2}}\.\d{{1,2}}\.\d{{4}}", re.I
    ),
    "email": re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w"),
    "uri": re.compile(r"https?://[^\s<>\"')]+"),
    "number": re.compile(r"(?<![\w.])-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?<![\w.])-?\d+(?:\.\d+)?"),
    "phone": re.compile(r"\+\d[\d ()./-]{6,20}\d"),
}  # fmt: skip


def quoted_of(sight: Sight, passages: Passages | None, binding: Binding, table: Table, key: Any) -> Got:
    """What documents say of the field, for a person to confirm. A passage counts only where it names the subject."""
    label = label_of(sight, table, key)
    if passages is None or not label:
        return Got(None, None, "The lakehouse does not hold it.")
    wanted, kind = binding.name, str(binding.value or "string")
    offers: dict[str, Offer] = {}
    for found in passages(sight.principal, f"{wanted} {label}"):
        if _names(found.passage, label):
            for value, line in _values(found.passage, wanted, kind):
                source = _source(found.passage, line)
                offers.setdefault(value, Offer(value, source, f"{source.name}: “{line[:LONGEST]}”", binding, 0.5))
    if not offers:
        return Got(None, None, "Neither the lakehouse nor its documents hold it.")
    return Got(None, None, offers=tuple(offers.values())[:MOST_OFFERS])


def _values(passage: Passage, wanted: str, kind: str) -> Iterator[tuple[str, str]]:
    """(a value, the line where it stands), where a line has the words of the field."""
    needed = set(tokens(wanted)) - listed("soft") - listed("subject")
    if not needed:
        return
    for line in (line[:LONGEST_LINE] for line in passage.lines):
        if (found := LABELLED.match(line)) and _share(needed, found["label"]) > HALF:
            yield from ((value, line) for value in _of_kind(found["value"], kind))
            continue
        for sentence in SENTENCE.split(line):
            if kind != "string" and _share(needed, sentence) > HALF:
                yield from ((value, sentence) for value in _of_kind(sentence, kind))


def _of_kind(text: str, kind: str) -> list[str]:
    """The values of a kind in a text; several are none, as it is not clear which is meant."""
    pattern = VALUES.get(kind)
    if pattern is None:
        return [text.strip(" .|")[:LONGEST]]
    found = list(dict.fromkeys(pattern.findall(text)))
    if len(found) != 1:
        return []
    return [_day(found[0])] if kind == "date" else found


def _day(text: str) -> str:
    """A day as ISO 8601, or the text itself. '3/4/2021' is not looked for, as nobody knows which it is."""
    for way in DAYS:
        with suppress(ValueError):
            return datetime.strptime(text, way).date().isoformat()
    return text


def _share(needed: set[str], text: str) -> float:
    return len(needed & set(tokens(text))) / len(needed)


def _names(passage: Passage, label: str) -> bool:
    """Whether a passage, or the document that it stands in, names the subject."""
    whole = f"{passage.title} {' '.join(passage.headings)} {passage.text}".lower()
    return re.search(rf"(?<!\w){re.escape(label.lower())}(?!\w)", whole) is not None


def _source(passage: Passage, line: str) -> Source:
    page = f", page {passage.page}" if passage.page else ""
    place = " › ".join(passage.headings)
    name = f"{passage.document}{page}{f', {place}' if place else ''}"
    return Source("passage", name=name, passage=line[:LONGEST], version=passage.digest)
