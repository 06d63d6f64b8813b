"""Questions about one subject's score: which model is meant, and whose key. All other questions are left alone.

A question is taken only where it names a model's subject with a key ("payment 123"), asks for a score or its reasons,
and has no word that is none of these: "How many payments were flagged?" names no key, and "Why was payment 123
refunded?" is about something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.predictors.rights import tables
from retrieval.spans import normal

if TYPE_CHECKING:
    from agents.predictors.models import Loaded
    from data.catalog import Catalog, Table
    from retrieval.hints import Hint

_WORD = re.compile(r"\"[^\"]+\"|“[^”]+”|(?<!\w)'[^']+'|[\w#][\w.#-]*")
_ENDING = re.compile(r"_?(id|key|no|nr|number|code)$")


def _stems(text: str) -> frozenset[str]:
    return frozenset(normal(text).split())


# Words that ask for nothing by themselves.
_PLAIN = _stems(
    "a an the is was be been were are am it its this that these of for to by did do does done please me us we our i "
    "you can could tell show give gave get got and what how which in on at with according using model today now so has "
    "have had having id number no there any s about as much look looks seem seems considered made make think thinks of "
    "from currently based system"
)
_WHY = _stems("why explain explanation reason reasons because cause causes")
_SCORE = _stems("score scored scores scoring predict predicted prediction predictions forecast")
_FLAG = _stems(
    "flag flagged flagging risky risk riskiness likely likelihood probability probable chance chances suspicious odds "
    "safe unsafe"
)
_CHOOSE = _stems("recommend recommended recommendation suggest suggested best")
_OFFER = _stems("offer offered")
_FUTURE = _stems("will would going should likely may might next say says said")
_IS = _stems("is are was were")
# A word of a description that "is" may ask for; "Is it charged back?" asks for what is in a table.
_JUDGED = _stems("fraudulent")
_ROWS = _stems("which what whose show list give me all any our the") | {""}
_FILLERS = _stems("number no nr id with the")


@dataclass(frozen=True)
class Wanted:
    """What is asked for: by which models (one, where it is clear), of which key, as text; and whether why."""

    models: tuple[Loaded, ...]
    key: Mapping[str, str]
    why: bool


@dataclass(frozen=True)
class _Word:
    raw: str
    stem: str
    literal: bool


def promising(question: str) -> bool:
    """Whether it is worth looking at models at all; false for nearly all questions."""
    words = _words(question)
    asks = _WHY | _SCORE | _FLAG | _FUTURE | _CHOOSE | _IS
    return any(word.literal for word in words) and any(word.stem in asks for word in words)


def wanted(question: str, models: Iterable[Loaded], catalog: Catalog, hints: Sequence[Hint]) -> Wanted | None:
    """What is wanted of the models that the caller may know of; None for any other question."""
    words = _words(question)
    found = []
    for model in models:
        mention = _mention(words, model, catalog)
        if mention is None:
            continue
        key, rest = mention
        fit = _fit(rest, model, catalog, hints)
        if fit is not None:
            found.append((fit, model, key))
    if not found:
        return None
    best = max(fit for fit, _, _ in found)
    meant = [(model, key) for fit, model, key in found if fit == best]
    return Wanted(tuple(model for model, _ in meant), meant[0][1], any(word.stem in _WHY for word in words))


def _words(question: str) -> list[_Word]:
    return [word for raw in _WORD.findall(question) for word in _split(raw)]


def _split(raw: str) -> Iterator[_Word]:
    text = raw.strip("\"'“”#.-")
    if raw[:1] in "\"'“" or any(letter.isdigit() for letter in text):
        yield _Word(text, "", True)
    else:
        yield from (_Word(text, stem, False) for stem in normal(text).split())


def _mention(words: Sequence[_Word], model: Loaded, catalog: Catalog) -> tuple[dict[str, str], list[_Word]] | None:
    """The key in the question's words, and the words that are left; None where a part of the key is missing, or where
    there is a value that is no part of it."""
    rest, key = list(words), {}
    subject = [catalog.table(name) for name in tables(model.spec.subject) if name in catalog]
    for column in model.spec.key:
        place = _place(rest, list(_nouns(column, subject)))
        if place is None or not _fits(column, rest[place[1]].raw, subject):
            return None
        key[column] = rest[place[1]].raw
        rest = rest[: place[0]] + rest[place[1] + 1 :]
    return None if any(word.literal for word in rest) else (key, rest)


def _place(words: Sequence[_Word], nouns: Sequence[tuple[str, ...]]) -> tuple[int, int] | None:
    """Where a noun begins and where its value is: "payment 123", "payment number 123"."""
    stems = [word.stem for word in words]
    for noun in sorted(nouns, key=len, reverse=True):
        for start in range(len(words) - len(noun)):
            at = start + len(noun)
            if tuple(stems[start:at]) != noun:
                continue
            while at < len(words) and stems[at] in _FILLERS:
                at += 1
            if at < len(words) and words[at].literal:
                return start, at
    return None


def _nouns(column: str, subject: Sequence[Table]) -> Iterator[tuple[str, ...]]:
    """What people call the thing that a key column names."""
    names = [column, _ENDING.sub("", column.lower())]
    for table in subject:
        if table.key is not None and table.key.lower() == column.lower():
            names += [table.name, *table.synonyms]
    yield from {tuple(normal(name).split()) for name in names if normal(name)}


def _fits(column: str, text: str, subject: Sequence[Table]) -> bool:
    """Whether a value is of a key's type, as far as that is known."""
    kinds = [table.column(column).type.upper() for table in subject if column in table]
    return not any("INT" in kind for kind in kinds) or text.lstrip("-").isdigit()


