"""A task's text to the query that it asks for, where every word of it is understood; None where one is not."""

from __future__ import annotations

import re
from collections.abc import Callable

from agents.columns import keys
from agents.reader import bounds, conditions, groups, order, others, periods
from agents.reader.frame import Frame, Group, Measure, Ratio
from agents.reader.marked import IDLE, MARK, Marked, table_of
from agents.reader.nouns import NP, noun, owner
from agents.reader.numbers import numbers
from agents.reader.query import query
from agents.semantic import Semantic
from data.naming import single, words
from retrieval import Context

Clause = Callable[[str, Frame, Marked], str]
CLAUSES: tuple[Clause, ...] = (
    order.ordering, others.zero, conditions.excluding, conditions.like, bounds.averages, groups.ranks,
    periods.weekdays, others.without, periods.periods, groups.groups, groups.leaders, order.limits,
    others.having, bounds.bounded, order.firsts,
)  # fmt: skip
_DOING = re.compile(r"[a-z]{3,}(?:ed|ing)")
"""A verb that nothing was found for says what rows do anyway."""


def read(text: str, context: Context, outputs: tuple[str, ...] = ()) -> str | None:
    """The query, in DuckDB's SQL, for a text in which the context's hints stand; `outputs` are the columns that it is
    to have, as far as they are known by name. It is over what is stored, but made over what that means: a day that is
    stored as a number or a text is compared as such."""
    semantic = Semantic.of(context.catalog)
    made = _read(text, semantic.context(context), outputs)
    return semantic.stored(made) if made else None


def _read(text: str, context: Context, outputs: tuple[str, ...]) -> str | None:
    strange = [name for name in context.unknown if not periods.is_day(name)]
    if strange or any(hint.brief for hint in context.hints):
        return None
    marked = Marked.of(text, context)
    frame = Frame(outputs=outputs)
    left = _opened(marked, frame)
    for clause in CLAUSES:
        left = clause(left, frame, marked)
    asks = bool(re.search(groups.ASKS, left))
    if _counts(left, frame):
        bounded = [bound.number for bound in frame.bounds]
        found, left = numbers(left, marked, frame.subject, [*frame.numbers, *bounded])
        frame.numbers = list(dict.fromkeys((*frame.numbers, *found)))
    _rest(left, frame, marked)
    _settle(frame)
    _beside(frame, marked)
    if _unread(left) or (asks and not frame.numbers) or not _told(left, frame, marked):
        return None
    periods.set_beside(frame)
    _by_outputs(frame, marked, outputs)
    if frame.bounds and not frame.numbers and len(outputs) > 1:
        frame.numbers = [frame.bounds[0].number]
    if frame.bounds and not frame.groups:
        return None
    return query(frame, marked)


def _by_outputs(frame: Frame, marked: Marked, outputs: tuple[str, ...]) -> None:
    """Numbers that are asked for beside a key are those of each key; a column of another table is shown from there."""
    base = frame.numbers[0] if frame.numbers else frame.bounds[0].number if frame.bounds else None
    name = base.table if isinstance(base, Measure) else base.top.table if base else frame.subject
    own = marked.table(name) if name else None
    for output in outputs:
        if own is None:
            return
        same = next((c.name for c in own.columns if words(c.name) == words(output)), "")
        if same and base and not frame.groups and same in keys(marked.catalog, own) and same != own.key:
            frame.groups.append(Group((f"{name}.{same}",)))
        elif not same and (other := _elsewhere(output, marked)):
            frame.shown.append((other,))


def _elsewhere(output: str, marked: Marked) -> str:
    """`artist name` as the column of another table."""
    said = [single(word) for word in words(output)]
    for table in marked.catalog.tables:
        for column in table.columns:
            thing = [single(word) for word in words(table.name)]
            if said == [*thing, *(single(word) for word in words(column.name))]:
                return f"{table.full_name}.{column.name}"
    return ""


