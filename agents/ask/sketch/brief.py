"""What a question asks for, as its hints and the words around them tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from agents.ask.abstain.explained import CURRENCIES
from agents.ask.rerank.cues import called, demanded
from agents.ask.sketch.amounts import is_beside, is_of_money
from agents.columns import flags, measures
from data.catalog import Catalog, Column, Table
from data.values import whole
from retrieval.examples import lists

if TYPE_CHECKING:
    from retrieval import Context
    from retrieval.hints import Hint

MOST_ROWS = 100
"""A number that is greater is no number of rows to show."""
_PER = re.compile(
    r"(?:\b(?:per|by|each|every|across|for all|(?:of|for|in) (?:each|every|all)|split by|grouped by|broken down by"
    r"|breakdown (?:of|by))(?: the| of the| our| its)?|/)\s+$",
    re.IGNORECASE,
)
_OF_EACH = re.compile(
    r"\b(?:how many|(?:the )?(?:number|count)s?)(?: \w+){0,3} (?:of|for|in) each\b\W*$"
    r"|\bhow often (?:does|did|do|has|have|is|was|were) each\b",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"(?:\b(?:not|no|never|without|w/o|isn['’]t|aren['’]t|wasn['’]t|weren['’]t|hasn['’]t|haven['’]t|didn['’]t"
    r"|don['’]t|doesn['’]t|lack(?:s|ing)?|missing|except|exclud(?:e|ing)|(?:leaving|leave) out|apart from|other than"
    r"|neither|nor|un|non|(?:not|without|don['’]t) (?:counting|including|count|include)|ignor(?:e|ing)|disregarding)"
    r"(?: (?:been|yet|a|an|any|the|have|has|ever|for|from|in|with|is|are|were|was|got|gotten|being)){0,2}[\s-]*|\bun)$",
    re.IGNORECASE,
)
_OUT_OF = re.compile(r"\bout of\s+$", re.IGNORECASE)
"""What says of a state that it is not so: 'out of service'."""
_LEFT_OUT = re.compile(
    r"\s+(?:(?:\w+ ){0,2}(?:are |is |being )?(?:left out|excluded|ignored|disregarded|not (?:counted|included))"
    r"|aside)\b",
    re.IGNORECASE,
)
"""What says behind its name that something is not to count."""
_AND = re.compile(
    r"(?:\b(?:and|with|plus|including|incl\.?|show|give)|[,:;&])\s+(?:also\s+)?(?:(?:the|its|their|his|her|a|which)\s+)?"
    r"(?:names? of (?:the |its |their )?)?$",
    re.IGNORECASE,
)
_TOO = re.compile(r"(?:\s+(?:name|title))?\s+(?:too|as well)\b", re.IGNORECASE)
"""What says around its name that something is to be told beside what is asked for."""
_LEAVE = re.compile(r"\b(?:leav(?:e|ing)|keep(?:ing)?|tak(?:e|ing)) (?:(?:the|any|all) )?", re.IGNORECASE)
_OUT = re.compile(r"\s+(?:out|off|aside)\b", re.IGNORECASE)
_BEFORE = re.compile(
    r"(?:\b(?:before|without|exclud\w+|exclusive of|excl\.?|ex|net of|not (?:including|counting)|leaving out|leave out)"
    r"|[,;(]\s*no)(?: (?:the|any|all))?\s+$",
    re.IGNORECASE,
)
"""What says before its name that a tax is not to count."""
_WHICH = re.compile(r"\b(?:which|what(?:['’]?s| is| are)?)(?: the)?\s+$", re.IGNORECASE)
_WHICH_ONES = re.compile(rf"{_WHICH.pattern}|\bnames? of (?:all )?(?:the )?$", re.IGNORECASE)
_COUNTED = re.compile(
    r"\b(?:how many|(?:number|count|nr|no\.?|#) of)(?: the)?(?: (?:different|distinct|unique|separate))?\s+$"
    r"|\b(?:different|distinct|unique)\s+$",
    re.IGNORECASE,
)
_BOUND_SHARE = re.compile(
    r"^(?!.*\b(?:shares?|percentages?|proportions?|fractions?|ratios?|rates?|(?:what|how many|in|as) per ?cent)\b)"
    r".*\d\s?(?:%|per ?cent\b)",
    re.IGNORECASE,
)
"""A share that is said with its number, and not asked for."""
_PLURAL = re.compile(r"[^s]s$")
_BETWEEN = re.compile(r"\s+(?:(?:different|distinct|separate|unique)\s+)?")
_STATES = frozenset({"present", "groups", "when", "negation", "absent", "compared", "duration"})
"""Forms that tell which rows are meant."""
_ASKING = re.compile(r"\b(?:who\w*|what\w*|which|when|where|why|how|list|show|name|give|find|display)\b", re.IGNORECASE)
_NONE = re.compile(
    r"\b(?:never|no|not|none|nobody|nothing|without|w/o|lack(?:s|ing)?|missing|neither|yet)\b|n['’]t\b", re.IGNORECASE
)
_STILL = re.compile(
    r"\b(?:un\w{3,}|not yet|yet to be|still (?:open|out|missing|un\w+)|open|outstanding|pending)\b", re.I
)


_WHO = re.compile(
    r"^\W*(?:and )?(?:who|whom|whose)\b|\b(?:how many|which|what|the|different) (?:different )?(?:people|persons)\b"
    r"|\bhead ?counts?\b|\b(?:we|do) employ\b|\bpeople (?:work|who work)\b",
    re.I,
)
EVERYONE = re.compile(
    r"(?:(?<=\bnames of )|(?<!\bto )(?<!\bby )(?<!\bof )(?<!\bfor ))"
    r"\b(?:every|any)(?:one|body) (?:who|that|with|in|on|at|from)\b",
    re.IGNORECASE,
)
"""Who is asked for, as in 'everyone who signed up', and not 'assigned to anyone'."""
_WORKS = re.compile(r"\bhead ?counts?\b|\bemploy|\bwork(?:s|ing)?\b", re.IGNORECASE)
_HIRED = re.compile(r"hire|employ|salary|wage|job|(?:^|_)role(?:_|$)|grade", re.IGNORECASE)
_PERSON = re.compile(
    r"(?:^|_)(?:first|last|full|given|family|sur|fore|pen|legal)_?name(?:_|$)|birth|(?:^|_)(?:dob|gender|sex|hired|profession|occupation)(?:_|$)",
    re.I,
)


def is_person(table: Table) -> bool:
    """Whether a table's rows are people, by what it keeps of them."""
    return any(_PERSON.search(column.name) for column in table.columns)


