"""The numbers that a task asks for: counts, sums, means, extremes, shares and ratios."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from agents.columns import keys
from agents.grammar import quote
from agents.reader.frame import Function, Measure, Noun, Number, Ratio, Targets, Test, measures_of
from agents.reader.lasting import lasting
from agents.reader.marked import IDLE, Marked
from agents.reader.nouns import NP, amount, is_measure, is_time, moment, noun, owner, rows

_COUNT = r"(?:the )?(?:total )?(?:numbers?|counts?|quantity) of|how many(?: of)?|how often|#(?: of)?"
_FUNCTIONS: tuple[tuple[Function, str], ...] = (
    ("distinct", rf"(?:(?:{_COUNT}) )?(?:the )?(?:distinct|different|unique)"),
    ("count", _COUNT),
    ("median", r"(?:the )?median(?: of)?"),
    ("quantile", r"(?:the )?p\d{1,2}(?: of)?"),
    ("avg", r"(?:the )?(?:averages?|mean|avg|typical)(?: of)?"),
    (
        "sum",
        r"(?:the )?(?:sums?|totals?|combined|summed|overall|how much(?: money)?"
        r"(?: (?:was|were|is|has|have|been|did|do|we|they|in))*)(?: up)?(?: of)?",
    ),
    ("min", r"(?:the )?(?:minimum|min|smallest|lowest|shortest|cheapest|earliest|first|oldest)(?: of)?"),
    (
        "max",
        r"(?:the )?(?:maximum|max|largest|biggest|highest|greatest|longest|latest|last|newest|most recent)(?: of)?",
    ),
)
SHARE = r"(?:the )?(?:shares?|percent(?:age)?s?|proportions?|fractions?|%)(?: of)?(?: (?:the )?(?:total|all|overall))?"
_OVER = r"(?:divided by|over|as (?:a )?(?:percent(?:age)?|share|fraction|%) of|relative to|per total)"
_LINK = (
    r"(?:(?:that|which|who) )?(?:(?:were|was|are|is|have|has|had|ended|being"
    r"|got|been|up|as|in|used|use|using|the|by|via|went|through|on) )*"
)
_ALONE: dict[Function, str] = {
    "count": r"(?:the |their |its |a )?(?:row )?(?:counts?|numbers?)(?: of them"
    r"| of rows)?|how many(?: (?:there )?(?:are|were)(?: there| made| given| in total| in all)?)?"
}
FEW, STEM = 12, 4
"""Values of a column that are states, and the letters in which a state and its noun agree: failed, failure."""
_AND = re.compile(
    r"\s*(?:,|;|:|\band\b|\bplus\b|\bas well as\b|\balong with\b|\btogether with\b|\bwith\b|\bnext to\b|\&|\+)+\s*"
)
_EXTREME = (
    r"(?:minimum|min|smallest|lowest|shortest|cheapest|earliest|first|oldest|maximum|max|largest|biggest"
    r"|highest|greatest|longest|latest"
    r"|last|newest|most recent)"
)
PIECE = (
    rf"(?:{SHARE} {NP}|"
    + "|".join(rf"(?:{pattern}) (?:order |ticket |basket )?(?:value |size |amount )?{NP}" for _, pattern in _FUNCTIONS)
    + ")"
)


def numbers(text: str, marked: Marked, subject: str = "", before: Sequence[Number] = ()) -> tuple[list[Number], str]:
    """The numbers that stretches of a text name, one after the other, and what is left of the text. `before` are those
    that were found already."""
    text = _each_of(text)
    found: list[Number] = []
    left: list[str] = []
    waiting: list[str] = []
    for whole in (_less, lasting, _ratio):
        if (read := whole(text, marked, [], subject)) is not None:
            found, text = [*found, *read[0]], read[1]
    for piece in _AND.split(text):
        said = _ONLY.sub("", piece.strip(" .?!-"))
        function = _function(said)
        made, rest = _number(said, marked, [*before, *found], subject)
        if not made and function not in (None, "distinct"):
            waiting.append(said)
            continue
        if made and isinstance(same := made[0], Measure):
            found += [one for earlier in waiting for one in _again(earlier, same, marked)]
            waiting = []
        found += made
        left.append(rest)
    last = next((one for one in reversed(found) if isinstance(one, Measure)), None)
    if last is not None and waiting:
        found += [one for earlier in waiting for one in _again(earlier, last, marked)]
        waiting = []
    return found, " ".join((*left, *waiting)).strip()


_PAYS = re.compile(r"\b(?:earn|bring|take|make|spend|pay|how much|worth|cost)\b")
"""Whoever says so asks for an amount, not for how many."""
_ONLY = re.compile(r"^(?:(?:what (?:is|are)|just|only|also|then|give|show|return|add|get|its|their|me|us) )+")
_SEVERAL = re.compile(rf"(?P<f>(?:{_COUNT})) (?P<all><v\d+>(?: ?(?:,|and)+ <v\d+>)+) (?P<of><t\d+>)")


def _each_of(text: str) -> str:
    """`columns for the number of settled, pending and failed swaps`: a number of each."""
    found = _SEVERAL.search(text)
    if found is None or not re.search("columns|pivot|separate|side by side|each of", text):
        return text
    each = " , ".join(f"number of {value} {found['of']}" for value in re.findall(r"<v\d+>", found["all"]))
    made = re.sub(
        r"\b(?:pivot|side by side|separate(?:ly)?|columns?(?: each)? (?:for|with))\b ?:?",
        " ",
        text.replace(found.group(), each),
    )
    return " ".join(made.split())


def _function(said: str) -> Function | None:
    """The function that a piece names and nothing else."""
    patterns = ((f, rf"{pattern}|{_ALONE.get(f, pattern)}") for f, pattern in _FUNCTIONS)
    return next(
        (
            f
            for f, pattern in patterns
            if re.fullmatch(
                rf"(?:{pattern})(?: (?:value|one|amount|revenue|spend|spent|money|volume|turnover|dollars))?", said
            )
        ),
        None,
    )


def _again(said: str, other: Measure, marked: Marked) -> list[Number]:
    """Another number of the same rows, by the words for its function."""
    function = _function(said) or "sum"
    if function == "count":
        return [rows(other.table, other.tests)]
    own = other.column if other.column and is_measure(other.column, marked) else ()
    column = own or amount(marked, marked.table(other.table))
    return [replace(other, function=function, column=column, share=_share_of(said))] if column else []


def _share_of(said: str) -> float:
    """The share of a quantile: 0.9 for `p90`."""
    found = re.search(r"\bp(\d{1,2})\b", said)
    return int(found[1]) / 100 if found else 0.5


def _number(piece: str, marked: Marked, before: list[Number], subject: str) -> tuple[list[Number], str]:
    if before and not piece:
        return [], ""
    for read in (_of_total, _rate_of, _share, _rate, _several, _linked, _named, _conditional, _bare):
        if (made := read(piece, marked, before, subject)) is not None:
            return made
    return [], piece


Made = tuple[list[Number], str] | None


_LESS = (
    re.compile(
        rf"(?:the )?(?:difference|spread|range|gap|span|time|number of (?=day|hour|minute|week))(?:s? )?"
        rf"(?: ?in (?P<u>day|hour|minute|week|month)s?)?"
        rf" ?(?P<u2>day|hour|minute|week|month)?s? ?(?:between|from) (?:the |its |their )?(?P<a>{_EXTREME}) ?(?:{NP})?"
        rf"(?:and|to|until) (?:the |its |their )?(?P<b>{_EXTREME}) (?P<of>{NP})"
    ),
    re.compile(rf"(?P<a>{_EXTREME} {NP})(?:minus|less) (?:the )?(?P<b>{_EXTREME} {NP})"),
)


def _less(piece: str, marked: Marked, before: list[Number], subject: str) -> Made:
    """`the difference between the highest and the lowest payment`, `days between the first and the last play`."""
    for pattern in _LESS:
        found = pattern.search(piece)
        if found is None:
            continue
        parts = found.groupdict()
        a, b = (measure(f"{found[end]} {parts.get('of') or ''}".strip(), marked, subject) for end in "ab")
        if a is None or b is None or a.column != b.column:
            continue
        timed = is_time(a.column, marked)
        unit = parts.get("u") or parts.get("u2") or ""
        if timed is not bool(unit):
            continue
        top, bottom = (a, b) if a.function == "max" else (b, a)
        return [Ratio(top, bottom, minus=True, unit=unit)], _cut(piece, found)
    return None


def _ratio(piece: str, marked: Marked, before: list[Number], subject: str) -> Made:
    """`refunded amount divided by captured amount`, `the ratio of completed to failed transfers`."""
    found = re.search(rf"(?P<top>{PIECE}|{NP}) ?{_OVER} (?P<bottom>{PIECE}|{NP}(?:plus {NP})*)", piece) or re.search(
        rf"(?:the )?ratio (?:of|between) (?P<top>{PIECE}|{NP}) ?(?:to|and|over) (?P<bottom>{PIECE}|{NP})", piece
    )
    if found is None:
        return None
    top, bottom = measure(found["top"], marked, subject), measure(found["bottom"], marked, subject)
    if bottom and " plus " in found["bottom"]:
        tests = tuple(test for part in found["bottom"].split(" plus ") for test in noun(part, marked).tests)
        bottom = replace(bottom, tests=tuple(dict.fromkeys(tests)))
    if (
        top
        and bottom
        and not top.tests
        and top.table == bottom.table
        and re.search(r"\b(?:for|among|over)\b", found["bottom"])
    ):
        top = replace(top, tests=bottom.tests)
    if top is None and bottom is not None and bottom.function == "count":
        top = _like(noun(found["top"], marked), bottom)
    if top is None or bottom is None:
        return None
    percent = bool(re.search("percent|%", found.group()))
    plain = all(
        re.fullmatch(NP, found[part].strip() + " ") or re.fullmatch(NP, found[part].strip())
        for part in ("top", "bottom")
    )
    each = plain and top.function == bottom.function == "sum" and re.search(r"\baverag|\bmean\b|\bon average\b", piece)
    left = (
        re.sub(r"\b(?:on average|averaged|the average|average|mean)\b", " ", _cut(piece, found))
        if each
        else _cut(piece, found)
    )
    return [Ratio(top, bottom, percent, each=bool(each))], left


def _like(said: Noun, other: Measure) -> Measure | None:
    """`completed` beside `failed transfers`."""
    if said.tests and not said.table:
        return Measure(other.function, other.table, other.column, said.tests)
    return None


_SHARE_ALONE = re.compile(
    rf"(?:its |their |the |a )*{SHARE.removesuffix('?')}?(?: of (?:the |its |their )?(?:total|whole|all|overall"
    rf"|sum|grand total))?"
)


def _of_total(piece: str, marked: Marked, before: list[Number], subject: str) -> Made:
    """`and its share of the total`: of the number before it."""
    last = next((one for one in reversed(before) if isinstance(one, Measure)), None)
    if last is None or not _SHARE_ALONE.fullmatch(piece.strip(" .?")):
        return None
    return [Ratio(last)], ""


def _within(piece: str, marked: Marked) -> Made:
    """`share of its country's revenue`."""
    found = re.search(rf"{SHARE} (?:its|their|the) (?:own )?(?P<of><c\d+>) (?:total )?(?P<all>{NP})", piece)
    if found is None or not marked.hint(found["of"]).span.endswith(("'s", "’s", "s'")):
        return None
    number = measure(found["all"], marked)
    return ([Ratio(number, within=marked.hint(found["of"]).targets)], _cut(piece, found)) if number else None


def _share(piece: str, marked: Marked, before: list[Number], subject: str) -> Made:
    """`share of payments that failed`, `percentage of failed payments`."""
    if made := _within(piece, marked):
        return made
    found = re.search(rf"{SHARE} (?P<all>{NP}) ?{_LINK}(?P<some>(?:<[vf]\d+>(?: or | ?, )?)+)", piece) or re.search(
        rf"{SHARE} (?P<all>{NP})", piece
    )
    if found is None:
        return None
    whole = noun(found["all"], marked)
    some = noun(found["some"], marked).tests if "some" in found.groupdict() else whole.tests
    table = whole.table or (owner(whole.column) if whole.column else "")
    if not table and whole.tests and before:
        table = owner(whole.tests[0].column, {m.table for number in before for m in measures_of(number)})
    if not table:
        return None
    total = re.match(rf"{SHARE} ", piece[found.start() :]) and re.search(
        r"\b(?:total|overall|all)\b", piece[found.start() : found.start("all")]
    )
    some = () if total and "some" not in found.groupdict() else some
    kept = whole.tests if "some" in found.groupdict() or total else ()
    if whole.column and is_measure(whole.column, marked):
        top = Measure("sum", table, whole.column, (*kept, *some))
        return [Ratio(top, Measure("sum", table, whole.column, kept) if some else None)], _cut(piece, found)
    if not some:
        return [Ratio(rows(table, kept))], _cut(piece, found)
    return [Ratio(rows(table, (*kept, *some)), rows(table, kept))], _cut(piece, found)


def _several(piece: str, marked: Marked, before: list[Number], subject: str) -> Made:
    """`the count`, `max`, `the average` of what another number is of."""
    function = _function(piece)
    other = next((one for one in reversed(before) if isinstance(one, Measure)), None)
    other = other or (Measure("count", subject) if subject else None)
    if function in (None, "distinct") or other is None or (not before and function != "count"):
        return None
    return (made, "") if (made := _again(piece, other, marked)) else None


def _rate(piece: str, marked: Marked, before: list[Number], subject: str) -> Made:
    """`failure rate of payments`: of those that failed, by the beginning of the word."""
    found = re.search(rf"(?:the )?(?P<how>[a-z]{{4,}}) rates? (?:of|for|among|in) (?P<all>{NP})", piece) or re.search(
        rf"(?P<all>{NP})(?P<how>[a-z]{{4,}}) rates?\b", piece
    )
    whole = noun(found["all"], marked) if found else None
    if found is None or whole is None or not whole.table:
        return _done(piece, marked)
    ratio = _of_states(found["how"], rows(whole.table, whole.tests), marked)
    return (ratio, _cut(piece, found)) if ratio else None


_RATE_ALONE = re.compile(
    r"(?:the |its |their |an? )*(?:(?P<w><w\d+>)|(?P<how>[a-z]{4,})) rates?(?: \(?(?:in|as a) (?:percent\w*|%)\)?)?"
)


def _rate_of(piece: str, marked: Marked, before: list[Number], subject: str) -> Made:
    """`and the acceptance rate`, of what is counted before."""
    found = _RATE_ALONE.fullmatch(piece.strip(" .?"))
    counted = [m.table for number in before for m in measures_of(number) if m.function == "count"]
    table = subject or next(iter(counted), "")
    if found is None or not table:
        return None
    if found["w"]:
        when = marked.hint(found["w"]).targets
        return ([Ratio(Measure("count", table, when), rows(table))], "") if owner(when) == table else None
    return (ratio, "") if (ratio := _of_states(found["how"], rows(table), marked)) else None


def _of_states(how: str, whole: Measure, marked: Marked) -> list[Number]:
    """The share of the rows in the state that a word begins as: failure, failed."""
    for column, texts in marked.values.get(whole.table, {}).items():
        for text in texts:
            if len(texts) <= FEW and text[:STEM].lower() == how[:STEM]:
                test = Test((f"{whole.table}.{column}",), f" = {quote(text)}")
                return [Ratio(replace(whole, tests=(*whole.tests, test)), whole)]
    return []


def _done(piece: str, marked: Marked) -> Made:
    """`acceptance rate of offers`: of those that have a time of it."""
    found = re.search(rf"(?:the )?(?P<w><w\d+>) rates? (?:of|for|among|in) (?P<all>{NP})", piece)
    whole = noun(found["all"], marked) if found else None
    when = marked.hint(found["w"]).targets if found else ()
    if found is None or whole is None or owner(when) != whole.table:
        return None
    return [Ratio(Measure("count", whole.table, when, whole.tests), rows(whole.table, whole.tests))], _cut(piece, found)


def _linked(piece: str, marked: Marked, before: list[Number], subject: str) -> Made:
    """`how many cards are blocked`."""
    found = re.search(
        rf"(?P<all>{PIECE})(?:(?:that|which|who) )?(?:were|was|are|is|got|have been) (?P<some><[vf]\d+>)", piece
    )
    made = measure(found["all"], marked, subject) if found else None
    if found is None or made is None:
        return None
    return [replace(made, tests=(*made.tests, *noun(found["some"], marked).tests))], _cut(piece, found)


def _named(piece: str, marked: Marked, before: list[Number], subject: str) -> Made:
    found = re.search(PIECE, piece)
    made = measure(found.group(), marked, subject) if found else None
    return ([made], _cut(piece, found)) if made and found else None


def _conditional(piece: str, marked: Marked, before: list[Number], subject: str) -> Made:
    """`how many are blocked`, and `active` behind it."""
    found = re.search(rf"(?:{_COUNT})? ?(?:of (?:them|these|those) )?{_LINK}(?P<some><[vfw]\d+>) ?$", piece)
    last = next((one for one in reversed(before) if isinstance(one, Measure) and one.function == "count"), None)
    counts = bool(found and re.search(_COUNT, found.group()))
    if found is None or not (counts or last):
        return None
    said = noun(found["some"], marked)
    table = last.table if last else subject or (owner(said.tests[0].column) if said.tests else "")
    if said.verbs and last and owner(said.verbs[0]) == last.table:
        return [Measure("count", last.table, said.verbs[0])], _cut(piece, found)
    if not said.tests or not (counts or (last and last.tests)):
        return None
    return [rows(table, said.tests)], _cut(piece, found)


def _bare(piece: str, marked: Marked, before: list[Number], subject: str) -> Made:
    """`payments per method`: how many; `fees per coin`: their sum."""
    if re.match(r"(?:that|which|who|whose|where|both|if|when)\b", piece) or (
        before and re.match("[a-z]{3,}ed <", piece)
    ):
        return None
    found = re.search(rf"(?P<np>{NP})(?:(?:counts?|numbers?|volumes?)\b)?", piece)
    if found and before and re.fullmatch(r"(?:for|over|among|on|of) (?:the |all )?", piece[: found.start()]):
        said = noun(found["np"], marked)
        if said.tests and any(m.table == said.table for number in before for m in measures_of(number)):
            return [], piece
    some = _SOME.search(piece, found.end()) if found else None
    tests = noun(some["some"], marked).tests if some else ()
    rest = re.sub(r"<w\d+>", " ", _cut(piece, found)) if found else "?"
    rest = rest.replace(some.group().strip(), " ") if some else rest
    if found and re.search(r"\b(?:over|among|across) (?:the |all )?$", piece[: found.start()]):
        return None
    if found is None or any(
        word not in IDLE and not re.fullmatch(r"[a-z]{3,}(?:ed|ing)|[-?.]", word) for word in rest.split()
    ):
        return None
    said = noun(found["np"], marked)
    if said.column and is_measure(said.column, marked):
        return [Measure("sum", owner(said.column, said.tables), said.column, (*said.tests, *tests))], ""
    if said.table and not said.column and not _PAYS.search(piece):
        known = any(m.table == said.table for m in before if isinstance(m, Measure)) and not said.tests
        return ([], "") if known else ([rows(said.table, (*said.tests, *tests))], "")
    return None


_SOME = re.compile(
    r"(?:that|which) (?:are|were|is|was|got|have been|has been) (?P<some>(?:<[vf]\d+> ?(?:or )?)+)(?:now|currently)?"
)


def measure(said: str, marked: Marked, subject: str = "") -> Measure | None:
    """The number that a phrase names; None for one that names no rows."""
    function = next((f for f, pattern in _FUNCTIONS if re.match(rf"(?:{pattern}) ", said)), None)
    found = re.search(NP, said)
    if found is None:
        return None
    one = noun(found.group(), marked)
    if len(set(one.tables)) > 1 and not _linked_tables(one.tables, marked):
        return None
    table = one.table or (owner(one.column) if one.column else owner(one.verbs[0]) if one.verbs else "")
    if not table:
        table = owner(one.tests[0].column, (subject,)) if one.tests else ""
    if not table:
        return None
    if function == "count" and one.column and not one.table and _is_key(one.column, marked):
        return Measure("distinct", owner(one.column), one.column, one.tests)
    if function in ("count", None) and not (one.column and is_measure(one.column, marked)):
        return rows(table, one.tests)
    if function == "distinct" and one.verbs and not one.column and not one.table:
        return None
    if function == "distinct":
        key = marked.table(table).key
        table = owner(one.verbs[0]) if one.verbs and not one.column else table
        column = one.column or ((f"{one.table or table}.{key}",) if key else ())
        return Measure("distinct", table if one.verbs else owner(column), column, one.tests) if column else None
    if function in ("min", "max") and (one.column or one.verbs) and is_time(one.column or one.verbs[0], marked):
        return Measure(function, owner(one.column or one.verbs[0], one.tables), one.column or one.verbs[0], one.tests)
    if (
        function in ("min", "max")
        and not one.column
        and re.match("(?:the )?(?:earl|first|old|lat|last|new|most rec)", said)
    ):
        column = moment(marked, table)
        return Measure(function, table, column, one.tests) if column else None
    column = one.column if one.column and is_measure(one.column, marked) else amount(marked, marked.table(table), said)
    if not column:
        return None
    return Measure(function or "sum", owner(column, one.tables), column, one.tests, share=_share_of(said))


def _linked_tables(tables: Sequence[str], marked: Marked) -> bool:
    """Whether a phrase of two tables is of one thing: rows of one point at the other."""
    first, last = tables[0], tables[-1]
    return marked.link(last, first) is not None or marked.link(first, last) is not None


def _is_key(column: Targets, marked: Marked) -> bool:
    table, one = marked.column(column[0])
    return one.name in keys(marked.catalog, table)


def _cut(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}".strip()
