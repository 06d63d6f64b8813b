"""Questions whether something in the tables keeps to what a document sets: 'are refunds in Austin within our policy's
limit?'."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from agents.ask.documents.quantity import Bound

Relation = Literal["inside", "outside", "under", "over", "least"]

_RELATIONS: tuple[tuple[Relation, str], ...] = (
    ("inside", r"within|inside|in line with|compliant with|consistent with|(?:comply|complies) with|respect(?:s|ing)?"),
    ("outside", r"outside(?: of)?|break(?:s|ing)?|violat(?:e|es|ed|ing)|breach(?:es|ed|ing)?|against"),
    ("under", r"below|under(?:neath)?|at most|(?:less|lower|smaller|shorter|fewer) than"),
    ("over", r"above|over|beyond|exceed(?:s|ed|ing)?|(?:more|larger|higher|greater|longer|bigger) than|past"),
    ("least", r"at least|no less than"),
)
_RELATION = "|".join(f"(?P<{name}>{words})" for name, words in _RELATIONS)
_FILLER = r"(?:(?:all|still|any|always|ever|currently|being|staying|stay|kept|been|go|going|ones?)\s+)*"
_BOUND = (
    r"(?P<bound>.*\b(?:limits?|thresholds?|maxim(?:um|a)|minim(?:um|a)|caps?|ceilings?|allowances?|polic(?:y|ies)"
    r"|rules?|guidelines?|handbook|runbook)\b.*)"
)
_WHETHER = re.compile(
    r"^(?:so |and )?(?:is|are|was|were|do|does|did|has|have)\s+(?:there\s+)?(?:any\s+(?:of\s+)?|all\s+(?:of\s+)?)?"
    rf"(?P<subject>.+?)\s+(?P<negated>not\s+)?{_FILLER}(?:{_RELATION})\s+{_BOUND}$",
    re.I,
)
_BE = re.compile(r"\s+(?:(?:that|which|who)\s+)?(?:is|are|was|were|have|has|had)?$", re.I)
_HAVE = re.compile(r"\b(?:have|has|had|with|did|do)\b", re.I)
_HEAD = re.compile(r"^(?:which|how many|what|list|show(?: me)?|name|count|find)\s+", re.I)
_WHICH = re.compile(
    rf"^(?P<head>(?:which|how many|what|list|show(?: me)?|name|count|find)\b.+?)\s+(?:{_RELATION})\s+{_BOUND}$", re.I
)
_AGGREGATE = re.compile(
    r"\b(?:average|mean|median|total|sum|largest|biggest|highest|longest|greatest|smallest|lowest|shortest|maximum"
    r"|minimum|number|count|share|percentage|rate|proportion)\b",
    re.I,
)
_ARTICLE = re.compile(r"^(?:our|the|my|their)\s+", re.I)


@dataclass(frozen=True)
class Comparison:
    """`subject` is what the tables know; with a `head` it is asked which or how many of it there are."""

    subject: str
    relation: Relation
    head: str = ""

    @property
    def aggregated(self) -> bool:
        """Whether the subject is a number by itself, such as an average."""
        return bool(_AGGREGATE.search(self.subject))

    def question(self, column: str, number: str, bound: Bound) -> str:
        """What the tables are asked, in terms of a column and of the number that the document sets."""
        if self.head:
            head = _BE.sub("", self.head)
            have = "with" if _HAVE.search(head) else "have"
            measured = f"{have} {'an' if column[:1] in 'aeiou' else 'a'} {column}" if column else "are"
            return f"{head} {measured} {_operator(self.relation, bound)} {number}?"
        if self.aggregated:
            return f"What is the {self.subject}?"
        if not column:
            return f"How many {self.subject} are there?"
        return f"What is the {'smallest' if self.smallest(bound) else 'largest'} {column} of {self.subject}?"

    def smallest(self, bound: Bound) -> bool:
        """Whether the smallest one decides, and not the largest."""
        return self.relation == "least" or (self.relation in ("inside", "outside") and bound == "least")

    def holds(self, value: float, limit: float, bound: Bound) -> bool:
        """Whether the answer is yes for a value of the tables and the limit of the document."""
        kept = value >= limit if bound == "least" else value <= limit
        match self.relation:
            case "inside":
                return kept
            case "outside":
                return not kept
            case "under":
                return value <= limit
            case "over":
                return value > limit
        return value >= limit


def compared(question: str) -> Comparison | None:
    """The comparison that a question asks for; None for nearly all questions."""
    text = " ".join(question.split()).rstrip("?!. ")
    if found := _WHICH.match(text):
        return Comparison(_subject(_HEAD.sub("", found["head"])), _relation(found), found["head"])
    if found := _WHETHER.match(text):
        relation = _relation(found)
        negated: dict[Relation, Relation] = {"inside": "outside", "outside": "inside", "under": "over", "over": "under"}
        return Comparison(_subject(found["subject"]), negated.get(relation, relation) if found["negated"] else relation)
    return None


def _relation(found: re.Match[str]) -> Relation:
    return next(name for name, _ in _RELATIONS if found[name])


def _subject(text: str) -> str:
    return _ARTICLE.sub("", _BE.sub("", text.strip()))


def _operator(relation: Relation, bound: Bound) -> str:
    match relation:
        case "inside":
            return "at least" if bound == "least" else "at most"
        case "outside":
            return "below" if bound == "least" else "above"
        case "under":
            return "at most"
        case "over":
            return "above"
    return "at least"