def _opened(marked: Marked, frame: Frame) -> str:
    """The text without what only says how the answer is to look; the subject apart where it stands before a colon."""
    text = re.sub(r"^count (?:of |the |all |up )*", "number of ", marked.text)
    text = re.sub(r"^(?:list|show|find|give|get|return|display)(?: me| us)? (?:the )?(?=every|each|all|<)", "", text)
    text = re.sub(
        r"(?:<[ct]\d+> )?\b(?:pairs?|combinations?) ?(?:of )?\( ?(<c\d+>) ?(?:,|and|/|to) ?(<c\d+>) ?\)",
        r"\1 and \2",
        text,
    )
    text = re.sub(
        r"[,;]? ?\bties (?:may|can|are|all|any|should|broken|allowed|stay)[^.;:()]*|\( ?case [^)]*\)", " ", text
    )
    text = re.sub(r"(?:in )?(?:calendar|chronological|date|time) ?,? order(?:ed)?\b", "ordered by date", text)
    text = re.sub(r"\bby the end of (?:each|every)\b|\bat the end of (?:each|every)\b", "per", text)
    text = re.sub(
        r"\bmarks? as\b|^- |\( ?(?:e \. g|etc|and so on|for example)[^)]*\)|\([^)]*\band so on ?\)", " ", text
    )
    text = re.sub(r"\b(?:with )?(?:one|a single) (?:row|line|record) (?:per|for each)", "per", text)
    text = re.sub(
        r"(?::|,|in)? ?(?:one|a single) row(?: with both [^,;.:]*)?|,? as (?:a )?(?:percentages?|percent)$", " ", text
    )
    found = re.match(
        rf"(?:for |over |of |the |all |list )*(?P<what>{NP})(?: that"
        rf" .*?)?(?: ?:| -| ,(?= for each)) (?=.*(?:{groups.ASKS}))",
        text,
    )
    if found and (table := noun(found["what"], marked).table):
        frame.subject = table
        text = text.replace(":", " ", 1)
    return " ".join(text.split())


def _counts(left: str, frame: Frame) -> bool:
    """Whether numbers are asked for, not rows."""
    asks = re.search(
        r"\b(?:numbers?|counts?|how (?:many|much|often)|totals?|sums?"
        r"|averages?|mean|avg|median|min|max|minimum|maximum|"
        r"shares?|percent\w*|proportion|fraction|ratio|rate|distinct|divided|smallest|largest|highest|lowest|earliest|"
        r"latest|first|last)\b|%",
        left,
    )
    listed = frame.order and frame.order not in ("number", "period")
    return not (listed and frame.within) and bool(
        asks or (frame.groups and not (frame.numbers or frame.bounds)) or frame.beside
    )


def _rest(left: str, frame: Frame, marked: Marked) -> None:
    """What no clause took: adjectives ask for rows, tables are named, columns are shown."""
    first = re.search(r"<t(\d+)>", left)
    if not frame.subject and first and not frame.numbers:
        frame.subject = table_of(marked.hints[int(first[1])])
    said = noun(left.replace(" of ", " "), marked)
    frame.tests += [test for test in said.tests if test not in frame.tests]
    frame.tables |= _named_tables(marked) | {owner(verb) for verb in said.verbs}
    shown = [marked.hints[int(m[2])].targets for m in MARK.finditer(left) if m[1] == "c"]
    frame.columns += shown
    if not frame.subject and not frame.numbers:
        named = [*(test.column for test in frame.tests if test.column), *shown]
        frame.subject = owner(named[0]) if named else ""


def _told(left: str, frame: Frame, marked: Marked) -> bool:
    """Whether what is left over says nothing else: neither a column beside numbers, nor a part of a share."""
    if not (frame.numbers or frame.bounds):
        return True
    taken = {test.column for test in frame.tests} | {group.column for group in frame.groups}
    over = [one for one in frame.columns if not any(set(one) & set(other) for other in taken)]
    parts = any(isinstance(one, Ratio) and one.bottom is None for one in frame.numbers)
    return not over and not (parts and re.search(r"<[vf]\d+>", left))


def _named_tables(marked: Marked) -> set[str]:
    """The tables that the text names."""
    return {table_of(marked.hints[int(m[2])]) for m in MARK.finditer(marked.text) if m[1] == "t"}


def _beside(frame: Frame, marked: Marked) -> None:
    """`artists from France with their number of tracks`: the first are what the others are counted for."""
    if not frame.numbers:
        return
    first, *others = frame.numbers
    if frame.groups or not others or not isinstance(first, Measure) or first.function != "count" or first.column:
        return
    plain = [one for one in others if isinstance(one, Measure)]
    links = {(r.table, r.to_table) for r in marked.catalog.relationships}
    if len(plain) == len(others) and all((one.table, first.table) in links for one in plain):
        frame.numbers, frame.tests = list(others), [*frame.tests, *first.tests]
        frame.groups = [Group(table=first.table)]


def _settle(frame: Frame) -> None:
    """A number that is shown and bounded is one: what its bound asks of the rows holds for both."""
    known = {(m.function, m.column): m for bound in frame.bounds if isinstance(m := bound.number, Measure)}
    frame.numbers = [
        known.get((one.function, one.column), one) if isinstance(one, Measure) and not one.tests else one
        for one in frame.numbers
    ]


def _unread(left: str) -> list[str]:
    """The words that mean something and were not understood: also a number that is left over."""
    told = re.findall(r"<[nd]\d+>|\w[\w'’-]*", MARK.sub(lambda m: m.group() if m[1] in "nd" else " ", left))
    return [word for word in told if word not in IDLE and not _DOING.fullmatch(word)]