def _fit(rest: Sequence[_Word], model: Loaded, catalog: Catalog, hints: Sequence[Hint]) -> tuple[int, int] | None:
    """How many words are the model's name, and how many its description's; None where it is not asked for."""
    spec = model.spec
    name = _stems(f"{_apart(model.version.name)} {_apart(spec.choice)}")
    about = (_stems(spec.description) | (_OFFER if spec.task == "rank" else frozenset())) - _PLAIN
    stems = [word.stem for word in rest]
    score = _SCORE | (_CHOOSE if spec.task == "rank" else _FLAG)
    known = _PLAIN | _WHY | score | _FUTURE
    named = [stem for stem in stems if _among(stem, name)]
    described = [stem for stem in stems if stem not in known and not _among(stem, name) and _among(stem, about)]
    if any(stem not in known and not _among(stem, name | about) for stem in stems):
        return None
    things = _things(catalog)
    for before, stem in zip(("", *stems), stems, strict=False):
        # "stop taking payments" is of a description; "which payments" asks for rows.
        if stem in described and stem in things and before in _ROWS:
            return None
    why = any(stem in _WHY for stem in stems)
    asked = [stem for stem in stems if stem in score or _among(stem, name)]
    if not why and any(_is_data(stem, model, catalog) for stem in asked):
        return None
    own = bool(named or described)
    future = any(stem in _FUTURE for stem in stems)
    judged = [*named, *(stem for stem in described if stem in _JUDGED)]
    yes_or_no = stems[:1] != [] and stems[0] in _IS and any(not _linked(stem, hints) for stem in judged)
    asks = any(stem in score for stem in stems) or (own and (why or future)) or yes_or_no
    return (len(named), len(described)) if asks else None


def _things(catalog: Catalog) -> frozenset[str]:
    """What tables are called, in one word."""
    names = (name for table in catalog.tables for name in (table.name, *table.synonyms))
    return frozenset(normal(name) for name in names)


def _apart(name: str) -> str:
    """`next_best_offer` and `nextBestOffer` as words."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[_-]+", " ", name)


def _among(stem: str, words: frozenset[str]) -> bool:
    """Whether a word is one of some, or made of the same: risky and risk, fraudulent and fraud."""
    if stem in words:
        return True
    return any(min(len(stem), len(word)) >= 4 and (stem.startswith(word) or word.startswith(stem)) for word in words)


def _is_data(stem: str, model: Loaded, catalog: Catalog) -> bool:
    """Whether the subject's tables have a column that is called so: then its value is asked for."""
    for name in tables(model.spec.subject):
        for column in catalog.table(name).columns if name in catalog else ():
            if any(stem in _stems(_apart(said)) for said in (column.name, *column.synonyms)):
                return True
    return False


def _linked(stem: str, hints: Sequence[Hint]) -> bool:
    """Whether the word is known to mean a column, or a value in one."""
    return any(hint.kind in ("column", "value") and stem in normal(hint.span).split() for hint in hints)