@dataclass(frozen=True)
class Brief:
    """A question with its hints in the order in which they are said; the parts of it that a query has to keep to."""

    context: Context

    @property
    def catalog(self) -> Catalog:
        return self.context.catalog

    @cached_property
    def cues(self) -> frozenset[str]:
        """The forms of answer that its words ask for."""
        found = demanded(self.context)
        return found - {"share"} if _BOUND_SHARE.search(self.context.question) else found

    def hints(self, *kinds: str) -> Iterator[Hint]:
        """Those of some kinds, but for what comes beside an amount and is not to be counted."""
        return (hint for hint in self.context.hints if hint.kind in kinds and not self.excludes(hint))

    def excludes(self, hint: Hint) -> bool:
        """Whether it is a tax, or what else comes beside an amount, without which the amount is asked for."""
        if not any(self._is_beside(table, column) for table, column in self._columns(hint)):
            return False
        told = is_of_money(self.context.question) or bool({"sum", "average", "extreme"} & self.cues)
        return told and (self._left_out(hint) or bool(_BEFORE.search(self._before(hint))))

    def _is_beside(self, table: Table, column: Column) -> bool:
        """Whether a column keeps an amount that comes beside another one."""
        counted = is_beside(column.name) and column.unit in (None, *CURRENCIES)
        return counted and column in measures(self.catalog, table)

    def _columns(self, hint: Hint) -> Iterator[tuple[Table, Column]]:
        """The columns that a hint names, each with its table."""
        for target in hint.targets if hint.kind == "column" else ():
            owner, _, name = target.rpartition(".")
            table = self.catalog.table(owner)
            yield table, table.column(name)

    @cached_property
    def named(self) -> frozenset[str]:
        """The columns that it names, by full name."""
        return frozenset(target for hint in self.hints("column") for target in hint.targets)

    @cached_property
    def asked(self) -> str:
        """The table that it names first, and does not only group by; "" where it names none."""
        if self._titled:
            return self._titled
        named = [hint for hint in self.hints("table") if hint.targets]
        plain = [hint for hint in named if not self.grouping(hint)]
        if self._person and not any(is_person(self.catalog.table(hint.targets[0])) for hint in plain):
            return self._person
        return next((hint.targets[0] for hint in (*plain, *named)), "")

    @property
    def _titled(self) -> str:
        """The people of whom it asks which, by what they are: 'which inspector', 'the names of the drivers'."""
        asked = (hint for hint in self.hints("value") if _WHICH_ONES.search(self._before(hint)))
        owners = (hint.targets[0].rpartition(".")[0] for hint in asked)
        return next((owner for owner in owners if is_person(self.catalog.table(owner))), "")

    @cached_property
    def _person(self) -> str:
        """The people that 'who' asks for: those whom what is named points at, "" where it is not about any."""
        if not (_WHO.search(self.context.question) or EVERYONE.search(self.context.question)):
            return ""
        hints = self.context.hints
        said = dict.fromkeys(t if h.kind == "table" else t.rpartition(".")[0] for h in hints for t in h.targets)
        links = [link for link in self.catalog.relationships if link.table in said]
        pointed = dict.fromkeys(link.to_table for link in links if is_person(self.catalog.table(link.to_table)))
        named = [table for table in said if table in self.catalog and is_person(self.catalog.table(table))]
        if _WORKS.search(self.context.question) and len(staff := self._staff) == 1 and not (named or pointed):
            return staff[0]
        return named[0] if len(named) == 1 else next(iter(pointed), "") if not named else ""

    @property
    def _staff(self) -> list[str]:
        """The people whom the data tells to be employed."""
        people = (table for table in self.catalog.tables if is_person(table))
        return [t.full_name for t in people if any(_HIRED.search(column.name) for column in t.columns)]

    @cached_property
    def singled(self) -> str:
        """The column that `which` or `what` asks for; "" where it asks for none."""
        said = (h.targets[0] for h in self.hints("column") if h.targets and _WHICH.search(self._before(h)))
        return next(said, "")

    @cached_property
    def bare(self) -> bool:
        """Whether it is a phrase that asks for nothing by its words: 'emergency admissions in March'."""
        return not self.cues - _STATES and not _ASKING.search(self.context.question)

    @cached_property
    def lacks(self) -> bool:
        """Whether it asks for what there is none of."""
        return bool(_NONE.search(self.context.question))

    @cached_property
    def counted(self) -> bool:
        """Whether a number bounds how many rows there are, as in 'over 5 boats' and 'more than twice'."""
        bounds = [h for h in self.hints("number") if h.operator and not h.targets]
        several = (self.numbered(bound, "table", "column") for bound in bounds)
        return any(h and (h.kind == "table" or _PLURAL.search(h.span)) for h in several) or "counted" in self.cues

    def numbered(self, number: Hint, *kinds: str) -> Hint | None:
        """What is said right behind a number."""
        end = number.start + len(number.span)
        later = (hint for hint in self.hints(*kinds) if hint.start > end)
        return next((hint for hint in later if _BETWEEN.fullmatch(self.context.question, end, hint.start)), None)

    @cached_property
    def most(self) -> int:
        """The number of rows that it asks for, 1 where it says none."""
        free = (
            h.literals[0] for h in self.hints("number") if not h.operator and not h.targets and len(h.literals) == 1
        )
        return next((n for text in free if (n := whole(text)) is not None and 0 < n <= MOST_ROWS), 1)

    def grouping(self, hint: Hint) -> bool:
        """Whether the answer is to be told for each of what a hint means."""
        return bool(_PER.search(self._before(hint))) or hint == self._of_each or lists(hint)

    @cached_property
    def _of_each(self) -> Hint | None:
        """What 'and how many of each' is about: the column that is asked for before it."""
        said = _OF_EACH.search(self.context.question)
        before = (hint for hint in self.hints("column") if said and hint.start < said.start())
        return next(before, None)

    def added(self, hint: Hint) -> bool:
        """Whether what a hint means is to be told as well."""
        end = hint.start + len(hint.span)
        return bool(_AND.search(self._before(hint)) or _TOO.match(self.context.question, end))

    def counting(self, hint: Hint) -> bool:
        """Whether it is asked how many there are of what a hint means, each once."""
        return bool(_COUNTED.search(self._before(hint)))

    def negated(self, hint: Hint) -> bool:
        """Whether what a hint means is to be missing: not where that is called so itself, as the status 'open'."""
        left = self._left_out(hint) or (_OUT_OF.search(self._before(hint)) and self._is_flag(hint))
        return bool(left or _NOT.search(self._before(hint)) or (_STILL.fullmatch(hint.span) and not called(hint)))

    def _is_flag(self, hint: Hint) -> bool:
        """Whether it means what is so or not."""
        return any(column in flags(table) for table, column in self._columns(hint))

    def without(self, table: str) -> bool:
        """Whether there is to be none of a table's things."""
        return self.lacks and any(
            table in hint.targets and hint.targets[0] != self.asked for hint in self.hints("table")
        )

    def _left_out(self, hint: Hint) -> bool:
        """Whether it says behind what a hint means, or around it, that this is not to count."""
        question, end = self.context.question, hint.start + len(hint.span)
        left = any(leave.end() >= hint.start for leave in _LEAVE.finditer(question, 0, end))
        return bool((left and _OUT.match(question, end)) or _LEFT_OUT.match(question, end))

    def _before(self, hint: Hint) -> str:
        return self.context.question[: hint.start]
