"""A row beside the one before it: how much more it is, or how long after it came."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agents.reader.frame import Bound, Frame, Targets
from agents.reader.joins import pointer
from agents.reader.marked import Marked, cut
from agents.reader.nouns import NP, amount, is_measure, moment, noun, rows
from agents.reader.written import Written, tests_of, where

_BEFORE = r"(?:previous|preceding|prior|last|one before)"
_MORE = r"(?:differences?|changes?|increases?|jumps?|deltas?|rises?)"
_OF = r"(?: ?(?:of|by|for|from|on|in|with) (?:the same|its|their|that|the|each|every|an?) (?P<e2><t\d+>))?"
_ROWS = r"(?:<[vf]\d+> )*<t\d+> ?"
_UNIT = r"(?P<unit>day|hour|minute|week|second)s?"
_HOW = r"average|mean|median|longest|shortest|largest|smallest|biggest|maximum|minimum|max|min"
_FUNCTIONS = {"median": "median", "longest": "max", "largest": "max", "biggest": "max", "maximum": "max", "max": "max",
              "shortest": "min", "smallest": "min", "minimum": "min", "min": "min"}  # fmt: skip
_FORMS = tuple(
    re.compile(text)
    for text in (
        rf"(?:,|and|with| )*(?:the )?{_MORE}(?: in (?P<v>{NP}))? ?(?:to|from|against|versus|over|since"
        rf"|compared (?:to|with))? "
        rf"(?:(?:the|its|that|their|each) )*(?P<e><t\d+> )?{_BEFORE} (?P<t>{_ROWS}){_OF}(?: ?(?:by"
        rf"|in order of) (?P<o><[cw]\d+>))?",
        rf"compare (?:each|every) (?P<t>{_ROWS}) ?(?:with|to) (?:the|its) {_BEFORE} (?:{_ROWS}|one){_OF}(?:,"
        rf"|and|then| )*(?:the )?"
        rf"(?P<n><n\d+> )?(?:biggest|largest|greatest) {_MORE} in (?P<v>{NP})",
        rf"(?:the )?(?:(?P<how>{_HOW}) )?(?:number of |(?:time|gap|interval|pause|break|wait|distance|delay)"
        rf" (?:in )?)?{_UNIT}"
        rf" (?:(?:between|from) (?:each |any )?(?:two )?|<n\d+> )(?:consecutive|successive|subsequent"
        rf"|neighbou?ring|adjacent)"
        rf" (?P<t>{_ROWS}){_OF}(?P<many> (?:that|which|who) (?:has|have|had|made) (?P<least><n\d+>)"
        rf"(?: of (?:them|these|those)| such <t\d+>)?)?",
        rf"(?:the )?(?:(?:number of |time in )?{_UNIT}|time) (?:since|after|from) (?:the|its|their) {_BEFORE} "
        rf"(?P<t>{_ROWS}){_OF}",
    )
)
_MEAN = re.compile(
    r"(?:^|[:,;] ?|and )(?:the )?(?:average|mean)(?: (?:gap|time|number|days|interval|difference))*(?: (?:per"
    r"|for each|of each|by) (?P<e><t\d+>))?"
)


@dataclass(frozen=True)
class Before:
    """The change of a column, or the time in a unit, from the row before of the same thing. With `function`, the mean
    or another function of each thing's."""

    table: str
    thing: str
    column: Targets
    unit: str = ""
    by: Targets = ()
    function: str = ""


_SECONDS = {"day": 86400.0, "hour": 3600.0, "minute": 60.0, "week": 604800.0}


def previous(text: str, frame: Frame, marked: Marked) -> str:
    """`the difference to the previous payment of the same merchant`, `days between consecutive payments of a card`."""
    found = next((match for form in _FORMS if (match := form.search(text))), None)
    if found is None:
        return text
    parts = found.groupdict()
    said, one = noun(parts.get("v") or "", marked), noun(found["t"], marked)
    thing = (parts.get("e") or parts.get("e2") or "").strip()
    link = (
        pointer(one.table, marked.hint(thing).targets[0], marked) if one.table and thing and thing[1] == "t" else None
    )
    unit = parts.get("unit") or ""
    column = () if unit else said.column or amount(marked, marked.table(one.table)) if one.table else ()
    if not one.table or (not unit and not (column and is_measure(column, marked))) or (thing and link is None):
        return text
    by = marked.hint(found["o"]).targets if parts.get("o") else moment(marked, one.table)
    if not by:
        return text
    rest = cut(text, found, "")
    mean = _MEAN.search(rest) if unit else None
    how = parts.get("how") or ("average" if mean is not None or re.search("average|mean", found.group()) else "")
    if parts.get("least"):
        frame.bounds.append(Bound(rows(one.table, one.tests), marked.compared(parts["least"])))
    rest = cut(rest, mean) if mean else rest
    frame.subject, frame.tests = one.table, [*frame.tests, *one.tests]
    frame.before = Before(
        one.table, link.column if link else "", column, unit, by, _FUNCTIONS.get(how, "avg") if how else ""
    )
    if parts.get("n"):
        frame.limit, frame.order = marked.whole(parts["n"]), "number"
    return rest


def beside(made: Written) -> str | None:
    """The query of rows with what they are more than the ones before; None where the path has not all."""
    frame, before = made.frame, made.frame.before
    assert before is not None
    base = made.path.base
    own = {name: made.path.column(base.name, name) for name in (base.key or "", before.thing) if name}
    time, tests = made.column(before.by), tests_of(made)
    value = made.column(before.column) if before.column else ""
    if time is None or value is None or None in tests:
        return None
    over = f"OVER ({f'PARTITION BY {own[before.thing]} ' if before.thing else ''}ORDER BY {time})"
    lag = f"lag({time}) {over}"
    said = f"date_diff('{before.unit}', {lag}, {time})" if before.unit else f"{value} - lag({value}) {over}"
    if before.unit in _SECONDS and re.search(r"fraction|decimal|exact", " ".join(frame.outputs)):
        said = f"date_diff('second', {lag}, {time}) / {_SECONDS[before.unit]}"
    told = [test for test in tests if test]
    if before.function:
        return _mean(made, own[before.thing] if before.thing else "", said, told)
    shown = [*own.values(), *([value] if value else [time]), said]
    text = f"SELECT {', '.join(dict.fromkeys(shown))} {made.path.clause}{where(told)}"
    if frame.order == "number":
        text += f" ORDER BY {said}{' DESC NULLS LAST' if frame.descending else ''}"
    return text + (f" LIMIT {frame.limit}" if frame.limit else "")


def _mean(made: Written, thing: str, said: str, tests: list[str]) -> str | None:
    """The mean of each thing's gaps, of those with enough rows."""
    if not thing or any(bound.said and getattr(bound.number, "function", "") != "count" for bound in made.frame.bounds):
        return None
    function = made.frame.before.function if made.frame.before else ""
    inner = f"SELECT {thing} AS thing, {said} AS gap {made.path.clause}{where([*tests, f'{thing} IS NOT NULL'])}"
    having = " AND ".join(f"count(*){bound.said}" for bound in made.frame.bounds)
    return f"SELECT thing, {function}(gap) FROM ({inner}) GROUP BY thing{f' HAVING {having}' if having else ''}"
