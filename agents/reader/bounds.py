"""Numbers that are compared with a number of the task."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from agents.columns import keys
from agents.reader.frame import Among, Bound, Frame, Measure, Noun, Number, Targets, Test
from agents.reader.marked import MARK, Marked, cut, table_of
from agents.reader.measures import PIECE, measure
from agents.reader.nouns import NP, amount, is_measure, noun, owner, rows
from agents.reader.subject import by_subject, grouped_by, subject_of
from retrieval.hints import Hint

_COMPARED = re.compile(
    rf"(?:whose |with |where |by |only |but |, )*(?:(?P<before>{PIECE}|{NP}) ?)?"
    r"(?:(?:is|are|was|were|of|has|have|lasted|running|being|that|which|at|played|for|in) )*"
    r"(?P<n><n\d+>)(?: (?:in |of |as )?(?P<apart>different |distinct"
    rf" |unique )?(?P<after>{NP}))?(?: in total| each| in all)?"
)
_THAT = re.compile(
    r",? ?(?:and |with |plus |together with |show |give |return |including )+(?:me )?(?:that|this|the|their|its) "
    r"(?:same )?(?:total|number|count|average|mean|amount|sum|figure|value|volume)s?(?: of (?:those|these|them"
    r"|such) ?(?:<t\d+>)?)?"
    r"(?: each)? ?[.?]?$"
)


def bounded(text: str, frame: Frame, marked: Marked) -> str:
    """`amount over 500`, `with more than 20,000 USD in revenue`, `merchant 3`."""
    place = 0
    while found := _COMPARED.search(text, place):
        if _bound(found, frame, marked):
            text = f"{text[: found.start()]} {_kept(found, marked)} {text[found.end() :]}".strip()
        else:
            place = found.end()
    return text


def shown(text: str, frame: Frame, marked: Marked) -> str:
    """`whose total refunds exceed 1,000 dollars, with that total`."""
    found = _THAT.search(text)
    if found is None or frame.numbers or len(frame.bounds) != 1:
        return text
    frame.numbers.append(frame.bounds[0].number)
    return cut(text, found)


def _kept(found: re.Match[str], marked: Marked) -> str:
    """What the words before a number ask for besides: the rows or things that it is of."""
    said = found["before"] or ""
    one = noun(said, marked)
    if one.column and is_measure(one.column, marked):
        return " ".join(
            m.group() for m in MARK.finditer(said) if m[1] in "tv" and not re.search("total|average|sum", said)
        )
    return said


@dataclass(frozen=True)
class _Compared:
    """A number of the task and the words around it."""

    found: re.Match[str]
    frame: Frame
    marked: Marked
    hint: Hint
    said: str
    """What it says of what is compared with it: ` > 500`."""
    subject: str

    @property
    def before(self) -> str:
        """The words before the number."""
        return self.found["before"] or ""

    @property
    def after(self) -> Noun:
        """What stands behind the number."""
        return noun(self.found["after"] or "", self.marked)

    @property
    def behind(self) -> str:
        """All that follows the number."""
        return self.found.string[self.found.end("n") :]

    def bound(self, number: Number, each: bool = False) -> bool:
        """Ask that of a number; with `each`, of that of each subject."""
        self.frame.bounds.append(Bound(number, self.said))
        if each:
            by_subject(self.subject, self.frame)
        return True

    def test(self, column: Targets) -> bool:
        """Ask that of a column of each row."""
        self.frame.tests.append(Test(column, self.said))
        return True


def _bound(found: re.Match[str], frame: Frame, marked: Marked) -> bool:
    """Whether a number is understood, with what it is compared with."""
    hint, said, behind = marked.hint(found["n"]), marked.compared(found["n"]), found.string[found.end("n") :]
    if re.match(r" ?times\b", behind):
        return False
    if hint.targets:
        frame.tests.append(Test(hint.targets, f" = {hint.literals[0]}"))
        return True
    if not hint.operator or not said or re.search("%|percent", hint.span) or re.match(r" ?(?:%|percent)", behind):
        return False
    one = _Compared(found, frame, marked, hint, said, subject_of(found.string, frame, marked))
    return next((done for read in _READERS if (done := read(one)) is not None), False)


def _total(one: _Compared) -> bool | None:
    """`total refunds`, of a thing that they point at."""
    of = noun(one.before, one.marked)
    summed = re.match(r"(?:the |their |its )?(?:total|sum of|combined|summed)", one.before.strip())
    if not summed or not of.table or of.column:
        return None
    column = amount(one.marked, one.marked.table(of.table))
    if not column or of.table == one.subject or not one.subject:
        return None
    return one.bound(Measure("sum", of.table, column, of.tests), each=True)


def _mean(one: _Compared) -> bool | None:
    """`whose average captured payment is`: of the amounts of rows that point at the things that are asked for."""
    if not re.match(r"(?:an? |the )?(?:average|mean|median) (?:<[vf]\d+> )*<t\d+> ?$", one.before):
        return None
    number = measure(one.before, one.marked)
    if not isinstance(number, Measure) or not number.column or one.marked.link(number.table, one.subject) is None:
        return None
    return one.bound(number, each=True)


def _apart(one: _Compared) -> bool | None:
    """`in three different countries`."""
    if not one.found["apart"]:
        return None
    number = measure(f"distinct {one.found['after']}", one.marked)
    return number is not None and one.bound(_of_events(number, one))


def _of_events(number: Measure, one: _Compared) -> Measure:
    """The number over the rows that point at the subject as well as at what is told apart: `cards with payments at
    merchants in three countries`."""
    marked, subject, text = one.marked, one.subject, one.found.string[: one.found.start("n")]
    before = [table_of(marked.hint(m.group())) for m in MARK.finditer(text) if m[1] == "t"]
    of = next((name for name in reversed(before) if f"{name}." in "".join(f"{c} " for c in number.column)), "")
    column = tuple(target for target in number.column if target.rpartition(".")[0] == of) or number.column
    table = owner(column)
    events = [name for name in before if marked.link(name, subject) and marked.link(name, table)]
    if table == subject or marked.link(table, subject) or len(set(events)) != 1:
        return number
    by_subject(subject, one.frame)
    return replace(number, table=events[0], column=column)


def _before(one: _Compared) -> bool | None:
    """`amount over 500`."""
    return _sized(one.before, one)


def _after(one: _Compared) -> bool | None:
    """`with more than 20,000 USD in revenue`."""
    return _sized(one.found["after"] or "", one)


def _sized(said: str, one: _Compared) -> bool | None:
    """A column of amounts: of each row of the subject, or in all of the rows that point at it."""
    column = noun(said, one.marked).column
    if not column or not is_measure(column, one.marked):
        return None
    table = owner(column, (one.subject,))
    linked = grouped_by(one.subject, one.frame) or one.marked.link(table, one.subject) is not None
    if table == one.subject or not linked:
        return one.test(column)
    number = measure(said, one.marked)
    one.frame.bounds += [Bound(number, one.said)] if number else []
    by_subject(one.subject, one.frame)
    return True


def _keys(one: _Compared) -> bool | None:
    """How many things rows are of, by a key: `more than three merchant ids`."""
    column = one.after.column
    if not column or one.after.table:
        return None
    table, own = one.marked.column(column[0])
    if own.name not in keys(one.marked.catalog, table):
        return None
    return one.bound(Measure("distinct", owner(column, (one.subject,)), column, one.after.tests))


def _things(one: _Compared) -> bool | None:
    """`with more than three refunds`."""
    of, subject = one.after, one.subject
    if not of.table or of.column:
        return None
    if of.table == subject:
        having = re.search(r"\b(?:have|has|had|with|made)\b", one.found.group())
        return bool(having) and one.bound(rows(of.table, of.tests))
    paid = amount(one.marked, one.marked.table(of.table))
    if paid and re.search(r"dollar|usd|\$|euro", one.hint.span, re.I):
        return one.bound(Measure("sum", of.table, paid, of.tests), each=True)
    if one.frame.groups and not grouped_by(subject, one.frame) and _counted(one.found.string, subject, one.marked):
        one.frame.among.append(Among(of.table, True, of.tests, ("", ""), one.said))
        return True
    return one.bound(rows(of.table, of.tests), each=True)


def _counted(text: str, subject: str, marked: Marked) -> bool:
    """Whether it is asked how many of the subject there are: then a number of others is one of each."""
    found = re.search(
        r"(?:numbers? of|how many|count of|percentage of|share of) (?:the |all )?(?:<[vf]\d+> )*<t(\d+)>", text
    )
    return found is not None and table_of(marked.hints[int(found[1])]) == subject


def _paid(one: _Compared) -> bool | None:
    """The amounts of the rows that a verb tells of: `spent over 500`."""
    verb = noun(one.before, one.marked)
    table = owner(verb.verbs[0]) if verb.verbs and not verb.column else one.subject
    if table == one.subject or one.marked.link(table, one.subject) is None:
        return None
    column = amount(one.marked, one.marked.table(table))
    by_subject(one.subject, one.frame)
    return bool(column) and one.bound(Measure("sum", table, column))


def _bare(one: _Compared) -> bool | None:
    """The amount, or length, of each row of the subject: `payments over 500`."""
    unit = re.search("day|week|month|year", one.hint.span)
    if not unit and re.match(r" ?(?:day|week|month|year)s?\b", one.behind):
        return False
    lasts = re.search(r"day|month|week|year|hour|minute", one.hint.span)
    table = one.marked.table(one.subject) if one.subject else None
    column = amount(one.marked, table, "long" if lasts else "") if table else ()
    if not column or (lasts and one.marked.column(column[0])[1].unit not in ("s", "min", "h")):
        return False
    return one.test(column)


_READERS: tuple[Callable[[_Compared], bool | None], ...] = (
    _total, _mean, _apart, _before, _after, _keys, _things, _paid, _bare
)  # fmt: skip
"""Each asks what a number says of what it reads; False for what can't be read, None for another kind."""
